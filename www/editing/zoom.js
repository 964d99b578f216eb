/** Zooming and moving the view: the wheel, a trackpad's pinch, two fingers. */

import { panned, zoomed } from '../views/transform.js';

/** @import {Store} from '../state/store.js' */
/** @import {Transform} from '../views/transform.js' */

/** Share of a zoom by e for one CSS pixel of scrolling; a trackpad's pinch arrives as small steps with Ctrl. */
const WHEEL = 0.0016;
const PINCH = 0.012;
/** CSS pixels of a line, where a wheel counts lines. */
const LINE = 18;

/**
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {Store} options.store
 * @param {{readonly transform: Transform}} options.plot
 */
export function watchWheel({ element, store, plot }) {
  /** @param {WheelEvent} event */
  const onWheel = (event) => {
    event.preventDefault();
    const box = element.getBoundingClientRect();
    const { transform } = plot;
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1);
    const factor = Math.exp(-pixels * (event.ctrlKey ? PINCH : WHEEL));
    store.view.value = zoomed(store.view.peek(), factor, [
      transform.worldX(event.clientX - box.left),
      transform.worldY(event.clientY - box.top),
    ]);
  };
  element.addEventListener('wheel', onWheel, { passive: false });
  return () => element.removeEventListener('wheel', onWheel);
}

/**
 * Two fingers: what lay under them stays under them.
 * @param {Store} store
 * @param {{readonly transform: Transform}} plot
 */
export function makePinch(store, plot) {
  /** Fingers down, CSS pixels of the plot. @type {Map<number, [number, number]>} */
  const fingers = new Map();
  let pinching = false;

  return {
    /** Whether this finger makes it two. @param {number} id @param {[number, number]} at */
    down(id, at) {
      fingers.set(id, at);
      pinching ||= fingers.size === 2;
      return pinching;
    },

    /** Whether the finger belongs to a pinch. @param {number} id @param {[number, number]} at */
    move(id, at) {
      if (!fingers.has(id)) return false;
      const before = pair(fingers);
      fingers.set(id, at);
      const after = pair(fingers);
      if (!pinching || before === null || after === null) return pinching;
      const { transform } = plot;
      const { scale } = transform;
      const moved = panned(
        store.view.peek(),
        (after.middle[0] - before.middle[0]) / scale,
        (before.middle[1] - after.middle[1]) / scale,
      );
      // The world point under the fingers' old middle lies under the new one after the move.
      const at0 = /** @type {[number, number]} */ ([
        transform.worldX(before.middle[0]),
        transform.worldY(before.middle[1]),
      ]);
      const factor = before.apart > 0 ? after.apart / before.apart : 1;
      store.view.value = zoomed(moved, factor, at0);
      return true;
    },

    /** Whether the finger was part of a pinch; the pinch ends with its last finger. @param {number} id */
    up(id) {
      fingers.delete(id);
      const was = pinching;
      if (fingers.size === 0) pinching = false;
      return was;
    },
  };
}

/** @param {Map<number, [number, number]>} fingers @returns {{middle: [number, number], apart: number} | null} */
function pair(fingers) {
  const [a, b] = fingers.values();
  if (!a || !b) return null;
  return { middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], apart: Math.hypot(a[0] - b[0], a[1] - b[1]) };
}
