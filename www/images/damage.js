/** Images of which a part is hidden under noise, for samples to fill in while the rest is held. */

import { PIXELS, SIDE } from './sheet.js';

/** Which pixels are free: 1 where one may change, 0 where it is held, [784]. @typedef {Float32Array} Free */

/** @type {Record<string, (x: number, y: number) => boolean>} */
const PARTS = {
  right: (x) => x >= SIDE / 2,
  lower: (_, y) => y >= SIDE / 2,
  all: () => true,
  none: () => false,
};

export const PART_NAMES = Object.keys(PARTS);

/** A part of the image is free. @param {string} name One of PART_NAMES. @returns {Free} */
export const part = (name) =>
  Float32Array.from({ length: PIXELS }, (_, i) => Number(PARTS[name](i % SIDE, Math.floor(i / SIDE))));

/** A place on an image, in pixels. @typedef {{x: number, y: number}} Place */

/**
 * The same with everything free as well that is no farther than a radius from a stroke.
 * @param {Free} free @param {Place} from @param {Place} to @param {number} radius In pixels. @returns {Free}
 */
export function brushed(free, from, to, radius) {
  const [u, v] = [to.x - from.x, to.y - from.y];
  const length = u * u + v * v;
  return free.map((known, i) => {
    const [x, y] = [(i % SIDE) + 0.5 - from.x, Math.floor(i / SIDE) + 0.5 - from.y];
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, (x * u + y * v) / length));
    return Math.hypot(x - along * u, y - along * v) <= radius ? 1 : known;
  });
}

/**
 * Free pixels are mixed with uniform noise, of which `share` is the part.
 * @param {Float32Array} image [784] @param {Free} free @param {number} share From 0 to 1. @param {() => number} next Uniform in [0, 1).
 */
export const damaged = (image, free, share, next) =>
  image.map((x, i) => (free[i] === 0 ? x : (1 - share) * x + share * (2 * next() - 1)));

/** How many pixels are free. @param {Free} free */
export const area = (free) => free.reduce((sum, one) => sum + one, 0);

/** Root mean square difference over the free pixels; null where none is. @param {ArrayLike<number>} sample @param {Float32Array} image @param {Free} free */
export function distance(sample, image, free) {
  let [sum, count] = [0, 0];
  for (let i = 0; i < PIXELS; i++)
    if (free[i] === 1) {
      sum += (sample[i] - image[i]) ** 2;
      count++;
    }
  return count === 0 ? null : Math.sqrt(sum / count);
}
