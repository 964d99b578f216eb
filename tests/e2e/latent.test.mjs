// Variational autoencoders: what the page says of one is what plain loops over its exported weights find.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BACKENDS, until, withPage } from './page.mjs';
import { readSafetensors } from './safetensors.mjs';

const D = 784;

/** @typedef {Record<string, {shape: number[], values: Float32Array}>} Tensors */

/** A linear layer of these tensors. @param {Tensors} tensors @param {string} name @param {number[]} x */
function linear(tensors, name, x) {
  const [w, b] = [tensors[`${name}.weight`], tensors[`${name}.bias`]];
  return Array.from(b.values, (b, i) => x.reduce((sum, x, j) => sum + x * w.values[i * w.shape[1] + j], b));
}

/** ln p(x) of a linear autoencoder of the plane: N(b, WWᵀ + σ²I), by the inverse of a 2 × 2 matrix. @param {Tensors} tensors @param {number} floor */
function linearLaw(tensors, floor) {
  const mean = (/** @type {number} */ z) => linear(tensors, 'decoder.1', linear(tensors, 'decoder.0', [z]));
  const b = mean(0);
  const w = mean(1).map((x, i) => x - b[i]);
  const variance = Math.exp(2 * tensors['decoder.logDeviation'].values[0]) + floor ** 2;
  const [a, c, e] = [w[0] ** 2 + variance, w[0] * w[1], w[1] ** 2 + variance];
  const determinant = a * e - c * c;
  return (/** @type {number[]} */ x) => {
    const [u, v] = [x[0] - b[0], x[1] - b[1]];
    return (
      -0.5 * ((e * u * u - 2 * c * u * v + a * v * v) / determinant + Math.log(determinant)) - Math.log(2 * Math.PI)
    );
  };
}

for (const backend of BACKENDS) {
  test(`on ${backend} the bound of a linear autoencoder meets the exact likelihood, which is that of its weights`, async (t) => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await page.evaluate(() => ebm.load('linear-autoencoder'));
      await page.evaluate(() => ebm.pause());
      const found = await page.evaluate(async () => {
        const early = await ebm.lowerBound(8);
        await ebm.train(2000);
        const x = Float32Array.from({ length: 20 }, (_, i) => Math.sin(1.7 * i));
        return {
          early,
          late: await ebm.lowerBound(32),
          metrics: await ebm.metrics(),
          x: [...x],
          energy: [...(await ebm.energy(x))],
          encoded: [...(await ebm.encode(x))],
          decoded: [...(await ebm.decode([-1, 0, 2]))],
          weights: [...(await ebm.exportWeights())],
          config: await ebm.config(),
        };
      });
      const { tensors } = readSafetensors(Uint8Array.from(found.weights));
      const law = linearLaw(tensors, found.config.model.leastDeviation);
      for (let i = 0; i < 10; i++) {
        const x = found.x.slice(2 * i, 2 * i + 2);
        // A thousand terms in single precision.
        assert.ok(Math.abs(found.energy[i] + law(x)) < 2e-4, `${found.energy[i]} ${law(x)}`);
        const h = linear(tensors, 'encoder.0', x);
        const [mean] = linear(tensors, 'encoder.1', h);
        const [deviation] = linear(tensors, 'encoder.logDeviation', h);
        assert.ok(
          Math.abs(found.encoded[2 * i] - mean) < 1e-4 && Math.abs(found.encoded[2 * i + 1] - deviation) < 1e-4,
        );
      }
      const wanted = [-1, 0, 2].flatMap((z) => linear(tensors, 'decoder.1', linear(tensors, 'decoder.0', [z])));
      assert.ok(
        found.decoded.every((/** @type {number} */ v, /** @type {number} */ i) => Math.abs(v - wanted[i]) < 1e-4),
      );
      const { early, late, metrics } = found;
      t.diagnostic(
        `ELBO ${late.elbo.toFixed(4)}, ln p ${late.logLikelihood.toFixed(4)}; before ${early.elbo.toFixed(2)}, ${early.logLikelihood.toFixed(2)}`,
      );
      assert.ok(early.elbo < early.logLikelihood - 0.1, JSON.stringify(early));
      // Where the gap is g, 65,536 draws know it to √(2g/65,536).
      assert.ok(late.elbo < late.logLikelihood + 1e-3 && late.elbo > late.logLikelihood - 0.02, JSON.stringify(late));
      assert.ok(late.logLikelihood > early.logLikelihood + 0.1);
      // With every frame: where the gap is g, 4,096 draws know it to √(2g/4,096).
      assert.ok(
        metrics.negativeElbo > metrics.nll - 1e-3 && metrics.negativeElbo < metrics.nll + 0.02,
        JSON.stringify(metrics),
      );
      assert.ok(Math.abs(metrics.logZ) < 1e-3);
      assert.deepEqual(problems, []);
    });
  });

  test(`on ${backend} digits are encoded, decoded and held`, async (t) => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await page.evaluate(() => ebm.load('autoencoder'));
      await page.evaluate(() => ebm.pause());
      const found = await page.evaluate(async () => {
        await ebm.configure({ model: { widths: [64] }, particles: 8, sampler: 'metropolis-within-gibbs' });
        await ebm.reset();
        const before = await ebm.lowerBound(1);
        await ebm.train(150);
        const { pixels } = await ebm.images('held-out');
        const x = pixels.slice(0, 3 * 784);
        const encoded = await ebm.encode(x);
        const free = Float32Array.from({ length: 784 }, (_, i) => Number(i >= 392));
        await ebm.holdPixels(x.slice(0, 784), free);
        await ebm.sample(5);
        return {
          before,
          after: await ebm.lowerBound(2),
          x: [...x],
          encoded: [...encoded],
          decoded: [...(await ebm.decode([encoded[0], encoded[1], 0, 0]))],
          samples: [...(await ebm.particles())],
          weights: [...(await ebm.exportWeights())],
        };
      });
      const { tensors } = readSafetensors(Uint8Array.from(found.weights));
      const relu = (/** @type {number[]} */ h) => h.map((v) => Math.max(0, v));
      for (let i = 0; i < 3; i++) {
        const v = found.x.slice(i * D, (i + 1) * D).map((/** @type {number} */ x) => (x + 1) / 2);
        const h = relu(linear(tensors, 'encoder.0', v));
        const wanted = [...linear(tensors, 'encoder.1', h), ...linear(tensors, 'encoder.logDeviation', h)];
        for (let k = 0; k < 4; k++) assert.ok(Math.abs(found.encoded[4 * i + k] - wanted[k]) < 1e-3, `${i} ${k}`);
      }
      const out = linear(tensors, 'decoder.1', relu(linear(tensors, 'decoder.0', found.encoded.slice(0, 2))));
      for (let i = 0; i < D; i++) assert.ok(Math.abs(found.decoded[i] - Math.tanh(out[i] / 2)) < 1e-3, `${i}`);
      assert.equal(found.decoded.length, 2 * D);
      t.diagnostic(`ELBO ${found.before.elbo.toFixed(1)} → ${found.after.elbo.toFixed(1)}`);
      assert.ok(found.after.elbo > found.before.elbo + 300 && found.after.logLikelihood === null);
      assert.ok(
        found.samples.every(
          (/** @type {number} */ s, /** @type {number} */ i) =>
            Math.abs(s) === 1 && (i % D >= 392 || s === found.x[i % D]),
        ),
      );
      assert.deepEqual(problems, []);
    });
  });
}

