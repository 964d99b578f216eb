/**
 * Edits of the data points. Each changes the mirror at once, tells the engine, and is one entry of the history; between
 * `begin` and `end` (a drag, a stroke of the spray) many edits are one entry.
 */

import { signal } from '@preact/signals-core';

/** Up to so many moved points are told to the engine one by one; more of them as the whole set. */
const SINGLY = 8;

/**
 * @typedef {object} EditContext
 * @property {import('@preact/signals-core').Signal<Float32Array>} data
 * @property {import('@preact/signals-core').Signal<Set<number>>} selection
 * @property {ReturnType<typeof import('./history.js').createHistory>} history
 * @property {() => import('../engine/protocol.js').Engine} engine
 * @property {(error: unknown) => void} refused Called when the engine does not take an edit.
 */

/** @param {EditContext} context */
export function createEdit({ data, selection, history, engine, refused }) {
  /** @type {Float32Array | null} Data before the gesture under way. */
  let before = null;
  let underWay = 0;
  const edited = signal(false);
  /** Last position of each point that waits for a move of the same point to be answered. @type {Map<number, [number, number] | null>} */
  const moving = new Map();
  /** @type {'no' | 'once' | 'again'} */
  let sending = 'no';

  /** @param {Promise<unknown>} answer */
  const track = (answer) => {
    underWay++;
    const settle = answer.then(
      () => true,
      (error) => {
        refused(error);
        return false;
      },
    );
    settle.then((taken) => {
      underWay--;
      if (!taken && underWay === 0) resynchronise();
    });
    return settle;
  };

  const resynchronise = () =>
    engine()
      .data()
      .then((x) => {
        data.value = x;
      }, refused);

  /** @param {Float32Array} after */
  const record = (after) => {
    const start = data.value;
    data.value = after;
    edited.value = true;
    if (before !== null) return;
    push(start, after);
  };

  /** @param {Float32Array} start @param {Float32Array} end */
  const push = (start, end) => history.push({ undo: () => put(start), redo: () => put(end) });

  /** @param {Float32Array} x */
  const put = (x) => {
    data.value = x;
    selection.value = new Set();
    flush();
    track(engine().setData(x.slice()));
  };

  /** Sends the positions that still wait: what comes next may give the points other indices. */
  const flush = () => {
    for (const [i, x] of moving) if (x) track(engine().movePoint(i, x));
    moving.clear();
  };

  /** Sends the newest position of a point; while an answer is out, later positions replace one another. @param {number} i @param {[number, number]} x */
  const sendMove = (i, x) => {
    if (moving.has(i)) {
      moving.set(i, x);
      return;
    }
    moving.set(i, null);
    track(engine().movePoint(i, x)).then(() => {
      const next = moving.get(i);
      moving.delete(i);
      if (next) sendMove(i, next);
    });
  };

  /** Sends all points; while an answer is out, one more sending waits, which takes the points as they are by then. */
  const sendAll = () => {
    if (sending !== 'no') {
      sending = 'again';
      return;
    }
    sending = 'once';
    track(engine().setData(data.value.slice())).then(() => {
      const again = sending === 'again';
      sending = 'no';
      if (again) sendAll();
    });
  };

  return {
    /** Whether the points are the visitor's own by now, and belong into a link. */
    edited,

    /** Whether edits wait for the engine: frames that left before them must not overwrite the mirror. */
    get pending() {
      return underWay > 0;
    },

    /** Opens a gesture. */
    begin() {
      before ??= data.value;
    },

    /** Closes the gesture; what happened in it is one entry of the history. */
    end() {
      if (before !== null && before !== data.value) push(before, data.value);
      before = null;
    },

    /** @param {number} i Index of the point. @param {[number, number]} x */
    move(i, x) {
      const after = data.value.slice();
      after.set(x, 2 * i);
      record(after);
      sendMove(i, x);
    },

    /**
     * Many points at once; indices stay what they are.
     * @param {number[]} ids
     * @param {ArrayLike<number>} xs [2 · ids] New positions.
     */
    moveAll(ids, xs) {
      const after = data.value.slice();
      ids.forEach((id, k) => {
        after[2 * id] = xs[2 * k];
        after[2 * id + 1] = xs[2 * k + 1];
      });
      record(after);
      if (ids.length > SINGLY) sendAll();
      else for (const [k, id] of ids.entries()) sendMove(id, [xs[2 * k], xs[2 * k + 1]]);
    },

    /** @param {ArrayLike<number>} xs [2n] */
    add(xs) {
      const points = Float32Array.from(xs);
      const after = new Float32Array(data.value.length + points.length);
      after.set(data.value);
      after.set(points, data.value.length);
      record(after);
      return track(engine().addPoints(points));
    },

    /** @param {Iterable<number>} ids Indices of points. */
    remove(ids) {
      const gone = new Set(ids);
      if (gone.size === 0) return Promise.resolve(true);
      const old = data.value;
      const after = new Float32Array(old.length - 2 * gone.size);
      for (let i = 0, k = 0; i < old.length / 2; i++) {
        if (gone.has(i)) continue;
        after[k++] = old[2 * i];
        after[k++] = old[2 * i + 1];
      }
      selection.value = new Set();
      record(after);
      flush();
      return track(engine().removePoints([...gone]));
    },

    /** Replaces all points. @param {ArrayLike<number>} x [2n] */
    set(x) {
      const points = Float32Array.from(x);
      selection.value = new Set();
      record(points);
      flush();
      return track(engine().setData(points.slice()));
    },
  };
}
