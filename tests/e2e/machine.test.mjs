// Boltzmann machines: what the page says of one is what plain loops over its exported weights find, and what can be counted out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { BACKENDS, withPage } from './page.mjs';
import { readSafetensors } from './safetensors.mjs';

const D = 784;
/** Few enough units that their states can be counted out. */
const HIDDEN = 8;
/** Without chains that begin anew, so that two hundred updates leave no mode that annealing from independent pixels misses. */
const SMALL = {
  data: 'binary-mnist',
  model: { id: 'rbm', hidden: HIDDEN },
  objective: { id: 'persistent-contrastive-divergence', bufferSize: 256, reinitialise: 0 },
  batch: 16,
  particles: 8,
};

const softplus = (/** @type {number} */ x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));

/**
 * The machine whose weights these are: W [hidden, d], c and b.
 * @param {Record<string, {values: Float32Array}>} tensors
 */
function machineOf(tensors) {
  const [w, c, b] = ['layers.0.weight', 'layers.0.bias', 'visible.bias'].map((name) =>
    Array.from(tensors[name].values),
  );
  const field = (/** @type {number[]} */ v, /** @type {number} */ j) =>
    c[j] + v.reduce((sum, v, i) => sum + v * w[j * D + i], 0);
  const units = c.map((_, j) => j);
  const bias = (/** @type {number[]} */ v) => v.reduce((sum, v, i) => sum + v * b[i], 0);
  return {
    freeEnergy: (/** @type {number[]} */ v) => -bias(v) - units.reduce((sum, j) => sum + softplus(field(v, j)), 0),
    on: (/** @type {number[]} */ v) => units.map((j) => sigmoid(field(v, j))),
    /** Over every state of the hidden units. */
    logZ() {
      const terms = Array.from({ length: 2 ** c.length }, (_, state) => {
        const h = units.filter((j) => (state >> j) & 1);
        const inputs = b.map((b, i) => h.reduce((sum, j) => sum + w[j * D + i], b));
        return h.reduce((sum, j) => sum + c[j], 0) + inputs.reduce((sum, x) => sum + softplus(x), 0);
      });
      const most = Math.max(...terms);
      return most + Math.log(terms.reduce((sum, t) => sum + Math.exp(t - most), 0));
    },
  };
}

for (const backend of BACKENDS) {
  test(`on ${backend} a machine learns digits, and its figures are those of its weights`, async (t) => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await page.evaluate((config) => ebm.load(config), SMALL);
      const found = await page.evaluate(async () => {
        const before = await ebm.pseudoLogLikelihood(20);
        await ebm.train(200);
        const { pixels } = await ebm.images('held-out');
        const x = pixels.slice(0, 3 * 784);
        const { on, mean } = await ebm.units(x);
        const filters = await ebm.filters();
        return {
          before,
          after: await ebm.pseudoLogLikelihood(20),
          x: [...x],
          energies: [...(await ebm.energy(x))],
          particles: [...(await ebm.particles())],
          on: [...on],
          sizes: [mean.length, filters.length],
          weights: [...(await ebm.exportWeights())],
          partition: await ebm.logPartition(400, 3),
          heldOut: pixels.length / 784,
        };
      });
      const machine = machineOf(readSafetensors(Uint8Array.from(found.weights)).tensors);
      assert.ok(found.particles.every((/** @type {number} */ p) => Math.abs(p) === 1));
      assert.ok([...found.x].every((/** @type {number} */ p) => Math.abs(p) === 1));
      assert.deepEqual(found.sizes, [3 * D, HIDDEN * D]);
      assert.ok(found.after > found.before + 100, `${found.before} ${found.after}`);
      for (let i = 0; i < 3; i++) {
        const v = found.x.slice(i * D, (i + 1) * D).map((/** @type {number} */ x) => (x + 1) / 2);
        const wanted = machine.freeEnergy(v);
        // Sums of 784 terms in single precision.
        assert.ok(
          Math.abs(found.energies[i] - wanted) < 1e-4 * (1 + Math.abs(wanted)),
          `${found.energies[i]} ${wanted}`,
        );
        for (const [j, p] of machine.on(v).entries()) assert.ok(Math.abs(found.on[i * HIDDEN + j] - p) < 1e-4, `${j}`);
      }
      const { estimate, standardError, exact, lower, chains } = found.partition;
      t.diagnostic(`log Z ${exact.toFixed(3)}, found ${estimate.toFixed(3)} ± ${standardError.toFixed(3)}`);
      const counted = machine.logZ();
      assert.ok(Math.abs(exact - counted) < 1e-6 * Math.abs(counted), `${exact} ${counted}`);
      assert.ok(
        Math.abs(estimate - exact) < 4 * standardError + 0.01 && standardError < 0.5,
        JSON.stringify(found.partition),
      );
      assert.ok(lower <= estimate && chains === 128);
      assert.deepEqual(problems, []);
    });
  });
}

