// What the stage of images is made of: films, nearest images, histograms, and what a link says of experiments on images.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { centred, shareBelow } from '../../www/images/centring.js';
import { area, brushed, damaged, distance, PART_NAMES, part } from '../../www/images/damage.js';
import { endsText, histograms, outline } from '../../www/images/energies.js';
import { addFrame, changeAt, emptyFilm, energiesOf, imagesAt, polyline } from '../../www/images/film.js';
import { formula, isPlain, only, plain } from '../../www/images/mixture.js';
import { imageOf, placeOf, planeThrough, rowOf } from '../../www/images/plane.js';
import { imageAt, PIXELS, signed } from '../../www/images/sheet.js';
import { KINDS, strange } from '../../www/images/strange.js';
import { readLink, writeLink } from '../../www/state/link.js';
import { places, random } from '../../www/state/starts.js';
import { coreManifest } from './manifest.mjs';

/** Images that are one number all over. @param {number[]} levels */
const flat = (...levels) => Float32Array.from(levels.flatMap((level) => Array(PIXELS).fill(level)));

test('a film gives its images back to half a byte, and what a step changes', () => {
  const film = emptyFilm();
  addFrame(film, flat(-1, 0.3), Float32Array.of(2, 5));
  addFrame(film, flat(-0.5, 0.3), Float32Array.of(1, 5));
  const half = 0.5 / 127.5 + 1e-6;
  const near = (/** @type {number} */ a, /** @type {number} */ b) => assert.ok(Math.abs(a - b) <= half, `${a} ${b}`);
  near(imagesAt(film, 0)[0], -1);
  near(imagesAt(film, 1)[PIXELS], 0.3);
  // Of two roundings.
  assert.ok(Math.abs((changeAt(film, 0, 0)?.[7] ?? 0) - 0.5) <= 2 * half);
  assert.equal(changeAt(film, 0, 1)?.[7], 0);
  assert.equal(changeAt(film, 1, 0), null);
  assert.deepEqual(energiesOf(film, 0), [2, 1]);
});

test('a line through energies begins at the top and ends at the bottom where they fall', () => {
  assert.deepEqual(polyline([4, 2, 0], 100, 10), { low: 0, high: 4, points: '0.00,0.00 50.00,5.00 100.00,10.00' });
  assert.equal(polyline([3, 3], 100, 10)?.points, '0.00,5.00 100.00,5.00');
  assert.equal(polyline([1, Number.NaN], 100, 10), null);
  assert.equal(polyline([], 100, 10), null);
});

test('histograms share a range, and each of them sums to one', () => {
  const { low, high, shares } = histograms([[0, 0, 1], [4, Number.NaN], []]);
  assert.deepEqual([low, high], [0, 4]);
  const sums = shares.map((counts) => counts.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0));
  // What is no number is counted and shown nowhere.
  assert.deepEqual(
    sums.map((sum) => Math.round(1e9 * sum) / 1e9),
    [1, 1, 0],
  );
  assert.ok(shares[0][0] > 0.6 && shares[1].at(-1) === 1);
  assert.deepEqual(
    histograms([[]]).shares[0].filter((/** @type {number} */ share) => share > 0),
    [],
  );
  assert.equal(outline([1, 0], 1, 20, 5), 'M0,5V0.00H10.00V5.00H20.00V5Z');
});

test('the ends of a range have the digits that tell them apart', () => {
  assert.deepEqual(endsText('en', -0.02663, 13.19), ['−0.0266', '13.2']);
  assert.deepEqual(endsText('en', -2.3661, -2.3659), ['−2.3661', '−2.3659']);
  assert.deepEqual(endsText('en', 1, 1), ['1', '1']);
});

test('a place of a sheet is an image, up to its edges', () => {
  assert.equal(imageAt(0, 0, 8, 64), 0);
  assert.equal(imageAt(0.99, 0.99, 8, 64), 63);
  assert.equal(imageAt(1, 1, 8, 64), 63);
  assert.equal(imageAt(0.5, 0.3, 8, 64), 20);
  // A last row that is not full.
  assert.equal(imageAt(0.9, 0.9, 8, 10), 9);
});

test('signed images are clear at 0 and full at their largest', () => {
  const colours = { below: /** @type {any} */ ([1, 2, 3]), above: /** @type {any} */ ([4, 5, 6]) };
  const shade = signed([-2, 1, 0], colours);
  assert.deepEqual([shade(-2), shade(1), shade(0)], [0xff030201, 0x80060504, 0x00060504]);
  assert.equal(signed([0, 0], colours)(0) >>> 24, 0);
});

