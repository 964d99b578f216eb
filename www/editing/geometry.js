/**
 * What pointers hit: points are rows of a [2n] array in world units, and every function is pure, so that tools can be tested
 * without a screen.
 */

/**
 * The nearest point within a radius, or −1.
 * @param {ArrayLike<number>} points [2n]
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function nearest(points, x, y, radius) {
  let best = -1;
  let bound = radius * radius;
  for (let i = 0; i < points.length; i += 2) {
    const dx = points[i] - x;
    const dy = points[i + 1] - y;
    const d = dx * dx + dy * dy;
    if (d <= bound) {
      bound = d;
      best = i / 2;
    }
  }
  return best;
}

/**
 * Indices of the points within a radius of a straight stroke; a fast pointer leaves gaps between events, the stroke does not.
 * @param {ArrayLike<number>} points [2n]
 * @param {[number, number]} from
 * @param {[number, number]} to
 * @param {number} radius
 */
export function alongStroke(points, from, to, radius) {
  const [ax, ay] = from;
  const [vx, vy] = [to[0] - ax, to[1] - ay];
  const length2 = vx * vx + vy * vy;
  const found = [];
  for (let i = 0; i < points.length; i += 2) {
    const [px, py] = [points[i] - ax, points[i + 1] - ay];
    const t = length2 > 0 ? Math.min(1, Math.max(0, (px * vx + py * vy) / length2)) : 0;
    if ((px - t * vx) ** 2 + (py - t * vy) ** 2 <= radius * radius) found.push(i / 2);
  }
  return found;
}

/**
 * Indices of the points inside a closed polygon, by the even-odd rule: what a loop of the lasso crosses twice is outside.
 * @param {ArrayLike<number>} points [2n]
 * @param {[number, number][]} polygon
 */
export function inside(points, polygon) {
  const found = new Set();
  if (polygon.length < 3) return found;
  for (let i = 0; i < points.length; i += 2) if (contains(polygon, points[i], points[i + 1])) found.add(i / 2);
  return found;
}

/** @param {[number, number][]} polygon @param {number} x @param {number} y */
function contains(polygon, x, y) {
  let odd = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i];
    const [bx, by] = polygon[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

/**
 * Points spread evenly over a disc.
 * @param {number} count
 * @param {[number, number]} centre
 * @param {number} radius
 * @param {() => number} random Uniform in [0, 1).
 * @returns {Float32Array} [2 · count]
 */
export function sprayed(count, centre, radius, random) {
  const points = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    // The square root makes equal areas equally likely.
    const r = radius * Math.sqrt(random());
    const angle = 2 * Math.PI * random();
    points[2 * i] = centre[0] + r * Math.cos(angle);
    points[2 * i + 1] = centre[1] + r * Math.sin(angle);
  }
  return points;
}
