/**
 * What a press on the plot does, tool by tool. A tool sees world coordinates and the store; it knows no events and no screen.
 * Everything between `down` and `up` is one entry of the history.
 */

import { MOST_POINTS } from './csv.js';
import { alongStroke, inside, nearest, sprayed } from './geometry.js';

/** @import {Store} from '../state/store.js' */
/** @import {Sketch} from '../views/sketch.js' */

/**
 * @typedef {object} Touch
 * @property {[number, number]} at World.
 * @property {number} radius Hit radius, world units.
 * @property {boolean} more Whether the selection is to be extended (Shift).
 */

/**
 * @typedef {object} Tool
 * @property {(touch: Touch) => boolean} down Whether the tool takes the press; otherwise it moves the view.
 * @property {(touch: Touch) => void} move
 * @property {(touch: Touch, moved: boolean) => void} up
 * @property {(touch: Touch, seconds: number) => void} [hold] Called every screen frame while pressed.
 * @property {(touch: Touch) => Sketch | null} hover What the pointer would do here.
 */

/** Points a second that the spray adds. */
const RATE = 90;
/** A particle is chosen over a data point only when it is clearly the nearer one. */
const PREFERENCE = 0.7;

/**
 * @param {Store} store
 * @param {(sketch: Sketch | null) => void} sketch
 * @param {() => number} [random] Uniform in [0, 1).
 * @returns {Record<'move' | 'add' | 'spray' | 'erase' | 'lasso', Tool>}
 */
export function makeTools(store, sketch, random = Math.random) {
  const move = makeMove(store);
  return {
    move,
    add: makeAdd(store),
    spray: makeSpray(store, sketch, random),
    erase: makeErase(store, sketch),
    lasso: makeLasso(store, sketch, move),
  };
}

/** @param {Store} store @param {Touch} touch */
function pointAt(store, { at, radius }) {
  return store.layers.peek().data ? nearest(store.data.peek(), at[0], at[1], radius) : -1;
}

/** @param {Store} store @param {Touch} touch */
function particleAt(store, { at, radius }) {
  const particles = store.frame.peek()?.particles;
  return particles && store.layers.peek().particles ? nearest(particles, at[0], at[1], radius) : -1;
}

/** @param {ArrayLike<number>} points @param {number} i @param {[number, number]} at */
function distance(points, i, at) {
  return i < 0 ? Number.POSITIVE_INFINITY : Math.hypot(points[2 * i] - at[0], points[2 * i + 1] - at[1]);
}

/** Drags points, and the whole selection when one of it is dragged; a click chooses a point or a particle. @param {Store} store @returns {Tool} */
function makeMove(store) {
  /** @type {{ids: number[], start: Float32Array, from: [number, number]} | null} */
  let drag = null;

  return {
    down(touch) {
      drag = null;
      const i = pointAt(store, touch);
      if (i < 0) return false;
      const chosen = store.selection.peek();
      if (!chosen.has(i)) store.selection.value = new Set(touch.more ? [...chosen, i] : [i]);
      const ids = [...store.selection.peek()];
      const data = store.data.peek();
      const start = Float32Array.from(ids.flatMap((k) => [data[2 * k], data[2 * k + 1]]));
      drag = { ids, start, from: touch.at };
      store.edit.begin();
      return true;
    },

    move({ at }) {
      if (drag === null) return;
      const [dx, dy] = [at[0] - drag.from[0], at[1] - drag.from[1]];
      store.edit.moveAll(
        drag.ids,
        drag.start.map((v, k) => v + (k % 2 === 0 ? dx : dy)),
      );
    },

    up(touch, moved) {
      if (drag !== null) store.edit.end();
      drag = null;
      if (moved) return;
      const point = pointAt(store, touch);
      const particle = particleAt(store, touch);
      const nearParticle = distance(store.frame.peek()?.particles ?? [], particle, touch.at);
      if (particle >= 0 && nearParticle < PREFERENCE * distance(store.data.peek(), point, touch.at)) {
        store.selectedParticle.value = particle;
        store.selection.value = new Set();
      } else if (point < 0) {
        store.selectedParticle.value = null;
        store.selection.value = new Set();
      }
    },

    hover(touch) {
      const point = pointAt(store, touch);
      const particle = particleAt(store, touch);
      const particles = store.frame.peek()?.particles ?? [];
      if (distance(particles, particle, touch.at) < PREFERENCE * distance(store.data.peek(), point, touch.at))
        return { kind: 'particle', at: [particles[2 * particle], particles[2 * particle + 1]] };
      return point < 0 ? null : { kind: 'point', index: point };
    },
  };
}