test('filters and likelihoods are shown, samples fill in what is hidden, and images of the visitor become black and white', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('boltzmann'));
    await page.evaluate(() => ebm.pause());
    await page.evaluate(() => ebm.train(300));
    const machine = page.locator('ebm-machine');
    const drawn = () =>
      machine.locator('canvas').evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
        const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        return { width: canvas.width, coloured: data.filter((level, i) => i % 4 === 3 && level > 100).length };
      });
    await page.waitForFunction(() => /−\d/.test(document.querySelector('.machine .figures dd')?.textContent ?? ''));
    const { width, coloured } = await drawn();
    assert.equal(width, 16 * 30 - 2);
    assert.ok(coloured > 500, `${coloured}`);
    await machine.getByRole('button', { name: 'Estimate log Z' }).click();
    await page.waitForFunction(() => / ± /.test(document.querySelector('.machine .figures')?.textContent ?? ''), null, {
      timeout: 60_000,
    });
    // What follows slopes is greyed out, with its reason.
    const mala = page.locator('[aria-labelledby="menu-sampler"] option[value="mala"]');
    assert.ok(await mala.isDisabled());
    assert.match(`${await mala.textContent()}`, /black and white have none/);
    // Half of an image is held.
    const kept = await page.evaluate(async () => {
      const image = (await ebm.images('held-out')).pixels.slice(0, 784);
      const free = Float32Array.from({ length: 784 }, (_, i) => (i % 28 < 14 ? 1 : 0));
      await ebm.holdPixels(image, free);
      await ebm.startParticles('noise');
      await ebm.sample(5);
      const particles = await ebm.particles();
      return particles.every((/** @type {number} */ p, /** @type {number} */ k) =>
        free[k % 784] === 1 ? Math.abs(p) === 1 : p === image[k % 784],
      );
    });
    assert.ok(kept);
    const own = gunzipSync(readFileSync(new URL('../../www/pkg/mnist/images.idx.packed', import.meta.url)));
    const some = Buffer.concat([own.subarray(0, 4), Buffer.from([0, 0, 0, 40]), own.subarray(8, 16 + 40 * D)]);
    const learned = await page.evaluate(async (text) => {
      await ebm.loadImages(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
      const { data, model } = await ebm.config();
      const { pixels } = await ebm.images('training');
      return [data.id, model.id, pixels.length / 784, pixels.every((/** @type {number} */ p) => Math.abs(p) === 1)];
    }, some.toString('base64'));
    assert.deepEqual(learned, ['binary-images', 'rbm', 36, true]);
    const refused = await page.evaluate(async () => {
      await ebm.load('two-moons');
      return ebm.logPartition(10).catch((/** @type {Error} */ error) => error.message);
    });
    assert.match(refused, /model.id: mlp is not accepted; expected a model with hidden units/);
    assert.deepEqual(problems, []);
  });
});

