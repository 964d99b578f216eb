// The page's state: frames merge, curves stay bounded, edits are optimistic, undoable and told to the engine in order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutCurves, enterFigures, extendCurves, NO_CURVES } from '../../www/state/curves.js';
import { createHistory } from '../../www/state/history.js';
import { createStore } from '../../www/state/store.js';

const tick = () => new Promise((later) => setImmediate(later));
const clock = (/** @type {number} */ update) => ({ update, stage: null, substep: 0, steps: 0 });

/** A store with an engine that records its calls and answers when told to. */
function connected() {
  /** @type {[string, ...unknown[]][]} */
  const calls = [];
  /** @type {((error?: Error) => void)[]} */
  const answers = [];
  const engine = new Proxy(
    {},
    {
      get:
        (_, method) =>
        (/** @type {unknown[]} */ ...args) => {
          calls.push([String(method), ...args]);
          return new Promise((resolve, reject) =>
            answers.push((error) => (error ? reject(error) : resolve(ENGINE_DATA))),
          );
        },
    },
  );
  const store = createStore({ language: 'en', strings: {} });
  store.connect(/** @type {any} */ (engine));
  store.data.value = Float32Array.of(0, 0, 1, 1, 2, 2);
  return { store, calls, answers };
}
const ENGINE_DATA = Float32Array.of(9, 9);

test('a frame replaces what it holds and leaves the rest', () => {
  const { store } = connected();
  const particles = Float32Array.of(1, 2);
  store.receive({ clock: clock(1), particles, playing: true, rate: 5 });
  store.receive({ clock: clock(2), rate: 6 });
  assert.equal(store.frame.value?.particles, particles);
  assert.equal(store.frame.value?.rate, 6);
  assert.equal(store.frame.value?.clock.update, 2);
  assert.equal(store.playing.value, true);
});

test('curves grow by rows and keep figures of their update', () => {
  const columns = ['update', 'loss'];
  let curves = extendCurves(NO_CURVES, { columns, rows: Float32Array.of(1, 0.5, 2, 0.4, 3, 0.3) });
  curves = enterFigures(curves, { update: 2, nll: 7, kl: null });
  assert.deepEqual(curves.columns, ['update', 'loss', 'nll', 'kl', 'entropy', 'negativeElbo']);
  assert.deepEqual([...curves.series[2]], [NaN, 7, NaN]);
  curves = extendCurves(curves, { columns, rows: Float32Array.of(4, 0.2) });
  assert.deepEqual([...curves.series[0]], [1, 2, 3, 4]);
  assert.deepEqual([...curves.series[2]], [NaN, 7, NaN, NaN]);
});

test('a run that goes back overwrites its curves from there on', () => {
  const columns = ['update', 'loss'];
  const curves = extendCurves(NO_CURVES, { columns, rows: Float32Array.of(1, 5, 2, 5, 3, 5) });
  assert.deepEqual([...cutCurves(curves, 1).series[0]], [1]);
  assert.deepEqual([...extendCurves(curves, { columns, rows: Float32Array.of(2, 9) }).series[1]], [5, 9]);
});

test('a store forgets the curves beyond an update that a frame goes back to', () => {
  const { store } = connected();
  store.receive({ clock: clock(3), curves: { columns: ['update', 'loss'], rows: Float32Array.of(1, 5, 2, 5, 3, 5) } });
  store.receive({ clock: clock(0) });
  assert.equal(store.curves.value.series[0].length, 0);
});

test('an objective with other terms goes on with its own columns', () => {
  let curves = extendCurves(NO_CURVES, { columns: ['update', 'loss', 'old'], rows: Float32Array.of(1, 5, 6) });
  curves = extendCurves(curves, { columns: ['update', 'loss', 'new'], rows: Float32Array.of(2, 4, 3) });
  assert.deepEqual(curves.columns.slice(0, 3), ['update', 'loss', 'new']);
  assert.deepEqual([...curves.series[1]], [5, 4]);
  assert.deepEqual([...curves.series[2]], [NaN, 3]);
});

test('curves of fifty thousand updates stay bounded, evenly dense from end to end, and keep their figures', () => {
  const most = 512;
  let curves = NO_CURVES;
  for (let update = 1; update <= 50_000; update++) {
    curves = extendCurves(curves, { columns: ['update', 'loss'], rows: Float32Array.of(update, 2 * update) }, most);
    if (update % 700 === 0) curves = enterFigures(curves, { update, nll: update });
    assert.ok(curves.series[0].length <= most);
  }
  const [updates, loss, nll] = curves.series;
  assert.equal(updates.at(-1), 50_000);
  // 50,000 updates in at most 512 rows take a stride of 128.
  assert.equal(curves.stride, 128);
  for (let i = 1; i + 1 < updates.length; i++) assert.equal(updates[i] - updates[i - 1], curves.stride);
  assert.ok(loss.every((v, i) => v === 2 * updates[i]));
  const figures = [...nll].filter((v) => !Number.isNaN(v));
  assert.deepEqual(
    figures,
    Array.from({ length: 71 }, (_, i) => 700 * (i + 1)),
  );
});

