/**
 * A model of pairs in the plane: the anchor that points are paired with, to be dragged over the plot, views of it as the training rule makes
 * them, and beside the charts the embedding.
 */

import { effect, untracked } from '@preact/signals-core';
import { createDial } from '../controls/dial.js';
import { paced } from '../images/paced.js';
import { makeOverlay } from './overlay.js';
import './pairs-panel.js';
import { makesViews, runOf } from './pairs-run.js';
import { readPalette } from './palette.js';

/** @import {Frame} from '../engine/protocol.js' */
/** @import {Store} from '../state/store.js' */
/** @import {Plot} from './plot.js' */

/** Views of the anchor. */
const VIEWS = 96;
/** Milliseconds between two questions for them. */
const LOOK = 60;
/** An arrow key, and with Shift. */
const STEP = [0.1, 0.01];
/** The anchor stays in the world. */
const REACH = 4;

/**
 * @param {object} options
 * @param {HTMLElement} options.element The plot's.
 * @param {Store} options.store
 * @param {Plot} options.plot
 */
export function makePairs({ element, store, plot }) {
  const overlay = makeOverlay({ element, plot, over: 'moving', name: 'views' });
  const panel = /** @type {any} */ (document.createElement('ebm-pairs'));
  Object.assign(panel, { store, pictures: false });
  document.getElementById('curves')?.before(panel);
  const handle = document.createElement('button');
  handle.type = 'button';
  handle.className = 'anchor-handle';
  element.append(handle);
  let gone = false;
  /** Where the anchor is, ahead of the config while it is dragged. */
  let place = [0, 0];
  /** @type {Float32Array} */
  let views = new Float32Array(0);
  /** Update of the last frame. */
  let seen = -1;

  const draw = () => {
    const { transform } = plot;
    const context = overlay.begin();
    const palette = readPalette(element);
    context.lineWidth = 1;
    for (let i = 0; i < views.length; i += 2) {
      context.beginPath();
      context.arc(transform.x(views[i]), transform.y(views[i + 1]), 2.5, 0, 2 * Math.PI);
      context.fillStyle = palette.surface;
      context.fill();
      context.strokeStyle = palette.model;
      context.stroke();
    }
    const [x, y] = [transform.x(place[0]), transform.y(place[1])];
    handle.style.translate = `${x}px ${y}px`;
    // Out of sight it would be tabbed to, and the plot scrolled.
    handle.hidden = x < 0 || y < 0 || x > transform.width || y > transform.height;
  };

  const look = paced(
    async () => {
      if (gone || !makesViews(store)) {
        views = new Float32Array(0);
        return draw();
      }
      const { run } = panel;
      try {
        const repeated = new Float32Array(2 * VIEWS);
        for (let i = 0; i < VIEWS; i++) repeated.set(place, 2 * i);
        const found = await store.engine.views(repeated, 1);
        if (gone || run !== panel.run) return;
        views = found;
        draw();
      } catch (error) {
        // Of a model or a rule that has meanwhile given way to another, nobody wants to know.
        if (!gone && makesViews(store)) throw error;
      }
    },
    () => LOOK,
    store.refused,
  );

  const send = createDial(([x, y]) => store.configure({ model: { anchorX: x, anchorY: y } }).catch(store.refused));
  let dragged = false;
  /** @param {number[]} to */
  const go = (to) => {
    place = to.map((x) => Math.min(REACH, Math.max(-REACH, x)));
    draw();
    look();
    dragged = true;
    send(place).then(() => {
      dragged = false;
    });
  };

  handle.addEventListener('pointerdown', (event) => {
    event.stopPropagation();
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener('pointermove', (event) => {
    if (handle.hasPointerCapture(event.pointerId)) go(plot.fromScreen([event.clientX, event.clientY]));
  });
  handle.addEventListener('keydown', (event) => {
    const by = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const step = STEP[Number(event.shiftKey)];
    go([place[0] + step * by[0], place[1] + step * by[1]]);
  });

  const observer = new ResizeObserver(draw);
  observer.observe(element);
  const stops = [
    effect(() => {
      panel.run = runOf(store);
    }),
    effect(() => {
      const { anchorX, anchorY } = /** @type {Record<string, unknown>} */ (store.config.value?.model ?? {});
      if (!dragged && typeof anchorX === 'number' && typeof anchorY === 'number') place = [anchorX, anchorY];
      // Views are those of the rule, and of what it is told of them.
      store.config.value?.objective;
      look();
    }),
    effect(() => {
      store.data.value;
      untracked(() => panel.renew());
    }),
    effect(() => {
      // What adds, sprays or erases points does so under the ring as well.
      handle.toggleAttribute('data-idle', store.tool.value !== 'move');
    }),
    effect(() => {
      store.view.value;
      store.theme.value;
      const { t } = store;
      handle.setAttribute('aria-label', t('pairs.handle'));
      handle.title = t('pairs.handle');
      draw();
    }),
  ];

  return {
    /** @param {Frame} frame */
    update({ clock }) {
      if (clock.update === seen) return;
      seen = clock.update;
      panel.look();
    },

    dispose() {
      gone = true;
      for (const stop of stops) stop();
      observer.disconnect();
      overlay.remove();
      handle.remove();
      panel.remove();
    },
  };
}
