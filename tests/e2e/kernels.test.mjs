// Every sampler that the page offers walks every density that has an energy of its own, and trains, on both backends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, networkFor, withPage } from './page.mjs';

for (const backend of BACKENDS) {
  test(`on ${backend} every sampler trains contrastive divergence, walks a given energy and shows its name`, async () => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      const kernels = await page.evaluate(async () =>
        // Those of patterns and of images in black and white have tests of their own (`machine`).
        (await ebm.manifest()).sections.sampler
          .filter((/** @type {any} */ { spaces }) => spaces.includes('plane'))
          .map((/** @type {any} */ { id, needs }) => ({ id, needs })),
      );
      assert.ok(kernels.length >= 7, `${kernels.length} kernels`);
      const common = { version: 1, seed: 5, data: { id: 'two-gaussians' }, batch: 32, particles: 64 };
      /** @type {Record<string, string>} */
      const given = { none: 'exact', noise: 'smoothed', latent: 'vae', latentEnergy: 'latent-ebm' };
      for (const { id, needs } of kernels) {
        const objective = { id: 'contrastive-divergence' };
        // A narrow p(x | z) has energies whose gap the guard would take for an explosion.
        const wide = needs === 'latentEnergy' ? { deviation: 1 } : {};
        const network = { id: networkFor(needs), widths: [8, 8], ...wide };
        await load(page, { ...common, objective, model: network, sampler: { id, steps: 2 } });
        const { update, loss, title } = await page.evaluate(async () => ({
          ...(await ebm.train(50)),
          title: document.querySelector('[aria-labelledby="menu-sampler"] option:checked')?.textContent?.trim(),
        }));
        assert.equal(update, 50, id);
        assert.ok(Number.isFinite(loss), `${id}: ${loss}`);
        assert.ok(title && title !== id && !title.includes('.'), `${id}: ${title}`);
        await load(page, { ...common, model: { id: given[needs ?? 'none'] }, sampler: { id } });
        const walked = await page.evaluate(async () => {
          const before = await ebm.particles();
          const { acceptance } = await ebm.sample(20);
          const after = await ebm.particles();
          return {
            acceptance,
            moved: before.some((/** @type {number} */ x, /** @type {number} */ i) => x !== after[i]),
          };
        });
        assert.ok(walked.moved, `${id} stands still`);
        assert.ok(walked.acceptance === undefined || walked.acceptance > 0, `${id}: ${walked.acceptance}`);
      }
      assert.deepEqual(problems, []);
    });
  });
}
