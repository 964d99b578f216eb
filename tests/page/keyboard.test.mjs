// The page's keys do what the help says, and leave fields, sliders and buttons theirs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '../../www/state/clock.js';
import { keyHandler } from '../../www/state/keyboard.js';
import { createStore } from '../../www/state/store.js';

/** A key press on an element that answers to the given selectors. */
function pressed() {
  /** @type {[string, ...unknown[]][]} */
  const calls = [];
  const store = createStore({ language: 'en', strings: {} });
  const engine = new Proxy(
    {},
    {
      get:
        (_, method) =>
        async (/** @type {unknown[]} */ ...args) => {
          calls.push([String(method), ...args]);
        },
    },
  );
  store.connect(/** @type {any} */ (engine));
  let helped = 0;
  const handle = keyHandler({ store, clock: createClock(store), help: () => helped++ });
  return {
    calls,
    store,
    helped: () => helped,
    /** @param {string} key @param {object} [options] @param {string[]} [is] What the target is, as selectors name it. */
    press(key, options = {}, is = []) {
      let prevented = false;
      const target = {
        closest: (/** @type {string} */ selector) => selector.split(', ').some((s) => is.includes(s)) || null,
      };
      const event = { key, target, defaultPrevented: false, preventDefault: () => (prevented = true), ...options };
      handle(/** @type {any} */ (event));
      return prevented;
    },
  };
}

test('Space plays and pauses', () => {
  const { press, calls } = pressed();
  assert.equal(press(' '), true);
  press(' ');
  assert.deepEqual(calls, [['play', { mode: 'run' }], ['pause']]);
});

test('arrows step by the chosen grain, with Shift by a whole update', () => {
  const { press, calls, store } = pressed();
  store.grain.value = 'substep';
  press('ArrowRight');
  press('ArrowRight', { shiftKey: true });
  press('ArrowLeft');
  assert.deepEqual(calls, [
    ['step', 'substep'],
    ['step', 'update'],
    ['back', 'substep'],
  ]);
});

test('R resets, S turns slow motion on by stages and off again, ? helps', () => {
  const { press, calls, helped } = pressed();
  press('R');
  press('s');
  press('s');
  press('?', { shiftKey: true });
  assert.deepEqual(calls, [['reset'], ['pace', { grain: 'stage', perSecond: 1 }], ['pace', null]]);
  assert.equal(helped(), 1);
});

test('fields, sliders and menus keep their keys, and buttons keep Space', () => {
  const { press, calls } = pressed();
  for (const is of ['input', 'select', 'textarea', 'dialog', '[contenteditable]']) {
    assert.equal(press('ArrowRight', {}, [is]), false);
    assert.equal(press(' ', {}, [is]), false);
  }
  for (const is of ['button', 'summary', 'a[href]']) assert.equal(press(' ', {}, [is]), false);
  assert.deepEqual(calls, []);
  press('ArrowRight', {}, ['button']);
  assert.equal(calls.length, 1);
});

test('keys with modifiers, keys that were used already and keys that are held do nothing', () => {
  const { press, calls } = pressed();
  for (const options of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { defaultPrevented: true }])
    assert.equal(press('r', options), false);
  press(' ', { repeat: true });
  assert.deepEqual(calls, []);
  press('ArrowRight', { repeat: true });
  assert.equal(calls.length, 1);
});
