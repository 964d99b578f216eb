/**
 * The plot: it lays the layers over one another, knows where the world lies on the page, and redraws what has changed, at
 * most once a screen frame. What changes together shares a canvas: colours · contour lines and arrows · data and test
 * points · samples and their trails · axes and what a step picks out · what the pointer does.
 */

import { effect, signal } from '@preact/signals-core';
import './plot.css';
import { makeEditor } from '../editing/editor.js';
import { drawArrows } from './arrows.js';
import { drawAxes } from './axes.js';
import { drawContours } from './contours.js';
import { makeDescription } from './describe.js';
import { makeHeatmap } from './heatmap.js';
import { makeHover } from './hover.js';
import { readPalette } from './palette.js';
import { makeParticles } from './particles.js';
import { drawBatch, drawChosen, drawMoves, drawNegatives, stepShown } from './points.js';
import { colourScale } from './scale.js';
import { drawSketch } from './sketch.js';
import { makeStepCard } from './step-card.js';
import { makeStill } from './still.js';
import { makeSurface } from './surface.js';
import { makeTransform } from './transform.js';

/** @import {Frame} from '../engine/protocol.js' */
/** @import {Store} from '../state/store.js' */
/** @import {Sketch} from './sketch.js' */

/** Cells of the landscape along each side, and score arrows: those of the core's start. Others would have it compile anew. */
const RESOLUTION = 96;
const ARROWS = 20;

/** Samples that take longer to write than this (milliseconds) get a coarser canvas. */
const DEAR = 6;

/** @typedef {'heat' | 'lines' | 'still' | 'moving' | 'marks' | 'overlay' | 'card'} Part */
/** @typedef {ReturnType<typeof makePlot>} Plot */

/**
 * @param {object} options
 * @param {HTMLElement} options.element Holds the canvases; its size is the plot's.
 * @param {Store} options.store
 * @param {boolean} [options.editable] Whether points can be dragged, drawn, dropped and pasted.
 */
