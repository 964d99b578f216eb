/** Moments of places, by quadrature and by chains, and the largest of some errors. */

/** Names and monomials. @type {[string, (x: number, y: number) => number][]} */
const MONOMIALS = [
  ['x', (x) => x],
  ['y', (_, y) => y],
  ['x²', (x) => x * x],
  ['xy', (x, y) => x * y],
  ['y²', (_, y) => y * y],
];

/** Largest of some errors; no number is the largest. @param {Float64Array} errors */
export const worst = (errors) => errors.reduce((most, e) => (Number.isNaN(most) || e <= most ? most : e), 0);

/** Largest difference, of the largest value. @param {ArrayLike<number>} got @param {Float64Array} expected */
export function farthest(got, expected) {
  const size = worst(expected.map(Math.abs));
  return worst(expected.map((v, i) => Math.abs(got[i] - v))) / size;
}

/** Means of the monomials under exp(−E), by the midpoint rule. @param {Float32Array} x [2n] @param {Float32Array} energy [n] */
export function quadratureMoments(x, energy) {
  const least = energy.reduce((low, e) => Math.min(low, e), Infinity);
  const sums = MONOMIALS.map(() => 0);
  let mass = 0;
  energy.forEach((e, i) => {
    const p = Math.exp(least - e);
    mass += p;
    MONOMIALS.forEach(([, of], k) => {
      sums[k] += p * of(x[2 * i], x[2 * i + 1]);
    });
  });
  return sums.map((sum) => sum / mass);
}

/**
 * Means of the monomials along chains that are independent of each other, with the standard errors that their own means show.
 * @param {Float32Array} rows Step by step: x and y of each chain, and one number more.
 * @param {number} steps
 */
export function moments(rows, steps) {
  const columns = rows.length / steps;
  const chains = (columns - 1) / 2;
  return MONOMIALS.map(([name, of]) => {
    const means = Array.from({ length: chains }, (_, c) => {
      let sum = 0;
      for (let s = 0; s < steps; s++) sum += of(rows[s * columns + 2 * c], rows[s * columns + 2 * c + 1]);
      return sum / steps;
    });
    const mean = means.reduce((sum, v) => sum + v, 0) / chains;
    const spread = means.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (chains - 1);
    return { name, mean, error: Math.sqrt(spread / chains) };
  });
}
