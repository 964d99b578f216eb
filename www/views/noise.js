/**
 * Over the plot of a model that knows levels of noise: the data as they are at the level that is shown, and where samples that come down
 * the levels are going to be; and the panel that scrubs.
 */

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
/** Milliseconds between two looks ahead, and steps of one. */
const AHEAD = 60;
const STEPS = 1001;

/**
 * @param {object} options
 * @param {HTMLElement} options.element The plot's.
 * @param {Store} options.store
 * @param {Plot} options.plot
 */
export function makeNoise({ element, store, plot }) {
  const overlay = makeOverlay({ element, plot, over: 'still', name: 'noised' });
  const future = makeOverlay({ element, plot, over: 'moving', name: 'future' });
  const panel = /** @type {any} */ (document.createElement('ebm-noise'));
  const shown = signal(true);
  const ahead = signal(true);
  /** Places of the samples, from where they are on. @type {Float32Array[]} */
  let way = [];
  /** @type {ArrayLike<number>} */
  let noised = [];
  let gone = false;
  /** @type {unknown} */
  let landscape = null;
  /** Update of the last frame. */
  let update = 0;
  /** @type {unknown} */
  let particles = null;

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

  const drawFuture = () => {
    const { transform } = plot;
    const context = future.begin();
    if (way.length === 0) return;
    const palette = readPalette(element);
    const last = way[way.length - 1];
    // Where samples have been is of their own colour.
    context.strokeStyle = palette.ink;
    for (let i = 0; i < last.length; i += 2) {
      context.globalAlpha = 0.55;
      context.lineWidth = 1;
      context.beginPath();
      for (const places of way) context.lineTo(transform.x(places[i]), transform.y(places[i + 1]));
      context.stroke();
      context.globalAlpha = 0.8;
      context.lineWidth = 1.5;
      context.beginPath();
      context.arc(transform.x(last[i]), transform.y(last[i + 1]), 3, 0, 2 * Math.PI);
      context.stroke();
    }
  };

  /** Of a clock that runs at full speed the samples are there before a line is drawn. */
  const foresees = () => ahead.value && (!store.playing.value || store.slow.value);

  const lookAhead = paced(
    async () => {
      if (gone) return;
      const { run } = panel;
      const there = particles;
      try {
        const found = foresees() ? await store.engine.future(STEPS) : [];
        // They may have moved on meanwhile.
        if (gone || run !== panel.run || there !== particles) return;
        way = found;
        drawFuture();
      } catch (error) {
        if (!gone && run === panel.run) throw error;
      }
    },
    () => AHEAD,
    store.refused,
  );

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
    onAhead: (/** @type {boolean} */ on) => {
      ahead.value = on;
    },
  });
  document.getElementById('curves')?.before(panel);

  const observer = new ResizeObserver(() => {
    draw();
    drawFuture();
  });
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
      // Another kernel leads elsewhere, and other dials of it.
      store.config.value;
      panel.ahead = ahead.value;
      foresees();
      lookAhead();
    }),
    effect(() => {
      store.view.value;
      store.theme.value;
      draw();
      drawFuture();
    }),
  ];

  return {
    /** With a new landscape the level of the samples is another, where it is theirs that is shown. @param {Frame} frame */
    update(frame) {
      // Whoever goes back has weights of which nothing was measured.
      if (frame.clock.update < update) panel.measured = null;
      const moved = frame.clock.update !== update || frame.particles !== particles;
      update = frame.clock.update;
      particles = frame.particles;
      if (moved) {
        if (!foresees() && way.length > 0) {
          way = [];
          drawFuture();
        }
        if (foresees()) lookAhead();
      }
      if (frame.landscape === landscape) return;
      landscape = frame.landscape;
      if (store.config.peek()?.model.followSamples) look();
    },

    dispose() {
      gone = true;
      for (const stop of stops) stop();
      observer.disconnect();
      overlay.remove();
      future.remove();
      panel.remove();
    },
  };
}
