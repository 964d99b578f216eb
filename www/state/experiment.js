/**
 * The experiment as a whole: loading a scene, a config or a link, and the address that follows what the visitor does.
 */

import { effect } from '@preact/signals-core';
import { fitConfig, namesFurther } from './fit.js';
import { readLink, writeLink } from './link.js';
import { MOST_POINTS } from './pack.js';

/** @import {Config} from '../engine/protocol.js' */
/** @import {Linked} from './link.js' */
/** @import {Store} from './store.js' */

/** Quiet time after a change before the address follows, in milliseconds: browsers limit how often it may change. */
const SETTLED = 600;

/** Adjusted fields that a notice names. */
const NAMED = 3;

/** @param {Store} store */
export function createExperiment(store) {
  /** The config as the scene brought it, to know whether it was changed since. */
  let untouched = '';

  /** @param {Config} config @param {string | null} scene */
  const adopt = (config, scene) => {
    store.config.value = config;
    store.scene.value = scene;
    store.edit.edited.value = false;
    store.history.clear();
    untouched = JSON.stringify(config);
  };

  /** The speed that a scene brought along, and the one before. @type {{own: number, before: number | null} | null} */
  let slowed = null;

  /** Scenes that would be a blur bring their speed along, and leave behind what the visitor chose. @param {string | null} scene */
  const pace = (scene) => {
    const own = store.manifest.value?.scenes.find(({ id }) => id === scene)?.speed;
    const now = store.speed.value;
    const chosen = slowed !== null && slowed.own === now ? slowed.before : now;
    slowed = own === undefined ? null : { own, before: chosen };
    const next = own ?? chosen;
    if (next === now) return;
    store.speed.value = next;
    store.engine.speed(next).catch(store.refused);
  };

  const experiment = {
    adopt,

    /** @param {string | object} sceneOrConfig The id of a scene, or a config. */
    async load(sceneOrConfig) {
      const config = await store.engine.load(sceneOrConfig);
      const scene = typeof sceneOrConfig === 'string' ? sceneOrConfig : null;
      adopt(config, scene);
      pace(scene);
      return config;
    },

    /**
     * What the fragment asks for; null, with a notice, when it cannot be read.
     * @param {string} fragment
     * @returns {Linked | null}
     */
    read(fragment) {
      const linked = readLink(fragment);
      if (linked === null) return null;
      if ('problem' in linked) {
        store.notify({ kind: 'warning', key: `link.${linked.problem}`, params: linked.params });
        return null;
      }
      if (!linked.whole) store.notify({ kind: 'warning', key: 'link.cut' });
      return linked;
    },

    /**
     * Loads what a link says, as far as this page accepts it, and says what it does not.
     * @param {Linked} linked
     * @param {{loaded?: boolean}} [options] `loaded`: the engine was opened with the link's config already.
     */
    async follow({ scene, config, points }, { loaded = false } = {}) {
      const manifest = store.manifest.value;
      if (manifest === null) return;
      const known = manifest.scenes.some(({ id }) => id === scene);
      if (scene !== undefined && !known) {
        const accepted = manifest.scenes.map(({ id }) => id).join(', ');
        store.notify({ kind: 'warning', key: 'link.scene', params: { scene, accepted } });
      }
      if (scene !== undefined && known) {
        await experiment.load(scene);
        if (typeof config.seed === 'number') store.config.value = await store.engine.reseed(config.seed);
        untouched = JSON.stringify(store.config.value);
      } else if (!loaded) {
        if (namesFurther(config, manifest)) await store.engine.everyPart();
        const fitted = fitConfig(config, store.manifest.value ?? manifest);
        await experiment.load(fitted.config);
        if (fitted.changes.length > 0) {
          const changes = fitted.changes
            .slice(0, NAMED)
            .map(({ field, given, used }) => `${field}: ${given} → ${used}`);
          const more = fitted.changes.length > NAMED ? ' …' : '';
          store.notify({ kind: 'warning', key: 'link.adjusted', params: { changes: changes.join('; ') + more } });
        }
      }
      if (points) store.edit.set(points);
    },

    /** The fragment of this moment. */
    fragment() {
      const { config, manifest, scene, data, edit } = store;
      if (config.value === null || manifest.value === null) return '';
      const same = scene.value !== null && JSON.stringify({ ...config.value, seed: 0 }) === withoutSeed(untouched);
      return writeLink({
        config: config.value,
        manifest: manifest.value,
        scene: same ? scene.value : null,
        points: edit.edited.value ? data.value : null,
      });
    },

    /** The share link of this moment. Says so when the points are too many for it. */
    link() {
      if (store.edit.edited.value && store.data.value.length > 2 * MOST_POINTS)
        store.notify({ kind: 'warning', key: 'link.manyPoints', params: { most: MOST_POINTS } });
      return location.href.replace(/#.*$/, '') + experiment.fragment();
    },

    /** Keeps the address at the link of the moment, from the first change on, and follows links that are pasted into it. */
    followAddress() {
      let timer = 0;
      let written = experiment.fragment();
      effect(() => {
        store.config.value;
        store.scene.value;
        store.data.value;
        store.edit.edited.value;
        clearTimeout(timer);
        timer = window.setTimeout(() => {
          const fragment = experiment.fragment();
          if (fragment === written) return;
          written = fragment;
          history.replaceState(null, '', fragment);
        }, SETTLED);
      });
      addEventListener('hashchange', () => {
        if (location.hash === written) return;
        const linked = experiment.read(location.hash);
        if (linked) experiment.follow(linked).catch(store.refused);
      });
    },
  };
  return experiment;
}

/** @param {string} config JSON. */
function withoutSeed(config) {
  return config === '' ? '' : JSON.stringify({ ...JSON.parse(config), seed: 0 });
}
