/** Round numbers on an axis, and their text. */

/**
 * The round step (1, 2 or 5 times a power of ten) that divides `span` into about `count` parts.
 * @param {number} span Positive.
 * @param {number} count Positive.
 */
export function niceStep(span, count) {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const part = rough / power;
  // The geometric means between 1, 2, 5 and 10: each round number takes what is nearest to it by ratio.
  const round = part >= Math.sqrt(50) ? 10 : part >= Math.sqrt(10) ? 5 : part >= Math.SQRT2 ? 2 : 1;
  return round * power;
}

/**
 * Multiples of a step within [from, to].
 * @param {number} from
 * @param {number} to
 * @param {number} step
 */
export function multiples(from, to, step) {
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const result = [];
  // A multiple is one product, so that no rounding error adds up along the axis; `+ 0` turns −0 into 0.
  for (let k = first; k <= last; k++) result.push(step < 1 ? k / Math.round(1 / step) + 0 : k * step + 0);
  return result;
}

/**
 * Writes numbers that lie `step` apart with just the digits that tell them apart.
 * @param {string} locale
 * @param {number} step
 */
export function tickFormat(locale, step) {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (digits > 4) {
    const scientific = new Intl.NumberFormat(locale, { notation: 'scientific', maximumSignificantDigits: 2 });
    return (/** @type {number} */ x) => minus(scientific.format(x));
  }
  const plain = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (/** @type {number} */ x) => minus(plain.format(x));
}

/**
 * Writes a measured number with some significant digits: 0.01234 → 0.0123, 12345 → 12,345, 1.2e-7 → 1.2E-7.
 * @param {string} locale
 * @param {number} [digits]
 */
export function numberFormat(locale, digits = 3) {
  const plain = new Intl.NumberFormat(locale, { maximumSignificantDigits: digits });
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const scientific = new Intl.NumberFormat(locale, { notation: 'scientific', maximumSignificantDigits: digits });
  return (/** @type {number | null | undefined} */ x) => {
    if (x === null || x === undefined || !Number.isFinite(x)) return '–';
    const size = Math.abs(x);
    if (size !== 0 && (size < 1e-4 || size >= 1e9)) return minus(scientific.format(x));
    return minus((size >= 10 ** digits ? whole : plain).format(x));
  };
}

/**
 * Writes a vector with as many decimals as its larger component needs for three significant digits.
 * @param {string} locale
 * @param {ArrayLike<number>} v [2]
 */
export function vectorText(locale, v) {
  const size = Math.max(Math.abs(v[0]), Math.abs(v[1]));
  const digits = size > 0 ? Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(size)))) : 0;
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `(${minus(format.format(v[0]))}, ${minus(format.format(v[1]))})`;
}

/** The typographic minus is as wide as a digit, so that columns of live numbers stand still. @param {string} text */
function minus(text) {
  // What rounds to nothing has no sign.
  return /[1-9]/.test(text) ? text.replace('-', '−') : text.replace('-', '');
}