test('strange images are made of the data: the same pixels in other places, other signs, or none of them', () => {
  // The number of each pixel, as a share of all.
  const image = Float32Array.from({ length: PIXELS }, (_, i) => (2 * i) / PIXELS - 1);
  const two = new Float32Array([...image, ...image]);
  const made = Object.fromEntries(KINDS.map((kind) => [kind, strange(kind, two, 28)]));
  for (const kind of KINDS) assert.deepEqual(strange(kind, two, 28), made[kind], 'the same ones every time');
  assert.deepEqual(made.shuffled.slice(0, PIXELS).sort(), image.slice().sort());
  assert.notDeepEqual(made.shuffled.slice(0, PIXELS), made.shuffled.slice(PIXELS));
  assert.ok(made.inverted.every((x, i) => x === -two[i]));
  // The upper right corner is the upper left one after a quarter turn to the left.
  assert.equal(made.rotated[0], image[27]);
  assert.equal(made.rotated[27 * 28], image[0]);
  assert.ok(made.noise.every((x) => x >= -1 && x < 1) && new Set(made.noise).size > 1500);
});

/** Ink of 100 × 100: a filled box. @param {[number, number]} from @param {[number, number]} to */
function box([x0, y0], [x1, y1]) {
  const inside = (/** @type {number} */ x, /** @type {number} */ y) => x >= x0 && x < x1 && y >= y0 && y < y1;
  return Float32Array.from({ length: 10_000 }, (_, i) => Number(inside(i % 100, Math.floor(i / 100))));
}

test('a drawing fits 20 × 20 pixels, and its centre of mass is the middle', () => {
  // 60 by 30, wherever it lies: 20 by 10 around the middle.
  for (const corner of /** @type {[number, number][]} */ ([
    [0, 0],
    [40, 70],
    [13, 22],
  ])) {
    const image = /** @type {Float32Array} */ (centred(box(corner, [corner[0] + 60, corner[1] + 30]), 100));
    const lit = Array.from(image.keys()).filter((i) => image[i] > 0.99);
    assert.equal(lit.length, 200);
    const columns = lit.map((i) => i % 28);
    const rows = lit.map((i) => Math.floor(i / 28));
    assert.deepEqual([Math.min(...columns), Math.max(...columns)], [4, 23]);
    assert.deepEqual([Math.min(...rows), Math.max(...rows)], [9, 18]);
    assert.equal(Array.from(image).filter((x) => x === -1).length, PIXELS - 200);
  }
  // Heavy on its left: the mass is centred, not the box.
  const heavy = box([10, 10], [20, 70]).map((v, i) => Math.max(v, box([20, 64], [70, 70])[i]));
  const image = /** @type {Float32Array} */ (centred(heavy, 100));
  const ink = Array.from(image, (x) => (x + 1) / 2);
  const mass = ink.reduce((sum, v) => sum + v, 0);
  const mean = ink.reduce((sum, v, i) => sum + v * (i % 28), 0) / mass;
  assert.ok(Math.abs(mean - 13.5) <= 0.5 + 1e-6, `${mean}`);
  assert.equal(centred(new Float32Array(10_000), 100), null);
  // A dot is a drawing.
  assert.ok(centred(box([50, 50], [51, 51]), 100)?.some((x) => x > 0.9));
  assert.equal(shareBelow([1, 2, 3, 4], 2.5), 0.5);
  assert.equal(shareBelow([], 1), 0);
});

test('what is hidden is noise as far as one wants, and the rest stays as it is', () => {
  const sizes = Object.fromEntries(PART_NAMES.map((name) => [name, area(part(name))]));
  assert.deepEqual(sizes, { right: PIXELS / 2, lower: PIXELS / 2, all: PIXELS, none: 0 });
  assert.deepEqual([part('right')[0], part('right')[27], part('lower')[27], part('lower')[783]], [0, 1, 0, 1]);
  const image = flat(0.5);
  // Uniform numbers that are 1/4: noise of −1/2.
  const half = damaged(image, part('right'), 0.5, () => 0.25);
  assert.deepEqual([half[0], half[27]], [0.5, 0]);
  assert.equal(damaged(image, part('right'), 1, () => 0.25)[27], -0.5);
  assert.equal(distance(half, image, part('right')), 0.5);
  assert.equal(distance(half, image, part('all')), Math.sqrt(0.125));
  assert.equal(distance(half, image, part('none')), null);
  // A disc of radius 2 about a corner of four pixels holds the twelve whose middles are nearer than that.
  const corner = { x: 10, y: 5 };
  const disc = brushed(part('none'), corner, corner, 2);
  assert.deepEqual([area(disc), disc[5 * 28 + 10], disc[5 * 28 + 12]], [12, 1, 0]);
  // A stroke four pixels to the right frees four more in each of four rows.
  const stroke = brushed(part('none'), corner, { x: 14, y: 5 }, 2);
  assert.deepEqual([area(stroke), stroke[5 * 28 + 12], stroke[7 * 28 + 12]], [28, 1, 0]);
});

