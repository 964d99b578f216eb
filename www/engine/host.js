/**
 * The worker's side of the protocol, without the worker: it owns one core engine, takes commands one after another, turns
 * the clock in slices between them, and posts frames while the page grants credit. Nothing here touches the DOM or wasm, so
 * that a test can drive it with a core of its own.
 */

import { createCadence } from './cadence.js';
import { createCommands } from './commands.js';
import { absentSet, isElsewhere, isPanic, messageOf } from './core.js';
import { transferables } from './transfer.js';

/** @import {Backend, BackendChoice, FromWorker, FrameView, Manifest, Mode, Open, Opened, Pace, StepEvent, ImageFiles, ToWorker} from './protocol.js' */
/** @import {Core, CoreEngine} from './core.js' */

/** One slice of training, in milliseconds: short enough that a command or a frame never waits for long. */
const SLICE = 10;

/** How often the state is copied to the page, in milliseconds; a fault loses at most that much training. */
const CHECKPOINT = 1500;

/**
 * What the clock is told to do.
 * @typedef {object} Clockwork
 * @property {boolean} playing
 * @property {Mode} mode
 * @property {number | null} speed
 * @property {Pace | null} pace
 */

/**
 * @typedef {object} Surroundings
 * @property {(message: FromWorker, transfer?: Transferable[]) => void} post
 * @property {(choice: BackendChoice, whole?: boolean) => Promise<Core>} load Fetches and instantiates the core that suits the
 * browser: the first one, or the one with every part.
 * @property {(set: string, progress: (share: number) => void) => Promise<ImageFiles | null>} images Fetches a set of images; null
 * where only the visitor has them.
 * @property {() => number} now Milliseconds.
 * @property {() => Promise<void>} breathe Lets messages in; unlike a timer of 0 ms it is not clamped to 4 ms.
 * @property {(run: () => void, ms: number) => unknown} later
 */

