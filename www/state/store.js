/**
 * The state of the page: signals that views and controls read, and the few operations that change them together. Views
 * never talk to the worker but through `store.engine`, and change data points through `store.edit` alone.
 */

import { batch, computed, signal } from '@preact/signals-core';
import { LostCall } from '../engine/client.js';
import { cutCurves, enterFigures, extendCurves, NO_CURVES } from './curves.js';
import { createEdit } from './edit.js';
import { createHistory } from './history.js';
import { createLocale } from './locale.js';

/** @import {Backend, Config, Engine, Frame, Grain, Manifest, Mode, ParticleMove} from '../engine/protocol.js' */
/** @import {Language, Strings} from './locale.js' */

/** @typedef {ReturnType<typeof createStore>} Store */

/** @typedef {'landscape' | 'contours' | 'arrows' | 'data' | 'particles' | 'trails' | 'test'} Layer */

/**
 * A message to the visitor. `text` is a sentence of the core's; otherwise `key` and `params` name a string of the page's.
 * @typedef {{id: number, kind: 'info' | 'warning' | 'error', text?: string, key?: string, params?: Record<string, string | number>}} Notice
 */

/** @typedef {{quantity: 'energy' | 'density', range: 'auto' | [number, number]}} Colour */
/** @typedef {{centre: [number, number], span: number}} View World point in the middle, and world units along the plot's shorter side. */
/** @typedef {{x: number, y: number, energy: number | null, density: number | null}} Hover */

/**
 * @param {object} start
 * @param {Language} start.language
 * @param {Strings} start.strings
 * @param {ReturnType<typeof createLocale>} [start.words] Those of another store, to be shared.
 */
export function createStore({ language, strings, words = createLocale(language, strings) }) {
  /** @type {Engine | null} */
  let engine = null;
  let noticeId = 0;
  const locale = words;
  const history = createHistory();

  const frame = signal(/** @type {Frame | null} */ (null));
  const curves = signal(NO_CURVES);
  const config = signal(/** @type {Config | null} */ (null));
  const manifest = signal(/** @type {Manifest | null} */ (null));
  const playing = signal(false);
  const data = signal(/** @type {Float32Array} */ (new Float32Array(0)));
  const selection = signal(/** @type {Set<number>} */ (new Set()));
  const notices = signal(/** @type {Notice[]} */ ([]));

  /** @param {Omit<Notice, 'id'>} notice */
  const notify = (notice) => {
    const same = notices.value.filter((n) => n.text !== notice.text || n.key !== notice.key);
    notices.value = [...same, { id: ++noticeId, ...notice }].slice(-4);
  };

  /** Shows the one sentence of an error; of a restart the page has told already. @param {unknown} error */
  const refused = (error) =>
    error instanceof LostCall ||
    notify({ kind: 'error', text: error instanceof Error ? error.message : String(error) });

  const connected = () => {
    if (engine === null) throw new Error('The engine is not connected yet.');
    return engine;
  };

  const edit = createEdit({ data, selection, history, engine: connected, refused });

  return {
    /** Latest frame, merged: what a frame leaves out persists. Null before the first. */
    frame,
    /** Curves of the whole run, column by column. */
    curves,
    /** What runs: `starting` until the first frame, `restarting` after a fault, `failed` when nothing helps. */
    status: signal(/** @type {'starting' | 'live' | 'restarting' | 'failed'} */ ('starting')),
    backend: signal(/** @type {Backend | null} */ (null)),
    /** How much is there of a file that a command waits for; null when none does. */
    fetching: signal(/** @type {number | null} */ (null)),
    manifest,
    config,
    /** Grows when images, weights or a state came from elsewhere. */
    brought: signal(0),
    /** What the points are. */
    space: computed(
      () => manifest.value?.sections.data.find(({ id }) => id === config.value?.data.id)?.space ?? 'plane',
    ),
    /** Id of the scene that was loaded last, or null when a link or a config was. */
    scene: signal(/** @type {string | null} */ (null)),
    /** Mirror of the data points [2n], ahead of the engine while an edit is under way. */
    data,

    playing,
    mode: signal(/** @type {Mode} */ ('run')),
    grain: signal(/** @type {Grain} */ ('update')),
    /** Most updates a second; null is as fast as it goes. */
    speed: signal(/** @type {number | null} */ (null)),
    /** Slow motion: the clock plays stage by stage (or sub-step by sub-step), with captions. */
    slow: signal(false),
    /** Steps a second in slow motion. */
    slowSpeed: signal(1),

    layers: signal(
      /** @type {Record<Layer, boolean>} */ ({
        landscape: true,
        contours: true,
        arrows: false,
        data: true,
        particles: true,
        trails: true,
        test: false,
      }),
    ),
    colour: signal(/** @type {Colour} */ ({ quantity: 'energy', range: 'auto' })),
    view: signal(/** @type {View} */ ({ centre: [0, 0], span: 8 })),
    /** Whether the 3-D terrain stands in for the flat plot. */
    terrain: signal(false),
    tool: signal(/** @type {'move' | 'add' | 'spray' | 'erase' | 'lasso'} */ ('move')),
    /** Radius of spray and eraser, world units. */
    brush: signal(0.4),
    /** Indices of selected data points. */
    selection,
    /** Index of the selected particle; its next move is `move`. */
    selectedParticle: signal(/** @type {number | null} */ (null)),
    move: signal(/** @type {ParticleMove | null} */ (null)),
    hover: signal(/** @type {Hover | null} */ (null)),
    history,
    edit,

    theme: signal(/** @type {'light' | 'dark'} */ ('light')),
    motion: signal(/** @type {'full' | 'reduced'} */ ('full')),
    words,
    locale: locale.locale,
    t: locale.t,
    hasString: locale.has,
    count: locale.count,
    measure: locale.measure,
    useLanguage: locale.use,
    isExplained: locale.isExplained,
    explain: locale.explain,

    notices,
    notify,
    refused,
    /** @param {number} id */
    dismiss(id) {
      notices.value = notices.value.filter((n) => n.id !== id);
    },

    /** The worker's methods. Throws before `connect`. */
    get engine() {
      return connected();
    },
    /** @param {Engine} client */
    connect(client) {
      engine = client;
    },

    /** Changes the experiment without a reset. Rejects with the core's sentence. @param {object} patch */
    async configure(patch) {
      config.value = await connected().configure(patch);
      if ('data' in patch) edit.edited.value = false;
    },

    /** Takes a frame in. @param {Frame} next */
    receive(next) {
      batch(() => {
        const { curves: rows, data: points, guard, ...rest } = next;
        const last = frame.value;
        if (last !== null && next.clock.update < last.clock.update)
          curves.value = cutCurves(curves.value, next.clock.update);
        if (rows) curves.value = extendCurves(curves.value, rows);
        if (next.metrics) curves.value = enterFigures(curves.value, next.metrics);
        if (points && !edit.pending) data.value = points;
        if (next.playing !== undefined) playing.value = next.playing;
        if (guard) notify({ kind: 'warning', key: `guard.${guard.code}`, params: guardParams(guard) });
        frame.value = { ...last, ...rest };
      });
    },
  };

  /** @param {import('../engine/protocol.js').Guard} guard */
  function guardParams({ fields: { update, value, restored, dial } }) {
    const name = locale.t(`param.${dial}.label`);
    return { update: locale.count(update), value: locale.measure(value), restored: locale.count(restored), dial: name };
  }
}
