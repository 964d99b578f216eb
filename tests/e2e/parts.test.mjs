// Parts that the first core lacks come when somebody asks for one, and the run goes on as if they had been there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, unpackFloats, until, withPage } from './page.mjs';

const CONFIG = {
  version: 1,
  seed: 9,
  data: { id: 'two-moons' },
  model: { id: 'mlp', widths: [16, 16] },
  objective: { id: 'noise-contrastive-estimation' },
  batch: 64,
  particles: 32,
};
const KERNEL = 'underdamped-langevin';

for (const backend of BACKENDS) {
  test(`on ${backend} a part from the whole core is chosen in the menu while the run stays as it is`, async () => {
    /** Particles after the same commands, with the whole core fetched before them or by the menu. @param {boolean} before */
    const run = (before) =>
      withPage({ backend, paused: true }, async ({ page, problems, fetched }) => {
        const whole = () => [...fetched.keys()].filter((name) => /whole.*deflated$/.test(name)).length;
        if (before) await page.evaluate(() => ebm.manifest());
        await load(page, CONFIG);
        await page.evaluate(() => ebm.train(40));
        assert.equal(whole(), Number(before));
        await page.selectOption('[aria-labelledby="menu-sampler"]', KERNEL);
        await until(page, async (id) => (await ebm.config()).sampler.id === id, KERNEL);
        assert.equal(whole(), 1);
        assert.ok(await page.getByText('Friction').count(), 'its dials are there');
        await page.evaluate(() => ebm.train(20));
        assert.deepEqual(problems, []);
        return unpackFloats(
          await page.evaluate(async () => /** @type {any} */ (globalThis).pack(await ebm.particles())),
        );
      });
    assert.deepEqual(await run(false), await run(true));
  });

  test(`on ${backend} a link to a part of the whole core opens it, and a value beyond its range is brought within`, async () => {
    const fragment = `1/seed=3/data=two-moons/model=exact/sampler=${KERNEL}/sampler.friction=1000/end`;
    await withPage({ backend, fragment, paused: true }, async ({ page }) => {
      const { sampler } = await page.evaluate(() => ebm.config());
      assert.deepEqual([sampler.id, sampler.friction], [KERNEL, 100]);
      await page.evaluate((id) => ebm.configure({ sampler: { id } }), 'langevin');
      await page.evaluate(
        (hash) => {
          location.hash = hash;
        },
        `#${fragment.replace('1000', '2')}`,
      );
      await until(page, async () => (await ebm.config()).sampler.friction === 2, null);
    });
  });
}
