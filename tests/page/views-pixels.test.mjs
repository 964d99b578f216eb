// Markers and trails written as pixels.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { over, pictureOf, stampAll } from '../../www/views/stamps.js';
import { drawPiece, makePlane, moves, paint, trailPixels } from '../../www/views/trails.js';
import { makeTransform } from '../../www/views/transform.js';

const alpha = (/** @type {number} */ pixel) => pixel >>> 24;
const OPAQUE = 0xff336699 | 0;
const HALF = 0x80ffffff | 0;

test('one pixel over another follows Porter and Duff', () => {
  assert.equal(over(OPAQUE, 0xff000000 | 0), OPAQUE);
  assert.equal(over(HALF, 0), HALF);
  const onBlack = over(HALF, 0xff000000 | 0);
  assert.equal(alpha(onBlack), 255);
  // 255 · 128/255 is 128; shares in 256ths put it one off at most.
  for (const shift of [0, 8, 16]) assert.ok(Math.abs(((onBlack >>> shift) & 255) - 128) <= 1);
  const onHalf = over(HALF, 0x80000000 | 0);
  // 128 + 128 · 127/255 = 191.7, and white's share of it is 128/191.7.
  assert.equal(alpha(onHalf), 192);
  for (const shift of [0, 8, 16]) assert.ok(Math.abs(((onHalf >>> shift) & 255) - 170) <= 1);
});

/** A stamp of one cross with an opaque middle, the same at every phase. */
function crossStamp() {
  const pixels = new Int32Array(9);
  pixels[4] = OPAQUE;
  for (const i of [1, 3, 5, 7]) pixels[i] = HALF;
  const picture = pictureOf(pixels, 1);
  return { reach: 1, pictures: Array.from({ length: 16 }, () => picture) };
}

test('a picture lists covered pixels only, the opaque ones first', () => {
  const { x, y, colour, opaque } = crossStamp().pictures[0];
  assert.equal(opaque, 1);
  assert.deepEqual([x[0], y[0], colour[0]], [0, 0, OPAQUE]);
  assert.equal(x.length, 5);
  for (let k = 1; k < 5; k++) assert.equal(Math.abs(x[k]) + Math.abs(y[k]), 1);
});

test('stamps land on their points, at the edge too, and nowhere else', () => {
  const transform = makeTransform({ centre: [0, 0], span: 8 }, 8, 8);
  const plane = { pixels: new Int32Array(64), width: 8, height: 8 };
  stampAll(plane, [0, 0, -4, 4, 100, 0, Number.NaN, 0], transform, 1, crossStamp());
  const covered = [...plane.pixels.keys()].filter((i) => plane.pixels[i] !== 0);
  assert.deepEqual(covered, [0, 1, 8, 28, 35, 36, 37, 44]);
  assert.equal(plane.pixels[36], OPAQUE);
  assert.equal(plane.pixels[0], OPAQUE);
});

test('the phase of a stamp is the quarter of a pixel that its point lies at', () => {
  const transform = makeTransform({ centre: [0, 0], span: 8 }, 8, 8);
  const pictures = Array.from({ length: 16 }, (_, k) =>
    pictureOf(Int32Array.of(0, 0, 0, 0, (0xff << 24) | k, 0, 0, 0, 0), 1),
  );
  for (const [dx, dy] of [
    [0, 0],
    [0.25, 0],
    [0.5, 0.75],
  ]) {
    const plane = { pixels: new Int32Array(64), width: 8, height: 8 };
    stampAll(plane, [dx, -dy], transform, 1, { reach: 1, pictures });
    assert.equal(plane.pixels[36] & 255, 4 * (4 * dy) + 4 * dx);
  }
});

test('moves join what moved, and neither what rested nor what started anew', () => {
  /** @type {number[][]} */
  const pieces = [];
  moves([0, 0, 1, 1, 2, 2], [0.1, 0, 1, 1, -3, 2], (...piece) => pieces.push(piece));
  assert.deepEqual(pieces, [[0, 0, 0.1, 0]]);
  moves([0, 0], [0, 0, 1, 1], () => assert.fail('another number of particles'));
});

test('a piece of trail covers each of its columns once in sum, and stays inside the plane', () => {
  const { bytes } = makePlane(20 * 10);
  drawPiece(bytes, 20, 10, 2, 3.25, 12, 5.75);
  for (let x = 2; x <= 12; x++) {
    let sum = 0;
    for (let y = 0; y < 10; y++) sum += bytes[20 * y + x];
    assert.ok(sum >= 254 && sum <= 255, `column ${x}: ${sum}`);
  }
  const other = makePlane(20 * 10);
  drawPiece(other.bytes, 20, 10, 5, -30, 5, 40);
  assert.equal(other.bytes.filter((v) => v > 0).length, 10);
  const still = makePlane(20 * 10);
  drawPiece(still.bytes, 20, 10, 5, 5, 5, 5);
  assert.equal(still.bytes[105], 255);
});

test('a trail fades with every move, to nothing, and holds while nothing moves', () => {
  const plane = makePlane(6);
  plane.bytes[5] = 255;
  const colours = trailPixels(0xff336699 | 0);
  const pixels = new Int32Array(8);
  paint(plane, pixels, colours, false);
  assert.equal(plane.bytes[5], 255);
  assert.equal(pixels[5] & 0xffffff, 0x336699);
  let last = alpha(pixels[5]);
  let left = 0;
  while (plane.bytes[5] > 0) {
    paint(plane, pixels, colours, true);
    assert.ok(alpha(pixels[5]) <= last);
    last = alpha(pixels[5]);
    left++;
  }
  assert.equal(last, 0);
  // Each move takes at least one of 255 levels, and a sixth of the higher ones.
  assert.ok(left > 10 && left < 60, `${left} moves`);
  assert.equal(pixels[0], 0);
});
