// The map of the latent space: places, grids and densities.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { densityOf, gridOf, linesOf, placeOf, pointOf, REACH, shadeOf } from '../../www/views/latent-map.js';

test('a place of the map is where its pixel is, and back', () => {
  const box = [300, 200];
  assert.deepEqual(pointOf([0, 0], box), [150, 100]);
  assert.deepEqual(pointOf([-REACH, REACH], box), [0, 0], 'the second axis points up');
  assert.deepEqual(placeOf([300, 200], box), [REACH, -REACH]);
  for (const place of [
    [1.3, -2.2],
    [-0.4, 3],
  ]) {
    const back = placeOf(pointOf(place, box), box);
    assert.ok(back.every((v, i) => Math.abs(v - place[i]) < 1e-12));
  }
});

test('a grid goes through the place where the variables that are not shown stay', () => {
  const z = [9, 8, 7];
  const grid = gridOf(z, [2, 0], 3);
  assert.equal(grid.length, 9 * 3);
  const step = (2 * REACH) / 3;
  const row = (/** @type {number} */ cell) => [...grid.slice(3 * cell, 3 * cell + 3)];
  // The top left cell: the first axis that is shown is least, the second most.
  const expected = [
    [step, 8, -step],
    [0, 8, 0],
    [-step, 8, step],
  ];
  [0, 4, 8].forEach((cell, i) => {
    row(cell).forEach((v, k) => {
      assert.ok(Math.abs(v - expected[i][k]) < 1e-6, `${cell} ${k}`);
    });
  });
  assert.equal(gridOf([0], [0], 5).length, 5);
  assert.ok(Math.abs(gridOf([0], [0], 5)[4] - 0.8 * REACH) < 1e-6);
});

test('densities of one variable are those of the prior and of the mean of the laws of the points', () => {
  const { prior, encoded } = densityOf([-1, Math.log(0.5), 1, Math.log(0.25)], 1281);
  const step = (2 * REACH) / 1280;
  const sum = (/** @type {number[]} */ values) => values.reduce((a, b) => a + b, 0) * step;
  // Beyond ±3.2 lies 0.14 % of the prior.
  assert.ok(Math.abs(sum(prior) - 0.99863) < 1e-4, `${sum(prior)}`);
  assert.ok(Math.abs(sum(encoded) - 1) < 1e-4, `${sum(encoded)}`);
  const at = (/** @type {number} */ z) => encoded[Math.round((z + REACH) / step)];
  // Each peak has half the weight of its law, 1/(2σ√2π), and a little of the other.
  assert.ok(Math.abs(at(-1) - 0.5 / (0.5 * Math.sqrt(2 * Math.PI))) < 1e-3 && at(1) > 1.9 * at(-1));
  assert.ok(densityOf([], 9).encoded.every((p) => p === 0));
});

test('lines are the one variable, or a lattice of two at whole numbers', () => {
  const [line] = linesOf(1);
  assert.deepEqual([line[0], line[120], line.at(-1)], [[-3], [0], [3]]);
  const lattice = linesOf(2);
  assert.equal(lattice.length, 14);
  assert.ok(lattice.every((places) => [0, 1].some((axis) => places.every((z) => z[axis] === places[0][axis]))));
});

test('the shade of a place is the square root of how likely it is, the likeliest being 1', () => {
  const flat = shadeOf(new Float32Array(9), 3);
  assert.equal(Math.max(...flat), 1);
  assert.equal(flat[4], 1, 'the middle');
  const place = (2 / 3) * REACH;
  assert.ok(Math.abs(flat[5] - Math.exp(-0.25 * place ** 2)) < 1e-12);
  // f that is smallest at one cell, by more than N(0, I) makes of it.
  const tilted = shadeOf([0, 0, 0, 0, 0, 0, 0, 0, -9], 3);
  assert.equal(tilted[8], 1);
  assert.ok(Math.abs(tilted[4] - Math.exp(0.5 * (-9 + place ** 2))) < 1e-12);
});
