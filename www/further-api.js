/**
 * Calls of the scripting interface that the page's start does without: fetched with the first of them. Each takes the page's state first;
 * `api.js` lists their names.
 */

import { bytes, floats } from './state/arguments.js';

/** @import {Store} from './state/store.js' */

/** @typedef {ArrayLike<number>} Numbers */

/** {nll, logZ, kl, …}; null where a metric does not apply. @param {Store} store */
export async function metrics({ engine }) {
  const { measureSamples } = await import('./engine/measures.js');
  return { ...(await engine.metrics()), ...(await measureSamples(engine)) };
}

/** Walks the particles and measures their chains: {steps, chains, acceptance, rHat, ess, autocorrelation, trace}. @param {Store} store @param {number | null} [steps] */
export async function diagnose({ engine }, steps) {
  const measures = await import('./engine/measures.js');
  return measures.diagnose(engine, steps ?? 400);
}

/**
 * The rule's gradient against the exact one, by numbers of sampler steps, means of `draws` updates: rows of steps, angle in degrees and
 * ratio of lengths. @param {Store} store @param {number[] | null} [steps] @param {number | null} [draws]
 */
export const gradientBias = ({ engine }, steps, draws) => engine.gradientBias(steps ?? [1, 10, 100], draws ?? 8);

/** Starts the particles anew: 'noise', 'data', 'buffer' or a point [x, y]. @param {Store} store @param {'noise' | 'data' | 'buffer' | [number, number]} start */
export async function startParticles(store, start) {
  const starts = await import('./state/starts.js');
  return starts.startParticles(store, start);
}

/**
 * Learns the images of IDX files, gzipped or not, labels where there are some. → How many images.
 * @param {Store} store @param {Uint8Array} images @param {Uint8Array} [labels]
 */
export async function loadImages(store, images, labels) {
  const { learnImages } = await import('./images/files.js');
  return learnImages(store, bytes('loadImages', images), labels && bytes('loadImages', labels));
}

/** The images of the experiment, 'training' or 'held-out': {pixels [784n] from −1 to 1, labels [n]?}. @param {Store} store @param {'training' | 'held-out'} part */
export const images = ({ engine }, part) => engine.images(part);

/**
 * The particles keep the pixels of an image [784] where `free` [784] is 0; without arguments they keep none.
 * @param {Store} store @param {Numbers} [image] @param {Numbers} [free]
 */
export const holdPixels = ({ engine }, image, free) =>
  engine.holdPixels(
    floats('holdPixels', image ?? new Float32Array(784)),
    floats('holdPixels', free ?? new Float32Array(image?.length ?? 784).fill(1)),
  );

/** The particles follow w₀ E(x) + Σ w_y E(x, y), with weights [1 + classes]. @param {Store} store @param {Numbers} weights */
export const mixClasses = ({ engine }, weights) => engine.mixClasses(floats('mixClasses', weights));

/** E(x): [n · d] → [n], d = 2 in the plane and 784 of images. @param {Store} store @param {Numbers} x */
export const energy = ({ engine }, x) => engine.energy(floats('energy', x));

/** −∇E(x): [n · d] → [n · d]. @param {Store} store @param {Numbers} x */
export const score = ({ engine }, x) => engine.score(floats('score', x));

/** Puts the particles elsewhere. @param {Store} store @param {Numbers} x */
export const setParticles = ({ engine }, x) => engine.setParticles(floats('setParticles', x));

/** p(y | x): [2n] → [n · classes]; empty where no classes are learned. @param {Store} store @param {Numbers} x */
export const classify = ({ engine }, x) => engine.classify(floats('classify', x));

/** The class of each data point, [n]; empty where they have none. @param {Store} store */
export const labels = ({ engine }) => engine.labels();

/** ln p(x) by the probability flow, of models of every noise level: [2n] → [n]. @param {Store} store @param {Numbers} x */
export const logLikelihood = ({ engine }, x) => engine.logLikelihood(floats('logLikelihood', x));

