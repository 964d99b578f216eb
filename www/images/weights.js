/** The weights that come with the page: weights/README.md says how they were made. */

import { startParticles } from '../state/starts.js';
import joint from './weights/joint.safetensors?url';
import embedding from './weights/joint-embedding.safetensors?url';
import tilted from './weights/latent-ebm.safetensors?url';
import plain from './weights/mnist.safetensors?url';
import machine from './weights/rbm.safetensors?url';
import autoencoder from './weights/vae.safetensors?url';

/** @import {Store} from '../state/store.js' */

const TUTORIAL = { size: 'tutorial', activation: 'silu' };
/** By the model that they are of: the file, and the network in it. @type {Record<string, {file: string, network: object}>} */
const KNOWN = {
  cnn: { file: plain, network: TUTORIAL },
  'joint-cnn': { file: joint, network: TUTORIAL },
  'joint-embedding': {
    file: embedding,
    network: { embedding: 32, widths: [256], activation: 'relu', normalise: true, temperature: 0.1 },
  },
  'latent-ebm': {
    file: tilted,
    network: { latent: 16, widths: [200], priorWidths: [64, 64], activation: 'relu' },
  },
  rbm: { file: machine, network: { hidden: 64 } },
  vae: { file: autoencoder, network: { latent: 2, widths: [128], activation: 'relu' } },
};

/** Whether there are any for a model. @param {string | undefined} model */
export const hasWeights = (model) => model !== undefined && model in KNOWN;

/** Loads them into the network that they are of, and starts the samples anew from noise. @param {Store} store */
export async function loadWeights(store) {
  const asked = store.config.peek();
  const { file, network } = KNOWN[asked?.model.id ?? 'cnn'];
  const response = await fetch(file);
  if (!response.ok) throw new Error(`weights: the file could not be fetched (${response.status}).`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Whoever has gone elsewhere meanwhile keeps what is there.
  const now = store.config.peek();
  if (now?.data.id !== asked?.data.id || now?.model.id !== asked?.model.id) return;
  await store.configure({ model: network });
  await store.engine.importWeights(bytes);
  store.brought.value++;
  await startParticles(store, 'noise');
}
