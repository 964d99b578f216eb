// A lost device or a dead worker costs at most two seconds of training, and the page says what happened.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, withPage } from './page.mjs';

/** Most training that a fault may cost, in seconds. */
const MOST_LOST = 2;

/** Updates done so far, from a snapshot's clock. @param {import('playwright-core').Page} page @returns {Promise<number>} */
const updates = (page) =>
  page.evaluate(async () => {
    const bytes = await ebm.snapshot();
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    return JSON.parse(header.__metadata__.run).clock.update;
  });

const seconds = (/** @type {number} */ s) => new Promise((later) => setTimeout(later, 1000 * s));

const FAULTS = /** @type {const} */ ([
  ['wasm', 'killWorker'],
  ['webgpu', 'killWorker'],
  ['webgpu', 'loseDevice'],
]);

for (const [backend, fault] of FAULTS) {
  test(`on ${backend} training goes on after ${fault}, at most ${MOST_LOST} s behind`, async () => {
    await withPage({ backend }, async ({ page }) => {
      await load(page, { version: 1, seed: 3, data: { id: 'two-moons' } });
      await page.evaluate(() => ebm.play());
      await seconds(3);
      const [start, begun] = [await updates(page), Date.now()];
      await seconds(4);
      const before = await updates(page);
      const rate = (before - start) / ((Date.now() - begun) / 1000);
      assert.ok(rate > 0);

      await page.evaluate((fault) => ebm.faults[fault](), fault);
      // The page notices, restarts the worker and restores the run by itself.
      let after = -1;
      for (let i = 0; i < 60 && after < 0; i++) {
        await seconds(0.5);
        after = await updates(page).catch(() => -1);
      }
      assert.ok(after >= before - MOST_LOST * rate, `${before} updates before, ${after} after, ${rate} a second`);
      assert.match(await page.evaluate(() => document.body.innerText), /restart/i);

      // The clock still runs, and the weights are those of a trained network.
      await seconds(2);
      assert.ok((await updates(page)) > after);
      const { kl } = await page.evaluate(() => ebm.metrics());
      assert.ok(Number.isFinite(kl));
    });
  });
}

for (const backend of BACKENDS) {
  test(`on ${backend} an energy that explodes stops the clock, keeps good weights and names a dial`, async () => {
    await withPage({ backend }, async ({ page, problems }) => {
      await load(page, {
        version: 1,
        seed: 3,
        data: { id: 'rings' },
        objective: { id: 'contrastive-divergence', regularisation: 0 },
        sampler: { id: 'langevin', stepSize: 0.3 },
        optimizer: { id: 'adam', learningRate: 0.1 },
      });
      await page.evaluate(() => ebm.play());
      await page.locator('[role=alert]').filter({ hasText: /\S/ }).first().waitFor({ timeout: 60_000 });
      const [stopped, later, energies] = [
        await updates(page),
        await seconds(1).then(() => updates(page)),
        await page.evaluate(async () => Array.from(await ebm.energy([0, 0, 3, 3, -4, 4]))),
      ];
      assert.equal(later, stopped);
      assert.ok(energies.every(Number.isFinite), `${energies}`);
      assert.deepEqual(problems, []);
    });
  });
}
