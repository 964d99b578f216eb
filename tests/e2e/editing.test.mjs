// Points are edited while training runs: by mouse, fingers, keyboard, file and clipboard; what cannot be read changes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, until, withPage } from './page.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Points at the corners of a square, far from each other. */
const SQUARE = [2, 2, -2, 2, -2, -2, 2, -2];
const PHONE = { touch: true, viewport: { width: 390, height: 844 } };

/** Starts a run on the square and lets it train. @param {Page} page */
async function begin(page) {
  await load(page, { version: 1, seed: 3, data: { id: 'drawn' }, model: { id: 'mlp', widths: [16, 16] } });
  await page.evaluate(async (points) => {
    await ebm.setData(points);
    await ebm.play();
  }, SQUARE);
}

/** @param {Page} page @returns {Promise<number[]>} */
const data = (page) => page.evaluate(async () => Array.from(await ebm.data()));

/** @param {Page} page @param {number} x @param {number} y @returns {Promise<[number, number]>} */
const at = (page, x, y) => page.evaluate((point) => ebm.toScreen(point), [x, y]);

/** Waits until the engine's points are as they should be: the page tells it of edits in its own time. @param {Page} page @param {(points: number[]) => boolean} right */
async function untilPoints(page, right) {
  for (let tries = 0; tries < 100; tries++) {
    const points = await data(page);
    if (right(points)) return points;
    await page.waitForTimeout(50);
  }
  assert.fail(`the points are ${await data(page)}`);
}

/** @param {Page} page @param {string} tool */
const choose = (page, tool) => page.locator('ebm-toolbar').getByRole('button', { name: tool }).first().click();

/** Presses at the first place, moves along the others, lets go. @param {Page} page @param {[number, number][]} places World. */
async function stroke(page, [first, ...others]) {
  await page.mouse.move(...(await at(page, ...first)));
  await page.mouse.down();
  for (const place of others) await page.mouse.move(...(await at(page, ...place)), { steps: 8 });
  await page.mouse.up();
}

test('spray, eraser, lasso and undo', async () => {
  await withPage({}, async ({ page, problems }) => {
    await begin(page);
    await choose(page, 'Spray');
    await page.mouse.move(...(await at(page, 0, 0)));
    await page.mouse.down();
    await page.waitForTimeout(500);
    await page.mouse.up();
    const sprayed = await untilPoints(page, (points) => points.length > SQUARE.length);
    for (let i = SQUARE.length; i < sprayed.length; i += 2)
      assert.ok(Math.hypot(sprayed[i], sprayed[i + 1]) <= 0.4 + 1e-6, 'a point outside the brush');

    await choose(page, 'Erase');
    await stroke(page, [
      [-3, 2],
      [3, 2],
    ]);
    await untilPoints(page, (points) => points.length === sprayed.length - 4);
    await page.keyboard.press('Control+z');
    await untilPoints(page, (points) => points.length === sprayed.length);
    await page.keyboard.press('Control+z');
    await untilPoints(page, (points) => points.length === SQUARE.length);

    await choose(page, 'lasso');
    await stroke(page, [
      [-3, 1],
      [-1, 1],
      [-1, 3],
      [-3, 3],
      [-3, 1],
    ]);
    await stroke(page, [
      [-2, 2],
      [-1, 3],
    ]);
    const moved = await untilPoints(page, (points) => Math.abs(points[2] + 1) < 0.1);
    assert.ok(Math.abs(moved[3] - 3) < 0.1);
    assert.deepEqual(moved.slice(4), SQUARE.slice(4));
    assert.deepEqual(problems, []);
  });
});

test('the plot by keyboard', async () => {
  await withPage({}, async ({ page, problems }) => {
    await begin(page);
    await page.locator('#plot').focus();
    await page.keyboard.press(']');
    await page.keyboard.press(']');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowUp');
    // A press moves by an eightieth of the eight units that the plot shows.
    const moved = await untilPoints(page, (points) => Math.abs(points[3] - 2.3) < 1e-5);
    assert.deepEqual(moved.slice(0, 3), SQUARE.slice(0, 3));
    await page.keyboard.press('Delete');
    await untilPoints(page, (points) => points.length === 6);
    await page.keyboard.press('Enter');
    const added = await untilPoints(page, (points) => points.length === 8);
    assert.deepEqual(added.slice(6), [0, 0]);
    assert.match((await page.locator('#plot').getAttribute('aria-label')) ?? '', /\S/);
    assert.deepEqual(problems, []);
  });
});