test('what samples follow is written as a sum, what is added first', () => {
  const text = String;
  assert.deepEqual(plain(3), [1, 0, 0, 0]);
  assert.deepEqual(only(10, [3, 8]), [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
  assert.deepEqual([isPlain(plain(10)), isPlain(only(10, [3])), isPlain([2, 0])], [true, false, false]);
  assert.equal(formula(plain(10), text), 'E(x)');
  assert.equal(formula(only(10, [8]).with(4, -0.5), text), 'E(x, 8) − 0.5 E(x, 3)');
  assert.equal(formula(only(10, [3, 8]).with(0, 2), text), '2 E(x) + E(x, 3) + E(x, 8)');
  assert.equal(formula([0, -1], text), '−E(x, 0)');
  assert.equal(formula([0, 0], text), '0');
});

test('a plane holds its three images, and every other one is as far from it as from its own shadow', () => {
  const next = random(5);
  const any = () => Float32Array.from({ length: PIXELS }, () => 2 * next() - 1);
  const [a, b, c, d] = [any(), any(), any(), any()];
  const plane = planeThrough(a, b, c);
  assert.ok(plane);
  const apart = (/** @type {Float32Array} */ p, /** @type {Float32Array} */ q) =>
    Math.hypot(...p.map((x, i) => x - q[i]));
  // Sums of 784 products of single precision.
  const near = (/** @type {number} */ x, /** @type {number} */ y) => assert.ok(Math.abs(x - y) < 1e-4, `${x} ${y}`);
  const places = [a, b, c].map((image) => placeOf(plane, image));
  for (const [i, { x, y, away }] of places.entries()) {
    assert.ok(Math.abs(x) < 4 && Math.abs(y) < 4 && away < 1e-2, JSON.stringify(places[i]));
    near(apart(imageOf(plane, x, y), [a, b, c][i]), 0);
  }
  near(plane.unit * Math.hypot(places[0].x - places[1].x, places[0].y - places[1].y), apart(a, b));
  near(plane.unit * Math.hypot(places[0].x - places[2].x, places[0].y - places[2].y), apart(a, c));
  const shadow = placeOf(plane, d);
  near(shadow.away, apart(d, imageOf(plane, shadow.x, shadow.y)));
  assert.ok(shadow.away > 5);
  // The middle cell of an odd grid is the middle of the square.
  near(apart(rowOf(plane, 5, 2).slice(2 * PIXELS, 3 * PIXELS), plane.middle), 0);
  // On a line, or where two are one.
  assert.equal(planeThrough(flat(0), flat(0.5), flat(1)), null);
  assert.equal(planeThrough(a, a, c), null);
});

test('samples of images start from noise or at images, whole ones', () => {
  const from = {
    seed: 3,
    world: /** @type {[number, number]} */ ([-1, 1]),
    pool: flat(0.25, -0.75),
    dimension: PIXELS,
  };
  const noise = places('noise', 3, from);
  assert.equal(noise.length, 3 * PIXELS);
  assert.ok(noise.every((x) => x >= -1 && x < 1) && new Set(noise).size > 2000);
  const data = places('data', 20, from);
  for (let i = 0; i < 20; i++)
    assert.equal(new Set(data.subarray(i * PIXELS, (i + 1) * PIXELS)).size, 1, 'no image is put together of two');
  assert.equal(new Set(data).size, 2);
});

test('a link spells an experiment on images out, because its usual values are not the defaults of its parts', async () => {
  const manifest = await coreManifest();
  const defaults = (/** @type {any} */ part) =>
    Object.fromEntries([['id', part.id], ...part.params.map((/** @type {any} */ p) => [p.name, p.default])]);
  const of = (/** @type {string} */ section, /** @type {string} */ id) =>
    defaults(manifest.sections[section].find((/** @type {any} */ part) => part.id === id));
  /** @type {any} */
  const config = {
    version: 1,
    seed: 3,
    data: of('data', 'mnist'),
    model: of('model', 'cnn'),
    objective: of('objective', 'persistent-contrastive-divergence'),
    sampler: of('sampler', 'clipped-langevin'),
    optimizer: of('optimizer', 'adam'),
    batch: 256,
    particles: 512,
  };
  const linked = /** @type {any} */ (readLink(writeLink({ config, manifest })));
  assert.equal(linked.config.batch, 256);
  assert.equal(linked.config.objective.regularisation, config.objective.regularisation);
  assert.equal(linked.config.sampler.stepSize, 10);
});
