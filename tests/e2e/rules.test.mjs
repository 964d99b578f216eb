// Every training rule that the page offers opens on both backends, learns, and shows the names that were asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, networkFor, withPage } from './page.mjs';

for (const backend of BACKENDS) {
  test(`on ${backend} every objective runs 50 updates without a problem and shows its name`, async () => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      const rules = await page.evaluate(async () =>
        (await ebm.manifest()).sections.objective.map((/** @type {any} */ { id, needs }) => ({ id, needs })),
      );
      assert.ok(rules.length >= 10, `${rules.length} rules`);
      for (const { id, needs } of rules) {
        // Software graphics are slow; a small network is the same code.
        const network = networkFor(needs);
        const widths = backend === 'webgpu' ? [16, 16] : [64, 64];
        // So are short chains of latent variables.
        const chains = needs === 'latentEnergy';
        const model = { id: network, widths, ...(chains ? { posteriorSteps: 5 } : {}) };
        const config = { version: 1, seed: 5, data: { id: 'two-moons' }, model, objective: { id }, batch: 64 };
        await load(page, chains ? { ...config, sampler: { id: 'latent-langevin', steps: 5 } } : config);
        const { update, loss, parts } = await page.evaluate(() => ebm.train(50));
        assert.equal(update, 50, id);
        assert.ok(Number.isFinite(loss) && Object.values(parts).every(Number.isFinite), `${id}: ${loss}`);
        const { nll } = await page.evaluate(() => ebm.metrics());
        // Rules of pairs say nothing of how likely points are.
        assert.ok(needs === 'pairs' ? nll === null : Number.isFinite(nll), `${id}: ${nll}`);
        const shown = await page.evaluate(async () => ({
          id: (await ebm.config()).objective.id,
          title: document.querySelector('[aria-labelledby="menu-objective"] option:checked')?.textContent?.trim(),
        }));
        assert.equal(shown.id, id);
        assert.ok(shown.title && shown.title !== id && !shown.title.includes('.'), `${id}: ${shown.title}`);
      }
      assert.deepEqual(problems, []);
    });
  });
}
