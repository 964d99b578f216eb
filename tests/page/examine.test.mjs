// Laws over cells and figures of values, as the dialog that looks closer uses them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beyond, drawFrom, gather, shares, totalVariation } from '../../www/examine/law.js';
import { farthest, moments, quadratureMoments, worst } from '../../www/examine/moments.js';
import { correlation, histogram, mean, range, rootMeanSquare } from '../../www/examine/statistics.js';
import { join } from '../../www/examine/tensors.js';
import { readSafetensors } from '../e2e/safetensors.mjs';

const SIDE = 8;
const FINER = 8;

/** E = |x|²/2 at the centres of the finer cells of [−4, 4]², but for a constant. */
const gaussian = Float32Array.from({ length: (SIDE * FINER) ** 2 }, (_, i) => {
  const at = (/** @type {number} */ k) => -4 + (8 * (k + 0.5)) / (SIDE * FINER);
  return (at(i % (SIDE * FINER)) ** 2 + at(Math.floor(i / (SIDE * FINER))) ** 2) / 2 + 1000;
});

const outside = Float32Array.from(
  { length: beyond.points.length / 2 },
  (_, i) => (beyond.points[2 * i] ** 2 + beyond.points[2 * i + 1] ** 2) / 2 + 1000,
);

test('the share of a cell is the integral over it', () => {
  const law = shares(gaussian, SIDE, FINER, outside);
  assert.ok(Math.abs(law.reduce((sum, v) => sum + v, 0) - 1) < 1e-12);
  // Of a standard normal: P(0 < x < 1) = 0.3413447, and the midpoint rule errs by h²/24 of the slopes' change.
  const side = 0.3413447;
  const cell = law[(SIDE / 2) * SIDE + SIDE / 2];
  assert.ok(Math.abs(cell / side ** 2 - 1) < (1 / FINER) ** 2 / 6, `${cell}, expected ${side ** 2}`);
  // P(|x| > 4 or |y| > 4) = 1 − 0.99993666², by coarser cells, the outermost of which see the steepest flank.
  const around = law.slice(SIDE * SIDE).reduce((sum, v) => sum + v, 0);
  assert.ok(Math.abs(around / (1 - 0.99993666 ** 2) - 1) < 0.15, `${around}`);
});

test('draws follow the law that they are drawn from', () => {
  const law = shares(gaussian, SIDE, FINER, outside);
  const draws = drawFrom(law, SIDE, 100_000, 3);
  assert.deepEqual(draws, drawFrom(law, SIDE, 100_000, 3));
  const found = gather([draws], SIDE);
  const chi = law
    .slice(0, SIDE * SIDE)
    .reduce((sum, share, i) => (share > 1e-4 ? sum + (1e5 * (found[i] - share) ** 2) / share : sum), 0);
  const cells = law.filter((share) => share > 1e-4).length;
  assert.ok(Math.abs(chi - cells) < 5 * Math.sqrt(2 * cells), `χ² ${chi} over ${cells} cells`);
});

test('total variation is 0 for the law itself, 1 for what shares nothing with it, and what is outside counts', () => {
  const law = new Float64Array([0.5, 0.5, 0, 0]);
  assert.equal(totalVariation(law, new Float32Array([0.5, 0.5, 0, 0]), 2), 0);
  assert.equal(totalVariation(law, new Float32Array([0, 0, 1, 0]), 2), 1);
  const half = gather([new Float32Array([-3, -3, 1, -3, 9, 0, 9, 0])], 2);
  assert.equal(totalVariation(law, half, 2), 0.5);
  // Half of the law itself lies around: what is there is as it should be.
  assert.equal(totalVariation(new Float64Array([0.25, 0.25, 0, 0, 0.3, 0.2]), half, 2), 0);
  const law2 = new Float64Array([0, 0, 0, 0, ...beyond.points.filter((_, i) => i % 2 === 0).fill(1)]);
  assert.deepEqual([...gather([drawFrom(law2, 2, 50, 1)], 2)], [0, 0, 0, 0]);
});

