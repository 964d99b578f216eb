/** Laws over the cells of the world: shares of a density, and of where chains have been. */

import { HOME } from '../views/transform.js';

const HALF = HOME.span / 2;

import { random } from '../state/starts.js';

/**
 * The share of exp(−E) that falls into each of side² cells, from energies at the centres of finer ones, `finer` along each
 * side of a cell: a midpoint rule.
 * @param {Float32Array} energies [(side · finer)²], row by row.
 * @param {number} side
 * @param {number} finer
 */
export function shares(energies, side, finer) {
  const least = energies.reduce((low, e) => Math.min(low, e), Infinity);
  const out = new Float64Array(side * side);
  const columns = side * finer;
  let sum = 0;
  energies.forEach((energy, i) => {
    const mass = Math.exp(least - energy);
    const [row, column] = [Math.floor(i / columns), i % columns];
    out[Math.floor(row / finer) * side + Math.floor(column / finer)] += mass;
    sum += mass;
  });
  return out.map((mass) => mass / sum);
}

/** The share of points in each cell; those outside the world count, and lie in none. @param {Float32Array[]} all @param {number} side */
export function gather(all, side) {
  const out = new Float32Array(side * side);
  let count = 0;
  for (const points of all) {
    count += points.length / 2;
    for (let i = 0; i < points.length; i += 2) {
      const column = Math.floor(((points[i] + HALF) / HOME.span) * side);
      const row = Math.floor(((points[i + 1] + HALF) / HOME.span) * side);
      if (column >= 0 && column < side && row >= 0 && row < side) out[row * side + column]++;
    }
  }
  return out.map((n) => n / count);
}

/** Independent draws of a law, uniform within their cells, [2n]. @param {Float64Array} law @param {number} side @param {number} count @param {number} seed */
export function drawFrom(law, side, count, seed) {
  const next = random(seed);
  const sums = new Float64Array(law.length);
  law.reduce((sum, share, i) => (sums[i] = sum + share), 0);
  const out = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const u = next() * sums[sums.length - 1];
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > u) high = middle;
      else low = middle + 1;
    }
    const at = (/** @type {number} */ cell) => -HALF + (HOME.span * (cell + next())) / side;
    out.set([at(low % side), at(Math.floor(low / side))], 2 * i);
  }
  return out;
}

/** Half the sum of the differences, and half of what lies in no cell. @param {Float64Array} exact @param {Float32Array} law */
export function totalVariation(exact, law) {
  let [off, sum] = [0, 0];
  exact.forEach((share, i) => {
    off += Math.abs(law[i] - share);
    sum += law[i];
  });
  return 0.5 * (off + Math.max(0, 1 - sum));
}
