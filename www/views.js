/** Mounts the views on the page and hands them the frames. What the first picture does not need is fetched after it. */

import { computed, effect } from '@preact/signals-core';
import { makeLegend } from './views/legend.js';
import { makeLoop } from './views/loop.js';
import { makePlot } from './views/plot.js';

/** @import {Frame} from './engine/protocol.js' */
/** @import {Store} from './state/store.js' */

/** @typedef {{update(frame: Frame): void, dispose(): void}} View */

/** @param {Store} store */
export function mountViews(store) {
  /** @param {string} id */
  const at = (id) => ({ element: /** @type {HTMLElement} */ (document.getElementById(id)), store });
  const plot = makePlot(at('plot'));
  /** @type {View[]} */
  const views = [makeLoop(at('loop'))];
  /** Those of the plane. @type {View[]} */
  const planar = [plot, makeLegend(at('legend'))];
  /** The 3-D landscape while it is shown. @type {View | null} */
  let terrain = null;

  /** The stage of images, where the points are some. @type {ReturnType<typeof import('./images/gallery.js').makeGallery> | null} */
  let gallery = null;

  /** What the model of the plane knows beside the place, once that is fetched. @type {View | null} */
  let known = null;

  /** A view that was fetched late starts from the frame of the moment. @template {View} V @param {V} view */
  const caughtUp = (view) => {
    const frame = store.frame.peek();
    if (frame) view.update(frame);
    return view;
  };

  /** The curves, once the page is live. */
  async function addCharts() {
    const [{ makeChart }, { makeAges }] = await Promise.all([import('./views/chart.js'), import('./views/ages.js')]);
    views.push(caughtUp(makeChart(at('curves'))), caughtUp(makeAges(at('ages'))));
  }

  async function showTerrain() {
    try {
      const { makeTerrain } = await import('./views/terrain.js');
      if (store.terrain.peek() && terrain === null) terrain = caughtUp(await makeTerrain(at('terrain')));
    } catch (error) {
      store.terrain.value = false;
      store.refused(error);
    }
  }

  const withLatent = async () => (await import('./views/latent.js')).makeLatent({ ...at('plot'), plot });
  /** @type {Record<string, () => Promise<View>>} */
  const knowing = {
    classes: async () => (await import('./views/classes.js')).makeClasses({ ...at('plot'), plot }),
    noise: async () => (await import('./views/noise.js')).makeNoise({ ...at('plot'), plot }),
    latent: withLatent,
    latentEnergy: withLatent,
    pairs: async () => (await import('./views/pairs.js')).makePairs({ ...at('plot'), plot }),
  };
  /** @param {string} what */
  async function showKnown(what) {
    try {
      const view = await knowing[what]();
      if (knows.peek() === what && known === null) known = caughtUp(view);
      else view.dispose();
    } catch (error) {
      store.refused(error);
    }
  }

  async function showGallery() {
    try {
      const { makeGallery } = await import('./images/gallery.js');
      const stage = /** @type {HTMLElement} */ (document.getElementById('stage'));
      if (store.space.peek() !== 'plane') gallery ??= caughtUp(makeGallery({ stage, store }));
    } catch (error) {
      store.refused(error);
    }
  }
  /** Images of one kind and size share a gallery. */
  const kind = computed(() => `${store.space.value} ${store.config.value?.data.side}`);
  effect(() => {
    kind.value;
    const space = store.space.peek();
    document.documentElement.dataset.space = space;
    // What was measured of others applies no more, and not every kind is measured again.
    const frame = store.frame.peek();
    if (frame) store.frame.value = { ...frame, metrics: undefined };
    gallery?.dispose();
    gallery = null;
    if (space !== 'plane') showGallery();
  });

  /** What the model of the plane knows; of classes only where the rule learns some. */
  const knows = computed(() => {
    const { manifest, config, space } = store;
    const part = (/** @type {'model' | 'objective'} */ section) =>
      manifest.value?.sections[section].find(({ id }) => id === config.value?.[section].id);
    const what = part('model')?.knows;
    return space.value === 'plane' && (what !== 'classes' || part('objective')?.needs === what) ? what : null;
  });
  effect(() => {
    known?.dispose();
    known = null;
    if (knows.value && knows.value in knowing) showKnown(knows.value);
  });

  const stopWaiting = effect(() => {
    if (store.status.value !== 'live') return;
    queueMicrotask(() => stopWaiting());
    addCharts().catch(store.refused);
  });

  effect(() => {
    const wanted = store.terrain.value;
    document.documentElement.dataset.terrain = String(wanted);
    if (wanted) showTerrain();
    else {
      terrain?.dispose();
      terrain = null;
    }
  });

  return {
    plot,
    /** @param {Frame} frame */
    update(frame) {
      const here = store.space.peek() === 'plane' ? [...planar, terrain, known] : [gallery];
      for (const view of [...here, ...views]) view?.update(frame);
    },
  };
}
