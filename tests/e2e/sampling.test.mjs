// Langevin dynamics on a Gaussian: unadjusted steps widen it by a known amount, adjusted ones do not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, unpackFloats, until, withPage } from './page.mjs';

const PARTICLES = 4096;
const SNAPSHOTS = 20;

/**
 * Positions of all particles at `SNAPSHOTS` times, `apart` steps from each other.
 * @param {import('playwright-core').Page} page
 * @param {number} apart
 */
async function positions(page, apart) {
  const taken = await page.evaluate(
    async ([count, apart]) => {
      await ebm.sample(4 * apart);
      const taken = [];
      for (let i = 0; i < count; i++) {
        await ebm.sample(apart);
        taken.push(pack(await ebm.particles()));
      }
      return taken;
    },
    [SNAPSHOTS, apart],
  );
  return taken.flatMap((text) => Array.from(unpackFloats(text)));
}

const variance = (/** @type {number[]} */ x) => x.reduce((sum, v) => sum + v * v, 0) / x.length;

/** Four standard errors of the variance of as many independent normal numbers. */
const FOUR_ERRORS = 4 * Math.sqrt(2 / (2 * PARTICLES * SNAPSHOTS));

for (const backend of BACKENDS) {
  for (const h of [0.1, 0.5, 1]) {
    test(`on ${backend} Langevin with step ${h} on N(0, I) has variance 1/(1 - h/2)`, async () => {
      await withPage({ backend, paused: true }, async ({ page }) => {
        await load(page, {
          version: 1,
          seed: 5,
          data: { id: 'gaussian' },
          model: { id: 'exact' },
          sampler: { id: 'langevin', stepSize: h, noise: null },
          particles: PARTICLES,
        });
        // x' = (1 - h) x + noise: after this many steps what is left of x is below 1e-3.
        const apart = Math.max(2, Math.ceil(Math.log(1e-3) / Math.log(Math.max(1 - h, 0.03))));
        const x = await positions(page, apart);
        assert.equal(x.length, 2 * PARTICLES * SNAPSHOTS);
        const expected = 1 / (1 - h / 2);
        const got = variance(x);
        assert.ok(Math.abs(got - expected) <= FOUR_ERRORS * expected, `variance ${got}, expected ${expected}`);
        // Noise of another size is another temperature: half of it is a quarter of the variance.
        await page.evaluate((h) => ebm.configure({ sampler: { noise: Math.sqrt(h / 2) } }), h);
        const cold = variance(await positions(page, apart));
        assert.ok(Math.abs(cold - expected / 4) <= (FOUR_ERRORS * expected) / 4, `variance ${cold} at T = 1/4`);
      });
    });
  }

  test(`on ${backend} MALA with step 0.5 on N(0, I) has variance 1 and accepts 87.59 %`, async () => {
    await withPage({ backend, paused: true }, async ({ page }) => {
      await load(page, {
        version: 1,
        seed: 5,
        data: { id: 'gaussian' },
        model: { id: 'exact' },
        sampler: { id: 'mala', stepSize: 0.5, adapt: false },
        particles: PARTICLES,
      });
      const x = await positions(page, 15);
      const got = variance(x);
      // Rejections leave chains correlated for longer than plain Langevin steps: twice the errors of independent draws.
      assert.ok(Math.abs(got - 1) <= 2 * FOUR_ERRORS, `variance ${got}`);
      const { acceptance } = await page.evaluate(() => ebm.sample(50));
      // In stationarity, 50 · 4096 decisions: four binomial errors are 0.003, doubled for the correlation of neighbours.
      assert.ok(Math.abs(acceptance - 0.8759) <= 0.006, `acceptance ${acceptance}`);
      // The same moves whatever pieces they came in, which the speed of the machine decides.
      const again = await page.evaluate(async () => {
        await ebm.reset();
        const { acceptance } = await ebm.sample(40);
        await ebm.reset();
        const one = [];
        for (let i = 0; i < 40; i++) one.push((await ebm.sample(1)).acceptance);
        return { acceptance, one };
      });
      const mean = again.one.reduce((a, b) => a + b) / again.one.length;
      assert.ok(Math.abs(again.acceptance - mean) < 1e-5, `${again.acceptance} of 40 at once, ${mean} one by one`);
    });
  });
}

test('samples start anew where one says: by script, by button, and by a click on the plot', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await load(page, {
      version: 1,
      seed: 4,
      data: { id: 'two-moons', count: 50 },
      model: { id: 'mlp', widths: [8] },
      objective: { id: 'persistent-contrastive-divergence', bufferSize: 100 },
      sampler: { id: 'langevin', steps: 2 },
      batch: 16,
      particles: 20,
    });
    const particles = async () =>
      unpackFloats(await page.evaluate(async () => /** @type {any} */ (globalThis).pack(await ebm.particles())));
    /** Places of the particles that are none of a pool. @param {Float32Array} pool */
    const elsewhere = async (pool) => {
      const known = new Set();
      for (let i = 0; i < pool.length; i += 2) known.add(`${pool[i]},${pool[i + 1]}`);
      const x = await particles();
      return Array.from({ length: x.length / 2 }, (_, i) => `${x[2 * i]},${x[2 * i + 1]}`).filter(
        (at) => !known.has(at),
      );
    };
    const data = unpackFloats(await page.evaluate(async () => /** @type {any} */ (globalThis).pack(await ebm.data())));
    assert.notDeepEqual(await elsewhere(data), []);
    const group = page.getByRole('group', { name: 'Start the samples' });
    await group.getByRole('button', { name: 'at data' }).click();
    await until(
      page,
      async () => {
        const [x, data] = [await ebm.particles(), await ebm.data()];
        return data.some(
          (/** @type {number} */ c, /** @type {number} */ i) => i % 2 === 0 && c === x[0] && data[i + 1] === x[1],
        );
      },
      null,
    );
    assert.deepEqual(await elsewhere(data), []);
    await page.evaluate(() => ebm.startParticles('buffer'));
    assert.notDeepEqual(await elsewhere(data), []);
    await page.evaluate(() => ebm.startParticles([1, -2]));
    assert.deepEqual([...(await particles())].slice(0, 4), [1, -2, 1, -2]);
    // The next click on the plot is the place; the point that lies there is not dragged.
    await group.getByRole('button', { name: 'where I click' }).click();
    const [x, y] = await page.evaluate(() => ebm.toScreen([-1, 0.5]));
    await page.mouse.click(x, y);
    await until(page, async () => Math.abs((await ebm.particles())[0] + 1) < 0.05, null);
    const there = await particles();
    assert.ok(Math.abs(there[1] - 0.5) < 0.05 && there[0] === there[2], `${there.slice(0, 4)}`);
    assert.equal(await group.getByRole('button', { name: 'where I click' }).getAttribute('aria-pressed'), 'false');
    const refusal = await page.evaluate(() =>
      ebm.startParticles('home').catch((/** @type {Error} */ error) => error.message),
    );
    assert.equal(refusal, 'start: "home" is not accepted; expected noise, data, buffer or a point [x, y].');
    await page.evaluate(() => ebm.configure({ objective: { id: 'score-matching' } }));
    assert.match(
      await page.evaluate(() => ebm.startParticles('buffer').catch((/** @type {Error} */ error) => error.message)),
      /no replay buffer/,
    );
    assert.deepEqual(problems, []);
  });
});
