// Where things lie: world and plot, contour lines, score arrows, the terrain's surface.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrowLength, medianLength } from '../../www/views/arrows.js';
import { energyLevels } from '../../www/views/contours.js';
import { lowestPoint } from '../../www/views/describe.js';
import { isolines } from '../../www/views/isolines.js';
import { lensScale } from '../../www/views/lens.js';
import { rounded, sides, surfaceHeight } from '../../www/views/relief.js';
import { HOME, makeTransform, panned, zoomed } from '../../www/views/transform.js';

/** @param {number} a @param {number} b @param {number} tolerance */
const near = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

/** @param {(x: number, y: number) => number} f @param {number} n */
function sampled(f, n) {
  return Float32Array.from({ length: n * n }, (_, i) => f((i % n) / (n - 1), Math.floor(i / n) / (n - 1)));
}

test('the world square fills the shorter side, y upwards', () => {
  const t = makeTransform(HOME, 1000, 600);
  assert.equal(t.y(4), 0);
  assert.equal(t.y(-4), 600);
  assert.equal(t.x(0), 500);
  assert.equal(t.x(4) - t.x(-4), 600);
});

test('screen and world are inverse to one another, and the extent is what the corners see', () => {
  const t = makeTransform({ centre: [1.5, -0.75], span: 3 }, 390, 844);
  for (const [x, y] of [
    [0, 0],
    [1.5, -0.75],
    [-7, 3],
  ]) {
    near(t.worldX(t.x(x)), x, 1e-12);
    near(t.worldY(t.y(y)), y, 1e-12);
  }
  const corners = [t.worldX(0), t.worldX(390), t.worldY(844), t.worldY(0)];
  for (const [i, edge] of t.extent.entries()) near(edge, corners[i], 1e-12);
});

test('zooming keeps the point under the cursor', () => {
  const view = { centre: /** @type {[number, number]} */ ([0.5, -1]), span: 5 };
  const at = /** @type {[number, number]} */ ([2, 1]);
  const before = makeTransform(view, 800, 600);
  const after = makeTransform(zoomed(view, 2, at), 800, 600);
  near(after.x(at[0]), before.x(at[0]), 1e-9);
  near(after.y(at[1]), before.y(at[1]), 1e-9);
  assert.equal(after.scale, 2 * before.scale);
});

test('zoom and pan stop at their limits', () => {
  let view = HOME;
  for (let i = 0; i < 100; i++) view = zoomed(view, 2, [3, 3]);
  assert.equal(view.span, 0.05);
  for (let i = 0; i < 100; i++) view = zoomed(view, 0.5, [0, 0]);
  assert.equal(view.span, 32);
  assert.deepEqual(panned(HOME, -1000, 1000).centre, [12, -12]);
});

test('panning moves the content with the pointer', () => {
  const t = makeTransform(panned(HOME, 1, -2), 800, 800);
  const home = makeTransform(HOME, 800, 800);
  assert.equal(t.x(0), home.x(1));
  assert.equal(t.y(0), home.y(-2));
});

test('isolines of a plane are where the plane has the level', () => {
  const n = 9;
  const values = sampled((x, y) => 2 * x + y, n);
  let pieces = 0;
  isolines(values, n, n, [0.5, 1.3, 2.2], (x0, y0, x1, y1, level) => {
    pieces++;
    // Values are f32: three roundings of numbers up to 3, and a division by a slope of at least 1/8.
    for (const [x, y] of [
      [x0, y0],
      [x1, y1],
    ])
      near((2 * x + y) / (n - 1), [0.5, 1.3, 2.2][level], 3e-6);
  });
  // Each level crosses at least as many cells as the grid is high.
  assert.ok(pieces >= 3 * (n - 1) - 3, `${pieces} pieces`);
});

test('the isoline of a circle closes: every end is the end of exactly two pieces', () => {
  const n = 32;
  const values = sampled((x, y) => (x - 0.5) ** 2 + (y - 0.5) ** 2, n);
  /** @type {Map<string, number>} */
  const ends = new Map();
  let length = 0;
  isolines(values, n, n, [0.16], (x0, y0, x1, y1) => {
    length += Math.hypot(x1 - x0, y1 - y0) / (n - 1);
    for (const key of [`${x0.toFixed(4)} ${y0.toFixed(4)}`, `${x1.toFixed(4)} ${y1.toFixed(4)}`])
      ends.set(key, (ends.get(key) ?? 0) + 1);
  });
  assert.ok(ends.size > 40);
  for (const [end, count] of ends) assert.equal(count, 2, end);
  // Chords of cells of 1/31 on a radius of 0.4 fall short of the arc by (1/31)²·2/(24·0.16) ≈ 0.05 %, and f32 adds less.
  near(length, 2 * Math.PI * 0.4, 0.01 * 2 * Math.PI * 0.4);
});

