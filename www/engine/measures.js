/**
 * Measures of the samples, by a module that is fetched when somebody first asks.
 */

import init, {
  auroc,
  autocorrelation,
  effectiveSampleSize,
  energyDistance,
  maximumMeanDiscrepancy,
  occupancy,
  rHat,
  slicedWasserstein,
} from '../pkg/metric/ebm_metric.js';
import module from '../pkg/metric/ebm_metric_bg.wasm?url';

/** @import {Engine} from './protocol.js' */

/**
 * How well the particles sample. A trace is the values of the first chains, one chain after the other.
 * @typedef {object} Diagnosis
 * @property {number} steps
 * @property {number} chains
 * @property {number} acceptance
 * @property {{x: number | null, y: number | null}} rHat Rank-normalised and split; null where the chains say nothing.
 * @property {{x: number | null, y: number | null}} ess Effective sample size of the ranks.
 * @property {{x: Float64Array, y: Float64Array}} autocorrelation By lag, from 0.
 * @property {{x: Float32Array, y: Float32Array}} trace
 */

/** Chains whose way is shown, and lags of the autocorrelation. */
const SHOWN = 4;
const LAGS = 101;
/** Points of each set that distances are measured between. */
const MEASURED = 1024;

/** NaN is how the module says that there is no figure. @param {number} value */
const known = (value) => (Number.isFinite(value) ? value : null);

/** Draws that are measured: more tell hardly more and hold up the page. */
const MOST_DRAWS = 200_000;

/** Lengths of a walk: what chains need to say anything, and what a page can hold. */
const SHORTEST = 8;
const LONGEST = 10_000;

/**
 * The share of pairs of which the first has the higher energy; null where there is none to tell.
 * @param {Float32Array} high @param {Float32Array} low
 */
export async function measureArea(high, low) {
  await init({ module_or_path: module });
  return known(auroc(high, low));
}

/** @param {Engine} engine @param {number} steps @returns {Promise<Diagnosis>} */
export async function diagnose(engine, steps) {
  if (!Number.isInteger(steps) || steps < SHORTEST || steps > LONGEST)
    throw new Error(`steps: ${steps} is not accepted; expected a whole number from ${SHORTEST} to ${LONGEST}.`);
  const [rows] = await Promise.all([engine.trace(steps), init({ module_or_path: module })]);
  const columns = rows.length / steps;
  const chains = Math.max(2, Math.min((columns - 1) / 2, Math.floor(MOST_DRAWS / steps)));
  /** The draws of a coordinate, chain by chain. @param {0 | 1} axis */
  const draws = (axis) => {
    const out = new Float32Array(chains * steps);
    for (let c = 0; c < chains; c++)
      for (let s = 0; s < steps; s++) out[c * steps + s] = rows[s * columns + 2 * c + axis];
    return out;
  };
  let accepted = 0;
  for (let s = 0; s < steps; s++) accepted += rows[s * columns + columns - 1] / steps;
  const [x, y] = [draws(0), draws(1)];
  /** @template T @param {(values: Float32Array) => T} of */
  const both = (of) => ({ x: of(x), y: of(y) });
  return {
    steps,
    chains,
    acceptance: accepted,
    rHat: both((values) => known(rHat(values, chains))),
    ess: both((values) => known(effectiveSampleSize(values, chains))),
    autocorrelation: both((values) => autocorrelation(values, chains, LAGS)),
    trace: both((values) => values.slice(0, Math.min(SHOWN, chains) * steps)),
  };
}

/**
 * How far the particles lie from held-out points, and which modes they found; null where there is nothing to compare with.
 * @param {Engine} engine
 * @returns {Promise<Record<string, number | null>>}
 */
export async function measureSamples(engine) {
  const asked = [engine.particles(), engine.heldOut(), engine.modes(), init({ module_or_path: module })];
  const [all, test, modes] = /** @type {[Float32Array, Float32Array, Float64Array, unknown]} */ (
    await Promise.all(asked)
  );
  const particles = all.subarray(0, 2 * MEASURED);
  const held = test.subarray(0, 2 * MEASURED);
  const enough = particles.length > 2 && held.length > 2 && particles.every(Number.isFinite);
  /** @param {(a: Float32Array, b: Float32Array) => number} distance */
  const between = (distance) => (enough ? known(distance(particles, held)) : null);
  const [hit, divergence] = modes.length > 0 && particles.length > 0 ? occupancy(particles, modes) : [NaN, NaN];
  return {
    energyDistance: between(energyDistance),
    mmd: between(maximumMeanDiscrepancy),
    slicedWasserstein: between(slicedWasserstein),
    modesHit: known(hit),
    modesKl: known(divergence),
  };
}
