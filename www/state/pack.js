/** Points as text: 12 bits a coordinate over [−6, 6], four characters a point, all of which survive chat programs. */

/** More points than this do not fit a link that people can send. */
export const MOST_POINTS = 4096;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.';
const BOUND = 6;
const LEVELS = 4095;

/** Coordinates beyond the range end at its edge. @param {Float32Array} points [2n] */
export function packPoints(points) {
  let text = '';
  /** @param {number} x */
  const level = (x) => Math.round(((Math.min(BOUND, Math.max(-BOUND, x)) + BOUND) / (2 * BOUND)) * LEVELS);
  for (let i = 0; i + 1 < points.length; i += 2) {
    const bits = level(points[i]) * 4096 + level(points[i + 1]);
    for (let shift = 18; shift >= 0; shift -= 6) text += ALPHABET[(bits >> shift) & 63];
  }
  return text;
}

/** @param {string} text @returns {Float32Array | null} [2n], or null where the text is no list of points. */
export function unpackPoints(text) {
  if (text.length % 4 !== 0 || text.length > 4 * MOST_POINTS) return null;
  const points = new Float32Array(text.length / 2);
  for (let i = 0; i < text.length; i += 4) {
    let bits = 0;
    for (let k = 0; k < 4; k++) {
      const six = ALPHABET.indexOf(text[i + k]);
      if (six < 0) return null;
      bits = bits * 64 + six;
    }
    points[i / 2] = ((bits >> 12) / LEVELS) * 2 * BOUND - BOUND;
    points[i / 2 + 1] = ((bits & 4095) / LEVELS) * 2 * BOUND - BOUND;
  }
  return points;
}
