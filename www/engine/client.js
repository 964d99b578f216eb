/**
 * The page's side of the protocol: the worker's methods as promises, and a worker that comes back. A fault (a panic in the
 * core, a lost device, a worker that no longer answers) ends the worker; the next one starts from the last checkpoint and
 * goes on with whatever the clock was doing.
 */

import { FRAME_CREDIT } from './protocol.js';
import { createWatch } from './watch.js';

/** @import {BackendChoice, Config, Engine, Frame, FrameView, FromWorker, Manifest, Mode, Opened, Pace} from './protocol.js' */

/** Faults within MINUTE before the page gives up on a backend. */
const PATIENCE = 3;
const MINUTE = 60_000;

/** A call that was under way when the engine had to be restarted. */
export class LostCall extends Error {
  /** @param {string} cause */
  constructor(cause) {
    super(`The engine was restarted and this call was lost (${cause}).`);
  }
}

/**
 * @typedef {object} Handlers
 * @property {(frame: Frame) => void} frame Must be followed by `drawn()` once it is on the screen.
 * @property {(opened: Opened) => void} opened
 * @property {(manifest: Manifest) => void} grown The run is on the core with every part.
 * @property {(share: number) => void} [fetching] How much of a file is there that a command waits for; 1 when the wait is over.
 * @property {(cause: string) => void} fault The worker ended; a new one is on its way.
 * @property {(cause: string) => void} failed It keeps failing: the page gives up.
 */

/**
 * @typedef {object} WorkerLike
 * @property {(message: any) => void} postMessage
 * @property {() => void} terminate
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onerror
 */

/**
 * @param {object} options
 * @param {(backend: BackendChoice) => WorkerLike} options.spawn A worker for a backend.
 * @param {Handlers} options.handlers
 * @param {() => number} [options.now] Milliseconds.
 */
