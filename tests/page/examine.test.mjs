// Laws over cells and figures of values, as the dialog that looks closer uses them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawFrom, gather, shares, totalVariation } from '../../www/examine/law.js';
import { correlation, histogram, mean, range, rootMeanSquare } from '../../www/examine/statistics.js';

const SIDE = 8;
const FINER = 8;

/** E = |x|²/2 at the centres of the finer cells of [−4, 4]², but for a constant. */
const gaussian = Float32Array.from({ length: (SIDE * FINER) ** 2 }, (_, i) => {
  const at = (/** @type {number} */ k) => -4 + (8 * (k + 0.5)) / (SIDE * FINER);
  return (at(i % (SIDE * FINER)) ** 2 + at(Math.floor(i / (SIDE * FINER))) ** 2) / 2 + 1000;
});

test('the share of a cell is the integral over it', () => {
  const law = shares(gaussian, SIDE, FINER);
  assert.ok(Math.abs(law.reduce((sum, v) => sum + v, 0) - 1) < 1e-12);
  // Of a standard normal on [−4, 4]: P(0 < x < 1) = 0.3413447/0.9999367, and the midpoint rule errs by h²/24 of the slopes' change.
  const side = 0.3413447 / 0.9999367;
  const cell = law[(SIDE / 2) * SIDE + SIDE / 2];
  assert.ok(Math.abs(cell / side ** 2 - 1) < (1 / FINER) ** 2 / 6, `${cell}, expected ${side ** 2}`);
});

test('draws follow the law that they are drawn from', () => {
  const law = shares(gaussian, SIDE, FINER);
  const draws = drawFrom(law, SIDE, 100_000, 3);
  assert.deepEqual(draws, drawFrom(law, SIDE, 100_000, 3));
  const found = gather([draws], SIDE);
  const chi = law.reduce((sum, share, i) => (share > 1e-4 ? sum + (1e5 * (found[i] - share) ** 2) / share : sum), 0);
  const cells = law.filter((share) => share > 1e-4).length;
  assert.ok(Math.abs(chi - cells) < 5 * Math.sqrt(2 * cells), `χ² ${chi} over ${cells} cells`);
});

test('total variation is 0 for the law itself, 1 for what shares nothing with it, and what is outside counts', () => {
  const law = new Float64Array([0.5, 0.5, 0, 0]);
  assert.equal(totalVariation(law, new Float32Array([0.5, 0.5, 0, 0])), 0);
  assert.equal(totalVariation(law, new Float32Array([0, 0, 1, 0])), 1);
  assert.equal(totalVariation(law, gather([new Float32Array([-3, -3, 1, -3, 9, 0, 9, 0])], 2)), 0.5);
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
