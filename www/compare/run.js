/** One of two runs that are compared: an engine in a worker of its own, its state, and the plot that shows it. */

import { createClient } from '../engine/client.js';
import { createStore } from '../state/store.js';
import { makePlot } from '../views/plot.js';

/** @import {BackendChoice, Config} from '../engine/protocol.js' */
/** @import {WorkerLike} from '../engine/client.js' */
/** @import {Store} from '../state/store.js' */

/** @typedef {ReturnType<typeof createRun>} Run */

/** Rounds that are handed to the worker at once: what the guard stops ends with them. */
const PIECE = 16;

/**
 * @param {object} options
 * @param {Store} options.page The page's own state: its language, theme and points.
 * @param {HTMLElement} options.element Where the plot goes.
 * @param {(backend: BackendChoice) => WorkerLike} options.spawn
 */
export function createRun({ page, element, spawn }) {
  const { words, theme, motion, view } = page;
  const store = Object.assign(createStore({ language: 'en', strings: {}, words }), { theme, motion, view });
  let drawing = 0;
  /** Rounds of the clock since the start. */
  let rounds = 0;
  /** What ended them: the guard, after which one may play on, or a fault, after which only a new start is to be compared. @type {'guard' | 'fault' | null} */
  let stopped = null;
  /** The visitor's own points, which a config does not hold. @type {Float32Array | null} */
  let own = null;
  const client = createClient({
    spawn,
    handlers: {
      frame(frame) {
        store.receive(frame);
        if (frame.guard) [rounds, stopped] = [frame.clock.update, 'guard'];
        drawing ||= requestAnimationFrame(draw);
      },
      opened({ manifest }) {
        store.manifest.value = manifest;
      },
      grown(manifest) {
        store.manifest.value = manifest;
      },
      fault(cause) {
        stopped = 'fault';
        store.notify({ kind: 'warning', key: 'engine.restarted', params: { cause } });
      },
      failed: (cause) => store.notify({ kind: 'error', key: 'engine.failed', params: { cause } }),
    },
  });
  store.connect(client.engine);
  const plot = makePlot({ element, store, editable: false });

  function draw() {
    drawing = 0;
    const frame = store.frame.value;
    if (frame) plot.update(frame);
    client.drawn();
    store.status.value = 'live';
  }

  return {
    store,

    /** @param {BackendChoice} backend @param {Config} config @param {Float32Array | null} points The visitor's own. */
    async open(backend, config, points) {
      const opened = await client.open({ backend, config });
      if (opened.refused !== undefined) throw new Error(opened.refused);
      own = points;
      await this.load(config);
    },

    /** Another experiment on the same points. @param {Config} config */
    async load(config) {
      await client.engine.load(config);
      if (own !== null) await client.engine.setData(own);
      store.config.value = await client.engine.config();
    },

    /** Goes on to a round of the clock. → Whether it got there: the guard or a fault may stop it on the way. @param {number} round */
    async goTo(round) {
      while (rounds < round && stopped === null) {
        const next = Math.min(round - rounds, PIECE);
        await client.engine.rounds(next);
        if (stopped === null) rounds += next;
      }
      return stopped === null;
    },

    /** Somebody plays on after the guard. */
    resume() {
      if (stopped === 'guard') stopped = null;
    },

    /** From the start, with the same seed. */
    async restart() {
      await client.engine.reset();
      [rounds, stopped] = [0, null];
      for (const { id } of store.notices.peek()) store.dismiss(id);
    },

    close() {
      cancelAnimationFrame(drawing);
      plot.dispose();
      client.close();
    },
  };
}
