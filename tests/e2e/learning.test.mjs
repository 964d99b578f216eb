// The page learns: the exact negative log-likelihood falls, and the default persistent CD reaches the density.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, withPage } from './page.mjs';

/** MATH.md's second default: what it leaves out is the core's own default. */
const PERSISTENT = {
  version: 1,
  data: { id: 'eight-gaussians' },
  model: { id: 'mlp' },
  objective: { id: 'persistent-contrastive-divergence' },
  sampler: { id: 'mala' },
};

for (const backend of BACKENDS) {
  test(`on ${backend} 200 updates from a fresh start lower the exact NLL on eight Gaussians`, async () => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await load(page, { version: 1, seed: 7, data: { id: 'eight-gaussians' } });
      const [before, done, after] = await page.evaluate(async () => [
        await ebm.metrics(),
        await ebm.train(200),
        await ebm.metrics(),
      ]);
      assert.equal(done.update, 200);
      assert.ok(Number.isFinite(done.loss));
      assert.ok(after.nll < before.nll, `${before.nll} → ${after.nll}`);
      // No model of the density beats its entropy but by the chance of the finite test set: KL is never negative.
      assert.ok(after.kl > 0 && after.kl < before.kl, `${before.kl} → ${after.kl}`);
      assert.deepEqual(problems, []);
    });
  });
}

/** Backend, seed, hundreds of updates: once all the way, and for other seeds and the other backend, which must agree, a third of it. */
const RUNS = /** @type {const} */ ([
  ['wasm', 1, 15],
  ['wasm', 2, 5],
  ['wasm', 20261120, 5],
  ['webgpu', 3, 5],
]);

for (const [backend, seed, hundreds] of RUNS) {
  test(`on ${backend} ${hundreds}00 updates of persistent CD come within 0.08 nats of eight Gaussians, seed ${seed}`, async () => {
    await withPage({ backend, paused: true }, async ({ page }) => {
      await load(page, { ...PERSISTENT, seed });
      const metrics = await page.evaluate(async (hundreds) => {
        // In portions, so that no single call is long.
        for (let i = 0; i < hundreds; i++) await ebm.train(100);
        return ebm.metrics();
      }, hundreds);
      assert.ok(metrics.kl >= 0 && metrics.kl <= 0.08, `KL ${metrics.kl}`);
      assert.ok(metrics.borderMass < 1e-3, `mass at the border ${metrics.borderMass}`);
    });
  });
}
