/**
 * Which values the colours span. Energies have no natural top: far from the data they rise without bound, so the automatic
 * range starts at the lowest energy and ends where it still leaves the basins most of the colours.
 */

/** @typedef {[number, number]} Range */

/** Values looked at for a quantile: enough for a colour scale, few enough to sort in every frame. */
const SAMPLES = 1024;
/** The colours of the automatic energy range end at this quantile over the plot … */
const QUANTILE = 0.8;
/** … but at most this many nats above the lowest energy, where p has fallen to e⁻¹⁵ of its peak. */
const DEPTH = 15;
/** Share of the way that an automatic range goes towards its aim with one landscape: colours drift and never flicker. */
const EASE = 0.25;

/**
 * @param {ArrayLike<number>} energy
 * @returns {Range} Nats.
 */
export function energyRange(energy) {
  const sorted = sampled(energy).sort();
  if (sorted.length === 0) return [0, 1];
  const low = sorted[0];
  const high = Math.min(sorted[Math.floor(QUANTILE * (sorted.length - 1))], low + DEPTH);
  return [low, Math.max(high, low + 0.1)];
}

/**
 * @param {ArrayLike<number>} energy
 * @param {number} logZ
 * @returns {Range} Per unit of area.
 */
export function densityRange(energy, logZ) {
  let low = Number.POSITIVE_INFINITY;
  for (let i = 0; i < energy.length; i++) if (energy[i] < low) low = energy[i];
  const peak = Math.exp(-low - logZ);
  return [0, Number.isFinite(peak) && peak > 0 ? peak : 1];
}

/**
 * An automatic range on its way to `aim`. A change of another order of magnitude (a new scene, a reset) is taken at once.
 * @param {Range | null} now
 * @param {Range} aim
 * @returns {Range}
 */
export function eased(now, aim) {
  if (now === null) return aim;
  const width = aim[1] - aim[0];
  const off = Math.max(Math.abs(aim[0] - now[0]), Math.abs(aim[1] - now[1]));
  const jumped = off > 2 * width || width < (now[1] - now[0]) / 4;
  if (jumped || off < 1e-3 * width) return aim;
  return [now[0] + EASE * (aim[0] - now[0]), now[1] + EASE * (aim[1] - now[1])];
}

/** Every k-th finite value. @param {ArrayLike<number>} values @returns {Float32Array} */
function sampled(values) {
  // An odd stride does not lock onto the columns of a grid whose width is a power of two.
  const stride = Math.max(1, Math.floor(values.length / SAMPLES)) | 1;
  const result = new Float32Array(Math.ceil(values.length / stride));
  let n = 0;
  for (let i = 0; i < values.length; i += stride) if (Number.isFinite(values[i])) result[n++] = values[i];
  return result.subarray(0, n);
}
