/** Images that are none of the data, made of held-out ones: what a good energy should find strange. */

import { random } from '../state/starts.js';
import { PIXELS, SIDE } from './sheet.js';

/** Makes one image [784] of another. @typedef {(image: Float32Array, next: () => number) => Float32Array} Make */

/** Moved about at random (Durstenfeld 1964). @type {Make} */
const shuffled = (image, next) => {
  const pixels = image.slice();
  for (let i = PIXELS - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [pixels[i], pixels[j]] = [pixels[j], pixels[i]];
  }
  return pixels;
};

/** @type {Record<string, Make>} */
const MAKE = {
  noise: (image, next) => image.map(() => 2 * next() - 1),
  shuffled,
  inverted: (image) => image.map((x) => -x),
  // A quarter turn to the left.
  rotated: (image) => image.map((_, i) => image[SIDE * (i % SIDE) + SIDE - 1 - Math.floor(i / SIDE)]),
};

export const KINDS = Object.keys(MAKE);

/** The same ones every time. @param {string} kind One of KINDS. @param {Float32Array} images [784n] */
export function strange(kind, images) {
  const next = random(1);
  const out = new Float32Array(images.length);
  for (let first = 0; first < images.length; first += PIXELS)
    out.set(MAKE[kind](images.subarray(first, first + PIXELS), next), first);
  return out;
}
