// Diffusions and score networks in the page: they train, lead samples from noise to data, and say that they have no energy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, until, withPage } from './page.mjs';

/** Small enough for software graphics. */
const small = (/** @type {string} */ id) => ({
  version: 1,
  seed: 3,
  data: { id: 'eight-gaussians' },
  model: { id, widths: [32, 32], ...(id === 'diffusion-mlp' ? { time: 0.3 } : { noiseLevel: 0.5 }) },
  objective: { id: 'noise-prediction' },
  sampler: { id: 'ddim', rungs: 8, repeat: false },
  optimizer: { id: 'adam', learningRate: 3e-3 },
  batch: 128,
  particles: 256,
});

const UPDATES = 400;

for (const backend of BACKENDS)
  for (const id of ['diffusion-mlp', 'score-mlp'])
    test(`on ${backend} ${id} learns a score, and samples go from noise to data`, async () => {
      await withPage({ backend, paused: true }, async ({ page, problems }) => {
        await load(page, small(id));
        const told = await page.evaluate(async (updates) => {
          const before = await ebm.metrics();
          await ebm.train(updates);
          const after = await ebm.metrics();
          const score = Array.from(await ebm.score([0, 0, 1, -1]));
          const likely = Array.from(await ebm.logLikelihood([2.83, 0, 0, 0]));
          const refusal = await ebm.energy([0, 0]).catch((/** @type {Error} */ error) => error.message);
          await ebm.startParticles('noise');
          await ebm.sample(1);
          const noise = Array.from(await ebm.particles());
          const future = (await ebm.future()).map((/** @type {Float32Array} */ x) => [...x]);
          await ebm.sample(8);
          const ends = Array.from(await ebm.particles());
          await ebm.sample(3);
          const rest = Array.from(await ebm.particles());
          const arrived = (await ebm.future()).length;
          return { before, after, score, likely, refusal, noise, future, ends, rest, arrived };
        }, UPDATES);
        assert.ok(told.score.length === 4 && told.score.every(Number.isFinite));
        assert.ok(told.likely[0] > told.likely[1] + 1, `a blob is likelier than the middle: ${told.likely}`);
        assert.match(String(told.refusal), /a score alone/);
        assert.equal(told.after.nll, null);
        assert.ok(
          told.after.scoreError < 0.8 * told.before.scoreError,
          `${told.before.scoreError} → ${told.after.scoreError}`,
        );
        // The ring of eight blobs has the radius 2.83; N(0, σ²I) has as many points within 1.2 as beyond.
        const radii = (/** @type {number[]} */ x) =>
          x.filter((_, i) => i % 2 === 0).map((a, i) => Math.hypot(a, x[2 * i + 1]));
        const middle = (/** @type {number[]} */ r) => r.sort((a, b) => a - b)[r.length >> 1];
        const [from, to] = [middle(radii(told.noise)), middle(radii(told.ends))];
        const wide = id === 'score-mlp' ? 4 : 1;
        assert.ok(Math.abs(from / wide - 1.18) < 0.25, `noise: ${from}`);
        assert.ok(Math.abs(to - 2.83) < 0.4, `data: ${to}`);
        assert.deepEqual(told.rest, told.ends, 'at the end they stay');
        // What was foreseen of the first 32 is what became of them.
        assert.deepEqual([told.future.length, told.arrived], [9, 0]);
        const off = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
          Math.max(...a.map((x, i) => Math.abs(x - b[i])));
        assert.equal(off(told.future[0], told.noise), 0);
        assert.ok(told.future[8].length === 64 && off(told.future[8], told.ends) < (backend === 'wasm' ? 1e-12 : 1e-3));
        assert.deepEqual(problems, []);
      });
    });

test('a scene that would be a blur has its speed, and gives the one before back', async () => {
  await withPage({}, async ({ page, problems }) => {
    const chosen = () => page.locator('select[aria-label="Speed"]').inputValue();
    await page.evaluate(() => ebm.load('exact-diffusion'));
    await until(page, async () => (await ebm.config()).model.id === 'diffused', null);
    assert.equal(await chosen(), '10');
    await page.evaluate(() => ebm.load('eight-gaussians'));
    assert.equal(await chosen(), 'null');
    assert.deepEqual(problems, []);
  });
});

test('the way ahead of samples is drawn while the clock rests, and not for who does not want it', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('exact-diffusion'));
    await page.evaluate(() => ebm.pause());
    const inked = () =>
      page.evaluate(() => {
        const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('.surface-future'));
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
        if (!copy) throw new Error('no canvas');
        copy.drawImage(canvas, 0, 0);
        return copy.getImageData(0, 0, canvas.width, canvas.height).data.some((x) => x > 0);
      });
    const waits = async (/** @type {boolean} */ wanted) => {
      for (const end = Date.now() + 20_000; (await inked()) !== wanted; await page.waitForTimeout(50))
        assert.ok(Date.now() < end, `ink: ${!wanted}`);
    };
    // Somewhere on the way down.
    while ((await page.evaluate(async () => (await ebm.future()).length)) < 10)
      await page.evaluate(() => ebm.sample(3));
    await waits(true);
    const box = page.getByLabel('Show where the samples are going');
    await box.uncheck();
    await waits(false);
    await box.check();
    await waits(true);
    await page.evaluate(() => ebm.play());
    await waits(false);
    assert.deepEqual(problems, []);
  });
});

