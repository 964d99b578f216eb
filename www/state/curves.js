/**
 * The curves of a run, column by column, in bounded memory: frames bring new rows, and beyond `most` rows every second one
 * is dropped, so that a curve of any length keeps its shape and its ends.
 */

/**
 * @typedef {object} Curves
 * @property {string[]} columns The first is `update`.
 * @property {Float32Array[]} series One array a column, all of one length. Replaced, never changed in place.
 */

/** @type {Curves} */
export const NO_CURVES = { columns: [], series: [] };

/**
 * Rows that start at or before the last known update (after a reset, a restored checkpoint or a step back) replace what
 * lay beyond them.
 * @param {Curves} curves
 * @param {{columns: string[], rows: Float32Array}} news Row-major.
 * @param {number} [most] Rows kept.
 * @returns {Curves}
 */
export function extendCurves(curves, news, most = 4096) {
  const width = news.columns.length;
  const added = width === 0 ? 0 : news.rows.length / width;
  if (added === 0) return curves;
  const same = curves.columns.length === width && curves.columns.every((c, i) => c === news.columns[i]);
  const known = same ? curves.series : news.columns.map(() => new Float32Array(0));
  const keep = rowsBefore(known[0], news.rows[0]);

  const total = keep + added;
  const stride = Math.ceil(total / most);
  const series = known.map((old, c) => {
    const column = new Float32Array(total);
    column.set(old.subarray(0, keep));
    for (let r = 0; r < added; r++) column[keep + r] = news.rows[r * width + c];
    return stride === 1 ? column : thin(column, stride);
  });
  return { columns: news.columns, series };
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

/** Every `stride`-th row, counted from the end so that the newest stays. @param {Float32Array} column @param {number} stride */
function thin(column, stride) {
  const kept = Math.ceil(column.length / stride);
  const result = new Float32Array(kept);
  for (let i = 0; i < kept; i++) result[kept - 1 - i] = column[column.length - 1 - i * stride];
  return result;
}
