/** Histograms of energies over one range, and how the ends of a range are written. */

import { numberFormat } from '../views/ticks.js';

/** Bars of a histogram. */
export const BINS = 40;

/**
 * Shares of each series in equal bins of their common range, and that range. Values that are no number are left out.
 * @param {ArrayLike<number>[]} series
 */
export function histograms(series) {
  const all = series.map((values) => Array.from(values).filter(Number.isFinite));
  const range = [Math.min(...all.flat()), Math.max(...all.flat())];
  const [low, high] = Number.isFinite(range[0]) ? range : [0, 1];
  const width = Math.max(high - low, 1e-6) / BINS;
  const shares = all.map((values) => {
    const counts = new Array(BINS).fill(0);
    for (const value of values) counts[Math.min(BINS - 1, Math.floor((value - low) / width))] += 1 / values.length;
    return counts;
  });
  return { low, high: low + BINS * width, shares };
}

/** Most digits of an end: single precision has no more. */
const MOST_DIGITS = 8;

/** Both ends of a range, with as many digits as tell them apart. @param {string} locale @param {number} low @param {number} high @returns {[string, string]} */
export function endsText(locale, low, high) {
  for (let digits = 3; ; digits++) {
    const text = numberFormat(locale, digits);
    const ends = /** @type {[string, string]} */ ([text(low), text(high)]);
    if (ends[0] !== ends[1] || digits === MOST_DIGITS) return ends;
  }
}

/** The outline of a histogram as an SVG path. @param {number[]} shares @param {number} most @param {number} width @param {number} height */
export function outline(shares, most, width, height) {
  const step = width / shares.length;
  const y = (/** @type {number} */ share) => (height * (1 - share / most)).toFixed(2);
  const tops = shares.map((share, i) => `V${y(share)}H${((i + 1) * step).toFixed(2)}`).join('');
  return `M0,${height}${tops}V${height}Z`;
}