test('neither figures of the plane nor a film of another model stay', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    const figures = page.locator('.numbers > :not([data-empty])');
    await page.evaluate(() => ebm.train(20));
    await figures.first().waitFor();
    await page.evaluate(() => ebm.load('bars-and-stripes'));
    await page.evaluate(() => ebm.pause());
    await page.evaluate(() => ebm.train(5));
    await page.locator('.machine .figures dd').first().waitFor();
    assert.equal(await figures.count(), 0);
    await page.getByRole('button', { name: /^Film/ }).click();
    const ended = () => / 100$/.test(document.querySelector('#gallery output')?.textContent ?? '');
    await page.waitForFunction(ended, null, { timeout: 60_000 });
    await page.evaluate(() => ebm.load('hopfield'));
    await page.waitForFunction(() => document.querySelector('#gallery output')?.textContent === '–');
    assert.deepEqual(problems, []);
  });
});

test('the trained machine comes with the page, and a reset takes its figures along', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('boltzmann'));
    await page.evaluate(() => ebm.pause());
    await page.getByRole('button', { name: 'Load trained weights' }).click();
    await page.waitForFunction(() => / 100$/.test(document.querySelector('#gallery output')?.textContent ?? ''), null, {
      timeout: 120_000,
    });
    // The figure of the model card, in single precision.
    const pseudo = await page.evaluate(() => ebm.pseudoLogLikelihood(1000));
    assert.ok(Math.abs(pseudo + 91.36) < 0.01, `${pseudo}`);
    const figures = page.locator('.machine .figures');
    await figures.getByRole('button').click();
    const estimated = () => / ± /.test(document.querySelector('.machine .figures')?.textContent ?? '');
    await page.waitForFunction(estimated, null, { timeout: 60_000 });
    await page.getByRole('slider', { name: 'Hidden units' }).press('ArrowRight');
    await page.waitForFunction(() => !/ ± /.test(document.querySelector('.machine .figures')?.textContent ?? ''));
    // From digits to patterns and back, with a chosen sample that the fewer pixels of the others would cut.
    await page.locator('.gallery-sheet').press('ArrowRight');
    for (const [scene, columns] of /** @type {const} */ ([
      ['bars-and-stripes', 4],
      ['boltzmann', 28],
      ['hopfield', 4],
    ])) {
      await page.evaluate((scene) => ebm.load(scene), scene);
      await page.locator('.gallery-sheet').press('ArrowRight');
      await page.evaluate(() => ebm.sample(1));
      await page.waitForFunction(() => /E = /.test(document.querySelector('#gallery h3')?.textContent ?? ''));
      const size = await page.evaluate(async () => (await ebm.particles()).length);
      assert.equal(size, 64 * columns ** 2, scene);
    }
    assert.deepEqual(problems, []);
  });
});