/** A press adds a point, which follows the pointer until it is let go. @param {Store} store @returns {Tool} */
function makeAdd(store) {
  let added = -1;
  return {
    down({ at }) {
      if (room(store) < 1) return true;
      store.edit.begin();
      added = store.data.peek().length / 2;
      store.edit.add(at);
      return true;
    },
    move({ at }) {
      if (added >= 0) store.edit.move(added, at);
    },
    up() {
      if (added >= 0) store.edit.end();
      added = -1;
    },
    hover: () => null,
  };
}

/** @param {Store} store @param {(sketch: Sketch | null) => void} sketch @param {() => number} random @returns {Tool} */
function makeSpray(store, sketch, random) {
  /** Part of a point that is due. */
  let due = 0;
  const brush = (/** @type {Touch} */ { at }) => brushAt(store, at);
  return {
    down(touch) {
      store.edit.begin();
      // The first point appears at once: a mere tap sprays too.
      due = 1;
      sketch(brush(touch));
      return true;
    },
    move(touch) {
      sketch(brush(touch));
    },
    hold({ at }, seconds) {
      due += RATE * seconds;
      const count = Math.min(Math.floor(due), room(store));
      due -= Math.floor(due);
      if (count > 0) store.edit.add(sprayed(count, at, store.brush.peek(), random));
    },
    up() {
      store.edit.end();
    },
    hover: brush,
  };
}

/** @param {Store} store @param {(sketch: Sketch | null) => void} sketch @returns {Tool} */
function makeErase(store, sketch) {
  /** @type {[number, number]} */
  let last = [0, 0];
  const brush = (/** @type {Touch} */ { at }) => brushAt(store, at);
  /** @param {Touch} touch */
  const rub = (touch) => {
    store.edit.remove(alongStroke(store.data.peek(), last, touch.at, store.brush.peek()));
    last = touch.at;
    sketch(brush(touch));
  };
  return {
    down(touch) {
      store.edit.begin();
      last = touch.at;
      rub(touch);
      return true;
    },
    move: rub,
    up() {
      store.edit.end();
    },
    hover: brush,
  };
}

/**
 * Draws a loop around points; a press on a chosen point drags them all.
 * @param {Store} store
 * @param {(sketch: Sketch | null) => void} sketch
 * @param {Tool} move
 * @returns {Tool}
 */
function makeLasso(store, sketch, move) {
  /** @type {[number, number][]} */
  let polygon = [];
  let dragging = false;
  return {
    down(touch) {
      const i = pointAt(store, touch);
      dragging = i >= 0 && store.selection.peek().has(i);
      if (dragging) return move.down(touch);
      polygon = [touch.at];
      return true;
    },
    move(touch) {
      if (dragging) return move.move(touch);
      polygon = [...polygon, touch.at];
      sketch({ kind: 'lasso', polygon });
    },
    up(touch, moved) {
      if (dragging) return move.up(touch, moved);
      const found = inside(store.data.peek(), polygon);
      store.selection.value = new Set(touch.more ? [...store.selection.peek(), ...found] : found);
      polygon = [];
      sketch(null);
    },
    hover(touch) {
      const i = pointAt(store, touch);
      return i >= 0 && store.selection.peek().has(i) ? { kind: 'point', index: i } : null;
    },
  };
}

/** @param {Store} store @param {[number, number]} at @returns {Sketch} */
function brushAt(store, at) {
  return { kind: 'brush', centre: at, radius: store.brush.peek() };
}

/** How many points more the data may hold. @param {Store} store */
function room(store) {
  return MOST_POINTS - store.data.peek().length / 2;
}