export function makePlot({ element, store, editable = true }) {
  element.classList.add('plot');
  const heatmap = makeHeatmap(element);
  const lines = makeSurface(element, 'lines');
  const still = makeSurface(element, 'still');
  const moving = makeSurface(element, 'moving');
  const marks = makeSurface(element, 'marks');
  const overlay = makeSurface(element, 'overlay');
  const points = makeStill(still);
  const particles = makeParticles(moving);
  const scale = colourScale(store);
  const sketch = signal(/** @type {Sketch | null} */ (null));

  let palette = readPalette(element);
  let transform = makeTransform(store.view.value, element.clientWidth || 1, element.clientHeight || 1);
  /** @type {Frame | null} */
  let frame = null;
  /** @type {Set<Part>} */
  const stale = new Set();
  let waiting = 0;
  /** Milliseconds that the samples take to write, about. */
  let took = 0;
  let asked = '';

  /** @param {Part[]} parts */
  const redraw = (...parts) => {
    for (const part of parts) stale.add(part);
    waiting ||= requestAnimationFrame(draw);
  };
  const redrawAll = () => redraw('heat', 'lines', 'still', 'moving', 'marks', 'overlay', 'card');

  const description = makeDescription(element, store);
  const hover = makeHover({ element, store, transform: () => transform });
  const card = makeStepCard({ element, store, heatmap, transform: () => transform });

  /** @type {Record<Part, () => void>} */
  const draws = {
    heat() {
      const landscape = frame?.landscape;
      const visible = store.layers.value.landscape && landscape !== undefined;
      heatmap.show(visible);
      // The lens of the selected particle looks at the same grid, visible or not.
      if (!landscape) return;
      heatmap.paint(landscape, scale.value);
      heatmap.place(landscape, transform);
    },
    lines() {
      const { contours, arrows } = store.layers.value;
      lines.clear();
      if (contours && frame?.landscape) drawContours(lines.ctx, transform, frame.landscape, scale.value, palette.ink);
      if (arrows && frame?.arrows) {
        const { truth } = frame.arrows;
        if (truth) drawArrows(lines.ctx, transform, frame.arrows, palette.data, truth);
        drawArrows(lines.ctx, transform, frame.arrows, palette.ink);
      }
    },
    still() {
      const { data, test } = store.layers.value;
      const shown = { data: data ? store.data.value : null, test: test ? (frame?.test ?? null) : null };
      points.draw(shown, transform, palette);
    },
    moving() {
      const layers = store.layers.value;
      if (!layers.particles || !frame?.particles) return moving.clear();
      const trails = layers.trails && store.motion.value === 'full';
      const start = performance.now();
      particles.draw(frame.particles, trails, transform, palette);
      took += 0.25 * (performance.now() - start - took);
      if (took > DEAR && moving.coarsen()) {
        took = 0;
        particles.clear();
      }
    },
    marks() {
      marks.clear();
      const world = store.manifest.value?.world ?? [-4, 4];
      drawAxes(marks.ctx, transform, palette, { locale: store.locale.value, world });
      const layers = store.layers.value;
      const { batch, negatives, move } = stepShown(frame);
      // The rest of the points steps back for those that the step is about.
      element.classList.toggle('stepping', batch !== null || negatives !== null);
      if (layers.data && batch) drawBatch(marks.ctx, transform, batch, palette);
      if (!layers.particles) return;
      if (move) drawMoves(marks.ctx, transform, move, palette);
      if (negatives) drawNegatives(marks.ctx, transform, negatives, palette);
    },
    overlay() {
      overlay.clear();
      drawChosen(overlay.ctx, transform, store.data.value, store.selection.value, palette);
      drawSketch(overlay.ctx, transform, {
        sketch: sketch.value,
        data: store.data.value,
        move: store.move.value,
        palette,
      });
    },
    card() {
      card.draw(palette);
    },
  };

  const draw = () => {
    waiting = 0;
    // What is drawn here is drawn for `stale`; effects below say when something is.
    const parts = [...stale];
    stale.clear();
    for (const part of parts) draws[part]();
    description.refresh();
  };

  /** Tells the engine which part of the world the frames should show. */
  const askForView = () => {
    const arrows = store.layers.peek().arrows ? ARROWS : 0;
    const request = { extent: transform.extent, resolution: RESOLUTION, arrows };
    const text = JSON.stringify(request);
    if (text === asked || frame === null) return;
    asked = text;
    store.engine.view(request).catch(store.refused);
  };

  const place = () => {
    transform = makeTransform(store.view.peek(), element.clientWidth || 1, element.clientHeight || 1);
    askForView();
    particles.clear();
    redrawAll();
  };

  const resize = () => {
    const { clientWidth: width, clientHeight: height } = element;
    if (width === 0 || height === 0) return;
    for (const surface of [lines, still, moving, marks, overlay]) surface.resize(width, height);
    place();
  };
  const observer = new ResizeObserver(resize);
  observer.observe(element);

  const stops = [
    effect(() => {
      store.view.value;
      place();
    }),
    effect(() => {
      store.theme.value;
      store.motion.value;
      store.locale.value;
      palette = readPalette(element);
      particles.clear();
      redrawAll();
    }),
    effect(() => {
      store.layers.value;
      askForView();
      redrawAll();
    }),
    effect(() => {
      scale.value;
      redraw('heat', 'lines', 'card');
    }),
    effect(() => {
      store.data.value;
      redraw('still', 'overlay');
    }),
    effect(() => {
      store.selection.value;
      store.move.value;
      sketch.value;
      redraw('overlay', 'card');
    }),
    effect(() => {
      // A new worker knows nothing of what the old one was asked for.
      if (store.status.value !== 'live') asked = '';
      else askForView();
    }),
  ];

  const plot = {
    /** Takes the newest frame in; drawn in the next screen frame. @param {Frame} next */
    update(next) {
      const last = frame;
      frame = next;
      if (last === null) askForView();
      if (last?.landscape !== next.landscape) {
        redraw('heat', 'lines', 'card');
        hover.landscapeChanged();
      }
      if (last?.arrows !== next.arrows) redraw('lines');
      if (last?.test !== next.test) redraw('still');
      if (last?.particles !== next.particles) {
        redraw('moving');
        if (next.particles) card.particlesMoved(next.particles);
      }
      const [before, after] = [stepShown(last), stepShown(next)];
      if (before.batch !== after.batch || before.negatives !== after.negatives || before.move !== after.move)
        redraw('marks');
    },

    /** @returns {import('./transform.js').Transform} */
    get transform() {
      return transform;
    },

    /** What the pointer is doing: a lasso, a brush, a point under the cursor. */
    sketch,

    /** Speaks a sentence to screen readers. @param {string} sentence */
    say: description.say,

    /** Where a world point lies on the page, CSS pixels. @param {[number, number]} point @returns {[number, number]} */
    toScreen([x, y]) {
      const box = element.getBoundingClientRect();
      return [box.left + transform.x(x), box.top + transform.y(y)];
    },

    /** The world point at a place of the page, CSS pixels. @param {[number, number]} point @returns {[number, number]} */
    fromScreen([x, y]) {
      const box = element.getBoundingClientRect();
      return [transform.worldX(x - box.left), transform.worldY(y - box.top)];
    },

    dispose() {
      editor?.dispose();
      for (const stop of stops) stop();
      observer.disconnect();
      cancelAnimationFrame(waiting);
      hover.dispose();
      card.dispose();
      description.dispose();
      element.replaceChildren();
    },
  };
  const editor = editable ? makeEditor({ element, store, plot }) : null;
  return plot;
}
