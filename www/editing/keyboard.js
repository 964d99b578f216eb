/**
 * The plot by keyboard: [ and ] pick the previous and the next point, arrows move what is picked, Delete removes it, Enter
 * adds a point, Escape lets go, + − 0 zoom. Tab keeps its meaning and leads out of the plot. Arrows without a picked point
 * are left to the clock.
 */

import { numberFormat } from '../views/ticks.js';
import { HOME, zoomed } from '../views/transform.js';

/** @import {Store} from '../state/store.js' */
/** @import {Plot} from '../views/plot.js' */

/** Shares of the view's span that one press of an arrow moves. */
const STEP = { usual: 1 / 80, coarse: 1 / 8, fine: 1 / 800 };
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {Store} options.store
 * @param {Pick<Plot, 'say'>} options.plot
 */
export function watchKeys({ element, store, plot }) {
  element.tabIndex = 0;

  const announce = () => {
    const ids = [...store.selection.peek()];
    const data = store.data.peek();
    if (ids.length === 0) return;
    if (ids.length > 1) return plot.say(store.t('plot.selected', { count: ids.length }));
    const text = numberFormat(store.locale.peek());
    const [x, y] = [data[2 * ids[0]], data[2 * ids[0] + 1]];
    plot.say(store.t('edit.picked', { point: ids[0] + 1, count: data.length / 2, x: text(x), y: text(y) }));
  };

  /** @param {[number, number]} way @param {KeyboardEvent} event */
  const nudge = (way, event) => {
    const ids = [...store.selection.peek()];
    const { span } = store.view.peek();
    const step = span * (event.shiftKey ? STEP.coarse : event.altKey ? STEP.fine : STEP.usual);
    const data = store.data.peek();
    store.edit.moveAll(
      ids,
      ids.flatMap((i) => [data[2 * i] + step * way[0], data[2 * i + 1] + step * way[1]]),
    );
    announce();
  };

  /** @param {number} by */
  const pick = (by) => {
    const count = store.data.peek().length / 2;
    if (count === 0) return;
    const [current] = store.selection.peek();
    const next = current === undefined ? (by > 0 ? 0 : count - 1) : (current + by + count) % count;
    store.selection.value = new Set([next]);
    announce();
  };

  /** What a key does, or null when it is not the plot's. @param {KeyboardEvent} event @returns {(() => void) | null} */
  const action = (event) => {
    const chosen = store.selection.peek();
    const way = ARROWS[event.key];
    if (way) return chosen.size > 0 ? () => nudge(way, event) : null;
    switch (event.key) {
      case ']':
        return () => pick(1);
      case '[':
        return () => pick(-1);
      case 'Delete':
      case 'Backspace':
        return chosen.size > 0
          ? () => {
              plot.say(store.t('edit.removed', { count: chosen.size }));
              store.edit.remove(chosen);
            }
          : null;
      case 'Enter':
        return () => {
          store.edit.add(store.view.peek().centre);
          store.selection.value = new Set([store.data.peek().length / 2 - 1]);
          announce();
        };
      case 'Escape':
        return chosen.size > 0 || store.selectedParticle.peek() !== null
          ? () => {
              store.selection.value = new Set();
              store.selectedParticle.value = null;
            }
          : null;
      case '+':
      case '=':
        return () => zoom(Math.SQRT2);
      case '-':
        return () => zoom(Math.SQRT1_2);
      case '0':
        return () => {
          store.view.value = HOME;
        };
      default:
        return null;
    }
  };

  /** @param {number} factor */
  const zoom = (factor) => {
    const view = store.view.peek();
    store.view.value = zoomed(view, factor, view.centre);
  };

  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.target !== element || event.ctrlKey || event.metaKey) return;
    const act = action(event);
    if (act === null) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  };
  element.addEventListener('keydown', onKey);
  return () => element.removeEventListener('keydown', onKey);
}

/**
 * Ctrl or ⌘ with Z undoes an edit, with Shift-Z or Y does it again, wherever one is on the page; fields keep their own.
 * @param {Store} store
 */
export function watchHistoryKeys(store) {
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]')) return;
    const key = event.key.toLowerCase();
    if (key !== 'z' && key !== 'y') return;
    event.preventDefault();
    if (key === 'y' || event.shiftKey) store.history.redo();
    else store.history.undo();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}
