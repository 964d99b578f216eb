/** The data as they are at the level of noise that is shown, over the plot of a model that knows levels, and the panel that scrubs. */

import { effect, signal } from '@preact/signals-core';
import { paced } from '../images/paced.js';
import './noise-panel.js';
import { makeOverlay } from './overlay.js';
import { readPalette } from './palette.js';
import { markerRadius } from './points.js';

/** @import {Frame} from '../engine/protocol.js' */
/** @import {Store} from '../state/store.js' */
/** @import {Plot} from './plot.js' */

/** Milliseconds between two questions to the core while the clock runs. */
const LOOK = 120;
/** Points that are shown, most. */
const MOST = 2048;

/**
 * @param {object} options
 * @param {HTMLElement} options.element The plot's.
 * @param {Store} options.store
 * @param {Plot} options.plot
 */
export function makeNoise({ element, store, plot }) {
  const overlay = makeOverlay({ element, plot, over: 'still', name: 'noised' });
  const panel = /** @type {any} */ (document.createElement('ebm-noise'));
  const shown = signal(true);
  /** @type {ArrayLike<number>} */
  let noised = [];
  let gone = false;
  /** @type {unknown} */
  let landscape = null;
  /** Update of the last frame. */
  let update = 0;

  const draw = () => {
    const { transform } = plot;
    const context = overlay.begin();
    if (!shown.peek()) return;
    context.fillStyle = readPalette(element).data;
    context.globalAlpha = 0.45;
    const radius = 0.8 * markerRadius(noised.length / 2, 3, transform);
    for (let i = 0; i < noised.length; i += 2) {
      context.beginPath();
      context.arc(transform.x(noised[i]), transform.y(noised[i + 1]), radius, 0, 2 * Math.PI);
      context.fill();
    }
  };

  const clear = () => {
    noised = [];
    draw();
  };

  const look = paced(
    async () => {
      if (gone || !shown.peek()) return;
      const { run } = panel;
      try {
        const found = await store.engine.noised(store.data.peek().slice(0, 2 * MOST));
        if (gone || run !== panel.run) return;
        noised = found;
        draw();
      } catch (error) {
        // Of a model that has meanwhile given way to another, nobody wants to know.
        if (!gone && run === panel.run) throw error;
      }
    },
    () => (store.playing.peek() ? LOOK : 30),
    store.refused,
  );

  Object.assign(panel, {
    store,
    onShow: (/** @type {boolean} */ on) => {
      shown.value = on;
    },
  });
  document.getElementById('curves')?.before(panel);

  const observer = new ResizeObserver(draw);
  observer.observe(element);
  const stops = [
    effect(() => {
      const { data, model, seed } = store.config.value ?? {};
      // Of another level the network is the same one.
      const { time, noiseLevel, followSamples, ...network } = /** @type {Record<string, unknown>} */ (model ?? {});
      const run = JSON.stringify([data, network, seed, store.brought.value]);
      if (run !== panel.run) clear();
      panel.run = run;
      look();
    }),
    effect(() => {
      panel.shown = shown.value;
      clear();
      look();
    }),
    effect(() => {
      store.data.value;
      look();
    }),
    effect(() => {
      store.view.value;
      store.theme.value;
      draw();
    }),
  ];

  return {
    /** With a new landscape the level of the samples is another, where it is theirs that is shown. @param {Frame} frame */
    update(frame) {
      // Whoever goes back has weights of which nothing was measured.
      if (frame.clock.update < update) panel.measured = null;
      update = frame.clock.update;
      if (frame.landscape === landscape) return;
      landscape = frame.landscape;
      if (store.config.peek()?.model.followSamples) look();
    },

    dispose() {
      gone = true;
      for (const stop of stops) stop();
      observer.disconnect();
      overlay.remove();
      panel.remove();
    },
  };
}
