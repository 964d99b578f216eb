/**
 * The curves of a run, column by column, in bounded memory. Frames bring rows (the loss and its parts, every update) and now
 * and then figures that take a quadrature; beyond `most` rows neighbouring ones are merged, so that a curve of any length
 * keeps its shape and its ends.
 */

/**
 * @typedef {object} Curves
 * @property {string[]} columns The first is `update`; the figures come last.
 * @property {Float32Array[]} series One array a column, all of one length, NaN where there is no value. Replaced, never
 * changed in place.
 */

/** @type {Curves} */
export const NO_CURVES = { columns: [], series: [] };

/** Figures that are curves too. */
export const FIGURES = ['nll', 'kl', 'entropy'];

/** Rows that are kept. */
const MOST = 4096;

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
  const total = keep + added;
  const stride = Math.ceil(total / most);
  const series = columns.map((name, c) => {
    const column = new Float32Array(total).fill(Number.NaN);
    const old = curves.columns.indexOf(name);
    if (old >= 0) column.set(curves.series[old].subarray(0, keep));
    if (c < width) for (let r = 0; r < added; r++) column[keep + r] = news.rows[r * width + c];
    return stride === 1 ? column : merged(column, stride);
  });
  return { columns, series };
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
  return { columns: curves.columns, series };
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
  return { columns: curves.columns, series: curves.series.map((column) => column.slice(0, keep)) };
}

/** Rows whose update lies below `bound`; updates grow. @param {Float32Array} updates @param {number} bound */
function rowsBefore(updates, bound) {
  let keep = updates.length;
  while (keep > 0 && updates[keep - 1] >= bound) keep--;
  return keep;
}

/**
 * The last value of every `stride` rows, counted from the end so that the newest stays; a figure among rows without one
 * stands for them all.
 * @param {Float32Array} column
 * @param {number} stride
 */
function merged(column, stride) {
  const kept = Math.ceil(column.length / stride);
  const result = new Float32Array(kept).fill(Number.NaN);
  for (let i = 0; i < kept; i++) {
    const last = column.length - 1 - i * stride;
    for (let r = last; r > last - stride && r >= 0 && Number.isNaN(result[kept - 1 - i]); r--)
      result[kept - 1 - i] = column[r];
  }
  return result;
}
