// Chains are measured by script and by hand: the figures of a sampler that has nothing to forget, and of one that is stuck.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, withPage } from './page.mjs';

for (const backend of BACKENDS) {
  test(`on ${backend} a diagnosis says whether the chains have met, in the dialog too`, async () => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      const given = { version: 1, seed: 5, model: { id: 'exact' }, particles: 256 };
      await load(page, { ...given, data: { id: 'gaussian' }, sampler: { id: 'mala', stepSize: 0.8 } });
      const met = await page.evaluate(async () => {
        await ebm.sample(60);
        return { ...(await ebm.diagnose(100)), ...(await ebm.metrics()) };
      });
      // Chains of the right law: of 512 halves of 50 draws B/W is about what a draw is worth less than an independent one, at
      // most 9 here, and R-hat is √((B/W + 49)/50) on the average of all of 256 chains. Those that have not met have 2 and more.
      assert.ok(met.rHat.x < 1.01 && met.rHat.y < 1.01, JSON.stringify(met.rHat));
      assert.equal(met.chains, 256);
      assert.ok(met.ess.x > 0.1 * 25600 && met.ess.x < 1.5 * 25600, JSON.stringify(met.ess));
      // Theory says 0.755 (E of min(1, a) on N(0, I₂) lies between .8759 for h = .5 and .6667 for 1).
      assert.ok(met.acceptance > 0.6667 && met.acceptance < 0.8759, `${met.acceptance}`);
      assert.ok(Math.abs(met.energyDistance) < 0.05 && met.modesHit > 0.98 && met.modesKl === 0, JSON.stringify(met));

      const refused = await page.evaluate(() => ebm.diagnose(1e9).catch((/** @type {Error} */ error) => error.message));
      assert.match(`${refused}`, /steps: 1000000000 is not accepted; expected a whole number from 8 to 10000/);
      await load(page, { ...given, data: { id: 'eight-gaussians' }, sampler: { id: 'langevin', stepSize: 0.001 } });
      await page.getByRole('button', { name: 'Diagnose the sampler …' }).click();
      const dialog = page.locator('ebm-diagnosis dialog');
      await dialog.locator('select').selectOption('100');
      await dialog.locator('.actions button').click();
      await dialog.locator('.verdict').waitFor();
      assert.equal(await dialog.locator('.verdict').getAttribute('data-verdict'), 'apart');
      assert.equal(await dialog.locator('.drawing').count(), 3);
      await page.keyboard.press('Escape');
      assert.equal(await dialog.isVisible(), false);

      // The bias meter looks at another rule in between, and leaves everything as it is.
      const objective = { id: 'contrastive-divergence' };
      const model = { id: 'mlp', widths: [8, 8], confinement: 1.5 };
      await load(page, {
        version: 1,
        seed: 5,
        model,
        objective,
        sampler: { id: 'langevin' },
        batch: 64,
        particles: 64,
      });
      const bias = await page.evaluate(async () => {
        await ebm.train(5);
        const [before, rows] = [await ebm.snapshot(), Array.from(await ebm.gradientBias([1, 30], 4))];
        const after = await ebm.snapshot();
        return { rows, same: before.length === after.length, rule: (await ebm.config()).objective.id };
      });
      assert.equal(bias.rule, objective.id);
      assert.ok(bias.same);
      const [one, angleOfOne, , thirty, angleOfThirty] = bias.rows;
      assert.deepEqual([one, thirty, bias.rows.length], [1, 30, 6]);
      assert.ok(angleOfThirty < angleOfOne && angleOfThirty > 0, JSON.stringify(bias.rows));
      assert.deepEqual(problems, []);
    });
  });
}
