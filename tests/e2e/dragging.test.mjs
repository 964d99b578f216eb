// A point that is dragged with a pointer pulls the landscape down where it is put.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, withPage } from './page.mjs';

/** Where the point is put: nothing is there before. @type {[number, number]} */
const TARGET = [0, 0];

/** Twelve points far from each other and from the target, so that a press means one of them. */
const CIRCLE = Array.from({ length: 12 }, (_, i) => (i * Math.PI) / 6).flatMap((a) => [
  3 * Math.cos(a),
  3 * Math.sin(a),
]);

/** A network and a batch that a software GPU trains quickly. */
const SMALL = { version: 1, seed: 7, data: { id: 'drawn' }, model: { id: 'mlp', widths: [32, 32] }, batch: 64 };

/** Energy at the target less its mean over a grid of the world. @param {import('playwright-core').Page} page */
const standing = (page) =>
  page.evaluate(async (target) => {
    const side = Array.from({ length: 41 }, (_, i) => -4 + i / 5);
    const grid = side.flatMap((y) => side.flatMap((x) => [x, y]));
    const [energy, ...rest] = await ebm.energy([...target, ...grid]);
    return energy - rest.reduce((/** @type {number} */ sum, /** @type {number} */ e) => sum + e, 0) / rest.length;
  }, TARGET);

for (const backend of BACKENDS) {
  for (const device of ['mouse', 'finger']) {
    test(`on ${backend} a point dragged with the ${device} moves the landscape`, async () => {
      const touch = device === 'finger';
      await withPage(
        { backend, touch, ...(touch ? { viewport: { width: 390, height: 844 } } : {}) },
        async (opened) => {
          const { page, problems } = opened;
          await load(page, SMALL);
          await page.evaluate(async (points) => {
            await ebm.setData(points);
            await ebm.train(300);
            await ebm.play();
          }, CIRCLE);
          const before = await standing(page);
          const [from, to] = await page.evaluate(
            async ([from, to]) => [await ebm.toScreen(from), await ebm.toScreen(to)],
            [[CIRCLE[0], CIRCLE[1]], TARGET],
          );
          await (touch ? swipe(page, from, to) : drag(page, from, to));
          const moved = await page.evaluate(async () => {
            await ebm.pause();
            await ebm.train(300);
            return Array.from(await ebm.data());
          });
          const after = await standing(page);

          assert.equal(moved.length, CIRCLE.length);
          assert.ok(Math.hypot(moved[0] - TARGET[0], moved[1] - TARGET[1]) < 0.1, `dropped at ${moved.slice(0, 2)}`);
          for (let i = 2; i < CIRCLE.length; i++) assert.ok(Math.abs(moved[i] - CIRCLE[i]) < 1e-6);
          assert.ok(after < before, `${before} → ${after}`);
          assert.deepEqual(problems, []);
        },
      );
    });
  }
}

/** @param {import('playwright-core').Page} page @param {[number, number]} from @param {[number, number]} to */
async function drag(page, from, to) {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 10 });
  await page.mouse.up();
}

/** The same by one finger. @param {import('playwright-core').Page} page @param {[number, number]} from @param {[number, number]} to */
async function swipe(page, from, to) {
  const session = await page.context().newCDPSession(page);
  /** @param {'touchStart' | 'touchMove' | 'touchEnd'} type @param {{x: number, y: number}[]} touchPoints */
  const send = (type, touchPoints) => session.send('Input.dispatchTouchEvent', { type, touchPoints });
  const at = (/** @type {number} */ t) => ({ x: from[0] + t * (to[0] - from[0]), y: from[1] + t * (to[1] - from[1]) });
  await send('touchStart', [at(0)]);
  for (let i = 1; i <= 10; i++) await send('touchMove', [at(i / 10)]);
  await send('touchEnd', []);
}
