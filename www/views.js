/** Mounts the views on the page and hands them the frames. */

import { effect } from '@preact/signals-core';
import { makeAges } from './views/ages.js';
import { makeChart } from './views/chart.js';
import { makeLegend } from './views/legend.js';
import { makeLoop } from './views/loop.js';
import { makePlot } from './views/plot.js';

/** @import {Frame} from './engine/protocol.js' */
/** @import {Store} from './state/store.js' */

/** @param {Store} store */
export function mountViews(store) {
  /** @param {string} id */
  const at = (id) => ({ element: /** @type {HTMLElement} */ (document.getElementById(id)), store });
  const plot = makePlot(at('plot'));
  const views = [plot, makeLegend(at('legend')), makeLoop(at('loop')), makeChart(at('curves')), makeAges(at('ages'))];
  /** The 3-D landscape, fetched when it is first asked for. @type {{update(frame: Frame): void, dispose(): void} | null} */
  let terrain = null;

  effect(() => {
    const wanted = store.terrain.value;
    document.documentElement.dataset.terrain = String(wanted);
    if (wanted) showTerrain();
    else {
      terrain?.dispose();
      terrain = null;
    }
  });

  async function showTerrain() {
    try {
      const { makeTerrain } = await import('./views/terrain.js');
      if (!store.terrain.peek() || terrain !== null) return;
      const made = makeTerrain(at('terrain'));
      const frame = store.frame.peek();
      if (frame) made.update(frame);
      terrain = made;
    } catch (error) {
      store.terrain.value = false;
      store.refused(error);
    }
  }

  return {
    plot,
    /** @param {Frame} frame */
    update(frame) {
      for (const view of views) view.update(frame);
      terrain?.update(frame);
    },
  };
}
