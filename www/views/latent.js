/**
 * A model of latent variables in the plane: the means of p(x | z) of one or two variables, drawn over the points as the curve or the
 * lattice that the decoder makes of its latent space, and beside the charts the latent space itself.
 */

import { effect, untracked } from '@preact/signals-core';
import { paced } from '../images/paced.js';
import { linesOf } from './latent-map.js';
import './latent-panel.js';
import './latent-prior-panel.js';
import { makeOverlay } from './overlay.js';
import { readPalette } from './palette.js';

/** @import {Frame} from '../engine/protocol.js' */
/** @import {Store} from '../state/store.js' */
/** @import {Plot} from './plot.js' */

/** Milliseconds between two looks at the decoder while the clock runs. */
const LOOK = 300;

/** Whether the model has an encoder. @param {Store} store */
const encodes = ({ manifest, config }) =>
  manifest.peek()?.sections.model.find(({ id }) => id === config.peek()?.model.id)?.knows === 'latent';

/**
 * @param {object} options
 * @param {HTMLElement} options.element The plot's.
 * @param {Store} options.store
 * @param {Plot} options.plot
 */
export function makeLatent({ element, store, plot }) {
  const overlay = makeOverlay({ element, plot, over: 'moving', name: 'latent' });
  const panel = /** @type {any} */ (document.createElement(encodes(store) ? 'ebm-latent' : 'ebm-latent-prior'));
  Object.assign(panel, { store, pictures: false });
  document.getElementById('curves')?.before(panel);
  let gone = false;
  /** @type {{lines: number[][][], decoded: Float32Array} | null} */
  let shape = null;
  /** @type {ArrayLike<number> | null} */
  let marked = null;
  /** Update of the last frame. */
  let seen = -1;

  const size = () => Number(store.config.peek()?.model.latent ?? 1);

  const draw = () => {
    const { transform } = plot;
    const context = overlay.begin();
    const palette = readPalette(element);
    const at = (/** @type {ArrayLike<number>} */ x, i = 0) =>
      /** @type {const} */ ([transform.x(x[2 * i]), transform.y(x[2 * i + 1])]);
    if (shape !== null) {
      const { lines, decoded } = shape;
      const thin = lines.length > 1;
      for (const [style, width] of /** @type {[string, number][]} */ ([
        [palette.surface, thin ? 3 : 5],
        [palette.ink, thin ? 1 : 2.25],
      ])) {
        context.strokeStyle = style;
        context.lineWidth = width;
        let from = 0;
        for (const line of lines) {
          context.beginPath();
          line.forEach((_, i) => {
            context.lineTo(...at(decoded, from + i));
          });
          context.stroke();
          from += line.length;
        }
      }
      if (!thin) drawTicks(context, shape, at, palette);
    }
    if (marked !== null) {
      context.beginPath();
      context.arc(...at(marked), 6, 0, 2 * Math.PI);
      context.fillStyle = palette.model;
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = palette.surface;
      context.stroke();
    }
  };

  /** Whole numbers along the curve. @param {CanvasRenderingContext2D} context @param {{lines: number[][][], decoded: Float32Array}} shape @param {(x: ArrayLike<number>, i?: number) => readonly [number, number]} at @param {import('./palette.js').Palette} palette */
  const drawTicks = (context, { lines, decoded }, at, palette) => {
    context.font = `600 11px ${palette.font}`;
    lines[0].forEach(([z], i) => {
      if (Math.abs(z - Math.round(z)) > 1e-6) return;
      const [x, y] = at(decoded, i);
      context.beginPath();
      context.arc(x, y, 3, 0, 2 * Math.PI);
      context.fillStyle = palette.ink;
      context.fill();
      const text = Math.round(z) === 0 ? 'z = 0' : String(Math.round(z)).replace('-', '−');
      context.lineWidth = 3;
      context.strokeStyle = palette.surface;
      context.strokeText(text, x + 6, y - 5);
      context.fillText(text, x + 6, y - 5);
    });
  };

  const look = paced(
    async () => {
      const latent = size();
      if (gone || latent > 2) {
        shape = null;
        return draw();
      }
      const lines = linesOf(latent);
      const { run } = panel;
      try {
        const decoded = await store.engine.decode(Float32Array.from(lines.flat(2)));
        if (gone || run !== panel.run) return;
        shape = { lines, decoded };
        draw();
      } catch (error) {
        // Of a model that has meanwhile given way to another, nobody wants to know.
        if (!gone && run === panel.run) throw error;
      }
    },
    () => (store.playing.peek() ? LOOK : 60),
    store.refused,
  );

  panel.onMark = (/** @type {number[]} */ _z, /** @type {Float32Array} */ x) => {
    marked = x;
    draw();
  };

  const observer = new ResizeObserver(draw);
  observer.observe(element);
  const stops = [
    effect(() => {
      const { data, model, seed } = store.config.value ?? {};
      panel.run = JSON.stringify([data, model, seed, store.brought.value]);
      [shape, marked] = [null, null];
      look();
    }),
    effect(() => {
      store.data.value;
      untracked(() => panel.renew());
    }),
    effect(() => {
      store.view.value;
      store.theme.value;
      draw();
    }),
  ];

  return {
    /** @param {Frame} frame */
    update({ clock }) {
      if (clock.update === seen) return;
      seen = clock.update;
      look();
      panel.look();
      panel.judge();
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
