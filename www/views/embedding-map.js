/** Where embeddings lie on a map, and how far they are apart. */

/** Share of the map that is left free around the points. */
const MARGIN = 0.1;
/** Half the side of the smallest map: what has collapsed looks collapsed. */
const LEAST = 0.5;

/**
 * The two coordinates of embeddings on the map: their own where there are two, the number itself and an even spread across where there is
 * one, and else those along two directions.
 * @param {ArrayLike<number>} points [n · size] @param {number} size @param {number[][]} directions
 * @returns {number[][]} [n][2]
 */
export function projected(points, size, directions) {
  const along = (/** @type {number} */ i, /** @type {number[]} */ direction) =>
    direction.reduce((sum, part, k) => sum + part * points[i * size + k], 0);
  return Array.from({ length: points.length / size }, (_, i) => {
    // Multiples of the golden ratio spread evenly however many there are.
    if (size === 1) return [points[i], ((i * 0.618034) % 1) * 2 - 1];
    if (size === 2) return [points[2 * i], points[2 * i + 1]];
    return directions.slice(0, 2).map((direction) => along(i, direction));
  });
}

/** The square around places, as its centre and half its side. @param {number[][]} places */
export function squareAround(places) {
  const ends = [0, 1].map((axis) =>
    places.reduce(
      ([low, high], place) => [Math.min(low, place[axis]), Math.max(high, place[axis])],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ),
  );
  if (places.length === 0) return { centre: [0, 0], half: LEAST };
  const half = Math.max(...ends.map(([low, high]) => (high - low) / 2), LEAST) * (1 + MARGIN);
  return { centre: ends.map(([low, high]) => (low + high) / 2), half };
}

/**
 * |h − g|²/(2τ) of a row of h with a row of g.
 * @param {ArrayLike<number>} h @param {number} i @param {ArrayLike<number>} g @param {number} j @param {number} size @param {number} temperature
 */
export function energyOf(h, i, g, j, size, temperature) {
  let squared = 0;
  for (let k = 0; k < size; k++) squared += (h[i * size + k] - g[j * size + k]) ** 2;
  return squared / (2 * temperature);
}

/**
 * Mean energies of the two views of a point, and of views of two different points.
 * @param {ArrayLike<number>} h First views [n · size]. @param {ArrayLike<number>} g Second ones. @param {number} size @param {number} temperature
 */
export function meanEnergies(h, g, size, temperature) {
  const n = h.length / size;
  if (n === 0) return { views: Number.NaN, strangers: Number.NaN };
  let [views, strangers] = [0, 0];
  for (let i = 0; i < n; i++) {
    views += energyOf(h, i, g, i, size, temperature) / n;
    for (let j = 0; j < n; j++) if (j !== i) strangers += energyOf(h, i, g, j, size, temperature) / (n * (n - 1));
  }
  return { views, strangers: n > 1 ? strangers : Number.NaN };
}
