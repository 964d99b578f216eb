/** One chain as it stands: its energy, the slope at its image, what its next step does, and the nearest image of the data. */

import { changeAt, imagesAt } from './film.js';

/** @import {Engine, NearestImage} from '../engine/protocol.js' */
/** @import {Film} from './film.js' */

/**
 * @typedef {object} Look
 * @property {Float32Array} image [d]
 * @property {number} energy
 * @property {Float32Array} slope −∇E, [d].
 * @property {Float32Array | null} noise Of the next step; null where the film has gone past it.
 * @property {Float32Array | null} change
 * @property {NearestImage} nearest
 * @property {Float32Array} shares p(y | x); empty where the energy knows no classes.
 * @property {import('../engine/protocol.js').Units} units Empty where the model has no hidden ones.
 * @property {Float32Array} rebuilt The mean of the pixels by what the model makes of the image inside; empty where it has no inside.
 */

/**
 * @param {Engine} engine
 * @param {{chain: number, live: Float32Array, film: Film | null, at: number, pixels: number, latent: number}} where `latent` variables of
 * an image, 0 where there are none.
 * @returns {Promise<Look>}
 */
export async function lookAt(engine, { chain, live, film, at, pixels, latent }) {
  const shown = film === null ? live : imagesAt(film, at);
  const image = shown.slice(chain * pixels, (chain + 1) * pixels);
  const { energy, score } = await engine.probe(image);
  const newest = film === null || at === film.frames.length - 1;
  const move = newest ? await engine.select(chain) : null;
  const noise = move && Float32Array.from(move.noise);
  const change = move
    ? Float32Array.from(move.proposal, (x, i) => x - move.position[i])
    : film && changeAt(film, at, chain);
  const [nearest, shares] = [await engine.nearestImage(image), await engine.classify(image)];
  const units = await engine.units(image);
  // Of latent variables, those in the middle of the encoder's law.
  const rebuilt = latent > 0 ? await engine.decode((await engine.encode(image)).slice(0, latent)) : units.mean;
  return { image, energy, slope: Float32Array.from(score), noise, change, nearest, shares, units, rebuilt };
}
