// What pointers do to points: hit, drag, add, spray, erase, lasso, pinch; each gesture is one entry of the history.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alongStroke, inside, nearest, sprayed } from '../../www/editing/geometry.js';
import { makeTools } from '../../www/editing/tools.js';
import { makePinch } from '../../www/editing/zoom.js';
import { createStore } from '../../www/state/store.js';
import { HOME, makeTransform } from '../../www/views/transform.js';

/** Random numbers that repeat. @param {number[]} values */
function recorded(values) {
  let i = 0;
  return () => values[i++ % values.length];
}

/** A store whose engine notes what it is told, and tools that work on it. @param {number[]} [data] */
function bench(data = [0, 0, 1, 1, 2, 2]) {
  /** @type {[string, ...unknown[]][]} */
  const told = [];
  const store = createStore({ language: 'en', strings: {} });
  const engine = new Proxy(
    {},
    {
      get:
        (_, method) =>
        (/** @type {unknown[]} */ ...args) => {
          told.push([String(method), ...args.map((a) => (a instanceof Float32Array ? [...a] : a))]);
          return Promise.resolve();
        },
    },
  );
  store.connect(/** @type {any} */ (engine));
  store.data.value = Float32Array.from(data);
  /** @type {unknown[]} */
  const sketches = [];
  const tools = makeTools(store, (sketch) => sketches.push(sketch), recorded([0.25, 0]));
  return { store, told, tools, sketches };
}

/** @param {number} x @param {number} y @param {{radius?: number, more?: boolean}} [options] */
const at = (x, y, { radius = 0.15, more = false } = {}) => ({
  at: /** @type {[number, number]} */ ([x, y]),
  radius,
  more,
});

/** Lets the engine's answers arrive. */
const settled = () => new Promise((later) => setImmediate(later));

test('the nearest point within the radius is hit, and none beyond it', () => {
  const points = [0, 0, 1, 0, 1.2, 0];
  assert.equal(nearest(points, 1.05, 0, 0.2), 1);
  assert.equal(nearest(points, 0.5, 0, 0.4), -1);
  assert.equal(nearest([], 0, 0, 1), -1);
});

test('a stroke reaches what lies beside it between its ends', () => {
  const points = [0.5, 0.09, 0.5, 0.11, -0.2, 0, 1.05, 0];
  assert.deepEqual(alongStroke(points, [0, 0], [1, 0], 0.1), [0, 3]);
  assert.deepEqual(alongStroke([0.05, 0], [0, 0], [0, 0], 0.1), [0]);
});

test('a lasso holds what is inside by the even-odd rule', () => {
  /** @type {[number, number][]} */
  const bow = [
    [0, 0],
    [2, 2],
    [2, 0],
    [0, 2],
  ];
  assert.deepEqual([...inside([0.2, 1, 1.8, 1, 1, 0.2, 1, 1.8], bow)], [0, 1]);
  assert.equal(inside([0, 0], bow.slice(0, 2)).size, 0);
});

test('the spray covers its disc evenly', () => {
  const points = sprayed(2, [1, 2], 0.5, recorded([0.25, 0, 1, 0.25]));
  // √0.25 of the radius at angle 0; the whole radius at a right angle, in f32.
  for (const [k, expected] of [1.25, 2, 1, 2.5].entries()) assert.ok(Math.abs(points[k] - expected) < 1e-6);
});

test('a drag moves the point, tells the engine its last place, and is undone as one', async () => {
  const { store, told, tools } = bench();
  assert.equal(tools.move.down(at(1.1, 1)), true);
  for (const x of [1.3, 1.8, 2.6]) tools.move.move(at(x, 1.5));
  tools.move.up(at(2.6, 1.5), true);
  await settled();
  assert.deepEqual([...store.data.value], [0, 0, 2.5, 1.5, 2, 2]);
  assert.deepEqual(told[0].slice(0, 2), ['movePoint', 1]);
  assert.deepEqual(told.at(-1), ['movePoint', 1, [2.5, 1.5]]);
  assert.ok(told.length <= 3);
  store.history.undo();
  assert.deepEqual([...store.data.value], [0, 0, 1, 1, 2, 2]);
  assert.equal(store.history.canUndo.value, false);
});

test('a drag of one chosen point drags all chosen', () => {
  const { store, tools } = bench();
  store.selection.value = new Set([0, 2]);
  tools.move.down(at(2, 2));
  tools.move.move(at(2.5, 1));
  tools.move.up(at(2.5, 1), true);
  assert.deepEqual([...store.data.value], [0.5, -1, 1, 1, 2.5, 1]);
  assert.deepEqual([...store.selection.value], [0, 2]);
});

test('many dragged points are told to the engine as a whole, the newest last', async () => {
  const { store, told, tools } = bench(Array.from({ length: 40 }, (_, i) => i));
  store.selection.value = new Set(Array.from({ length: 20 }, (_, i) => i));
  tools.move.down(at(0, 1));
  for (let k = 1; k <= 5; k++) tools.move.move(at(k, 1));
  tools.move.up(at(5, 1), true);
  await settled();
  assert.ok(told.every(([method]) => method === 'setData'));
  assert.ok(told.length <= 2);
  assert.deepEqual(told.at(-1)?.[1], [...store.data.value]);
  assert.equal(store.data.value[0], 5);
});

