/**
 * When the worker does what: how long a limited clock rests, when a frame is due and how much it holds, and how many updates
 * a second the clock reaches. Landscapes cost more than particles, so a running clock sends them only as often as keeps
 * them under a quarter of the time.
 */

/** Time between frames of a running clock, in milliseconds: the screen's, less what posting takes. */
const FRAME = 14;

/** A landscape that took t ms is not asked for again for SHARE · t ms. */
const SHARE = 3;

/** The rate is the mean over this many milliseconds. */
const WINDOW = 1000;

/** @param {() => number} now Milliseconds. */
export function createCadence(now) {
  let nextFrame = 0;
  let nextFull = 0;
  let nextTurn = 0;
  /** Turns of the clock: when, and the updates done by then since the first. @type {{at: number, updates: number}[]} */
  let turns = [];

  return {
    /** What the next frame holds. @param {boolean} playing @returns {'none' | 'light' | 'full'} */
    due(playing) {
      if (!playing) return 'full';
      const at = now();
      if (at < nextFrame) return 'none';
      return at < nextFull ? 'light' : 'full';
    },

    /** @param {'light' | 'full'} part @param {number} took Milliseconds. */
    posted(part, took) {
      const at = now();
      nextFrame = at + FRAME;
      if (part === 'full') nextFull = at + SHARE * took;
    },

    /** Milliseconds until the clock may turn again. @param {{speed: number | null, pace: {perSecond: number} | null}} clock */
    rest({ speed, pace }) {
      return (pace?.perSecond ?? speed) === null ? 0 : Math.max(0, nextTurn - now());
    },

    /** The clock turned and made so many updates. @param {{speed: number | null, pace: {perSecond: number} | null}} clock @param {number} updates */
    turned({ speed, pace }, updates) {
      const at = now();
      const perSecond = pace?.perSecond ?? speed;
      if (perSecond !== null) nextTurn = Math.max(nextTurn, at - FRAME) + (1000 * Math.max(1, updates)) / perSecond;
      turns.push({ at, updates: (turns.at(-1)?.updates ?? 0) + updates });
      const stale = turns.findIndex((turn) => turn.at >= at - WINDOW);
      if (stale > 0) turns = turns.slice(stale);
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