/** @param {Surroundings} surroundings */
export function createHost({ post, load, images, now, breathe, later }) {
  /** @type {CoreEngine | null} */
  let engine = null;
  /** @type {Backend['name']} */
  let device = 'wasm';
  /** @type {{id: number, method: string, args: any[]}[]} */
  const queue = [];
  /** @type {Clockwork} */
  const clock = { playing: false, mode: 'run', speed: null, pace: null };
  /** Until the page says what it shows, the core's own view holds: another would have it compile anew. @type {FrameView} */
  const view = { extent: [-4, 4, -4, 4], resolution: 0, arrows: 0 };
  const cadence = createCadence(now);
  let credit = 0;
  let running = false;
  let broken = false;
  /** Something changed that no frame shows yet. */
  let unseen = false;
  /** Something changed that no checkpoint holds yet. */
  let unsaved = false;
  let saveDue = false;
  /** What the last step did; null once the clock has run freely. @type {StepEvent | null} */
  let event = null;
  /** The frame under way. @type {Promise<void> | null} */
  let framing = null;
  /** Ends the rest of a slow clock. */
  let wake = () => {};

  const core = () => {
    if (engine === null) throw new Error('The engine is not open yet.');
    return engine;
  };
  /** @returns {Manifest} */
  const manifest = () => JSON.parse(core().manifest());
  const touched = () => {
    unseen = true;
    unsaved = true;
  };
  const seen = () => {
    unseen = true;
  };
  const clockChanged = () => {
    cadence.restarted();
    seen();
  };
  const pause = async () => {
    startFrame();
    await framing;
    await breathe();
  };
  /** @param {StepEvent | null} done */
  const stepped = (done) => {
    event = done;
    touched();
  };
  const commands = createCommands({
    core,
    grow,
    clock,
    view,
    touched,
    seen,
    stepped,
    clockChanged,
    pause,
    breathe,
    now,
  });

  /** @param {unknown} error */
  function fatal(error) {
    if (broken) return;
    broken = true;
    clock.playing = false;
    post({ event: 'fatal', message: messageOf(error) });
  }

  /** An engine of this core, or of the whole one where the config asks for a part of it. @param {Core} core @param {object} config */
  async function create({ backend, create: make }, config) {
    const text = JSON.stringify(config);
    try {
      return await make(backend.name, text);
    } catch (error) {
      if (!isElsewhere(error)) throw error;
    }
    const whole = await load(backend.name, true);
    try {
      return await whole.create(backend.name, text);
    } catch (error) {
      if (absentSet(error) === undefined) throw error;
      // Images are handed to an engine that is there.
      const next = await whole.create(backend.name, '{}');
      if (!(await supply(next, error))) throw error;
      await next.load(text);
      return next;
    }
  }

  /** Hands over the images that were missing. → Whether they could be had. @param {CoreEngine} to @param {unknown} error */
  async function supply(to, error) {
    const set = absentSet(error);
    if (set === undefined) return false;
    const progress = (/** @type {number} */ share) => post({ event: 'fetching', share });
    progress(0);
    const files = await images(set, progress);
    progress(1);
    if (files === null) return false;
    await to.giveImages?.(set, files.images, files.labels);
    return true;
  }

  /**
   * Creates the engine. A config that it refuses does not keep it from opening.
   * @param {Core} first
   * @param {object | null} config
   * @returns {Promise<{refused?: string}>}
   */
  async function start(first, config) {
    device = first.backend.name;
    try {
      engine = await create(first, config ?? {});
      return {};
    } catch (error) {
      if (config === null || isPanic(error)) throw error;
      engine = await create(first, {});
      return { refused: messageOf(error) };
    }
  }

  /** @param {Open} options @returns {Promise<Opened>} */
  async function open({ backend: choice, config }) {
    const wanted = await load(choice);
    let { backend } = wanted;
    /** @type {{refused?: string}} */
    let outcome;
    try {
      outcome = await start(wanted, config);
    } catch (error) {
      if (backend.name === 'wasm' || isPanic(error)) throw error;
      // There is an adapter, and it gives no device that will do.
      outcome = await start(await load('wasm'), config);
      backend = { name: 'wasm', reason: 'no-device' };
    }
    touched();
    const adapter = core().adapter();
    return {
      backend: adapter === undefined ? backend : { ...backend, adapter },
      manifest: manifest(),
      config: JSON.parse(core().config()),
      ...outcome,
    };
  }

  /** The run goes over to the core with every part, unless it is there. */
  async function grow() {
    if (manifest().whole) return;
    const whole = await load(device, true);
    const first = core();
    const state = await first.snapshot();
    const next = await whole.create(device, first.config());
    try {
      await next.restore(state);
    } catch (error) {
      next.free();
      throw error;
    }
    engine = next;
    first.free();
    touched();
    post({ event: 'grown', manifest: manifest() });
  }

  /** Gets what a command was refused for want of: the core with every part, or images. → Whether it is there now. @param {unknown} error */
  async function provide(error) {
    if (!isElsewhere(error)) return supply(core(), error);
    await grow();
    return true;
  }

  /** What a command answers, once what it needs is there: the whole core at first, then images. @param {string} method @param {any[]} args */
  async function obey(method, args) {
    for (let wants = 2; ; wants--) {
      try {
        return await commands.run(method, args);
      } catch (error) {
        if (wants === 0 || !(await provide(error))) throw error;
      }
    }
  }

  /** @param {{id: number, method: string, args: any[]}} request */
  async function answer({ id, method, args }) {
    try {
      await framing;
      post({ id, value: method === 'open' ? await open(args[0]) : await obey(method, args) });
    } catch (error) {
      post({ id, error: { message: messageOf(error) } });
      if (isPanic(error)) fatal(error);
    }
  }

  /** Starts a frame if one is due and wanted; the clock does not wait for it. */
  function startFrame() {
    if (framing || credit === 0 || engine === null || !unseen || broken) return;
    if (clock.playing && !cadence.due()) return;
    unseen = false;
    framing = engine
      .frame(JSON.stringify(view))
      .then((drawn) => {
        const { more = false, ...frame } = drawn;
        cadence.posted();
        unseen ||= more;
        if (frame.guard) clock.playing = false;
        // What the step did stays with the host, which may post it again: its arrays are copied.
        const transfer = transferables(frame);
        frame.playing = clock.playing;
        frame.rate = cadence.rate();
        frame.event = event;
        credit--;
        post({ event: 'frame', frame }, transfer);
      })
      .catch(fatal)
      .finally(() => {
        framing = null;
      });
  }

  /** Waits until a slow clock is due, or something else is. @param {number} ms */
  const rest = (ms) =>
    new Promise((resolve) => {
      wake = () => resolve(undefined);
      later(wake, ms);
    });

  /** One turn of the running clock. */
  async function turn() {
    const ms = cadence.rest(clock);
    if (ms > 0) return rest(ms);
    if (clock.pace) {
      await framing;
      const last = event?.update ?? 0;
      event = await core().step(clock.pace.grain);
      const updates = Math.max(0, event.update - last);
      cadence.turned(clock, updates, Math.max(1, updates));
    } else {
      event = null;
      cadence.turned(clock, await advance());
    }
    touched();
  }

  /** A slice of the free-running clock. → Rounds done. */
  async function advance() {
    const slice = () => core().advance(clock.speed === null ? SLICE : 0, clock.mode);
    try {
      return await slice();
    } catch (error) {
      if (!framing) throw error;
      // A frame that brings a new view, or good weights back, has the engine to itself until it is done.
      await framing;
      return clock.playing ? slice() : 0;
    }
  }

  async function save() {
    saveDue = false;
    if (!unsaved || engine === null) return;
    unsaved = false;
    await framing;
    const state = await engine.snapshot();
    post({ event: 'checkpoint', state, config: JSON.parse(engine.config()) }, transferables(state));
  }

  /** Brings the frames of a stopped clock up to date. → Whether there was something to do. */
  async function settle() {
    startFrame();
    if (!framing) return false;
    await framing;
    return true;
  }

  async function run() {
    while (!broken) {
      const request = queue.shift();
      if (request) await answer(request);
      else if (saveDue) await save();
      else if (clock.playing) await turn();
      else if (!(await settle())) break;
      if (clock.playing) startFrame();
      await breathe();
    }
    running = false;
  }

  function kick() {
    wake();
    if (running || broken) return;
    running = true;
    run().catch(fatal);
  }

  return {
    /** Takes a message from the page. @param {ToWorker} message */
    receive(message) {
      if ('ping' in message) return post({ pong: message.ping });
      if ('credit' in message) credit += message.credit;
      else queue.push(message);
      kick();
    },

    /** Starts to take checkpoints. */
    keep() {
      later(() => {
        saveDue = true;
        kick();
        this.keep();
      }, CHECKPOINT);
    },

    fatal,
  };
}