test('a press on bare ground is not taken, and a click there lets go of everything', () => {
  const { store, tools } = bench();
  store.selection.value = new Set([1]);
  store.selectedParticle.value = 3;
  assert.equal(tools.move.down(at(-3, 3)), false);
  tools.move.up(at(-3, 3), false);
  assert.equal(store.selection.value.size, 0);
  assert.equal(store.selectedParticle.value, null);
});

test('a click chooses the particle when it is clearly nearer than any point', () => {
  const { store, tools } = bench();
  store.receive({ clock: { update: 1, stage: null, substep: 0, steps: 0 }, particles: Float32Array.of(9, 9, 1.1, 1) });
  tools.move.down(at(1.02, 1));
  tools.move.up(at(1.02, 1), false);
  assert.equal(store.selectedParticle.value, null);
  assert.deepEqual([...store.selection.value], [1]);
  tools.move.down(at(1.09, 1));
  tools.move.up(at(1.09, 1), false);
  assert.equal(store.selectedParticle.value, 1);
  assert.equal(store.selection.value.size, 0);
});

test('hidden points are not hit', () => {
  const { store, tools } = bench();
  store.layers.value = { ...store.layers.value, data: false };
  assert.equal(tools.move.down(at(1, 1)), false);
  assert.equal(tools.move.hover(at(1, 1)), null);
});

test('a new point follows the pointer until it is let go, as one edit', () => {
  const { store, told, tools } = bench([]);
  tools.add.down(at(1, 1));
  tools.add.move(at(1.5, 1));
  tools.add.up(at(1.5, 1), true);
  assert.deepEqual([...store.data.value], [1.5, 1]);
  assert.deepEqual(
    told.map(([method]) => method),
    ['addPoints', 'movePoint'],
  );
  store.history.undo();
  assert.equal(store.data.value.length, 0);
  assert.equal(store.history.canUndo.value, false);
});

test('the spray adds ninety points a second, the first at once', () => {
  const { store, tools } = bench([]);
  tools.spray.down(at(0, 0));
  tools.spray.hold?.(at(0, 0), 0);
  assert.equal(store.data.value.length / 2, 1);
  for (let frame = 0; frame < 60; frame++) tools.spray.hold?.(at(0, 0), 1 / 60);
  tools.spray.up(at(0, 0), false);
  // Sixty sums of 1.5 are exact in binary but for the sixtieths of a second, so the last point may be one frame late.
  assert.ok([90, 91].includes(store.data.value.length / 2), `${store.data.value.length / 2}`);
  for (let i = 0; i < store.data.value.length; i += 2)
    assert.ok(Math.hypot(store.data.value[i], store.data.value[i + 1]) <= store.brush.value);
  store.history.undo();
  assert.equal(store.data.value.length, 0);
});

test('the eraser takes what its stroke passes, as one edit', () => {
  const { store, told, tools } = bench([0, 0, 1, 0, 2, 0, 0, 3]);
  store.brush.value = 0.2;
  tools.erase.down(at(-1, 0));
  tools.erase.move(at(1.5, 0));
  tools.erase.up(at(1.5, 0), true);
  assert.deepEqual([...store.data.value], [2, 0, 0, 3]);
  assert.deepEqual(told, [['removePoints', [0, 1]]]);
  store.history.undo();
  assert.equal(store.data.value.length, 8);
});

test('a lasso chooses what it encloses, and a press inside the choice drags it', () => {
  const { store, tools, sketches } = bench();
  /** @param {[number, number][]} corners @param {boolean} [more] */
  const loop = ([first, ...rest], more = false) => {
    tools.lasso.down(at(...first, { more }));
    for (const corner of rest) tools.lasso.move(at(...corner));
    tools.lasso.up(at(...first, { more }), true);
  };
  loop([
    [-0.5, -0.5],
    [1.5, -0.5],
    [1.5, 1.5],
    [-0.5, 1.5],
  ]);
  assert.deepEqual([...store.selection.value], [0, 1]);
  assert.equal(sketches.at(-1), null);
  loop(
    [
      [1.5, 1.5],
      [2.5, 1.5],
      [2.5, 2.5],
    ],
    true,
  );
  assert.deepEqual([...store.selection.value], [0, 1, 2]);
  tools.lasso.down(at(1, 1));
  tools.lasso.move(at(1, 2));
  tools.lasso.up(at(1, 2), true);
  assert.deepEqual([...store.data.value], [0, 1, 1, 2, 2, 3]);
});

test('two fingers keep what lies under them', () => {
  const { store } = bench();
  const plot = {
    get transform() {
      return makeTransform(store.view.value, 400, 400);
    },
  };
  const pinch = makePinch(store, plot);
  const before = plot.transform;
  assert.equal(pinch.down(1, [100, 200]), false);
  assert.equal(pinch.move(1, [100, 200]), false);
  assert.equal(pinch.down(2, [300, 200]), true);
  const world = [before.worldX(100), before.worldX(300)];
  pinch.move(1, [50, 150]);
  pinch.move(2, [350, 150]);
  const after = plot.transform;
  // Equal to rounding: some ten operations on numbers of the order of a hundred pixels.
  assert.ok(Math.abs(after.x(world[0]) - 50) < 1e-9);
  assert.ok(Math.abs(after.x(world[1]) - 350) < 1e-9);
  assert.ok(Math.abs(after.y(0) - 150) < 1e-9);
  assert.equal(pinch.up(1), true);
  assert.equal(pinch.move(2, [0, 0]), true);
  assert.equal(pinch.up(2), true);
  assert.equal(pinch.down(3, [10, 10]), false);
  assert.notDeepEqual(store.view.value, HOME);
});
