/**
 * What a visitor does to the clock, by button, key or script: each operation tells the engine and keeps the store's view of
 * it. Failures become a notice; nothing here throws.
 */

/** @import {Grain, Mode} from '../engine/protocol.js' */
/** @import {Store} from './store.js' */

/** Steps a second in slow motion, to choose from. */
export const SLOW_SPEEDS = [0.5, 1, 2, 4, 10];

/** Most updates a second, to choose from; null is as fast as it goes. */
export const SPEEDS = [1, 3, 10, 30, 100, null];

/** @typedef {ReturnType<typeof createClock>} ClockActions */

/** @param {Store} store */
export function createClock(store) {
  /** @param {Promise<unknown>} answer */
  const tell = (answer) => answer.catch(store.refused);

  /** The pace of the moment. In slow motion the clock plays steps of the chosen grain. */
  const pace = () => (store.slow.value ? { grain: store.grain.value, perSecond: store.slowSpeed.value } : null);

  const actions = {
    play() {
      store.playing.value = true;
      return tell(store.engine.play({ mode: store.mode.value }));
    },

    pause() {
      store.playing.value = false;
      return tell(store.engine.pause());
    },

    toggle: () => (store.playing.value ? actions.pause() : actions.play()),

    /** One step of the chosen grain, or of the one given. @param {Grain} [grain] */
    step(grain = store.grain.value) {
      store.playing.value = false;
      return tell(store.engine.step(grain));
    },

    /** @param {Grain} [grain] */
    back(grain = store.grain.value) {
      store.playing.value = false;
      return tell(store.engine.back(grain));
    },

    /** @param {Grain} grain */
    setGrain(grain) {
      store.grain.value = grain;
      if (store.slow.value) tell(store.engine.pace(pace()));
    },

    /** @param {Mode} mode */
    setMode(mode) {
      store.mode.value = mode;
      if (store.playing.value) actions.play();
    },

    /** @param {number | null} speed Updates a second. */
    setSpeed(speed) {
      store.speed.value = speed;
      return tell(store.engine.speed(speed));
    },

    /** @param {number} perSecond Steps a second in slow motion. */
    setSlowSpeed(perSecond) {
      store.slowSpeed.value = perSecond;
      return tell(store.engine.pace(pace()));
    },

    /** Slow motion shows the stages of an update; whole updates would show nothing more than usual. @param {boolean} slow */
    setSlow(slow) {
      store.slow.value = slow;
      if (slow && store.grain.value === 'update') store.grain.value = 'stage';
      if (!slow) store.grain.value = 'update';
      return tell(store.engine.pace(pace()));
    },

    /** Back to the start of the same movie. */
    reset: () => tell(store.engine.reset()),

    /** Another movie. @param {number} [seed] */
    reseed: (seed = randomSeed()) =>
      tell(
        store.engine.reseed(seed).then((config) => {
          store.config.value = config;
        }),
      ),
  };
  return actions;
}

/** Small enough to be read out and typed again. */
function randomSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0] % 10_000;
}
