/**
 * Sliders: between the whole-numbered position of a range input and the value of a parameter, evenly or by ratios, and how
 * values are written. A logarithmic slider over a range that begins at 0 keeps its first position for 0 itself.
 */

/** @typedef {{min: number, max: number, scale: 'linear' | 'log', whole: boolean}} Range */

/** Stops of a slider that has no coarser grid of its own. */
const STOPS = 240;

/** The same by ratios over whole numbers, of which the small ones are far apart. */
const WHOLE_STOPS = 80;

/** Decades of a logarithmic slider whose range begins at 0. */
const DECADES = 5;

/** @type {Map<string, number[]>} */
const known = new Map();

/**
 * The values that a slider stops at, each once and growing: a step by the keyboard always gets somewhere.
 * @param {Range} range
 * @returns {number[]}
 */
export function stops(range) {
  const { min, max, scale, whole } = range;
  const name = `${min} ${max} ${scale} ${whole}`;
  const found = known.get(name) ?? distinct(scale === 'log' ? byRatios(range) : evenly(range), range);
  known.set(name, found);
  return found;
}

/** @param {Range} range */
function evenly({ min, max, whole }) {
  const raw = (max - min) / STOPS;
  const power = 10 ** Math.floor(Math.log10(raw));
  const round = [1, 2, 5, 10].map((k) => k * power).find((step) => step >= raw * (1 - 1e-9)) ?? raw;
  const step = whole ? Math.max(1, Math.round(round)) : round;
  const first = Math.floor(min / step) + 1;
  return Array.from({ length: Math.ceil(max / step) - first }, (_, i) => Number(((first + i) * step).toPrecision(10)));
}

/** @param {Range} range */
function byRatios({ min, max, whole }) {
  const floor = min > 0 ? min : whole ? 1 : max * 10 ** -DECADES;
  const length = whole ? WHOLE_STOPS : STOPS;
  return Array.from({ length }, (_, i) => {
    const value = floor * (max / floor) ** (i / length);
    return whole ? Math.round(value) : Number(value.toPrecision(3));
  });
}

/** The ends, and what lies between them. @param {number[]} values @param {Range} range */
function distinct(values, { min, max }) {
  return [min, ...new Set(values.filter((value) => value > min && value < max)), max];
}

/** The last position; the first is 0. @param {Range} range */
export function positions(range) {
  return stops(range).length - 1;
}

/** The position nearest to a value. @param {number} value @param {Range} range @returns {number} */
export function toPosition(value, range) {
  const values = stops(range);
  const far = (/** @type {number} */ stop) =>
    range.scale === 'log' && stop > 0 && value > 0 ? Math.abs(Math.log(value / stop)) : Math.abs(value - stop);
  const above = values.findIndex((stop) => stop >= value);
  if (above === -1) return values.length - 1;
  return above > 0 && far(values[above - 1]) < far(values[above]) ? above - 1 : above;
}

/** @param {number} position @param {Range} range @returns {number} */
export function fromPosition(position, range) {
  const values = stops(range);
  return values[Math.min(values.length - 1, Math.max(0, position))];
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
