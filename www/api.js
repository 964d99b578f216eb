/**
 * The scripting interface: `ebm`, for a console, a notebook or a test. Every call is a promise; arrays are row-major
 * Float32Arrays (plain arrays of numbers are taken too); errors are one sentence.
 */

import { effect } from '@preact/signals-core';
import { version } from './package.json';
import { floats, pair } from './state/arguments.js';

/** @import {Grain, Mode} from './engine/protocol.js' */
/** @import {Store} from './state/store.js' */

/** Calls that `further-api.js` answers. */
const FURTHER = /** @type {const} */ ([
  'buffer',
  'classify',
  'decode',
  'diagnose',
  'embed',
  'encode',
  'energy',
  'exactLikelihood',
  'filters',
  'future',
  'gradientBias',
  'holdPixels',
  'images',
  'labels',
  'latentChains',
  'loadImages',
  'logLikelihood',
  'logPartition',
  'lowerBound',
  'metrics',
  'mixClasses',
  'noised',
  'pseudoLogLikelihood',
  'pushes',
  'score',
  'setParticles',
  'startParticles',
  'tilt',
  'units',
  'views',
]);

/**
 * @param {object} options
 * @param {Store} options.store
 * @param {ReturnType<typeof import('./state/experiment.js').createExperiment>} options.experiment
 * @param {ReturnType<typeof import('./state/clock.js').createClock>} options.clock
 * @param {() => {toScreen: (x: [number, number]) => [number, number], fromScreen: (x: [number, number]) => [number, number]}} options.plot
 * @param {{kill: () => void}} options.client
 * @param {() => Promise<void>} options.explain Fetches the explanations.
 */
