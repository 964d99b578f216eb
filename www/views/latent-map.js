/** Places of the latent space on a map, and what is drawn of its laws. */

/** The map goes from −REACH to REACH along each axis. */
export const REACH = 3.2;

/** A place of the axes that are shown, in pixels of a box. @param {number[]} place @param {number[]} box @returns {number[]} */
export function pointOf([x, y = 0], [width, height]) {
  return [((x + REACH) / (2 * REACH)) * width, ((REACH - y) / (2 * REACH)) * height];
}

/** The place of a pixel. @param {number[]} point @param {number[]} box @returns {number[]} */
export function placeOf([x, y], [width, height]) {
  return [(x / width) * 2 * REACH - REACH, REACH - (y / height) * 2 * REACH];
}

/**
 * Latent variables at the centres of side × side cells of the map, the top row first, or of `side` cells of a line: all others are those
 * of a place.
 * @param {ArrayLike<number>} z @param {number[]} axes @param {number} side @returns {Float32Array} [cells · z.length]
 */
export function gridOf(z, axes, side) {
  const rows = axes.length === 1 ? 1 : side;
  const all = new Float32Array(rows * side * z.length);
  for (let cell = 0; cell < rows * side; cell++) {
    const point = [(cell % side) + 0.5, Math.floor(cell / side) + 0.5];
    const place = placeOf(point, [side, rows]);
    all.set(z, cell * z.length);
    axes.forEach((axis, i) => {
      all[cell * z.length + axis] = place[i];
    });
  }
  return all;
}

/**
 * Densities of one latent variable at even places from −REACH to REACH: the prior's, and that of a draw of the encoder's law of a point
 * that is drawn among all, which is the mean of their laws.
 * @param {ArrayLike<number>} encoded μ and ln σ of each point. @param {number} count
 */
export function densityOf(encoded, count) {
  const n = encoded.length / 2;
  const normal = (/** @type {number} */ x) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  const places = Array.from({ length: count }, (_, i) => REACH * ((2 * i) / (count - 1) - 1));
  const mean = (/** @type {number} */ z) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const sigma = Math.exp(encoded[2 * i + 1]);
      sum += normal((z - encoded[2 * i]) / sigma) / sigma;
    }
    return n === 0 ? 0 : sum / n;
  };
  return { prior: places.map(normal), encoded: places.map(mean) };
}

/**
 * How likely the cells of the map are under exp(−f) N(0, I), the likeliest 1, as square roots, which the eye tells apart better: all other
 * variables are those of a place, which changes nothing.
 * @param {ArrayLike<number>} tilt f at the cells, the top row first. @param {number} side
 */
export function shadeOf(tilt, side) {
  const energies = Array.from(tilt, (f, cell) => {
    const [x, y] = placeOf([(cell % side) + 0.5, Math.floor(cell / side) + 0.5], [side, side]);
    return f + 0.5 * (x * x + y * y);
  });
  const least = energies.reduce((least, e) => Math.min(least, e), Number.POSITIVE_INFINITY);
  return energies.map((e) => Math.exp(0.5 * (least - e)));
}

/**
 * Lines of the latent space, along which points of the plane are decoded: the one that there is, or those of a lattice.
 * @param {number} size Latent variables, 1 or 2. @returns {number[][][]} Places, line by line.
 */
export function linesOf(size) {
  const along = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => 3 * ((2 * i) / (n - 1) - 1));
  if (size === 1) return [along(241).map((z) => [z])];
  const at = [-3, -2, -1, 0, 1, 2, 3];
  return [...at.map((a) => along(61).map((b) => [a, b])), ...at.map((b) => along(61).map((a) => [a, b]))];
}