/** Numbers of the figure of this name. @param {import('playwright-core').Page} page @param {string} name */
const figureOf = async (page, name) => {
  const text = await page.locator('.latent .figures div', { hasText: name }).locator('dd').textContent();
  return Number(`${text}`.split(' ')[0].replace('−', '-'));
};

test('the map of digits is dragged over, and shows where the data are', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('autoencoder'));
    await page.evaluate(() => ebm.pause());
    const shipped = readFileSync(new URL('../../www/images/weights/vae.safetensors', import.meta.url));
    await page.locator('#gallery button', { hasText: 'Trained weights' }).click();
    await until(page, async () => (await ebm.config()).model.widths[0] === 128, null);
    // A film of exact draws comes with them, and winds.
    await page.waitForFunction(
      () => document.querySelector('.gallery-film output')?.textContent === '100 / 100',
      null,
      { timeout: 120_000 },
    );
    const sheet = () =>
      page.evaluate(() =>
        /** @type {HTMLCanvasElement} */ (document.querySelector('canvas[data-tile="sheet"]')).toDataURL(),
      );
    const last = await sheet();
    await page.locator('.gallery-film input').fill('40');
    await page.waitForFunction(() => document.querySelector('.gallery-film output')?.textContent === '40 / 100');
    assert.notEqual(await sheet(), last);
    const map = page.locator('.latent-map');
    await page.waitForFunction(() =>
      /^−1[56]\d/.test(document.querySelectorAll('.latent .figures dd')[2]?.textContent ?? ''),
    );
    assert.ok((await figureOf(page, 'ELBO')) > -170 && shipped.length > 5e5);
    const tile = () =>
      page.evaluate(() =>
        /** @type {HTMLCanvasElement} */ (document.querySelector('[data-tile="decoded"]')).toDataURL(),
      );
    const caption = () => page.locator('.latent figcaption').textContent();
    const box = /** @type {{x: number, y: number, width: number, height: number}} */ (await map.boundingBox());
    const before = await tile();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.25, { steps: 4 });
    await page.mouse.up();
    assert.equal(await caption(), 'decoded of z = 1.6; 1.6');
    // What the tile comes to show, after the points that the pointer went through, is what the decoder says.
    await until(
      page,
      async () => {
        const decoded = await ebm.decode([1.6, 1.6]);
        const copy = new OffscreenCanvas(28, 28).getContext('2d', { willReadFrequently: true });
        if (!copy) throw new Error('no canvas');
        copy.drawImage(/** @type {HTMLCanvasElement} */ (document.querySelector('[data-tile="decoded"]')), 0, 0);
        const { data } = copy.getImageData(0, 0, 28, 28);
        return Array.from(decoded).every((x, i) => Math.abs(data[4 * i] - 127.5 * (x + 1)) < 4);
      },
      null,
    );
    assert.notEqual(await tile(), before);
    await map.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowDown');
    assert.equal(await caption(), 'decoded of z = 1.5; 1.5');
    const pictured = () =>
      page.evaluate(() => /** @type {HTMLCanvasElement} */ (document.querySelector('.latent-map')).toDataURL());
    const decodedMap = await pictured();
    await page.locator('.latent .segmented button', { hasText: 'Encoded data' }).click();
    await page.waitForFunction(
      (old) => /** @type {HTMLCanvasElement} */ (document.querySelector('.latent-map')).toDataURL() !== old,
      decodedMap,
    );
    // More variables than the map has axes: two are chosen.
    await page.evaluate(() => ebm.configure({ model: { latent: 3 } }));
    await page.locator('.latent-axes select').nth(1).selectOption('2');
    await map.focus();
    await page.keyboard.press('ArrowUp');
    assert.equal(await caption(), 'decoded of z = 0.0; 0.1');
    // What is hidden is filled in by a kernel that heeds what is held, which exact draws do not.
    await page.evaluate(() => ebm.configure({ model: { latent: 2 } }));
    await page.locator('#gallery button', { hasText: 'Hide and fill in' }).click();
    await page.locator('ebm-repair dialog[open] button.strong').click();
    await until(page, async () => (await ebm.config()).sampler.id === 'metropolis-within-gibbs', null);
    await page.locator('.gallery-held').waitFor();
    // Another model has no latent space.
    await page.evaluate(() => ebm.configure({ model: 'rbm' }));
    await page.locator('ebm-machine').waitFor();
    assert.equal(await page.locator('ebm-latent').count(), 0);
    assert.equal((await page.evaluate(() => ebm.config())).sampler.id, 'block-gibbs');
    assert.deepEqual(problems, []);
  });
});

