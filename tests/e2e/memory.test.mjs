// Training at full speed leaves memory where it is once there are as many copies to step back to as are kept; `cargo xtask bench memory` takes ten.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countInWorker, growth, meter } from './meter.mjs';
import { BACKENDS, withPage } from './page.mjs';

/** Copies that the core keeps for stepping back: until then there are more and more of them. A few more, for what comes late. */
const KEPT = 30 + 4;
const READINGS = 8;
const APART = 4;

const seconds = (/** @type {number} */ s) => new Promise((later) => setTimeout(later, 1000 * s));

// Both wait for the clock on the wall most of the time, so they wait together.
describe('memory', { concurrency: BACKENDS.length }, () => {
  for (const backend of BACKENDS) {
    test(`on ${backend} memory is flat while the page trains at full speed`, async () => {
      await withPage({ backend, prepare: countInWorker }, async ({ page, problems }) => {
        const { read, checkpoints } = await meter(page);
        await page.evaluate(() => ebm.play());
        while ((await checkpoints()) < KEPT) await seconds(1);
        const readings = [];
        for (let i = 0; i < READINGS; i++) {
          readings.push(await read());
          await seconds(APART);
        }
        assert.ok(readings[0].wasm > 0);
        assert.equal(readings[0].gpuBuffers > 0, backend === 'webgpu');
        assert.deepEqual(growth(readings), [], JSON.stringify(readings));
        assert.deepEqual(problems, []);
      });
    });
  }
});
