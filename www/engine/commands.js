/** What each method of the protocol does with the core. Long ones are cut into pieces so that frames keep coming. */

/** @import {CoreEngine} from './core.js' */
/** @import {FrameView, StepEvent} from './protocol.js' */

/** A piece of a long command, in milliseconds. */
const PIECE = 50;

/**
 * @typedef {object} CommandContext
 * @property {() => CoreEngine} core
 * @property {() => Promise<void>} grow Takes the run over to the core with every part.
 * @property {import('./host.js').Clockwork} clock
 * @property {FrameView} view
 * @property {() => void} touched The state changed: it wants a frame and a checkpoint.
 * @property {() => void} seen Only what is shown changed: it wants a frame.
 * @property {(event: StepEvent | null) => void} stepped The clock went on: by a step, or freely.
 * @property {() => void} clockChanged
 * @property {() => Promise<void>} pause Lets frames and messages through.
 * @property {() => Promise<void>} breathe Lets messages through alone, for a command that holds the core meanwhile.
 * @property {() => number} now
 */

/** @param {CommandContext} context */
export function createCommands({ core, grow, clock, view, touched, seen, stepped, clockChanged, pause, breathe, now }) {
  const config = () => JSON.parse(core().config());

  /**
   * Runs `piece(k)` until n are done, with k such that each takes about PIECE ms.
   * @template T
   * @param {number} n
   * @param {(k: number) => Promise<T>} piece
   * @param {(sum: T, next: T, done: number, k: number) => T} join
   */
  const inPieces = async (n, piece, join) => {
    let size = 1;
    /** @type {T | undefined} */
    let result;
    for (let done = 0; done < n || result === undefined; ) {
      const k = Math.min(size, n - done);
      const start = now();
      const next = await piece(k);
      result = result === undefined ? next : join(result, next, done, k);
      done += k;
      stepped(null);
      const took = now() - start;
      size = Math.max(1, Math.round(size * Math.min(4, PIECE / Math.max(1, took))));
      if (done < n) await pause();
    }
    return result;
  };

  /** @param {Promise<unknown>} change */
  const changed = async (change) => {
    await change;
    touched();
  };

  /** A change that only the whole core knows. @param {'giveImages' | 'holdPixels' | 'mixClasses'} method */
  const further =
    (method) =>
    async (/** @type {any[]} */ ...args) => {
      await grow();
      const value = await /** @type {any} */ (core())[method](...args);
      touched();
      return value;
    };

  /** A question to the whole core. The long ones let messages through while they are at work. @param {keyof CoreEngine} method */
  const asked =
    (method) =>
    async (/** @type {any[]} */ ...args) => {
      await grow();
      return /** @type {any} */ (core())[method](...args, breathe);
    };

  /** @type {Record<string, (...args: any[]) => unknown>} */
  const table = {
    config,
    async configure(patch) {
      await changed(core().configure(JSON.stringify(patch)));
      return config();
    },
    async load(sceneOrConfig) {
      await changed(core().load(JSON.stringify(sceneOrConfig)));
      return config();
    },
    everyPart: grow,
    play({ mode }) {
      Object.assign(clock, { playing: true, mode });
      clockChanged();
    },
    pause() {
      clock.playing = false;
      clockChanged();
    },
    speed(perSecond) {
      clock.speed = perSecond;
      clockChanged();
    },
    pace(pace) {
      clock.pace = pace;
      clockChanged();
    },
    train: (n) =>
      inPieces(
        n,
        (k) => core().train(k),
        (_, next) => next,
      ),
    /** Frames come as often as they do between the pieces of other commands. */
    async rounds(n) {
      let since = now();
      for (let done = 0; done < n; done++) {
        await core().advance(0, 'run');
        stepped(null);
        if (now() - since < PIECE) continue;
        await pause();
        since = now();
      }
    },
    sample: (n) =>
      inPieces(
        n,
        (k) => core().sample(k),
        (sum, next, done, k) => ({ ...next, ...joinAcceptance(sum, next, done, k), steps: sum.steps + next.steps }),
      ),
    async step(grain) {
      clock.playing = false;
      const event = await core().step(grain);
      stepped(event);
      return event;
    },
    async back(grain) {
      clock.playing = false;
      const event = await core().back(grain);
      stepped(event);
      return event;
    },
    energy: (x) => core().energy(x),
    score: (x) => core().score(x),
    metrics: () => core().metrics(),
    trace: (steps) => inPieces(steps, (k) => core().trace(k), joinRows),
    heldOut: () => core().heldOut(),
    modes: () => core().modes(),
    gradientBias: (steps, draws) => core().gradientBias(Uint32Array.from(steps), draws, breathe),
    logLikelihood: asked('logLikelihood'),
    noised: asked('noised'),
    future: asked('future'),
    // What the first core lacks it has no classes for, and no hidden units.
    classify: (x) => core().classify?.(x) ?? new Float32Array(0),
    units: (x) => core().units?.(x) ?? { on: new Float32Array(0), mean: new Float32Array(0) },
    filters: () => core().filters?.() ?? new Float32Array(0),
    pseudoLogLikelihood: asked('pseudoLogLikelihood'),
    exactLikelihood: asked('exactLikelihood'),
    logPartition: asked('logPartition'),
    encode: asked('encode'),
    decode: asked('decode'),
    tilt: asked('tilt'),
    latentChains: asked('latentChains'),
    lowerBound: asked('lowerBound'),
    embed: asked('embed'),
    views: asked('views'),
    labels: () => core().labels?.() ?? new Float32Array(0),
    giveImages: further('giveImages'),
    images: (part) => core().images?.(part),
    readImages: (file, most) => core().readImages?.(file, most),
    imageCounts: () => Array.from(core().imageCounts?.() ?? []),
    nearestImage: (x) => core().nearestImage?.(x),
    holdPixels: further('holdPixels'),
    mixClasses: further('mixClasses'),
    mix: () => core().mix?.() ?? new Float32Array(0),
    heldPixels: () => core().heldPixels?.() ?? 0,
    data: () => core().data(),
    setData: (x) => changed(core().setData(x)),
    addPoints: (x) => changed(core().addPoints(x)),
    movePoint: (i, x) => changed(core().movePoint(i, x)),
    removePoints: (ids) => changed(core().removePoints(Uint32Array.from(ids))),
    buffer: asked('buffer'),
    async proof(x) {
      await grow();
      const prove = core().proof;
      if (!prove) throw new Error('proof: this core has no double precision; expected the one for the CPU.');
      return prove.call(core(), x);
    },
    async pushes(x) {
      await grow();
      clock.playing = false;
      const pushes = await core().pushes?.(x);
      stepped(null);
      return pushes;
    },
    particles: () => core().particles(),
    setParticles: (x) => changed(core().setParticles(x)),
    exportWeights: () => core().exportWeights(),
    importWeights: (bytes) => changed(core().importWeights(bytes)),
    snapshot: () => core().snapshot(),
    restore: (state) => changed(core().restore(state)),
    reset: () => changed(core().reset()),
    async reseed(seed) {
      await changed(core().reseed(seed));
      return config();
    },
    view(next) {
      Object.assign(view, next);
      seen();
    },
    probe: (x) => core().probe(x),
    select: (i) => core().select(i),
    loseDevice: () => core().loseDevice(),
  };

  return {
    /** @param {string} method @param {unknown[]} args */
    async run(method, args) {
      if (!Object.hasOwn(table, method))
        throw new Error(`${method} is not a command; expected one of ${Object.keys(table).join(', ')}.`);
      return table[method](...args);
    },
  };
}

/**
 * Acceptance of two runs of a sampler, weighed by their lengths; none where the sampler accepts everything.
 * @param {{acceptance?: number}} sum @param {{acceptance?: number}} next @param {number} done @param {number} k
 */
function joinAcceptance(sum, next, done, k) {
  if (sum.acceptance === undefined || next.acceptance === undefined) return {};
  return { acceptance: (sum.acceptance * done + next.acceptance * k) / (done + k) };
}

/** @param {Float32Array} rows @param {Float32Array} next */
function joinRows(rows, next) {
  const all = new Float32Array(rows.length + next.length);
  all.set(rows);
  all.set(next, rows.length);
  return all;
}
