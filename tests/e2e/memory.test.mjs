// Training at full speed leaves memory where it is after the first minute; `cargo xtask bench memory` takes ten.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countInWorker, growth, meter } from './meter.mjs';
import { BACKENDS, withPage } from './page.mjs';

/** Snapshots for stepping back are kept for a minute: until then there are more and more of them. */
const WARM_UP = 75;
const READINGS = 8;
const APART = 4;

const seconds = (/** @type {number} */ s) => new Promise((later) => setTimeout(later, 1000 * s));

// Both wait for the clock on the wall most of the time, so they wait together.
describe('memory', { concurrency: BACKENDS.length }, () => {
  for (const backend of BACKENDS) {
    test(`on ${backend} memory is flat while the page trains at full speed`, async () => {
      await withPage({ backend, prepare: countInWorker }, async ({ page, problems }) => {
        const read = await meter(page);
        await page.evaluate(() => ebm.play());
        await seconds(WARM_UP);
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
