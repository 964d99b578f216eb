/** The weights that come with the page: weights/README.md says how they were made. */

import { startParticles } from '../state/starts.js';
import address from './weights/mnist.safetensors?url';

/** @import {Store} from '../state/store.js' */

/** Loads them into the network that they are of, and starts the samples anew from noise. @param {Store} store */
export async function loadWeights(store) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`weights: the file could not be fetched (${response.status}).`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  await store.configure({ model: { id: 'cnn', size: 'tutorial', activation: 'silu' } });
  await store.engine.importWeights(bytes);
  await startParticles(store, 'noise');
}