test('figures of values', () => {
  const values = new Float32Array([1, 2, 3, 4]);
  assert.equal(mean(values), 2.5);
  assert.equal(rootMeanSquare(new Float32Array([3, -4])), Math.sqrt(12.5));
  assert.deepEqual(range([values, new Float32Array([NaN, -1, Infinity])]), [-1, 4]);
  assert.deepEqual(histogram(values, 1, 4, 3), [0.25, 0.25, 0.5]);
  assert.ok(Math.abs(correlation(values, new Float32Array([12, 14, 16, 18])) - 1) < 1e-12);
  assert.ok(Math.abs(correlation(values, new Float32Array([-1, -2, -3, -4])) + 1) < 1e-12);
});

test('moments by quadrature are those of the law, and those of independent chains lie within their errors', () => {
  const x = Float32Array.from({ length: 2 * 100 * 100 }, (_, i) => {
    const cell = i % 2 === 0 ? (i / 2) % 100 : Math.floor(i / 200);
    return -8 + 0.16 * (cell + 0.5);
  });
  // N((1, −1/2), diag(1, 1/4)).
  const energy = Float32Array.from(
    { length: 100 * 100 },
    (_, i) => (x[2 * i] - 1) ** 2 / 2 + 2 * (x[2 * i + 1] + 0.5) ** 2,
  );
  const expected = [1, -0.5, 2, -0.5, 0.5];
  quadratureMoments(x, energy).forEach((m, i) => {
    assert.ok(Math.abs(m - expected[i]) < 1e-5, `${m}, expected ${expected[i]}`);
  });
  // 50 chains of 20 draws each, from a congruential generator through Box and Muller.
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const rows = Float32Array.from({ length: 20 * 101 }, (_, i) => {
    const column = i % 101;
    return column === 100 ? 1 : column % 2 === 0 ? 1 + normal() : -0.5 + normal() / 2;
  });
  moments(rows, 20).forEach(({ mean, error }, i) => {
    assert.ok(Math.abs(mean - expected[i]) < 4 * error, `${mean} ± ${error}, expected ${expected[i]}`);
  });
  // The error of the mean of 1,000 independent draws, known to 1/√(2 · 49) of itself.
  assert.ok(Math.abs(moments(rows, 20)[0].error / Math.sqrt(1 / 1000) - 1) < 0.4);
});

test('no number is the worst of errors', () => {
  assert.equal(worst(new Float64Array([1, 3, 2])), 3);
  for (const errors of [
    [Number.NaN, 1, 2],
    [1, Number.NaN, 2],
    [1, 2, Number.NaN],
  ]) {
    assert.ok(Number.isNaN(worst(new Float64Array(errors))));
    assert.ok(Number.isNaN(farthest(errors, new Float64Array([1, 1, 1]))));
  }
  assert.equal(farthest([1, 2.5], new Float64Array([1, 2])), 0.25);
});

test('weights are put together under new names', () => {
  /** @param {Record<string, number[]>} tensors */
  const file = (tensors) => {
    let at = 0;
    const header = Object.fromEntries(
      Object.entries(tensors).map(([name, values]) => {
        const from = at;
        at += 4 * values.length;
        return [name, { dtype: 'F32', shape: [values.length], data_offsets: [from, at] }];
      }),
    );
    const text = new TextEncoder().encode(JSON.stringify({ __metadata__: { config: '{}' }, ...header }));
    const bytes = new Uint8Array(8 + text.length + at);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    bytes.set(new Uint8Array(Float32Array.from(Object.values(tensors).flat()).buffer), 8 + text.length);
    return bytes;
  };
  const joined = join([
    { prefix: 'first.', bytes: file({ a: [1, 2, 3], b: [4] }) },
    { prefix: 'second.', bytes: file({ a: [5, 6] }) },
  ]);
  const { tensors } = readSafetensors(joined);
  assert.deepEqual(Object.fromEntries(Object.entries(tensors).map(([name, { values }]) => [name, [...values]])), {
    'first.a': [1, 2, 3],
    'first.b': [4],
    'second.a': [5, 6],
  });
});
