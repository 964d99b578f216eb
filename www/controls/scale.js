/**
 * Sliders: between the whole-numbered position of a range input and the value of a parameter, evenly or by ratios, and how
 * values are written. A logarithmic slider over a range that begins at 0 keeps its first position for 0 itself.
 */

/** @typedef {{min: number, max: number, scale: 'linear' | 'log', whole: boolean}} Range */

/** Positions of a slider that has no coarser grid of its own. */
const POSITIONS = 240;

/** Decades of a logarithmic slider whose range begins at 0. */
const DECADES = 5;

/** @param {Range} range @returns {number} The smallest value that is not 0. */
const floorOf = ({ min, max, whole }) => (min > 0 ? min : whole ? 1 : max * 10 ** -DECADES);

/** Smallest step of 1, 2 or 5 times a power of ten that divides the range into at most POSITIONS. @param {Range} range */
export function stepOf({ min, max, whole }) {
  const raw = (max - min) / POSITIONS;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= raw * (1 - 1e-9)) ?? raw;
  return whole ? Math.max(1, Math.round(step)) : step;
}

/** The last position; the first is 0. @param {Range} range */
export function positions(range) {
  return range.scale === 'log' ? POSITIONS : Math.max(1, Math.round((range.max - range.min) / stepOf(range)));
}

/** @param {number} value @param {Range} range @returns {number} */
export function toPosition(value, range) {
  const last = positions(range);
  if (range.scale === 'linear')
    return clamp(Math.round(((value - range.min) / (range.max - range.min)) * last), 0, last);
  const floor = floorOf(range);
  const first = range.min > 0 ? 0 : 1;
  if (value < floor) return 0;
  const share = Math.log(value / floor) / Math.log(range.max / floor);
  return clamp(first + Math.round(share * (last - first)), 0, last);
}

/** @param {number} position @param {Range} range @returns {number} */
export function fromPosition(position, range) {
  const last = positions(range);
  if (position >= last) return range.max;
  if (position <= 0) return range.min;
  if (range.scale === 'linear') {
    const step = stepOf(range);
    const value = range.min + ((range.max - range.min) * position) / last;
    return tidy(Math.round(value / step) * step, range);
  }
  const floor = floorOf(range);
  const first = range.min > 0 ? 0 : 1;
  const value = floor * (range.max / floor) ** ((position - first) / (last - first));
  return tidy(Number(value.toPrecision(2)), range);
}

/** Without the dust of binary fractions, and within the range. @param {number} value @param {Range} range */
function tidy(value, { min, max, whole }) {
  const clean = whole ? Math.round(value) : Number(value.toPrecision(10));
  return clamp(clean, min, max);
}

/** The middle of a slider: where a value starts that was automatic until now. @param {Range} range */
export function middle(range) {
  return fromPosition(Math.round(positions(range) / 2), range);
}

/**
 * A typed number: plain or scientific, in half- or full-width digits. What is no number comes back as the text itself, for
 * the core to refuse in its own words.
 * @param {string} text
 * @returns {number | string}
 */
export function parseEntry(text) {
  const plain = text.normalize('NFKC').replace('−', '-').trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : plain;
}

/** How a control writes its value: at most five significant digits, no exponent between 10⁻⁴ and 10⁷. @param {number} value */
export function writeValue(value) {
  const short = Number(value.toPrecision(5));
  const size = Math.abs(short);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return short.toExponential().replace('e+', 'e');
  return String(short);
}

/** @param {number} x @param {number} low @param {number} high */
function clamp(x, low, high) {
  return Math.min(high, Math.max(low, x));
}
