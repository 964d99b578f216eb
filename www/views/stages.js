/** Which number each node of the loop shows: the last step's where a step has just been taken, else the newest of the curves. */

import { STAGES } from '../engine/protocol.js';

/** @import {Config, Stage, StepEvent} from '../engine/protocol.js' */
/** @import {Curves} from '../state/curves.js' */

/** @typedef {{name: string, value: number}} StageNumber `name` is a locale key under `loop.value`. */

/** The number of each stage by the names that the core gives it, the first that is known. @type {Record<Stage, string[]>} */
const NUMBERS = {
  data: ['points'],
  energy: ['energyData'],
  negatives: ['steps', 'energyModel'],
  compare: ['loss'],
  gradient: ['gradientNorm'],
  update: ['update'],
};

/**
 * @param {object} known
 * @param {number | undefined} known.update Updates done.
 * @param {Curves} known.curves
 * @param {Config | null} known.config
 * @param {Record<string, number | null>} known.stepped Numbers of the steps that were taken by hand in this update.
 * @returns {Record<Stage, StageNumber | null>}
 */
export function stageNumbers({ update, curves, config, stepped }) {
  /** @type {Record<string, unknown>} */
  const numbers = { points: config?.batch, update };
  curves.columns.forEach((name, c) => {
    if (name !== 'update') numbers[name] = curves.series[c].at(-1);
  });
  Object.assign(numbers, stepped);
  /** @param {Stage} stage */
  const numberOf = (stage) => {
    const name = NUMBERS[stage].find((n) => Number.isFinite(numbers[n]));
    return name ? { name, value: /** @type {number} */ (numbers[name]) } : null;
  };
  return /** @type {Record<Stage, StageNumber | null>} */ (
    Object.fromEntries(STAGES.map((stage) => [stage, numberOf(stage)]))
  );
}

/**
 * The numbers of the steps by hand, after one more: those of earlier stages stay until the update is over.
 * @param {{update: number, numbers: Record<string, number | null>}} before
 * @param {StepEvent | null | undefined} event Null when the clock runs freely.
 */
export function afterStep(before, event) {
  if (!event) return { update: -1, numbers: {} };
  const earlier = event.update === before.update ? before.numbers : {};
  return { update: event.update, numbers: { ...earlier, ...event.numbers } };
}
