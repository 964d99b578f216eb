/** Where the samples start, by hand: anew from noise, at data points, where the chains of the replay buffer are, or at a point. */

/** @import {Store} from './store.js' */

/** @typedef {'noise' | 'data' | 'buffer' | [number, number]} Start */

/** Uniform numbers in [0, 1) from a seed: mulberry32. @param {number} seed */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * `count` places of a start. The same seed and the same moment give the same ones.
 * @param {Start} start
 * @param {number} count
 * @param {{seed: number, world: [number, number], pool: ArrayLike<number>, dimension?: number}} from `pool`: the points to choose
 * from, [n · dimension].
 */
export function places(start, count, { seed, world: [low, high], pool, dimension = 2 }) {
  const next = random(seed);
  const out = new Float32Array(dimension * count);
  const one = Array.from({ length: dimension });
  for (let i = 0; i < count; i++) {
    const from = dimension * Math.floor((next() * pool.length) / dimension);
    const point =
      start === 'noise'
        ? one.map(() => low + (high - low) * next())
        : Array.isArray(start)
          ? start
          : one.map((_, c) => pool[from + c]);
    out.set(point, dimension * i);
  }
  return out;
}

/** Pixels of an image. @param {import('../engine/protocol.js').Config | null} config */
export const pixelsOf = (config) => Number(config?.data.side ?? 28) ** 2;

/** @param {Store} store @param {Start} start */
export async function startParticles(store, start) {
  const { engine, manifest, config, frame, space } = store;
  const images = space.value !== 'plane';
  const known = ['noise', 'data', 'buffer'];
  const point = !images && start?.length === 2 && [...start].every(Number.isFinite);
  if (!(typeof start === 'string' ? known.includes(start) : point)) {
    const expected = images ? known.join(' or ') : `${known.join(', ')} or a point [x, y]`;
    throw new Error(`start: ${JSON.stringify(start)} is not accepted; expected ${expected}.`);
  }
  const data = async () => (images ? (await engine.images('training')).pixels : engine.data());
  const pool = start === 'data' ? await data() : start === 'buffer' ? (await engine.buffer()).chains : [];
  if (typeof start === 'string' && start !== 'noise' && pool.length === 0)
    throw new Error(`start: there is no ${start === 'data' ? 'data point' : 'replay buffer'} to start from.`);
  const dimension = images ? pixelsOf(config.value) : 2;
  const count = (await engine.particles()).length / dimension;
  const seed = Number(config.value?.seed ?? 0) * 7919 + Number(frame.value?.clock.steps ?? 0);
  await engine.setParticles(
    places(start, count, { seed, world: images ? [-1, 1] : (manifest.value?.world ?? [-4, 4]), pool, dimension }),
  );
}
