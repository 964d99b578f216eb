/** Figures of many values. */

/** @param {Float32Array} values */
export const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** @param {Float32Array} values */
export const rootMeanSquare = (values) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

/** Least and largest of the finite ones. @param {Float32Array[]} all @returns {[number, number]} */
export function range(all) {
  let [low, high] = [Infinity, -Infinity];
  for (const values of all) {
    for (const v of values) {
      if (!Number.isFinite(v)) continue;
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
  }
  return [low, high];
}

/** Shares of the values by bin; the last bin holds its upper end. @param {Float32Array} values @param {number} low @param {number} high @param {number} bins */
export function histogram(values, low, high, bins) {
  const counts = new Array(bins).fill(0);
  for (const v of values) {
    const bin = Math.floor(((v - low) / (high - low || 1)) * bins);
    if (bin >= 0 && bin <= bins) counts[Math.min(bins - 1, bin)] += 1 / values.length;
  }
  return counts;
}

/** Pearson's correlation: a shift of either makes no difference. @param {Float32Array} a @param {Float32Array} b */
export function correlation(a, b) {
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i] - ma, b[i] - mb];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab / Math.sqrt(aa * bb);
}
