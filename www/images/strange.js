/** Images that are none of the data, made of held-out ones: what a good energy should find strange. */

import { random } from '../state/starts.js';

/** Makes one image [side²] of another. @typedef {(image: Float32Array, next: () => number, side: number) => Float32Array} Make */

/** Moved about at random (Durstenfeld 1964). @type {Make} */
const shuffled = (image, next) => {
  const pixels = image.slice();
  for (let i = pixels.length - 1; i > 0; i--) {
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
  rotated: (image, _, side) => image.map((_, i) => image[side * (i % side) + side - 1 - Math.floor(i / side)]),
};

export const KINDS = Object.keys(MAKE);

/** The same ones every time. @param {string} kind One of KINDS. @param {Float32Array} images [n · side²] @param {number} side */
export function strange(kind, images, side) {
  const next = random(1);
  const out = new Float32Array(images.length);
  for (let first = 0; first < images.length; first += side ** 2)
    out.set(MAKE[kind](images.subarray(first, first + side ** 2), next, side), first);
  return out;
}
