// Points from text: what is taken, and the one sentence for everything else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOUND, MOST_BYTES, MOST_POINTS, parsePoints } from '../../www/editing/csv.js';
import { importFile, importText } from '../../www/editing/import.js';
import { createStore } from '../../www/state/store.js';

/** @param {string} text */
function points(text) {
  const parsed = parsePoints(text);
  assert.ok('points' in parsed, JSON.stringify(parsed));
  return [...parsed.points];
}

/** @param {string} text @param {string} key @param {Record<string, string | number>} params */
function refuses(text, key, params) {
  assert.deepEqual(parsePoints(text), { refusal: { key: `edit.csv.${key}`, params } });
}

test('commas, semicolons, tabs and spaces separate, with any line ends', () => {
  for (const text of ['1,2\n3,4', '1, 2\r\n3 ,4\r\n', '1;2\r3;4', '1\t2\n3\t4', '  1   2 \n\n 3 4\n', '\uFEFF1,2\n3,4'])
    assert.deepEqual(points(text), [1, 2, 3, 4], JSON.stringify(text));
});

test('every usual way to write a number is taken', () => {
  assert.deepEqual(points('-1.5,+2\n.5,5.\n1e-2,-2.5E+1\n"3","-4"'), [-1.5, 2, 0.5, 5, Math.fround(0.01), -25, 3, -4]);
});

test('one header line and comments are passed over', () => {
  assert.deepEqual(points('x,y\n1,2'), [1, 2]);
  assert.deepEqual(points('# of my making\n"x1" "x2"\n1 2\n# the end'), [1, 2]);
  refuses('x,y\nx,y\n1,2', 'notNumber', { line: 2, value: 'x' });
  refuses('1,2\nx,y', 'notNumber', { line: 2, value: 'x' });
});

test('text and half numbers are refused with their line', () => {
  refuses('1,2\n3,four', 'notNumber', { line: 2, value: 'four' });
  refuses('x,1', 'notNumber', { line: 1, value: 'x' });
  refuses('1,2\n\n0x10,1', 'notNumber', { line: 3, value: '0x10' });
  refuses('1,2\n3,', 'notNumber', { line: 2, value: '' });
  refuses('1 2\n1- 2', 'notNumber', { line: 2, value: '1-' });
  refuses(`1,${'z'.repeat(50)}`, 'notNumber', { line: 1, value: `${'z'.repeat(31)}…` });
});

test('what is not finite is refused, also as the first line', () => {
  for (const value of ['NaN', 'nan', 'inf', '-Infinity', '1e999'])
    refuses(`1,2\n${value},3`, 'notFinite', { line: 2, value });
  refuses('nan,inf', 'notFinite', { line: 1, value: 'nan' });
});

test('a line of one or three values is refused, also a decimal comma', () => {
  refuses('1,2\n3', 'columns', { line: 2, count: 1, text: '3' });
  refuses('1,2,3', 'columns', { line: 1, count: 3, text: '1,2,3' });
  refuses('x,y,label\n1,2,3', 'columns', { line: 1, count: 3, text: 'x,y,label' });
  refuses('1,5;2,5', 'notNumber', { line: 1, value: '1,5' });
});

test('coordinates are taken up to the bound', () => {
  assert.deepEqual(points(`${BOUND},${-BOUND}`), [BOUND, -BOUND]);
  refuses(`1,2\n${BOUND + 0.5},0`, 'tooLarge', { line: 2, value: `${BOUND + 0.5}`, bound: BOUND });
});

test('as many points as there is room for are taken, and not one more', () => {
  const line = '1,2\n';
  assert.equal(points(line.repeat(MOST_POINTS)).length, 2 * MOST_POINTS);
  refuses(line.repeat(MOST_POINTS + 1), 'tooMany', { line: MOST_POINTS + 1, most: MOST_POINTS });
});

test('nothing at all is refused', () => {
  for (const text of ['', ' \n\n', 'x,y\n', '# only this']) refuses(text, 'empty', { most: MOST_POINTS });
});

/** A store that notes what the engine is told. */
function noted() {
  /** @type {unknown[]} */
  const told = [];
  const store = createStore({ language: 'en', strings: {} });
  store.connect(
    /** @type {any} */ ({ setData: (/** @type {Float32Array} */ x) => Promise.resolve(told.push([...x])) }),
  );
  store.data.value = Float32Array.of(7, 7);
  return { store, told };
}

test('an import replaces the points, says how many, and can be undone', () => {
  const { store, told } = noted();
  assert.equal(importText(store, '1,2\n3,4'), true);
  assert.deepEqual(told, [[1, 2, 3, 4]]);
  assert.deepEqual(
    store.notices.value.map(({ kind, key, params }) => ({ kind, key, params })),
    [{ kind: 'info', key: 'edit.imported', params: { count: 2 } }],
  );
  store.history.undo();
  assert.deepEqual([...store.data.value], [7, 7]);
});

test('a refused import changes nothing and says one thing', async () => {
  const { store, told } = noted();
  assert.equal(importText(store, '1,2\n3,four'), false);
  const big = { name: 'big.csv', size: MOST_BYTES + 1, text: () => assert.fail('read') };
  assert.equal(await importFile(store, /** @type {any} */ (big)), false);
  assert.deepEqual(told, []);
  assert.deepEqual([...store.data.value], [7, 7]);
  assert.equal(store.history.canUndo.value, false);
  assert.deepEqual(
    store.notices.value.map(({ kind, key }) => [kind, key]),
    [
      ['error', 'edit.csv.notNumber'],
      ['error', 'edit.csv.tooBig'],
    ],
  );
});
