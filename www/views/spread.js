/** What an embedding of points is like: along which axes it spreads, how many of them it uses, and whether like points are neighbours in it. */

import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/**
 * @typedef {object} Axes Principal axes, the widest first.
 * @property {number[]} deviations Standard deviation of the points along each.
 * @property {number[][]} directions Of length 1; the largest entry of each is positive.
 */

/**
 * Principal axes of points; none where there are fewer than two, or where one is no number.
 * @param {Float32Array} points [n · size] @param {number} size @returns {Axes}
 */
export function principalAxes(points, size) {
  const n = points.length / size;
  if (n < 2 || !points.every(Number.isFinite)) return { deviations: [], directions: [] };
  const rows = Matrix.from1DArray(n, size, points).center('column');
  const covariance = rows
    .transpose()
    .mmul(rows)
    .div(n - 1);
  const found = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = found.realEigenvalues
    .map((_, k) => k)
    .sort((a, b) => found.realEigenvalues[b] - found.realEigenvalues[a]);
  const direction = (/** @type {number} */ k) => {
    const axis = found.eigenvectorMatrix.getColumn(k);
    const largest = axis.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most), 0);
    return axis.map((v) => v * Math.sign(largest));
  };
  return {
    // Rounding may leave a variance of nothing below 0.
    deviations: order.map((k) => Math.sqrt(Math.max(0, found.realEigenvalues[k]))),
    directions: order.map(direction),
  };
}

/**
 * How many axes points use: the exponential of the entropy of their deviations along the principal ones, as parts of the sum (Roy &
 * Vetterli 2007). 1 where they lie on a line, as many as there are axes where they spread evenly; null where they lie in one place.
 * @param {number[]} deviations
 */
export function effectiveRank(deviations) {
  const sum = deviations.reduce((sum, d) => sum + d, 0);
  if (!(sum > 0)) return null;
  const entropy = deviations.reduce((sum_, d) => (d > 0 ? sum_ - (d / sum) * Math.log(d / sum) : sum_), 0);
  return Math.exp(entropy);
}

/**
 * The share of points whose nearest other point is of the same class; null of fewer than two. Of several that are equally near the first
 * one is asked.
 * @param {Float32Array} points [n · size] @param {number} size @param {ArrayLike<number>} classes [n]
 */
export function neighbourAgreement(points, size, classes) {
  const n = classes.length;
  if (n < 2) return null;
  let agree = 0;
  for (let i = 0; i < n; i++) {
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      let squared = 0;
      for (let k = 0; k < size; k++) squared += (points[i * size + k] - points[j * size + k]) ** 2;
      if (squared < least) [nearest, least] = [j, squared];
    }
    if (nearest >= 0 && classes[nearest] === classes[i]) agree += 1;
  }
  return agree / n;
}
