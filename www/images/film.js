/** A film of chains: where they were step by step, and their energies. Images are kept as bytes, a quarter of their numbers. */

/**
 * @typedef {object} Film
 * @property {Uint8Array[]} frames
 * @property {Float32Array[]} energies [n] each.
 */

/** @returns {Film} */
export const emptyFilm = () => ({ frames: [], energies: [] });

/** @param {Film} film @param {Float32Array} images @param {Float32Array} energies */
export function addFrame(film, images, energies) {
  film.frames.push(Uint8Array.from(images, (x) => Math.round(127.5 * (Math.min(1, Math.max(-1, x)) + 1))));
  film.energies.push(energies);
}

/** All images of a frame, [n · d] from −1 to 1. @param {Film} film @param {number} at */
export const imagesAt = (film, at) => Float32Array.from(film.frames[at], (byte) => byte / 127.5 - 1);

/** What the next step changes of an image, [d]; null where there is none. @param {Film} film @param {number} at @param {number} chain */
export function changeAt(film, at, chain) {
  const [now, next] = [film.frames[at], film.frames[at + 1]];
  if (next === undefined) return null;
  const pixels = now.length / film.energies[at].length;
  const first = chain * pixels;
  return Float32Array.from({ length: pixels }, (_, p) => (next[first + p] - now[first + p]) / 127.5);
}

/** The energy of a chain over the film. @param {Film} film @param {number} chain */
export const energiesOf = (film, chain) => film.energies.map((energies) => energies[chain]);

/**
 * A line through values, as the points of an SVG polyline in a box; null where a value is no number.
 * @param {number[]} values @param {number} width @param {number} height
 */
export function polyline(values, width, height) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0 || !Number.isFinite(low) || !Number.isFinite(high)) return null;
  const x = (/** @type {number} */ i) => (values.length > 1 ? (i / (values.length - 1)) * width : 0);
  const y = (/** @type {number} */ v) => (high > low ? height * (1 - (v - low) / (high - low)) : height / 2);
  return { low, high, points: values.map((v, i) => `${x(i).toFixed(2)},${y(v).toFixed(2)}`).join(' ') };
}