test('an edit shows at once and is told to the engine', () => {
  const { store, calls } = connected();
  store.edit.move(1, [5, 6]);
  assert.deepEqual([...store.data.value], [0, 0, 5, 6, 2, 2]);
  assert.deepEqual(calls, [['movePoint', 1, [5, 6]]]);
  assert.equal(store.edit.edited.value, true);
});

test('of the positions of a drag only the newest follows the one under way', async () => {
  const { store, calls, answers } = connected();
  for (const x of [1, 2, 3]) store.edit.move(0, [x, 0]);
  assert.equal(calls.length, 1);
  answers[0]();
  await tick();
  assert.deepEqual(calls[1], ['movePoint', 0, [3, 0]]);
});

test('positions that wait are told before points are removed, when their indices still hold', () => {
  const { store, calls } = connected();
  store.edit.move(2, [1, 0]);
  store.edit.move(2, [2, 0]);
  store.edit.remove([0]);
  assert.deepEqual(calls, [
    ['movePoint', 2, [1, 0]],
    ['movePoint', 2, [2, 0]],
    ['removePoints', [0]],
  ]);
  assert.deepEqual([...store.data.value], [1, 1, 2, 0]);
});

test('a frame that left before an edit does not undo it on the screen; one that comes after does count', async () => {
  const { store, answers } = connected();
  store.edit.move(0, [7, 7]);
  store.receive({ clock: clock(1), data: Float32Array.of(0, 0, 1, 1, 2, 2) });
  assert.equal(store.data.value[0], 7);
  answers[0]();
  await tick();
  store.receive({ clock: clock(2), data: Float32Array.of(8, 8) });
  assert.deepEqual([...store.data.value], [8, 8]);
});

test('an edit that the engine refuses is said, and the points are the engine’s again', async () => {
  const { store, answers } = connected();
  store.edit.add([1, 2]);
  answers[0](new Error('No more points are accepted.'));
  await tick();
  answers[1]();
  await tick();
  assert.equal(store.notices.value[0].text, 'No more points are accepted.');
  assert.deepEqual([...store.data.value], [9, 9]);
});

test('a gesture of many edits is undone at once, and can be redone', () => {
  const { store } = connected();
  store.edit.begin();
  for (const x of [3, 4, 5]) store.edit.move(0, [x, x]);
  store.edit.end();
  store.edit.remove([1]);
  assert.deepEqual([...store.data.value], [5, 5, 2, 2]);
  store.history.undo();
  store.history.undo();
  assert.deepEqual([...store.data.value], [0, 0, 1, 1, 2, 2]);
  assert.equal(store.history.canUndo.value, false);
  store.history.redo();
  assert.deepEqual([...store.data.value], [5, 5, 1, 1, 2, 2]);
});

test('a gesture without an edit leaves nothing to undo', () => {
  const { store } = connected();
  store.edit.begin();
  store.edit.end();
  assert.equal(store.history.canUndo.value, false);
});

test('a new edit forgets what was undone, and the history is bounded', () => {
  const history = createHistory(3);
  /** @type {string[]} */
  const log = [];
  for (const name of ['a', 'b', 'c', 'd'])
    history.push({ undo: () => log.push(`-${name}`), redo: () => log.push(`+${name}`) });
  for (let i = 0; i < 5; i++) history.undo();
  assert.deepEqual(log, ['-d', '-c', '-b']);
  history.redo();
  history.push({ undo() {}, redo() {} });
  assert.equal(history.canRedo.value, false);
});

test('the same notice is not shown twice, and only the newest few are', () => {
  const { store } = connected();
  for (let i = 0; i < 6; i++) store.notify({ kind: 'info', key: `k${i}` });
  store.notify({ kind: 'info', key: 'k5' });
  assert.deepEqual(
    store.notices.value.map(({ key }) => key),
    ['k2', 'k3', 'k4', 'k5'],
  );
});

test('the guard’s notice names the dial as the panel does', () => {
  const strings = { param: { sampler: { stepSize: { label: 'Step size' } } } };
  const store = createStore({ language: 'en', strings });
  const guard = { code: 'exploding', fields: { update: 12, value: 60, restored: 8, dial: 'sampler.stepSize' } };
  store.receive({ clock: clock(8), playing: false, guard });
  assert.equal(store.notices.value[0].key, 'guard.exploding');
  assert.equal(store.notices.value[0].params?.dial, 'Step size');
});
