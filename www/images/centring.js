/**
 * What a drawing becomes before an energy of digits sees it, as MNIST's digits were made (LeCun, Cortes & Burges): the ink is
 * scaled to fit a box of 20 × 20 pixels, then moved so that its centre of mass is the middle of 28 × 28.
 */

import { PIXELS, SIDE } from './sheet.js';

/** Side of the box that the ink fits. */
const BOX = 20;
/** Ink below this is none: the soft edge of a brush. */
const LEAST = 0.05;

/**
 * @param {Float32Array} ink [height · width] from 0 to 1. @param {number} width
 * @returns {Float32Array | null} [784] from −1 to 1; null where nothing is drawn.
 */
export function centred(ink, width) {
  const height = ink.length / width;
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (ink[y * width + x] > LEAST) {
        [left, right] = [Math.min(left, x), Math.max(right, x)];
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      }
  if (right < 0) return null;
  const [columns, rows] = [right - left + 1, bottom - top + 1];
  const cell = Math.max(columns, rows) / BOX;
  const [w, h] = [columns, rows].map((n) => Math.max(1, Math.round(n / cell)));
  /** The mean ink of a cell of the box. @param {number} i @param {number} j */
  const mean = (i, j) => {
    const [x0, y0] = [left + i * cell, top + j * cell];
    let [sum, count] = [0, 0];
    for (let y = Math.floor(y0); y < Math.max(Math.floor(y0) + 1, y0 + cell); y++)
      for (let x = Math.floor(x0); x < Math.max(Math.floor(x0) + 1, x0 + cell); x++) {
        count++;
        if (x < width && y < height) sum += ink[y * width + x];
      }
    return sum / count;
  };
  const small = Array.from({ length: w * h }, (_, k) => mean(k % w, Math.floor(k / w)));
  const total = small.reduce((sum, v) => sum + v, 0);
  const moment = (/** @type {(k: number) => number} */ at) => small.reduce((sum, v, k) => sum + v * at(k), 0) / total;
  // The middle of 28 pixels lies between the fourteenth and the fifteenth.
  const middle = (SIDE - 1) / 2;
  const dx = Math.round(middle - moment((k) => k % w));
  const dy = Math.round(middle - moment((k) => Math.floor(k / w)));
  const out = new Float32Array(PIXELS).fill(-1);
  small.forEach((v, k) => {
    const [x, y] = [(k % w) + dx, Math.floor(k / w) + dy];
    if (x >= 0 && x < SIDE && y >= 0 && y < SIDE) out[y * SIDE + x] = 2 * Math.min(1, v) - 1;
  });
  return out;
}

/** The share of values that are below x. @param {ArrayLike<number>} values @param {number} x */
export function shareBelow(values, x) {
  return Array.from(values).filter((value) => value < x).length / Math.max(1, values.length);
}