test('in the plane the decoder is a curve, its model comes with its rule, and a collapsed posterior is mended', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    // From the menu: what an autoencoder is trained by and sampled with comes along, and goes with it.
    const menu = page.locator('select[aria-labelledby="menu-model"]');
    await menu.hover();
    await menu.selectOption('vae');
    await until(page, async () => (await ebm.config()).model.id === 'vae', null);
    const chosen = await page.evaluate(() => ebm.config());
    assert.deepEqual([chosen.objective.id, chosen.sampler.id], ['evidence-lower-bound', 'ancestral']);
    await page.locator('ebm-latent').waitFor();
    await until(
      page,
      async () => {
        const canvas = /** @type {HTMLCanvasElement | null} */ (document.querySelector('.surface-latent'));
        const blank = document.createElement('canvas');
        Object.assign(blank, { width: canvas?.width, height: canvas?.height });
        return canvas !== null && canvas.width > 100 && canvas.toDataURL() !== blank.toDataURL();
      },
      null,
    );
    await menu.selectOption('mlp');
    await until(page, async () => (await ebm.config()).objective.id === 'noise-contrastive-estimation', null);
    assert.equal(await page.locator('ebm-latent').count(), 0);
    assert.equal(await page.locator('.surface-latent').count(), 0);

    await page.evaluate(() => ebm.load('collapsed-posterior'));
    await page.evaluate(() => ebm.pause());
    await page.evaluate(() => ebm.train(1000));
    const collapsed = await page.evaluate(() => ebm.lowerBound(4));
    assert.ok(collapsed.divergence < 0.05, JSON.stringify(collapsed));
    await page.locator('.exhibit').hover();
    await page.locator('.exhibit button').click();
    await until(page, async () => (await ebm.config()).objective.divergenceWeight === 1, null);
    await page.evaluate(() => ebm.train(1200));
    const mended = await page.evaluate(() => ebm.lowerBound(4));
    assert.ok(mended.divergence > 0.3 && mended.elbo > collapsed.elbo + 0.2, JSON.stringify([collapsed, mended]));

    // Two variables are a lattice; points drawn by hand are measured on themselves.
    await page.evaluate(() => ebm.configure({ data: 'drawn', model: { latent: 2 } }));
    await page.evaluate(() => ebm.setData([0, 0, 1, 1, -1, 0.5, 2, -1]));
    await page.evaluate(() => ebm.train(5));
    const own = await page.evaluate(() => ebm.lowerBound(2));
    assert.ok(
      own.points === 4 && Number.isFinite(own.importanceWeighted) && own.logLikelihood === null,
      JSON.stringify(own),
    );
    const refused = await page.evaluate(() => ebm.decode([1]).catch((/** @type {Error} */ error) => error.message));
    assert.equal(refused, 'z: 1 numbers is not accepted; expected 2 numbers a point.');
    assert.deepEqual(problems, []);
  });
});
