/** Which number each node of the loop shows: the last step's where a step has just been taken, else the newest of the curves. */

import { STAGES } from '../engine/protocol.js';

/** @import {Config, Frame, Stage} from '../engine/protocol.js' */
/** @import {Curves} from '../state/curves.js' */

/** @typedef {{name: string, value: number}} StageNumber `name` is a locale key under `loop.value`. */

/** The one number of each stage, by the names that the core gives it. @type {Record<Stage, string>} */
const NUMBER = {
  data: 'batch',
  energy: 'energyData',
  negatives: 'energyModel',
  compare: 'loss',
  gradient: 'gradientNorm',
  update: 'update',
};

/**
 * @param {Frame | null} frame
 * @param {Curves} curves
 * @param {Config | null} config
 * @returns {Record<Stage, StageNumber | null>}
 */
export function stageNumbers(frame, curves, config) {
  /** @type {Record<string, number | null | undefined>} */
  const known = { batch: /** @type {number | undefined} */ (config?.batch) };
  curves.columns.forEach((name, c) => {
    known[name] = curves.series[c].at(-1);
  });
  if (frame) known.update = frame.clock.update;
  Object.assign(known, frame?.event?.numbers);
  return /** @type {Record<Stage, StageNumber | null>} */ (
    Object.fromEntries(
      STAGES.map((stage) => {
        const name = NUMBER[stage];
        const value = known[name];
        return [stage, value === null || value === undefined || Number.isNaN(value) ? null : { name, value }];
      }),
    )
  );
}
