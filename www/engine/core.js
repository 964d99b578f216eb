/**
 * The core's wasm class as the worker uses it. JSON goes in and out as strings; arrays as typed arrays.
 */

/** @import {Backend, Buffer, Frame, Likelihood, LogPartition, LatentChains, LowerBound, NearestImage, Proof, Pushes, Grain, Mode, ParticleMove, StepEvent, Units} from './protocol.js' */

/**
 * @typedef {object} CoreEngine
 * @property {() => string} manifest
 * @property {() => string} config
 * @property {() => string | undefined} adapter What the browser calls the GPU, if it says.
 * @property {(patch: string) => Promise<unknown>} configure
 * @property {(sceneOrConfig: string) => Promise<unknown>} load
 * @property {(budget: number, mode: Mode) => Promise<number>} advance Works for about `budget` ms, one round where that is 0;
 * → rounds done. May run beside a frame that waits for the device; nothing else may.
 * @property {(n: number) => Promise<{update: number, loss: number, parts: Record<string, number>}>} train
 * @property {(n: number) => Promise<{steps: number, acceptance?: number}>} sample
 * @property {(grain: Grain) => Promise<StepEvent>} step
 * @property {(grain: Grain) => Promise<StepEvent>} back
 * @property {(x: Float32Array) => Promise<Float32Array>} energy
 * @property {(x: Float32Array) => Promise<Float32Array>} score
 * @property {() => Promise<Record<string, number | null>>} metrics
 * @property {(steps: number) => Promise<Float32Array>} trace
 * @property {() => Float64Array} modes
 * @property {(steps: Uint32Array, draws: number, pause: () => Promise<void>) => Promise<Float64Array>} gradientBias
 * @property {(x: Float32Array, pause: () => Promise<void>) => Promise<Float32Array>} [logLikelihood]
 * @property {(x: Float32Array) => Promise<Float32Array>} [noised]
 * @property {(most: number) => Promise<Float32Array[]>} [future]
 * @property {(x: Float32Array) => Promise<Units>} [units]
 * @property {() => Promise<Float32Array>} [filters]
 * @property {(most: number, pause: () => Promise<void>) => Promise<number>} [pseudoLogLikelihood]
 * @property {() => Promise<Likelihood | null>} [exactLikelihood]
 * @property {(steps: number, seed: number, pause: () => Promise<void>) => Promise<LogPartition>} [logPartition]
 * @property {(x: Float32Array) => Promise<Float32Array>} [encode]
 * @property {(z: Float32Array) => Promise<Float32Array>} [decode]
 * @property {(z: Float32Array) => Promise<Float32Array>} [tilt]
 * @property {(x: Float32Array, pieces: number, seed: number) => Promise<LatentChains>} [latentChains]
 * @property {(draws: number, seed: number, most: number, pause: () => Promise<void>) => Promise<LowerBound>} [lowerBound]
 * @property {(x: Float32Array) => Promise<Float32Array>} [embed]
 * @property {(x: Float32Array, seed: number) => Promise<Float32Array>} [views]
 * @property {() => Float32Array} heldOut
 * @property {(view: string) => Promise<Frame & {more?: boolean}>} frame `more` says that there is more to show than this one
 * holds: of a clock that rests, the next frame does.
 * @property {(x: Float32Array) => Promise<Float32Array>} [classify]
 * @property {() => Float32Array} [labels]
 * @property {(set: string, images: Uint8Array, labels?: Uint8Array) => Promise<Uint32Array>} [giveImages] IDX files; → how many
 * images are used, and how many there are.
 * @property {(part: 'training' | 'held-out') => Promise<{pixels: Float32Array, labels?: Uint8Array}>} [images]
 * @property {(file: Uint8Array, most: number) => Float32Array} [readImages]
 * @property {() => Uint32Array} [imageCounts]
 * @property {(x: Float32Array) => NearestImage} [nearestImage]
 * @property {(image: Float32Array, free: Float32Array) => void} [holdPixels]
 * @property {() => Promise<number>} [heldPixels]
 * @property {(weights: Float32Array) => void} [mixClasses]
 * @property {() => Promise<Float32Array>} [mix]
 * @property {() => Promise<Float32Array>} data
 * @property {(x: Float32Array) => Promise<unknown>} setData
 * @property {(x: Float32Array) => Promise<unknown>} addPoints
 * @property {(i: number, x: ArrayLike<number>) => Promise<unknown>} movePoint
 * @property {(ids: Uint32Array) => Promise<unknown>} removePoints
 * @property {() => Promise<Buffer>} [buffer]
 * @property {(x: Float32Array) => Promise<Pushes>} [pushes]
 * @property {(x: Float32Array) => Promise<Proof>} [proof] Of the cores for the CPU.
 * @property {() => Promise<Float32Array>} particles
 * @property {(x: Float32Array) => Promise<unknown>} setParticles
 * @property {() => Promise<Uint8Array>} exportWeights
 * @property {(bytes: Uint8Array) => Promise<unknown>} importWeights
 * @property {() => Promise<Uint8Array>} snapshot
 * @property {(state: Uint8Array) => Promise<unknown>} restore
 * @property {() => Promise<unknown>} reset
 * @property {(seed: number) => Promise<unknown>} reseed
 * @property {(i: number | null) => Promise<ParticleMove | null>} select
 * @property {(x: ArrayLike<number>) => Promise<{energy: number, density: number | null, score: ArrayLike<number>}>} probe
 * @property {() => unknown} loseDevice
 * @property {() => void} free Gives its device back.
 */

/**
 * A core that has been fetched for a backend.
 * @typedef {object} Core
 * @property {Backend} backend
 * @property {(backend: string, config: string) => Promise<CoreEngine>} create
 */

/** Whether the core is unusable after this error: a trap of the wasm machine, not a refusal. @param {unknown} error */
export function isPanic(error) {
  return error instanceof WebAssembly.RuntimeError;
}

/** Whether the first core refused because it lacks a part that the whole one has. @param {unknown} error */
export function isElsewhere(error) {
  return error instanceof Error && error.name === 'Elsewhere';
}

/** The set of images for want of which the core refused, if so. @param {unknown} error @returns {string | undefined} */
export function absentSet(error) {
  return error instanceof Error && error.name === 'Absent' ? /** @type {any} */ (error).set : undefined;
}

/** The one sentence of an error. @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
