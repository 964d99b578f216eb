/** The plane through three images: coordinates on it, the images that lie there, and how far others are from it. */

import { PIXELS } from './sheet.js';

/** Half the side of the square that is shown, and how much larger it is than the triangle of the images. */
const HALF = 4;
const ROOM = 1.4;
/** An image nearer than this to the line through the two others spans no plane with them. */
const LEAST = 1e-3;

/**
 * A plane of images. Its coordinates run over the square [−4, 4]²; distances are Euclidean, over pixels from −1 to 1.
 * @typedef {object} Plane
 * @property {Float32Array} middle [784], the image of the square's middle.
 * @property {[Float32Array, Float32Array]} axes [784] each, orthonormal.
 * @property {number} unit Distance of one unit of the square.
 */

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
const product = (a, b) => {
  let sum = 0;
  for (let i = 0; i < PIXELS; i++) sum += a[i] * b[i];
  return sum;
};
/** @param {Float32Array} a @param {ArrayLike<number>} b @param {number} k a + k b */
const plus = (a, b, k) => a.map((x, i) => x + k * b[i]);

/**
 * @param {Float32Array} a @param {Float32Array} b @param {Float32Array} c [784] each.
 * @returns {Plane | null} Null where they lie on a line.
 */
export function planeThrough(a, b, c) {
  const along = plus(b, a, -1);
  const length = Math.sqrt(product(along, along));
  const e1 = along.map((x) => x / length);
  const other = plus(c, a, -1);
  const u = product(other, e1);
  const across = plus(other, e1, -u);
  const v = Math.sqrt(product(across, across));
  if (!(length > LEAST && v > LEAST)) return null;
  const e2 = across.map((x) => x / v);
  // The box of the triangle (0, 0), (length, 0), (u, v).
  const [left, right] = [Math.min(0, u), Math.max(length, u)];
  return {
    middle: plus(plus(a, e1, (left + right) / 2), e2, v / 2),
    axes: [e1, e2],
    unit: (ROOM * Math.max(right - left, v)) / (2 * HALF),
  };
}

/** The image at a place of the square, [784]; it may have pixels beyond −1 and 1. @param {Plane} plane @param {number} x @param {number} y */
export const imageOf = ({ middle, axes, unit }, x, y) => plus(plus(middle, axes[0], unit * x), axes[1], unit * y);

/** Where an image [784] is dropped onto the plane, and its distance from there. @param {Plane} plane @param {Float32Array} image */
export function placeOf({ middle, axes, unit }, image) {
  const from = plus(image, middle, -1);
  const [u, v] = axes.map((axis) => product(from, axis));
  const away = Math.sqrt(Math.max(0, product(from, from) - u * u - v * v));
  return { x: u / unit, y: v / unit, away };
}

/** The images of a row of a grid of cells, [side · 784]; row 0 is the lowest. @param {Plane} plane @param {number} side @param {number} row */
export function rowOf(plane, side, row) {
  const at = (/** @type {number} */ i) => -HALF + (2 * HALF * (i + 0.5)) / side;
  const out = new Float32Array(side * PIXELS);
  for (let i = 0; i < side; i++) out.set(imageOf(plane, at(i), at(row)), i * PIXELS);
  return out;
}
