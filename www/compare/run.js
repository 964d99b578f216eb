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
  const { t, hasString, locale, count, measure, theme, motion, view } = page;
  const shared = { t, hasString, locale, count, measure, theme, motion, view };
  const store = Object.assign(createStore({ language: locale.peek(), strings: {} }), shared);
  let drawing = 0;
  /** Rounds of the clock since the start, and whether the guard has ended them. */
  let rounds = 0;
  let stopped = false;
  const client = createClient({
    spawn,
    handlers: {
      frame(frame) {
        store.receive(frame);
        if (frame.guard) [rounds, stopped] = [frame.clock.update, true];
        drawing ||= requestAnimationFrame(draw);
      },
      opened({ manifest }) {
        store.manifest.value = manifest;
      },
      grown(manifest) {
        store.manifest.value = manifest;
      },
      fault: (cause) => store.notify({ kind: 'warning', text: cause }),
      failed: (cause) => store.notify({ kind: 'error', text: cause }),
    },
  });
  store.connect(client.engine);
  const plot = makePlot({ element, store });

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
      if (points !== null) await client.engine.setData(points);
      store.config.value = await client.engine.config();
    },

    /** Goes on to a round of the clock. → Whether it got there: the guard may stop it on the way. @param {number} round */
    async goTo(round) {
      stopped = false;
      while (rounds < round && !stopped) {
        const next = Math.min(round - rounds, PIECE);
        await client.engine.rounds(next);
        if (!stopped) rounds += next;
      }
      return !stopped;
    },

    /** From the start, with the same seed. */
    async restart() {
      await client.engine.reset();
      rounds = 0;
      for (const { id } of store.notices.peek()) store.dismiss(id);
    },

    close() {
      cancelAnimationFrame(drawing);
      plot.dispose();
      client.close();
    },
  };
}