/** Points as they are at the noise level that is shown, a x₀ + σz, each with a z of its own: [2n] → [2n]. @param {Store} store @param {Numbers} x */
export const noised = ({ engine }, x) => engine.noised(floats('noised', x));

/**
 * Where the first samples (32 at the most) are going to be on their way down the levels of noise: places [2n], where they are and where each
 * of their next steps leads, no more than `most`. Nothing moves. Empty of other samplers, and where the samples have arrived.
 * @param {Store} store @param {number} [most]
 */
export const future = ({ engine }, most = 2000) => engine.future(most);

/**
 * What the hidden units of a Boltzmann machine say of images [784n]: {on [n · hidden], mean [784n]}; empty where the model has none.
 * @param {Store} store @param {Numbers} x
 */
export const units = ({ engine }, x) => engine.units(floats('units', x));

/** The weights of each hidden unit to the pixels, [hidden · 784]; empty where the model has none. @param {Store} store */
export const filters = ({ engine }) => engine.filters();

/** Mean pseudo-log-likelihood of the first held-out images, in nats. @param {Store} store @param {number} [most] */
export const pseudoLogLikelihood = ({ engine }, most = 1000) => engine.pseudoLogLikelihood(most);

/** What is known exactly of a machine with a small layer: {logPartition, heldOut, entropy, mass}; null of larger ones. @param {Store} store */
export const exactLikelihood = ({ engine }) => engine.exactLikelihood();

/**
 * log Z of a Boltzmann machine by annealed importance sampling: {estimate, standardError, lower, exact, chains, heldOut}. Another
 * seed makes other chains. @param {Store} store @param {number} [steps] @param {number} [seed]
 */
export const logPartition = ({ engine }, steps = 1000, seed = 1) => engine.logPartition(steps, seed);

/** μ and ln σ of the encoder's law q(z | x) of a model of latent variables: [n · d] → [n · 2 latent]. @param {Store} store @param {Numbers} x */
export const encode = ({ engine }, x) => engine.encode(floats('encode', x));

/** E[x | z] of its decoder: [n · latent] → [n · d]. @param {Store} store @param {Numbers} z */
export const decode = ({ engine }, z) => engine.decode(floats('decode', z));

/** What the prior of a model like latent-ebm is tilted by: f(z), [n · latent] → [n]. @param {Store} store @param {Numbers} z */
export const tilt = ({ engine }, z) => engine.tilt(floats('tilt', z));

/**
 * How its chains of the posterior of points x [n · d], and as many of the prior, get where they lead, told at the ends of so many pieces of
 * their way: {posterior, prior}, each {steps, places}. Another seed makes others.
 * @param {Store} store @param {Numbers} x @param {number} [pieces] @param {number} [seed]
 */
export const latentChains = ({ engine }, x, pieces = 20, seed = 1) =>
  engine.latentChains(Float32Array.from(x), pieces, seed);

/**
 * The evidence lower bound of the first held-out points: {elbo, reconstruction, divergence, standardError, importanceWeighted, logLikelihood,
 * points, draws, update}. Another seed makes other draws. @param {Store} store @param {number} [draws] @param {number} [seed] @param {number} [most]
 */
export const lowerBound = ({ engine }, draws = 16, seed = 1, most = 1e6) => engine.lowerBound(draws, seed, most);

/** Where a model of pairs puts points, h(x): [n · d] → [n · embedding]. @param {Store} store @param {Numbers} x */
export const embed = ({ engine }, x) => engine.embed(floats('embed', x));

/** A view of each point as the training rule makes them; another seed makes others: [n · d] → [n · d]. @param {Store} store @param {Numbers} x @param {number} [seed] */
export const views = ({ engine }, x, seed = 1) => engine.views(floats('views', x), seed);

/** The next update, and what it did to E at points [2n]: {data, model, change, batch, negatives}. @param {Store} store @param {Numbers} x */
export const pushes = ({ engine }, x) => engine.pushes(floats('pushes', x));

/** The replay buffer: {chains, ages}. @param {Store} store */
export const buffer = ({ engine }) => engine.buffer();
