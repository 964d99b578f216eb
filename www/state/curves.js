/**
 * The curves of a run, column by column, in bounded memory. Frames bring rows (the loss and its parts, every update) and now
 * and then figures that take a quadrature. Where the rows would become too many, each stands for twice as many updates as
 * before, so that a curve of any length keeps its shape, evenly from its first update to its last.
 */

/**
 * @typedef {object} Curves
 * @property {string[]} columns The first is `update`; the figures come last.
 * @property {Float32Array[]} series One array a column, all of one length, NaN where there is no value. Replaced, never
 * changed in place.
 * @property {number} stride Updates that a row stands for; it holds the last value of each.
 */

/** @type {Curves} */
export const NO_CURVES = { columns: [], series: [], stride: 1 };

/** Figures that are curves too. */
export const FIGURES = ['nll', 'kl', 'entropy', 'negativeElbo'];

/** Rows that are kept: several for each pixel of a chart. */
const MOST = 2048;

/**
 * Rows that start at or before the last known update (after a reset, a restored checkpoint or a step back) replace what lay
 * beyond them. Columns that an objective no longer has are dropped; new ones begin where they begin.
 * @param {Curves} curves
 * @param {{columns: string[], rows: Float32Array}} news Row-major.
 * @param {number} [most]
 * @returns {Curves}
 */
export function extendCurves(curves, news, most = MOST) {
  const width = news.columns.length;
  const added = width === 0 ? 0 : news.rows.length / width;
  if (added === 0) return curves;
  const columns = [...news.columns, ...FIGURES.filter((name) => !news.columns.includes(name))];
  const keep = curves.series.length === 0 ? 0 : rowsBefore(curves.series[0], news.rows[0]);
  const series = columns.map((name, c) => {
    const column = new Float32Array(keep + added).fill(Number.NaN);
    const old = curves.columns.indexOf(name);
    if (old >= 0) column.set(curves.series[old].subarray(0, keep));
    if (c < width) for (let r = 0; r < added; r++) column[keep + r] = news.rows[r * width + c];
    return column;
  });
  return bounded({ columns, series, stride: keep === 0 ? 1 : curves.stride }, most);
}

/**
 * Enters figures at the update that they are of, or at the last one known.
 * @param {Curves} curves
 * @param {Record<string, number | null>} metrics
 * @returns {Curves}
 */
export function enterFigures(curves, metrics) {
  const row = curves.series.length === 0 ? -1 : rowsBefore(curves.series[0], (metrics.update ?? Infinity) + 1) - 1;
  if (row < 0) return curves;
  const series = curves.series.map((column, c) => {
    const value = FIGURES.includes(curves.columns[c]) ? metrics[curves.columns[c]] : null;
    if (typeof value !== 'number') return column;
    const entered = column.slice();
    entered[row] = value;
    return entered;
  });
  return { ...curves, series };
}

/**
 * What is left once the clock went back to `update`.
 * @param {Curves} curves
 * @param {number} update
 * @returns {Curves}
 */
export function cutCurves(curves, update) {
  if (curves.series.length === 0) return curves;
  const keep = rowsBefore(curves.series[0], update + 1);
  if (keep === curves.series[0].length) return curves;
  return { ...curves, series: curves.series.map((column) => column.slice(0, keep)) };
}

/** Rows whose update lies below `bound`; updates grow. @param {Float32Array} updates @param {number} bound */
function rowsBefore(updates, bound) {
  let keep = updates.length;
  while (keep > 0 && updates[keep - 1] >= bound) keep--;
  return keep;
}

/** At most `most` rows: those of the same `stride` updates become one, and the stride doubles until they fit. @param {Curves} curves @param {number} most @returns {Curves} */
function bounded({ columns, series, stride }, most) {
  const updates = series[0];
  /** Whether row r is the last of its stride. @param {number} r */
  const ends = (r) => r + 1 === updates.length || slot(updates[r], stride) !== slot(updates[r + 1], stride);
  const count = () => updates.reduce((n, _, r) => n + Number(ends(r)), 0);
  let kept = count();
  while (kept > most) {
    stride *= 2;
    kept = count();
  }
  if (kept === updates.length) return { columns, series, stride };
  return { columns, series: series.map((column) => merged(column, kept, ends)), stride };
}

/** @param {number} update @param {number} stride */
function slot(update, stride) {
  return Math.ceil(update / stride);
}

/**
 * The last value of each stride; a figure among rows without one stands for them all.
 * @param {Float32Array} column
 * @param {number} kept
 * @param {(r: number) => boolean} ends
 */
function merged(column, kept, ends) {
  const result = new Float32Array(kept);
  let value = Number.NaN;
  for (let r = 0, k = 0; r < column.length; r++) {
    if (!Number.isNaN(column[r])) value = column[r];
    if (!ends(r)) continue;
    result[k++] = value;
    value = Number.NaN;
  }
  return result;
}
