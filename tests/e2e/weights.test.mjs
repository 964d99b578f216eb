// What the page says of an energy is what its exported weights say elsewhere, and on the other backend.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BACKENDS, load, unpackBytes, unpackFloats, withPage } from './page.mjs';
import { energyOf, readSafetensors } from './safetensors.mjs';

const CONFIG = { version: 1, seed: 11, data: { id: 'pinwheel' } };

/** A grid that covers the world, no point of it special to the features. Rounded to f32, as the page will. */
const GRID = Array.from(
  new Float32Array(
    Array.from({ length: 1024 }, (_, i) => [-3.9 + 0.251 * (i % 32), -3.9 + 0.251 * Math.floor(i / 32)]).flat(),
  ),
);

/** Relative to each value, but for values near zero to the size of all: differences of f32 sums are of that size. */
const TOLERANCE = 1e-4;

/** @param {ArrayLike<number>} got @param {ArrayLike<number>} expected @param {string} what */
function assertClose(got, expected, what) {
  assert.equal(got.length, expected.length, what);
  const size = Math.sqrt(Array.from(expected).reduce((sum, v) => sum + v * v, 0) / expected.length);
  const errors = Array.from(expected, (v, i) => Math.abs(got[i] - v) / Math.max(Math.abs(v), size));
  const worst = Math.max(...errors);
  assert.ok(worst <= TOLERANCE, `${what}: ${worst} apart at [${GRID.slice(2 * errors.indexOf(worst)).slice(0, 2)}]`);
}

/** @param {import('playwright-core').Page} page */
async function landscape(page) {
  const packed = await page.evaluate(
    async (grid) => ({
      weights: pack(await ebm.exportWeights()),
      energy: pack(await ebm.energy(grid)),
      score: pack(await ebm.score(grid)),
    }),
    GRID,
  );
  return { weights: packed.weights, energy: unpackFloats(packed.energy), score: unpackFloats(packed.score) };
}

/**
 * Imports a weights file → the refusal, or null.
 * @param {import('playwright-core').Page} page
 * @param {string} file In base 64.
 * @returns {Promise<string | null>}
 */
const importWeights = (page, file) =>
  page.evaluate((file) => {
    const bytes = Uint8Array.from(atob(file), (c) => c.charCodeAt(0));
    return ebm.importWeights(bytes).then(
      () => null,
      (/** @type {Error} */ error) => error.message,
    );
  }, file);

for (const backend of BACKENDS) {
  test(`weights trained on ${backend} give the page's energies when another program evaluates them`, async (t) => {
    const { weights, energy } = await withPage({ backend, paused: true }, async ({ page }) => {
      await load(page, CONFIG);
      await page.evaluate(() => ebm.train(100));
      return landscape(page);
    });
    const bytes = unpackBytes(weights);
    const file = readSafetensors(bytes);
    assert.deepEqual(file.tensors['layers.0.weight'].shape, [128, 14]);
    assert.deepEqual(file.tensors['layers.2.bias'].shape, [1]);
    assert.equal(JSON.parse(file.metadata.config).data.id, 'pinwheel');
    assertClose(energy, energyOf(file, GRID), 'energies in JavaScript');

    const python = ['python3', '/usr/bin/python3'].find((p) => spawnSync(p, ['-c', 'import numpy']).status === 0);
    if (!python) return t.diagnostic('NumPy is not there: evaluated in JavaScript alone.');
    const folder = mkdtempSync(path.join(tmpdir(), 'ebm-weights-'));
    try {
      const [model, points] = [path.join(folder, 'weights.safetensors'), path.join(folder, 'points.json')];
      writeFileSync(model, bytes);
      writeFileSync(points, JSON.stringify(GRID));
      const script = fileURLToPath(new URL('./weights.py', import.meta.url));
      const { status, stdout, stderr } = spawnSync(python, [script, model, points], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assertClose(energy, JSON.parse(stdout), 'energies in NumPy');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test('both backends give the same energies and scores for the same weights', async () => {
  const cpu = await withPage({ backend: 'wasm', paused: true }, async ({ page }) => {
    await load(page, CONFIG);
    await page.evaluate(() => ebm.train(100));
    return landscape(page);
  });
  const gpu = await withPage({ backend: 'webgpu', paused: true }, async ({ page }) => {
    await load(page, CONFIG);
    assert.equal(await importWeights(page, cpu.weights), null);
    return landscape(page);
  });
  assertClose(gpu.energy, cpu.energy, 'energies');
  assertClose(gpu.score, cpu.score, 'scores');
});

test('a weights file that is wrong is refused in one sentence and changes nothing', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await load(page, CONFIG);
    const before = await landscape(page);
    const good = unpackBytes(before.weights);
    const refused = [Buffer.alloc(0), Buffer.of(1, 2, 3), good.slice(0, -4), good.slice().fill(255, 0, 8)];
    for (const bytes of refused) {
      const message = await importWeights(page, Buffer.from(bytes).toString('base64'));
      assert.match(message ?? 'accepted', /^weights\b.*\.$/s);
    }
    // Two layers where this file has three.
    await page.evaluate(() => ebm.configure({ model: { widths: [16] } }));
    assert.match((await importWeights(page, before.weights)) ?? 'accepted', /layers\./);
    await load(page, CONFIG);
    assert.deepEqual((await landscape(page)).energy, before.energy);
    assert.deepEqual(problems, []);
  });
});
