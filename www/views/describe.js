/**
 * The plot in words, for those who do not see it. `role="img"` with a name that is renewed now and then, never spoken by
 * itself; what one does to points with the keyboard is spoken through a polite live region.
 */

import { numberFormat } from './ticks.js';

/** @import {Store} from '../state/store.js' */

/** Milliseconds between two versions of the name: a name that changes with every frame cannot be read. */
const SLOW = 4000;

/**
 * @param {Store} store
 * @returns {string}
 */
export function describe(store) {
  const { t } = store;
  const text = numberFormat(store.locale.value);
  const frame = store.frame.value;
  if (frame === null) return t('plot.name');
  const parts = [
    t('plot.name'),
    t('plot.counts', {
      update: text(frame.clock.update),
      data: text(store.data.value.length / 2),
      samples: text((frame.particles?.length ?? 0) / 2),
    }),
  ];
  const lowest = frame.landscape && lowestPoint(frame.landscape);
  if (lowest) parts.push(t('plot.lowest', { energy: text(lowest.energy), x: text(lowest.x), y: text(lowest.y) }));
  if (store.selection.value.size > 0) parts.push(t('plot.selected', { count: text(store.selection.value.size) }));
  parts.push(t('plot.keys'));
  return parts.join(' ');
}

/**
 * Where the landscape is lowest.
 * @param {import('../engine/protocol.js').Landscape} landscape
 */
export function lowestPoint({ columns, rows, extent, energy }) {
  let best = 0;
  for (let i = 1; i < energy.length; i++) if (energy[i] < energy[best]) best = i;
  const [column, row] = [best % columns, Math.floor(best / columns)];
  return {
    energy: energy[best],
    x: extent[0] + ((column + 0.5) / columns) * (extent[1] - extent[0]),
    y: extent[2] + ((row + 0.5) / rows) * (extent[3] - extent[2]),
  };
}

/**
 * @param {HTMLElement} element The plot.
 * @param {Store} store
 */
export function makeDescription(element, store) {
  const spoken = document.createElement('div');
  spoken.className = 'visually-hidden';
  spoken.setAttribute('aria-live', 'polite');
  element.after(spoken);
  element.setAttribute('role', 'img');
  element.setAttribute('aria-label', store.t('plot.name'));
  let last = 0;

  return {
    /** Renews the name when the last one is old enough. */
    refresh() {
      const now = performance.now();
      if (now - last < SLOW) return;
      last = now;
      element.setAttribute('aria-label', describe(store));
    },

    /** @param {string} sentence */
    say(sentence) {
      spoken.textContent = sentence;
    },

    dispose() {
      spoken.remove();
    },
  };
}
