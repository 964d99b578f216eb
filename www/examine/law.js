/**
 * Laws over the cells of the world and over larger ones around it: shares of a density, and of where chains have been. A law is a
 * list of the cells' shares, row by row from below, with those around the world behind.
 */

import { random } from '../state/starts.js';
import { HOME } from '../views/transform.js';

const HALF = HOME.span / 2;

/** The cells around the world: their width, how far they reach, and their centres [2n]. */
const WIDTH = 0.4;
const REACH = 16;
export const beyond = { width: WIDTH, points: around() };

function around() {
  const side = Math.round((2 * REACH) / WIDTH);
  const at = (/** @type {number} */ i) => -REACH + WIDTH * (i + 0.5);
  const out = [];
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [at(i % side), at(Math.floor(i / side))];
    if (Math.max(Math.abs(x), Math.abs(y)) > HALF) out.push(x, y);
  }
  return new Float32Array(out);
}

/**
 * The law of exp(−E), by the midpoint rule.
 * @param {Float32Array} inside Energies at the centres of finer cells of the world, `finer` along each side of a cell.
 * @param {number} side
 * @param {number} finer
 * @param {Float32Array} outside Energies at the centres of the cells around it.
 */
export function shares(inside, side, finer, outside) {
  const least = [inside, outside].reduce((low, all) => all.reduce((l, e) => Math.min(l, e), low), Infinity);
  const out = new Float64Array(side * side + outside.length);
  const columns = side * finer;
  const area = (HOME.span / columns) ** 2;
  inside.forEach((energy, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    out[Math.floor(row / finer) * side + Math.floor(column / finer)] += area * Math.exp(least - energy);
  });
  outside.forEach((energy, i) => {
    out[side * side + i] = WIDTH * WIDTH * Math.exp(least - energy);
  });
  const sum = out.reduce((total, mass) => total + mass, 0);
  return out.map((mass) => mass / sum);
}

/** The share of points in each cell of the world; those around it count, and lie in none. @param {Float32Array[]} all @param {number} side */
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
  law.reduce((sum, share, i) => {
    sums[i] = sum + share;
    return sums[i];
  }, 0);
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
    const k = 2 * (low - side * side);
    const near = (/** @type {number} */ centre) => centre + WIDTH * (next() - 0.5);
    const place =
      k < 0 ? [at(low % side), at(Math.floor(low / side))] : [near(beyond.points[k]), near(beyond.points[k + 1])];
    out.set(place, 2 * i);
  }
  return out;
}

/** Half the sum of the differences over the cells of the world and over what lies around it, taken as one. @param {Float64Array} exact @param {Float32Array} law Of the world. @param {number} side */
export function totalVariation(exact, law, side) {
  let [off, inside, found] = [0, 0, 0];
  for (let i = 0; i < side * side; i++) {
    off += Math.abs(law[i] - exact[i]);
    inside += exact[i];
    found += law[i];
  }
  return 0.5 * (off + Math.abs(inside - found));
}
