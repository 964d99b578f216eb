/**
 * The colour scale of a page: which values the colours stand for, and where contour lines run. Plot, legend and terrain share
 * one, which follows the landscape (`store.frame`) and the visitor's choice (`store.colour`).
 */

import { effect, signal, untracked } from '@preact/signals-core';
import { colourTable } from './colour.js';
import { densityRange, eased, energyRange } from './range.js';
import { multiples, niceStep } from './ticks.js';

/** @import {Store} from '../state/store.js' */
/** @import {Landscape} from '../engine/protocol.js' */
/** @import {Range} from './range.js' */

/**
 * @typedef {object} ColourScale
 * @property {'energy' | 'density'} quantity
 * @property {Range} range Nats, or per unit of area.
 * @property {Uint32Array} table Colours.
 * @property {number} step From contour line to contour line.
 * @property {number[]} levels Of the contour lines, ascending, within the range.
 */

/** Milliseconds without a new landscape after which an automatic range goes on by itself. */
const PAUSE = 150;

/** Steps that the range is divided into, about. */
const CONTOURS = 10;

/** @type {WeakMap<Store, import('@preact/signals-core').ReadonlySignal<ColourScale>>} */
const scales = new WeakMap();

/**
 * The one scale of a store.
 * @param {Store} store
 */
export function colourScale(store) {
  let scale = scales.get(store);
  if (!scale) {
    scale = makeScale(store);
    scales.set(store, scale);
  }
  return scale;
}

/** @param {Store} store */
function makeScale(store) {
  const scale = signal(scaleOf('energy', [0, 1], 'light'));
  /** @type {Range | null} */
  let now = null;
  /** @type {Landscape | null | undefined} */
  let seen;
  let quantityOfNow = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  const follow = () => {
    const { quantity: wanted, range } = store.colour.value;
    const theme = store.theme.value;
    const landscape = store.frame.value?.landscape;
    // A density needs log Z, which a run does not have from its first moment on.
    const quantity = landscape && Number.isFinite(landscape.logZ) ? wanted : 'energy';
    if (range !== 'auto') {
      now = range;
    } else if (landscape) {
      const aim = aimOf(landscape, quantity);
      now = eased(quantityOfNow === quantity ? now : null, aim);
      // A resting clock sends no more landscapes: go on towards the aim without them.
      if (now !== aim) waiting = setTimeout(() => untracked(follow), PAUSE);
    }
    quantityOfNow = quantity;
    if (now === null || same(scale.peek(), quantity, now, theme)) return;
    scale.value = scaleOf(quantity, now, theme);
  };

  // Only a new landscape moves the range, not each of the frames between two.
  effect(() => {
    const landscape = store.frame.value?.landscape;
    if (landscape === seen) return;
    seen = landscape;
    clearTimeout(waiting);
    untracked(follow);
  });
  effect(() => {
    store.colour.value;
    store.theme.value;
    clearTimeout(waiting);
    untracked(follow);
  });
  return scale;
}

/** @param {Landscape} landscape @param {'energy' | 'density'} quantity */
function aimOf(landscape, quantity) {
  return quantity === 'energy' ? energyRange(landscape.energy) : densityRange(landscape.energy, landscape.logZ);
}

/**
 * @param {'energy' | 'density'} quantity
 * @param {Range} range
 * @param {'light' | 'dark'} theme
 * @returns {ColourScale}
 */
export function scaleOf(quantity, range, theme) {
  const step = niceStep(range[1] - range[0], CONTOURS);
  // The lowest level of a density is above nought: the line p = 0 is everywhere and nowhere.
  const levels = multiples(range[0] + (quantity === 'density' ? step / 2 : 0), range[1], step);
  return { quantity, range, table: colourTable(quantity, theme), step, levels };
}

/** @param {ColourScale} scale @param {string} quantity @param {Range} range @param {'light' | 'dark'} theme */
function same(scale, quantity, range, theme) {
  return (
    scale.quantity === quantity &&
    scale.range[0] === range[0] &&
    scale.range[1] === range[1] &&
    scale.table === colourTable(scale.quantity, theme)
  );
}