test('the pointer tells the score of a model that has no energy, and the rule says what it does', async () => {
  await withPage({}, async ({ page, problems }) => {
    await page.evaluate(async (config) => {
      await ebm.load(config);
      await ebm.play();
    }, small('diffusion-mlp'));
    const box = await page.locator('#plot canvas').first().boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
    const hover = page.locator('#plot .readout');
    await hover.locator('i', { hasText: /^s$/ }).waitFor();
    assert.ok(!(await hover.innerText()).includes('E'));
    await page.getByText('brings the score closer').waitFor();
    // By hand each stage says what it does, and none speaks of an energy that is not there.
    await page.evaluate(() => ebm.pause());
    for (const words of ['draw a batch', 'this model has none', '', 'noise is added to the batch']) {
      await page.evaluate(() => ebm.step('stage'));
      if (words) await page.locator('.caption').filter({ hasText: words }).waitFor();
    }
    await page.evaluate(() => ebm.play());
    // What an energy alone can say is greyed out, with the reason.
    const refused = page.locator('[aria-labelledby="menu-sampler"] option[value=mala]');
    assert.equal(await refused.isDisabled(), true);
    assert.match(await refused.innerText(), /has a score alone/);
    assert.deepEqual(problems, []);
  });
});

test('one goes from an energy over a score to a diffusion without a reset', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await load(page, { ...small('noise-conditional-mlp'), model: { id: 'noise-conditional-mlp', widths: [32, 32] } });
    await page.evaluate(() => ebm.train(20));
    for (const id of ['score-mlp', 'diffusion-mlp']) {
      await page.evaluate((id) => ebm.configure({ model: { id, widths: [32, 32] } }), id);
      const { update } = await page.evaluate(() => ebm.train(10));
      assert.equal(update, id === 'score-mlp' ? 30 : 40);
    }
    const stepped = await page.evaluate(async () => {
      const before = Array.from(await ebm.particles());
      await ebm.step('update');
      await ebm.back('update');
      return { before, after: Array.from(await ebm.particles()) };
    });
    assert.deepEqual(stepped.after, stepped.before, 'a step back leads along the same chain');
    assert.deepEqual(problems, []);
  });
});

for (const backend of BACKENDS)
  test(`on ${backend} the data are shown as noisy as the level that is scrubbed to, and the likelihood is measured`, async () => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await page.evaluate(() => ebm.load('score-network'));
      await page.evaluate(() => ebm.pause());
      await page.evaluate(() => ebm.train(50));
      const panel = page.locator('ebm-noise');
      await panel.locator('.noise-level:not(.noise-bridge) input').fill('120');
      await until(page, async () => (await ebm.config()).model.noiseLevel > 0.6, null);
      const found = await page.evaluate(async () => {
        const x = await ebm.data();
        return { x: [...x], noised: [...(await ebm.noised(x))], model: (await ebm.config()).model };
      });
      assert.equal(found.model.followSamples, false, 'whoever scrubs follows the samples no longer');
      const sigma = found.model.noiseLevel;
      const z = found.noised.map((/** @type {number} */ v, /** @type {number} */ i) => (v - found.x[i]) / sigma);
      const mean = (/** @type {number[]} */ values) => values.reduce((sum, v) => sum + v, 0) / values.length;
      // Of n draws, the mean is known to 1/√n and the mean square to √(2/n).
      assert.ok(Math.abs(mean(z)) < 4 / Math.sqrt(z.length), `${mean(z)}`);
      const square = mean(z.map((/** @type {number} */ v) => v * v));
      assert.ok(Math.abs(square - 1) < 4 * Math.sqrt(2 / z.length), `${square}`);
      // From the score to an energy and to a diffusion by one slider: the run goes on.
      const bridge = panel.locator('.noise-bridge input');
      for (const [notch, id] of [
        ['0', 'noise-conditional-mlp'],
        ['2', 'diffusion-mlp'],
        ['1', 'score-mlp'],
      ]) {
        await bridge.fill(notch);
        await until(page, async (id) => (await ebm.config()).model.id === id, id);
      }
      assert.equal((await page.evaluate(() => ebm.train(1))).update, 51);
      // What the page draws changes with the level, and goes when it is switched off.
      const picture = () =>
        page.evaluate(() => /** @type {HTMLCanvasElement} */ (document.querySelector('.surface-noised')).toDataURL());
      await page.evaluate(() => ebm.noised([0, 0]));
      await page.waitForTimeout(500);
      const before = await picture();
      await panel.locator('.noise-level:not(.noise-bridge) input').fill('160');
      await page.waitForFunction(
        (old) => /** @type {HTMLCanvasElement} */ (document.querySelector('.surface-noised')).toDataURL() !== old,
        before,
      );
      await panel.getByLabel('Show the data at this level').click();
      await page.waitForFunction(() => {
        const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('.surface-noised'));
        const blank = document.createElement('canvas');
        Object.assign(blank, { width: canvas.width, height: canvas.height });
        return canvas.toDataURL() === blank.toDataURL();
      });
      await panel.locator('button').click();
      await page.waitForFunction(() => / ± /.test(document.querySelector('ebm-noise dd')?.textContent ?? ''), null, {
        timeout: 120_000,
      });
      const [told, error] = `${await panel.locator('dd').first().textContent()}`.split(' ± ').map(Number);
      // Points of the same density as those that were measured.
      const likelihoods = await page.evaluate(async () => [
        ...(await ebm.logLikelihood((await ebm.data()).slice(0, 2048))),
      ]);
      assert.ok(
        Math.abs(told + mean(likelihoods)) < 4 * Math.SQRT2 * error && error < 0.2,
        `${told} ${mean(likelihoods)}`,
      );
      await page.evaluate(() => ebm.load('eight-gaussians'));
      assert.equal(await panel.count(), 0);
      assert.deepEqual(problems, []);
    });
  });