test('a dropped file and pasted text become the points; what is wrong with them is said in a sentence', async () => {
  await withPage({}, async ({ page, problems }) => {
    await begin(page);
    const paste = (/** @type {string} */ text) =>
      page.evaluate((text) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', text);
        document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
      }, text);
    await paste('x,y\n1,2\n3,NaN');
    await page.locator('ebm-notices').getByText('Line 3: “NaN”').waitFor();
    assert.deepEqual(await data(page), SQUARE);
    await paste('1\t2\n-1\t0.5');
    await untilPoints(page, (points) => String(points) === '1,2,-1,0.5');
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['0;0\n1;1\n'], 'points.csv'));
      document.querySelector('#plot')?.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
    });
    await untilPoints(page, (points) => String(points) === '0,0,1,1');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await untilPoints(page, (points) => String(points) === String(SQUARE));
    assert.deepEqual(problems, []);
  });
});

test('a clicked sample shows its next step, and lets go by Escape', async () => {
  await withPage({}, async ({ page, problems }) => {
    await begin(page);
    await page.evaluate(async () => {
      await ebm.pause();
      await ebm.setParticles(Array.from(await ebm.particles(), (_, i) => (i < 2 ? 0 : 3.5)));
    });
    const card = page.locator('.step-card');
    // The plot learns of the new places with its next frame.
    for (let tries = 0; tries < 50 && !(await card.isVisible()); tries++) {
      await page.mouse.click(...(await at(page, 0, 0)));
      await page.waitForTimeout(100);
    }
    const text = (await card.textContent()) ?? '';
    for (const part of ['∇E', 'drift', 'noise', 'proposal']) assert.ok(text.includes(part), `${part} in ${text}`);
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'hidden' });
    assert.deepEqual(problems, []);
  });
});

test('wheel, drag and double click move the view and no point', async () => {
  await withPage({}, async ({ page, problems }) => {
    await begin(page);
    const home = await at(page, 1, 1);
    const origin = await at(page, 0, 0);
    await page.mouse.move(...home);
    await page.mouse.wheel(0, -400);
    await until(page, async (x) => Math.abs((await ebm.toScreen([0, 0]))[0] - x) > 20, origin[0]);
    const zoomed = await at(page, 1, 1);
    // A wheel tells whole pixels: up to one off along each axis, times the zoom of e^(400 · 0.0016) less one.
    const off = Math.hypot(zoomed[0] - home[0], zoomed[1] - home[1]);
    assert.ok(off < 1.27, `the point under the cursor moved by ${off}`);
    await stroke(page, [
      [0.5, 0.5],
      [0.7, 0.3],
    ]);
    const panned = await at(page, 1, 1);
    assert.ok(panned[0] > zoomed[0] && panned[1] > zoomed[1]);
    await page.mouse.dblclick(...(await at(page, 0.5, 0.5)));
    await until(
      page,
      async ([x, y]) => {
        const [a, b] = await ebm.toScreen([1, 1]);
        return Math.hypot(a - x, b - y) < 0.01;
      },
      home,
    );
    assert.deepEqual(await data(page), SQUARE);
    assert.deepEqual(problems, []);
  });
});

test('two fingers zoom about what lies between them and drag no point', async () => {
  await withPage(PHONE, async ({ page, problems }) => {
    await begin(page);
    const session = await page.context().newCDPSession(page);
    /** @param {'touchStart' | 'touchMove' | 'touchEnd'} type @param {[number, number][]} fingers */
    const send = (type, fingers) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: fingers.map(([x, y], id) => ({ x, y, id })) });
    const left = await at(page, -1, 0);
    const right = await at(page, 1, 0);
    await send('touchStart', [left]);
    await send('touchStart', [left, right]);
    for (let k = 1; k <= 8; k++)
      await send('touchMove', [
        [left[0] - 5 * k, left[1]],
        [right[0] + 5 * k, right[1]],
      ]);
    await send('touchEnd', []);
    await until(page, async (x) => Math.abs((await ebm.toScreen([-1, 0]))[0] - x) < 0.5, left[0] - 40);
    assert.ok(Math.abs((await at(page, 1, 0))[0] - (right[0] + 40)) < 0.5);
    assert.deepEqual(await data(page), SQUARE);
    assert.deepEqual(problems, []);
  });
});
