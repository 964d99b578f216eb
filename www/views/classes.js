/**
 * What a joint energy says of classes: a tint of every place by its likeliest class, the stronger the surer, below the contour
 * lines of the density; and the points in the colours of their own classes.
 */

import { effect } from '@preact/signals-core';
import './classes.css';
import { canvasOver, makeOverlay } from './overlay.js';
import { markerRadius } from './points.js';

/** @import {Frame} from '../engine/protocol.js' */
/** @import {Store} from '../state/store.js' */
/** @import {Plot} from './plot.js' */

/** Cells of a side, stretched by the compositor. */
const SIDE = 64;
/** Milliseconds between two questions to the core. */
const PAUSE = 200;
/** The strongest tint, of 255. */
const TINT = 120;
/** Okabe & Ito's colours, which colour-blind eyes tell apart; more classes than these begin again. */
const COLOURS = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [86, 180, 233],
  [213, 94, 0],
  [240, 228, 66],
  [140, 140, 140],
];
const colourOf = (/** @type {number} */ label) => COLOURS[label % COLOURS.length];

/**
 * Colours of the cells: the likeliest class, with an alpha that grows from none where all classes are as likely.
 * @param {Uint8ClampedArray} pixels [4 · side²], the top row first.
 * @param {Float32Array} shares [side² · classes], the bottom row first.
 * @param {number} side
 */
export function tintCells(pixels, shares, side) {
  const classes = shares.length / (side * side);
  for (let cell = 0; cell < side * side; cell++) {
    let best = 0;
    for (let y = 1; y < classes; y++) if (shares[cell * classes + y] > shares[cell * classes + best]) best = y;
    const sure = (shares[cell * classes + best] * classes - 1) / (classes - 1);
    const to = 4 * ((side - 1 - Math.floor(cell / side)) * side + (cell % side));
    pixels.set(colourOf(best), to);
    pixels[to + 3] = TINT * sure;
  }
}

/**
 * @param {object} options
 * @param {HTMLElement} options.element The plot's.
 * @param {Store} options.store
 * @param {Plot} options.plot
 */
export function makeClasses({ element, store, plot }) {
  const under = /** @type {HTMLElement} */ (element.querySelector('.surface-heat'));
  const regions = canvasOver(under, 'classes');
  regions.width = regions.height = SIDE;
  const points = makeOverlay({ element, plot, over: 'still', name: 'labels' });
  const key = document.createElement('p');
  key.className = 'class-key';
  // Beside the plot, which is one picture to those who hear it.
  element.after(key);
  const regionsCtx = /** @type {CanvasRenderingContext2D} */ (regions.getContext('2d'));
  const image = regionsCtx.createImageData(SIDE, SIDE);
  /** @type {ArrayLike<number>} */
  let labels = [];
  /** The part of the world that the tint is of. @type {import('../engine/protocol.js').Extent | null} */
  let extent = null;
  let asking = false;
  let stale = false;
  let timer = 0;
  let gone = false;

  const place = () => {
    const { transform } = plot;
    if (extent) {
      const [left, top] = [transform.x(extent[0]), transform.y(extent[3])];
      const [right, bottom] = [transform.x(extent[1]), transform.y(extent[2])];
      regions.style.transform = `translate(${left}px, ${top}px) scale(${(right - left) / SIDE}, ${(bottom - top) / SIDE})`;
    }
    const ctx = points.begin();
    const data = store.data.peek();
    const radius = 0.8 * markerRadius(data.length / 2, 3.4, transform);
    if (!store.layers.peek().data || 2 * labels.length !== data.length) return;
    for (let i = 0; i < labels.length; i++) {
      ctx.beginPath();
      ctx.arc(transform.x(data[2 * i]), transform.y(data[2 * i + 1]), radius, 0, 2 * Math.PI);
      ctx.fillStyle = `rgb(${colourOf(labels[i])})`;
      ctx.fill();
    }
  };

  const ask = async () => {
    timer = 0;
    stale = false;
    asking = true;
    const [x0, x1, y0, y1] = plot.transform.extent;
    const grid = new Float32Array(2 * SIDE * SIDE);
    for (let cell = 0; cell < SIDE * SIDE; cell++) {
      grid[2 * cell] = x0 + ((x1 - x0) * ((cell % SIDE) + 0.5)) / SIDE;
      grid[2 * cell + 1] = y0 + ((y1 - y0) * (Math.floor(cell / SIDE) + 0.5)) / SIDE;
    }
    try {
      const [shares, classes] = [await store.engine.classify(grid), await store.engine.labels()];
      if (gone) return;
      labels = classes;
      extent = [x0, x1, y0, y1];
      regions.hidden = shares.length === 0;
      if (shares.length > 0) tintCells(image.data, shares, SIDE);
      regionsCtx.putImageData(image, 0, 0);
      const known = [...new Set(Array.from(labels))].sort((a, b) => a - b);
      key.replaceChildren(
        store.t('classes.key'),
        ...known.map((label) => {
          const entry = document.createElement('span');
          entry.style.setProperty('--class', `rgb(${colourOf(label)})`);
          entry.textContent = String(label + 1);
          return entry;
        }),
      );
      place();
    } catch (error) {
      store.refused(error);
    } finally {
      asking = false;
      if (stale && !gone) soon();
    }
  };
  const soon = () => {
    stale = true;
    if (!asking) timer ||= window.setTimeout(ask, PAUSE);
  };

  const observer = new ResizeObserver(soon);
  observer.observe(element);
  const stop = effect(() => {
    store.view.value;
    store.data.value;
    store.layers.value;
    store.locale.value;
    place();
    soon();
  });
  /** @type {unknown} */
  let landscape = null;

  return {
    /** A new landscape is of other weights. @param {Frame} frame */
    update(frame) {
      if (frame.landscape === landscape) return;
      landscape = frame.landscape;
      soon();
    },

    dispose() {
      gone = true;
      clearTimeout(timer);
      stop();
      observer.disconnect();
      for (const node of [regions, points, key]) node.remove();
    },
  };
}