test('the likelihood of a small machine is counted out, and its samples are bars and stripes', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('bars-and-stripes'));
    await page.evaluate(() => ebm.pause());
    const found = await page.evaluate(async () => {
      await ebm.train(3000);
      const { pixels } = await ebm.images('training');
      const energies = await ebm.energy(pixels);
      return {
        exact: await ebm.exactLikelihood(),
        pixels: [...pixels],
        energies: [...energies],
        particles: [...(await ebm.particles())],
        weights: [...(await ebm.exportWeights())],
      };
    });
    // Every state of the 16 pixels once more, from the exported weights.
    const { tensors } = readSafetensors(Uint8Array.from(found.weights));
    const [w, c, b] = ['layers.0.weight', 'layers.0.bias', 'visible.bias'].map((name) => tensors[name].values);
    const terms = Array.from({ length: 2 ** 16 }, (_, state) => {
      const on = Array.from({ length: 16 }, (_, i) => (state >> i) & 1);
      const bias = on.reduce((sum, v, i) => sum + v * b[i], 0);
      const field = (/** @type {number} */ j) => on.reduce((sum, v, i) => sum + v * w[j * 16 + i], c[j]);
      return bias + Array.from(c).reduce((sum, _, j) => sum + softplus(field(j)), 0);
    });
    const most = Math.max(...terms);
    const logZ = most + Math.log(terms.reduce((sum, t) => sum + Math.exp(t - most), 0));
    const { logPartition, heldOut, entropy, mass } = found.exact;
    assert.ok(Math.abs(logPartition - logZ) < 1e-6, `${logPartition} ${logZ}`);
    const mean = -found.energies.reduce((sum, e) => sum + e, 0) / found.energies.length - logZ;
    assert.ok(Math.abs(heldOut - mean) < 1e-4 && heldOut <= -entropy && heldOut > -4.2, `${heldOut} ${mean}`);
    // As many of 64 samples are patterns as the machine says, within four standard errors.
    const name = (/** @type {number[]} */ x, /** @type {number} */ i) => x.slice(16 * i, 16 * (i + 1)).join();
    const known = new Set(Array.from({ length: 32 }, (_, i) => name(found.pixels, i)));
    const share = Array.from({ length: 64 }, (_, i) => known.has(name(found.particles, i))).filter(Boolean).length / 64;
    assert.equal(known.size, 30);
    assert.ok(Math.abs(share - mass) < 4 * Math.sqrt((mass * (1 - mass)) / 64), `${share} ${mass}`);
    const figures = page.locator('.machine .figures');
    await figures.getByText('No model has more than').waitFor();
    assert.match(`${await figures.textContent()}`, /−3\.379/);
    await page.getByText('The patterns are all there is').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Draw …' }).count(), 0);
    assert.deepEqual(problems, []);
  });
});

for (const backend of BACKENDS) {
  test(`on ${backend} a Hopfield network falls into its memories, and its states are counted`, async () => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await page.evaluate(() => ebm.load('hopfield'));
      await page.evaluate(() => ebm.pause());
      const found = await page.evaluate(async () => {
        await ebm.startParticles('noise');
        await ebm.sample(4);
        const particles = await ebm.particles();
        const { pixels } = await ebm.images('training');
        return {
          particles: [...particles],
          energies: [...(await ebm.energy(particles))],
          // Without the columns that are rows too, they stand at 9 and 20.
          memories: [9, 21].map((k) => [...pixels.slice(16 * k, 16 * (k + 1))]),
          exact: await ebm.exactLikelihood(),
        };
      });
      const overlap = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
        a.reduce((sum, x, i) => sum + x * b[i], 0);
      assert.equal(overlap(found.memories[0], found.memories[1]), 0, 'the two have nothing in common');
      // −(1/2d) Σ_{i≠j} Σ ξᵢξⱼxᵢxⱼ, with the diagonal taken out of the squares.
      const energy = (/** @type {number[]} */ x) =>
        1 - found.memories.reduce((sum, m) => sum + overlap(m, x) ** 2, 0) / 32;
      for (let i = 0; i < 64; i++) {
        const x = found.particles.slice(16 * i, 16 * (i + 1));
        assert.ok(
          found.memories.some((m) => Math.abs(overlap(m, x)) === 16),
          `${x}`,
        );
        assert.ok(Math.abs(found.energies[i] + 7) < 1e-5 && energy(x) === -7);
      }
      const states = Array.from({ length: 2 ** 16 }, (_, s) =>
        Array.from({ length: 16 }, (_, i) => 2 * ((s >> i) & 1) - 1),
      );
      const logZ = Math.log(states.reduce((sum, x) => sum + Math.exp(-energy(x)), 0));
      assert.ok(Math.abs(found.exact.logPartition - logZ) < 1e-5, `${found.exact.logPartition} ${logZ}`);
      await page.getByText('All states counted').waitFor();
      await page.evaluate(() => ebm.step('update'));
      await page.locator('.caption').filter({ hasText: 'drawn anew from its law given the rest' }).waitFor();
      assert.deepEqual(problems, []);
    });
  });
}