export function createApi({ store, experiment, clock, plot, client, explain }) {
  const { engine } = store;
  const ready = new Promise((resolve, reject) => {
    const stop = effect(() => {
      const status = store.status.value;
      if (status === 'live') resolve(undefined);
      if (status === 'failed') reject(new Error(store.t('status.failedAbout')));
      if (status === 'live' || status === 'failed') queueMicrotask(() => stop());
    });
  });
  ready.catch(() => {});

  /** Calls begin in the order in which they were made, also where one waits for what answers it. @type {Promise<unknown>} */
  let turn = Promise.resolve();
  /** @template {unknown[]} A @template R @param {(...args: A) => R | Promise<R>} run @param {() => unknown} [fetched] Before it begins. @returns {(...args: A) => Promise<R>} */
  const call =
    (run, fetched) =>
    async (...args) => {
      const before = turn;
      let begun = /** @type {(nothing?: undefined) => void} */ (() => {});
      turn = new Promise((resolve) => {
        begun = resolve;
      });
      try {
        await before;
        await ready;
        await fetched?.();
        return run(...args);
      } finally {
        begun();
      }
    };

  /** What the engine answers. @param {string} name */
  const asked = (name) => call((/** @type {any[]} */ ...args) => /** @type {any} */ (engine)[name](...args));
  /** @type {Record<string, (store: Store, ...args: any[]) => unknown>} */
  let answers = {};
  /** A call that is answered by what is fetched with the first of them. @param {typeof FURTHER[number]} name */
  const further = (name) =>
    call(
      (/** @type {any[]} */ ...args) => answers[name](store, ...args),
      async () => {
        answers = await import('./further-api.js');
      },
    );

  /** The visitor's own points from here on. @param {Promise<void>} edit */
  const edited = async (edit) => {
    await edit;
    store.data.value = await engine.data();
    store.edit.edited.value = true;
  };

  return {
    /** Of the page. */
    version,
    /** Resolves when the first scene is live. */
    ready,
    /** Which backend computes: 'webgpu' or 'wasm'; undefined before `ready`. */
    get backend() {
      return store.backend.value?.name;
    },

    /** Every registered density, model, objective, sampler and metric, with parameters and ranges. */
    manifest: call(async () => {
      await store.engine.everyPart();
      return store.manifest.value;
    }),
    /** [{id, title}] */
    scenes: call(async () => {
      await explain();
      return store.manifest.value?.scenes.map(({ id }) => ({ id, title: store.t(`scene.${id}.title`) }));
    }),
    /** A scene by its id, or a config: the JSON that `config()` returns. @type {(sceneOrConfig: string | object) => Promise<object>} */
    load: call((sceneOrConfig) => experiment.load(sceneOrConfig)),
    /** The current config. */
    config: asked('config'),
    /** Changes the experiment without a reset: `{sampler: {stepSize: 0.02}}`. → the config. @type {(patch: object) => Promise<object | null>} */
    configure: call(async (patch) => {
      await store.configure(patch);
      return store.config.value;
    }),

    /** Starts the clock: 'run', or 'sample' or 'learn' alone. @type {(mode?: Mode) => Promise<void>} */
    play: call(async (mode = store.mode.value) => {
      await engine.play({ mode });
      store.mode.value = mode;
      store.playing.value = true;
    }),
    /** Stops the clock. */
    pause: call(async () => {
      await engine.pause();
      store.playing.value = false;
    }),
    /** n training updates → {update, loss, parts}. @type {(n: number) => Promise<object>} */
    train: asked('train'),
    /** n sampler steps of the particles → {steps, acceptance?}. @type {(n: number) => Promise<object>} */
    sample: asked('sample'),
    /** One step of the clock, 'substep', 'stage' or 'update' → what was done. @type {(grain: Grain) => Promise<object>} */
    step: asked('step'),
    /** One step back. @type {(grain: Grain) => Promise<object>} */
    back: asked('back'),
    /** Slow motion on or off. @type {(on: boolean) => Promise<unknown>} */
    slowMotion: call((on) => clock.setSlow(on)),

    ...Object.fromEntries(FURTHER.map((name) => [name, further(name)])),

    /** The data points [2n]. */
    data: asked('data'),
    /** Replaces them. @type {(x: ArrayLike<number>) => Promise<void>} */
    setData: call((x) => edited(engine.setData(floats('setData', x)))),
    /** Appends points [2n]. @type {(x: ArrayLike<number>) => Promise<void>} */
    addPoints: call((x) => edited(engine.addPoints(floats('addPoints', x)))),
    /** Moves point i to [x, y]. @type {(i: number, x: ArrayLike<number>) => Promise<void>} */
    movePoint: call((i, x) => edited(engine.movePoint(i, pair('movePoint', x)))),
    /** Removes the points of these indices. @type {(ids: Iterable<number>) => Promise<void>} */
    removePoints: call((ids) => edited(engine.removePoints([...ids]))),
    /** The particles [2n]. */
    particles: asked('particles'),
    /** The weights as safetensors: Uint8Array. */
    exportWeights: asked('exportWeights'),
    /** @type {(bytes: Uint8Array) => Promise<void>} */
    importWeights: call(async (bytes) => {
      await engine.importWeights(bytes);
      store.brought.value++;
    }),
    /** The whole state: weights, optimiser, chains, points, clock. */
    snapshot: asked('snapshot'),
    /** @type {(state: Uint8Array) => Promise<void>} */
    restore: call(async (state) => {
      await engine.restore(state);
      store.config.value = await engine.config();
      store.brought.value++;
    }),
    /** Back to the start, with the same seed. */
    reset: asked('reset'),
    /** To another start. @type {(seed: number) => Promise<object>} */
    reseed: call(async (seed) => {
      store.config.value = await engine.reseed(seed);
      return store.config.value;
    }),

    /** Where a world point lies on the page, in CSS pixels. @type {(x: ArrayLike<number>) => Promise<[number, number]>} */
    toScreen: call((x) => plot().toScreen(pair('toScreen', x))),
    /** The world point at a place of the page. @type {(x: ArrayLike<number>) => Promise<[number, number]>} */
    fromScreen: call((x) => plot().fromScreen(pair('fromScreen', x))),
    /** The share link of this moment. */
    link: call(() => experiment.link()),

    /** Faults on purpose, for tests of the recovery: the GPU device is destroyed, or the worker ends without a word. */
    faults: {
      loseDevice: asked('loseDevice'),
      killWorker: call(() => client.kill()),
    },
  };
}
