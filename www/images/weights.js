/** The weights that come with the page: weights/README.md says how they were made. */

import { startParticles } from '../state/starts.js';
import joint from './weights/joint.safetensors?url';
import plain from './weights/mnist.safetensors?url';

/** @import {Store} from '../state/store.js' */

/** By the model that they are of. @type {Record<string, string>} */
const FILES = { cnn: plain, 'joint-cnn': joint };

/** Whether there are any for a model. @param {string | undefined} model */
export const hasWeights = (model) => model !== undefined && model in FILES;

/** Loads them into the network that they are of, and starts the samples anew from noise. @param {Store} store */
export async function loadWeights(store) {
  const response = await fetch(FILES[store.config.peek()?.model.id ?? 'cnn']);
  if (!response.ok) throw new Error(`weights: the file could not be fetched (${response.status}).`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  await store.configure({ model: { size: 'tutorial', activation: 'silu' } });
  await store.engine.importWeights(bytes);
  await startParticles(store, 'noise');
}
