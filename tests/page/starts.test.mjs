// Where samples start by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { places } from '../../www/state/starts.js';

const from = { seed: 7, world: /** @type {[number, number]} */ ([-4, 4]), pool: [0, 1, 2, 3, -1, 5] };

test('noise fills the world evenly, and the same moment gives the same noise', () => {
  const N = 20_000;
  const x = places('noise', N, from);
  assert.deepEqual(places('noise', N, from), x);
  assert.notDeepEqual(places('noise', N, { ...from, seed: 8 }), x);
  assert.ok(x.every((c) => c >= -4 && c < 4));
  // Of uniform numbers on [−4, 4] the mean is 0 and the mean square 16/3, whose standard deviations are 2.31 and 4.77.
  const mean = (/** @type {(c: number) => number} */ f) => x.reduce((sum, c) => sum + f(c), 0) / x.length;
  assert.ok(Math.abs(mean((c) => c)) < (4 * 2.31) / Math.sqrt(2 * N));
  assert.ok(Math.abs(mean((c) => c * c) - 16 / 3) < (4 * 4.77) / Math.sqrt(2 * N));
});

test('data and buffer are drawn from as they are, and a point is a point', () => {
  const drawn = places('data', 600, from);
  const counts = new Map();
  for (let i = 0; i < 600; i++) {
    const name = `${drawn[2 * i]},${drawn[2 * i + 1]}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), ['-1,5', '0,1', '2,3']);
  // 200 each, within four standard deviations of a third of 600.
  for (const count of counts.values())
    assert.ok(Math.abs(count - 200) < 4 * Math.sqrt(600 * (1 / 3) * (2 / 3)), `${count}`);
  assert.deepEqual([...places([1.5, -2], 2, from)], [1.5, -2, 1.5, -2]);
});
