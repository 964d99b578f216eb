/**
 * When the worker does what: how long a limited clock rests, when the next frame is due, and how many updates a second the
 * clock reaches.
 */

/** Time between frames of a running clock, in milliseconds: the screen's, less what posting takes. */
const FRAME = 14;

/** The rate is the mean over this many milliseconds. */
const WINDOW = 1000;

/** @typedef {{speed: number | null, pace: {perSecond: number} | null}} Limits */

/** @param {() => number} now Milliseconds. */
export function createCadence(now) {
  let nextFrame = 0;
  let nextTurn = 0;
  /** Turns of the clock: when, and the updates done by then since the first. @type {{at: number, updates: number}[]} */
  let turns = [];

  return {
    /** Whether it is time for the next frame of a running clock. */
    due: () => now() >= nextFrame,

    /** A frame was posted. */
    posted() {
      nextFrame = now() + FRAME;
    },

    /** Milliseconds until the clock may turn again. @param {Limits} limits */
    rest({ speed, pace }) {
      return (pace?.perSecond ?? speed) === null ? 0 : Math.max(0, nextTurn - now());
    },

    /**
     * The clock turned and made so many updates; `steps` of the limited clock are behind it, none where it is halfway through an update.
     * @param {Limits} limits @param {number} updates @param {number} [steps]
     */
    turned({ speed, pace }, updates, steps = updates) {
      const at = now();
      const perSecond = pace?.perSecond ?? speed;
      if (perSecond !== null) nextTurn = Math.max(nextTurn, at - FRAME) + (1000 * steps) / perSecond;
      turns.push({ at, updates: (turns.at(-1)?.updates ?? 0) + updates });
      const fresh = turns.findIndex((turn) => turn.at >= at - WINDOW);
      if (fresh > 0) turns = turns.slice(fresh);
    },

    /** The clock was started, stopped or set anew: what it did before says nothing about its rate. */
    restarted() {
      turns = [];
      nextTurn = 0;
    },

    /** Updates a second. */
    rate() {
      if (turns.length < 2) return 0;
      const first = turns[0];
      const last = turns[turns.length - 1];
      return (1000 * (last.updates - first.updates)) / Math.max(1, last.at - first.at);
    },
  };
}