test('a saddle is joined as its middle says', () => {
  /** @type {number[][]} */
  const pieces = [];
  const push = (/** @type {number[]} */ ...piece) => pieces.push(piece);
  // High corners lower left and upper right; the mean 0.5 + 0.1 lies above the level 0.5: they are one ridge.
  isolines([1.1, 0, 0.1, 1.2], 2, 2, [0.5], push);
  assert.equal(pieces.length, 2);
  for (const [x0, y0, x1, y1] of pieces) {
    const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
    // Pieces of a ridge from lower left to upper right cut off the two low corners.
    assert.ok(mx > my === (mx > 0.5 || my < 0.5));
    assert.ok(Math.abs(mx - my) > 0.3);
  }
});

test('no isoline crosses a flat grid or a level outside its values', () => {
  const piece = () => assert.fail('a piece');
  isolines(new Float32Array(16).fill(1), 4, 4, [1, 2], piece);
  isolines(
    sampled((x) => x, 4),
    4,
    4,
    [-1, 1.5],
    piece,
  );
  isolines(
    sampled((x) => x, 4),
    4,
    4,
    [],
    piece,
  );
});

test('density lines are energy lines at E = −log p − log Z, ascending', () => {
  const scale = /** @type {any} */ ({ quantity: 'density', levels: [0.1, 0.2, 0.4] });
  const levels = energyLevels(scale, 1.5);
  assert.deepEqual(
    levels,
    [0.4, 0.2, 0.1].map((p) => -Math.log(p) - 1.5),
  );
  assert.ok(levels[0] < levels[1] && levels[1] < levels[2]);
  assert.deepEqual(energyLevels({ .../** @type {any} */ (scale), quantity: 'energy' }, 1.5), [0.1, 0.2, 0.4]);
});

test('score arrows grow with the score and never leave their cell', () => {
  assert.equal(arrowLength(0, 0, 30), 0);
  assert.equal(arrowLength(5, 5, 30), 0.45 * 30);
  let last = 0;
  for (const size of [0.1, 1, 10, 1e3, 1e6]) {
    const length = arrowLength(size, 1, 30);
    assert.ok(length > last && length < 30);
    last = length;
  }
  assert.equal(medianLength(Float32Array.of(3, 4, 0, 0, 6, 8)), 5);
});

test('the lowest point of a landscape is at the middle of its cell', () => {
  const energy = new Float32Array(12).fill(3);
  energy[6] = -1;
  assert.deepEqual(
    lowestPoint({ columns: 4, rows: 3, extent: [0, 8, 0, 3], energy, logZ: 0, minimum: -1, maximum: 3 }),
    { energy: -1, x: 5, y: 1.5 },
  );
});

test('the lens shows the longest arrow at 72 % of its radius', () => {
  const move = { position: [1, 1], drift: [0.03, 0.04], noise: [0, 0.1], proposal: [1.03, 1.14] };
  const longest = Math.hypot(0.03, 0.14);
  near(lensScale(move, 68) * longest, 0.72 * 68, 1e-9);
  const still = { position: [1, 1], drift: [0, 0], noise: [0, 0], proposal: [1, 1] };
  assert.ok(Number.isFinite(lensScale(still, 68)));
});

test('the height between cells is bilinear and held at the rim', () => {
  const grid = { columns: 2, rows: 2, extent: /** @type {[number, number, number, number]} */ ([0, 2, 0, 2]) };
  const height = [0, 1, 2, 3];
  assert.equal(surfaceHeight(grid, height, 0.5, 0.5), 0);
  assert.equal(surfaceHeight(grid, height, 1, 1), 1.5);
  assert.equal(surfaceHeight(grid, height, 1.25, 0.5), 0.75);
  assert.equal(surfaceHeight(grid, height, -9, 9), 2);
});

test('the terrain is as wide as its extent and its mountains end below 1, without a step', () => {
  assert.deepEqual(sides([-4, 4, -2, 2]), [1, 0.5]);
  let last = rounded(-0.05);
  for (let place = 0; place < 6; place += 0.01) {
    const height = rounded(place);
    assert.ok(height > last && height < 1 && height - last < 0.06);
    last = height;
  }
  assert.equal(rounded(0.5), 0.5);
});
