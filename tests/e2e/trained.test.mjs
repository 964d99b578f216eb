// The weights that come with the page, evaluated once more by another program.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { BACKENDS, unpackFloats, withPage } from './page.mjs';

const here = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));
/** The weights that come with the page, and what they are loaded into. */
const TRAINED = {
  mnist: { data: { id: 'mnist' }, particles: 1, objective: { id: 'denoising-score-matching' } },
  joint: { data: { id: 'mnist' }, particles: 1, model: { id: 'joint-cnn' }, objective: { id: 'cross-entropy' } },
};
const IMAGES = 100;
const PIXELS = 784;
const TOLERANCE = 1e-3;

/** The first digits, from −1 to 1. */
function digits() {
  const file = gunzipSync(readFileSync(here('../../www/pkg/mnist/images.idx.packed')));
  return Float32Array.from(file.subarray(16, 16 + IMAGES * PIXELS), (byte) => byte / 127.5 - 1);
}

const length = (/** @type {ArrayLike<number>} */ v) => Math.hypot(...Array.from(v));

const cases = BACKENDS.flatMap((backend) =>
  Object.entries(TRAINED).map(([name, config]) => ({ backend, name, config })),
);
for (const { backend, name, config } of cases) {
  test(`on ${backend} the energies and slopes of digits by ${name}.safetensors are those that NumPy finds`, async (t) => {
    const python = ['python3', '/usr/bin/python3'].find((p) => spawnSync(p, ['-c', 'import numpy']).status === 0);
    if (!python) return t.skip('NumPy is not there.');
    const x = digits();
    const file = here(`../../www/images/weights/${name}.safetensors`);
    const [weights, images] = [readFileSync(file), Buffer.from(x.buffer)].map((bytes) => bytes.toString('base64'));
    const found = await withPage({ backend, paused: true }, async ({ page, problems }) => {
      const packed = await page.evaluate(
        async ({ weights, images, config }) => {
          const bytes = (/** @type {string} */ text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          await ebm.pause();
          await ebm.load(config);
          await ebm.pause();
          await ebm.importWeights(bytes(weights));
          const x = new Float32Array(bytes(images).buffer);
          return { energy: pack(await ebm.energy(x)), score: pack(await ebm.score(x)) };
        },
        { weights, images, config },
      );
      assert.deepEqual(problems, []);
      return { energy: unpackFloats(packed.energy), score: unpackFloats(packed.score) };
    });
    const folder = mkdtempSync(path.join(tmpdir(), 'ebm-trained-'));
    try {
      writeFileSync(path.join(folder, 'images.f32'), Buffer.from(x.buffer));
      const arguments_ = [here('images.py'), file, path.join(folder, 'images.f32')];
      const { status, stdout, stderr } = spawnSync(python, arguments_, { encoding: 'utf8', maxBuffer: 1 << 28 });
      assert.equal(status, 0, stderr);
      const wanted = JSON.parse(stdout);
      // Energies of digits lie around 0: an error counts against the size of all of them.
      const size = length(wanted.energy) / Math.sqrt(IMAGES);
      const errors = Array.from(found.energy, (e, i) => Math.abs(e - wanted.energy[i]) / size);
      assert.equal(errors.length, IMAGES);
      const slopes = Array.from({ length: IMAGES }, (_, i) => {
        const [from, to] = [i * PIXELS, (i + 1) * PIXELS];
        const slope = wanted.slope.slice(from, to);
        return (
          length(slope.map((/** @type {number} */ g, /** @type {number} */ p) => g + found.score[from + p])) /
          length(slope)
        );
      });
      t.diagnostic(
        `largest errors: energy ${Math.max(...errors).toExponential(1)}, slope ${Math.max(...slopes).toExponential(1)}`,
      );
      assert.ok(Math.max(...errors) <= TOLERANCE, `${Math.max(...errors)}`);
      assert.ok(Math.max(...slopes) <= TOLERANCE, `${Math.max(...slopes)}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