export function createClient({ spawn, handlers, now = () => performance.now() }) {
  /** @type {WorkerLike} */
  let worker;
  let nextId = 0;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  const waiting = new Map();
  /** Calls wait for this: the worker of the moment is open. @type {Promise<unknown>} */
  let open = Promise.reject(new Error('The engine is not open yet.'));
  open.catch(() => {});
  /** @type {number[]} */
  let faults = [];
  /** @type {BackendChoice} */
  let backend = 'auto';
  /** @type {{state: Uint8Array, config: Config} | null} */
  let checkpoint = null;
  /** @type {object | null} */
  let firstConfig = null;
  let undrawn = 0;
  let closed = false;

  /** What the clock and the frames were last told, to tell a new worker. */
  const wish = {
    /** @type {Mode | null} */ mode: null,
    /** @type {number | null} */ speed: null,
    /** @type {Pace | null} */ pace: null,
    /** @type {FrameView | null} */ view: null,
    /** The visitor's own images. @type {unknown[] | null} */ images: null,
  };
  const watch = createWatch({ ping: (n) => worker.postMessage({ ping: n }), lost: () => fault('worker-silent') });

  /** @param {string} method @param {unknown[]} args @returns {Promise<any>} */
  const ask = (method, args) =>
    new Promise((resolve, reject) => {
      const id = ++nextId;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, method, args });
    });

  /** @param {FromWorker} message */
  function receive(message) {
    watch.heard();
    if ('pong' in message) return;
    if ('event' in message) {
      if (message.event === 'frame') {
        undrawn++;
        // Only the guard stops the clock unasked; a frame from before `play` arrived says nothing of what is wanted.
        if (message.frame.guard) wish.mode = null;
        handlers.frame(message.frame);
      } else if (message.event === 'checkpoint') checkpoint = { state: message.state, config: message.config };
      else if (message.event === 'grown') handlers.grown(message.manifest);
      else if (message.event === 'fetching') handlers.fetching?.(message.share);
      else fault(message.message);
      return;
    }
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) call?.reject(new Error(message.error.message));
    else call?.resolve(message.value);
  }

  /** Spawns a worker and opens it. @param {object | null} config @returns {Promise<Opened>} */
  async function start(config) {
    worker = spawn(backend);
    const mine = worker;
    worker.onmessage = ({ data }) => {
      if (mine === worker) receive(data);
    };
    worker.onerror = (event) => {
      event.preventDefault?.();
      if (mine === worker) fault(event.message ?? 'worker-error');
    };
    undrawn = 0;
    const opened = await ask('open', [{ backend, config }]);
    watch.start();
    return opened;
  }

  /** @param {string} cause */
  function fault(cause) {
    if (closed) return;
    watch.stop();
    worker.terminate();
    for (const { reject } of waiting.values()) reject(new LostCall(cause));
    waiting.clear();
    const at = now();
    faults = [...faults.filter((t) => at - t < MINUTE), at];
    if (faults.length > PATIENCE && backend === 'wasm') {
      handlers.failed(cause);
      return;
    }
    if (faults.length > PATIENCE) {
      backend = 'wasm';
      faults = [at];
    }
    handlers.fault(cause);
    const resumed = resume();
    const successor = worker;
    open = resumed;
    resumed.catch((error) => {
      // A further fault has already seen to it; what remains is a checkpoint that the core does not take back.
      if (worker !== successor) return;
      checkpoint = null;
      fault(error.message);
    });
  }

  async function resume() {
    const opened = await start(checkpoint?.config ?? firstConfig);
    if (closed) throw new LostCall('closed');
    if (wish.images) await ask('giveImages', wish.images);
    if (checkpoint) await ask('restore', [checkpoint.state.slice()]);
    if (wish.view) await ask('view', [wish.view]);
    await ask('speed', [wish.speed]);
    await ask('pace', [wish.pace]);
    if (wish.mode) await ask('play', [{ mode: wish.mode }]);
    handlers.opened(opened);
    worker.postMessage({ credit: FRAME_CREDIT });
  }

  /** @param {string} method @param {unknown[]} args */
  async function call(method, args) {
    if (method === 'play') wish.mode = /** @type {{mode: Mode}} */ (args[0]).mode;
    else if (['pause', 'step', 'back', 'pushes'].includes(method)) wish.mode = null;
    else if (method === 'speed') wish.speed = /** @type {number | null} */ (args[0]);
    else if (method === 'pace') wish.pace = /** @type {Pace | null} */ (args[0]);
    else if (method === 'view') wish.view = /** @type {FrameView} */ (args[0]);
    await open;
    if (closed) throw new LostCall('closed');
    const value = await ask(method, args);
    // What is refused is not handed over again.
    if (method === 'giveImages') wish.images = args;
    return value;
  }

  return {
    /** The worker's methods: it alone lists them. What `await` asks of everything it holds is none of them. */
    engine: /** @type {Engine} */ (
      new Proxy(
        {},
        {
          get: (_, method) =>
            method === 'then' ? undefined : (/** @type {unknown[]} */ ...args) => call(String(method), args),
        },
      )
    ),

    /**
     * Opens the engine; frames start to come.
     * @param {{backend: BackendChoice, config: object | null}} options
     */
    async open(options) {
      backend = options.backend;
      firstConfig = options.config;
      const started = start(options.config);
      open = started;
      const opened = await started;
      handlers.opened(opened);
      worker.postMessage({ credit: FRAME_CREDIT });
      return opened;
    },

    /** What came is on the screen: grants as many frames again. */
    drawn() {
      if (undrawn > 0) worker.postMessage({ credit: undrawn });
      undrawn = 0;
    },

    /** Ends the worker without a word, as a browser short of memory does: a hook for tests. */
    kill() {
      worker.terminate();
    },

    close() {
      closed = true;
      watch.stop();
      worker.terminate();
      for (const { reject } of waiting.values()) reject(new LostCall('closed'));
      waiting.clear();
    },
  };
}
