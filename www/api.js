/**
 * The scripting interface: `ebm`, for a console, a notebook or a test. Every call is a promise; arrays are row-major
 * Float32Arrays (plain arrays of numbers are taken too); errors are one sentence.
 */

import { effect } from '@preact/signals-core';
import { version } from './package.json';

/** @import {Grain, Mode} from './engine/protocol.js' */
/** @import {Store} from './state/store.js' */

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

  /** @template {unknown[]} A @template R @param {(...args: A) => R | Promise<R>} run @returns {(...args: A) => Promise<R>} */
  const call =
    (run) =>
    async (...args) => {
      await ready;
      return run(...args);
    };

  /** What the engine answers. @param {string} name */
  const asked = (name) => call((/** @type {any[]} */ ...args) => /** @type {any} */ (engine)[name](...args));
  /** The same of points or images. @param {string} name @returns {(x: ArrayLike<number>) => Promise<any>} */
  const askedOf = (name) => call((x) => /** @type {any} */ (engine)[name](floats(name, x)));

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

    /** E(x): [n · d] → [n], d = 2 in the plane and 784 of images. @type {(x: ArrayLike<number>) => Promise<Float32Array>} */
    energy: askedOf('energy'),
    /** −∇E(x): [n · d] → [n · d]. @type {(x: ArrayLike<number>) => Promise<Float32Array>} */
    score: askedOf('score'),
    /** p(y | x): [2n] → [n · classes]; empty where no classes are learned. @type {(x: ArrayLike<number>) => Promise<Float32Array>} */
    classify: askedOf('classify'),
    /** The class of each data point, [n]; empty where they have none. */
    labels: asked('labels'),
    /** {nll, logZ, kl, …}; null where a metric does not apply. */
    metrics: call(async () => {
      const { measureSamples } = await import('./engine/measures.js');
      return { ...(await engine.metrics()), ...(await measureSamples(engine)) };
    }),
    /**
     * The rule's gradient against the exact one, by numbers of sampler steps, means of `draws` updates: rows of steps, angle in
     * degrees and ratio of lengths.
     */
    gradientBias: call((/** @type {number[]} */ steps, /** @type {number} */ draws) =>
      engine.gradientBias(steps ?? [1, 10, 100], draws ?? 8),
    ),
    /** ln p(x) by the probability flow, of models of every noise level: [2n] → [n]. @type {(x: ArrayLike<number>) => Promise<Float32Array>} */
    logLikelihood: askedOf('logLikelihood'),
    /** Points as they are at the noise level that is shown, a x₀ + σz, each with a z of its own: [2n] → [2n]. */
    noised: askedOf('noised'),
    /**
     * What the hidden units of a Boltzmann machine say of images [784n]: {on [n · hidden], mean [784n]}; empty where the model has none.
     * @type {(x: ArrayLike<number>) => Promise<object>}
     */
    units: askedOf('units'),
    /** The weights of each hidden unit to the pixels, [hidden · 784]; empty where the model has none. */
    filters: asked('filters'),
    /** Mean pseudo-log-likelihood of the first held-out images, in nats. @type {(most?: number) => Promise<number>} */
    pseudoLogLikelihood: call((most = 1000) => engine.pseudoLogLikelihood(most)),
    /** What is known exactly of a machine with a small layer: {logPartition, heldOut, entropy, mass}; null of larger ones. */
    exactLikelihood: asked('exactLikelihood'),
    /**
     * log Z of a Boltzmann machine by annealed importance sampling: {estimate, standardError, lower, exact, chains, heldOut}. Another
     * seed makes other chains. @type {(steps?: number, seed?: number) => Promise<object>}
     */
    logPartition: call((steps = 1000, seed = 1) => engine.logPartition(steps, seed)),
    /** μ and ln σ of the encoder's law q(z | x) of a model of latent variables: [n · d] → [n · 2 latent]. @type {(x: ArrayLike<number>) => Promise<Float32Array>} */
    encode: askedOf('encode'),
    /** E[x | z] of its decoder: [n · latent] → [n · d]. @type {(z: ArrayLike<number>) => Promise<Float32Array>} */
    decode: askedOf('decode'),
    /** What the prior of a model like latent-ebm is tilted by: f(z), [n · latent] → [n]. @type {(z: ArrayLike<number>) => Promise<Float32Array>} */
    tilt: askedOf('tilt'),
    /**
     * How its chains of the posterior of points x [n · d], and as many of the prior, get where they lead, told at the ends of so many pieces of
     * their way: {posterior, prior}, each {steps, places}. Another seed makes others.
     * @type {(x: ArrayLike<number>, pieces?: number, seed?: number) => Promise<object>}
     */
    latentChains: call((x, pieces = 20, seed = 1) => engine.latentChains(Float32Array.from(x), pieces, seed)),
    /**
     * The evidence lower bound of the first held-out points: {elbo, reconstruction, divergence, standardError, importanceWeighted, logLikelihood,
     * points, draws, update}. Another seed makes other draws. @type {(draws?: number, seed?: number, most?: number) => Promise<object>}
     */
    lowerBound: call((draws = 16, seed = 1, most = 1e6) => engine.lowerBound(draws, seed, most)),
    /** The next update, and what it did to E at points [2n]: {data, model, change, batch, negatives}. @type {(x: ArrayLike<number>) => Promise<object>} */
    pushes: askedOf('pushes'),
    /** The replay buffer: {chains, ages}. */
    buffer: asked('buffer'),
    /** Walks the particles and measures their chains: {steps, chains, acceptance, rHat, ess, autocorrelation, trace}. */
    diagnose: call(async (/** @type {number} */ steps) => {
      const { diagnose } = await import('./engine/measures.js');
      return diagnose(engine, steps ?? 400);
    }),

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
    /** @type {(x: ArrayLike<number>) => Promise<void>} */
    setParticles: askedOf('setParticles'),
    /** Starts them anew: 'noise', 'data', 'buffer' or a point [x, y]. @type {(start: 'noise' | 'data' | 'buffer' | [number, number]) => Promise<void>} */
    startParticles: call(async (start) => {
      const { startParticles } = await import('./state/starts.js');
      return startParticles(store, start);
    }),
    /**
     * Learns the images of IDX files, gzipped or not, labels where there are some. → How many images.
     * @type {(images: Uint8Array, labels?: Uint8Array) => Promise<number>}
     */
    loadImages: call(async (images, labels) => {
      const { learnImages } = await import('./images/files.js');
      return learnImages(store, bytes('loadImages', images), labels && bytes('loadImages', labels));
    }),
    /** The images of the experiment, 'training' or 'held-out': {pixels [784n] from −1 to 1, labels [n]?}. @type {(part: 'training' | 'held-out') => Promise<object>} */
    images: asked('images'),
    /**
     * The particles keep the pixels of an image [784] where `free` [784] is 0; without arguments they keep none.
     * @type {(image?: ArrayLike<number>, free?: ArrayLike<number>) => Promise<void>}
     */
    holdPixels: call((image, free) =>
      engine.holdPixels(
        floats('holdPixels', image ?? new Float32Array(784)),
        floats('holdPixels', free ?? new Float32Array(image?.length ?? 784).fill(1)),
      ),
    ),
    /** The particles follow w₀ E(x) + Σ w_y E(x, y), with weights [1 + classes]. @type {(weights: ArrayLike<number>) => Promise<void>} */
    mixClasses: askedOf('mixClasses'),

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

/** @param {string} name Of the call. @param {ArrayLike<number>} x */
function floats(name, x) {
  if (!ArrayBuffer.isView(x) && !Array.isArray(x))
    throw new Error(`${name}: ${typeof x} is not accepted; expected a Float32Array or an array of numbers.`);
  return Float32Array.from(/** @type {ArrayLike<number>} */ (x));
}

/** @param {string} name Of the call. @param {unknown} x */
function bytes(name, x) {
  if (x instanceof ArrayBuffer) return new Uint8Array(x);
  if (!(x instanceof Uint8Array))
    throw new Error(`${name}: ${typeof x} is not accepted; expected the bytes of an IDX file, a Uint8Array.`);
  return x;
}

/** @param {string} name Of the call. @param {ArrayLike<number>} x @returns {[number, number]} */
function pair(name, x) {
  const values = floats(name, x);
  if (values.length !== 2) throw new Error(`${name}: ${values.length} numbers are not accepted; expected two, [x, y].`);
  return [x[0], x[1]];
}
