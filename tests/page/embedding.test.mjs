// The map of an embedding, energies of its pairs, and what is said of its spread.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { energyOf, meanEnergies, projected, squareAround } from '../../www/views/embedding-map.js';
import { effectiveRank, neighbourAgreement, principalAxes } from '../../www/views/spread.js';

const near = (/** @type {number} */ a, /** @type {number} */ b, off = 1e-6) =>
  assert.ok(Math.abs(a - b) < off, `${a} is not ${b}`);

test('principal axes are those of a cross', () => {
  const [a, b, angle] = [3, 1, 0.4];
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const points = [
    [a, 0],
    [-a, 0],
    [0, b],
    [0, -b],
  ].flatMap(([x, y]) => [5 + cos * x - sin * y, -3 + sin * x + cos * y]);
  const { deviations, directions } = principalAxes(Float32Array.from(points), 2);
  // Of four points two are off the centre along each axis.
  near(deviations[0], Math.sqrt((2 * a * a) / 3));
  near(deviations[1], Math.sqrt((2 * b * b) / 3));
  [
    [cos, sin],
    [-sin, cos],
  ].forEach((wanted, k) => {
    wanted.forEach((part, i) => {
      near(directions[k][i], part);
    });
  });
  for (const points of [[1, 2], [1, 2, Number.NaN, 0], []])
    assert.deepEqual(principalAxes(Float32Array.from(points), 2), { deviations: [], directions: [] });
});

test('the effective rank counts the axes in use', () => {
  near(effectiveRank([2, 0, 0]) ?? 0, 1);
  near(effectiveRank(new Array(5).fill(0.7)) ?? 0, 5);
  near(effectiveRank([3, 1]) ?? 0, Math.exp(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25)));
  assert.equal(effectiveRank([0, 0]), null);
  assert.equal(effectiveRank([]), null);
});

test('neighbours agree where classes lie apart', () => {
  const points = Float32Array.from([0, 0.1, 0.25, 5, 5.1, 5.3]);
  assert.equal(neighbourAgreement(points, 1, [0, 0, 0, 1, 1, 1]), 1);
  // The nearest of 0 is 0.1, of 0.1 is 0, of 0.25 is 0.1, of 5 is 5.1, of 5.1 is 5, of 5.3 is 5.1.
  assert.equal(neighbourAgreement(points, 1, [0, 0, 1, 1, 0, 0]), 0.5);
  assert.equal(neighbourAgreement(points, 1, [0]), null);
});

test('energies of pairs are squared distances over twice the temperature', () => {
  const [h, g] = [Float32Array.from([0, 0, 3, 4]), Float32Array.from([1, 0, 3, 5])];
  near(energyOf(h, 0, g, 0, 2, 0.25), 2);
  near(energyOf(h, 1, g, 1, 2, 0.5), 1);
  const { views, strangers } = meanEnergies(h, g, 2, 0.5);
  near(views, (1 + 1) / 2);
  near(strangers, (9 + 25 + (4 + 16)) / 2);
  assert.ok(Number.isNaN(meanEnergies(h.subarray(0, 2), g.subarray(0, 2), 2, 1).strangers));
});

test('the map shows two numbers as they are, one spread out, and more along their axes', () => {
  assert.deepEqual(projected([1, 2, 3, 4], 2, []), [
    [1, 2],
    [3, 4],
  ]);
  const line = projected([5, 6, 7], 1, []);
  assert.deepEqual(
    line.map(([x]) => x),
    [5, 6, 7],
  );
  assert.ok(new Set(line.map(([, y]) => y)).size === 3 && line.every(([, y]) => y >= -1 && y < 1));
  assert.deepEqual(
    projected([1, 2, 3], 3, [
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
    ]),
    [[3, 1]],
  );
  assert.deepEqual(
    squareAround([
      [0, 0],
      [4, 1],
    ]).centre,
    [2, 0.5],
  );
  near(
    squareAround([
      [0, 0],
      [4, 1],
    ]).half,
    2.2,
  );
  near(
    squareAround([
      [1, 1],
      [1.001, 1],
    ]).half,
    0.55,
    1e-3,
  );
  assert.deepEqual(squareAround([]), { centre: [0, 0], half: 0.5 });
});
