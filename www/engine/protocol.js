/**
 * What the page and the worker say to each other, as types. A request is `{id, method, args}`; its answer `{id, value}` or
 * `{id, error: {message}}`. Frames, notices and faults come unasked. The page grants frames by credit: it starts with
 * `FRAME_CREDIT` and gives one back after each frame that it has drawn, so a slow or hidden tab never queues frames.
 */

/** @typedef {typeof STAGES[number]} Stage */
/** @typedef {typeof GRAINS[number]} Grain */
/** @typedef {typeof MODES[number]} Mode */
/** @typedef {'auto' | 'webgpu' | 'wasm'} BackendChoice */
/** @typedef {[x0: number, x1: number, y0: number, y1: number]} Extent World coordinates. */

/**
 * @typedef {object} Backend
 * @property {'webgpu' | 'wasm'} name
 * @property {string} reason Why this one: a locale key under `backend.reason`, or a sentence.
 * @property {string} [adapter] What the browser calls the GPU, if it says.
 */

/** @typedef {'data' | 'energy' | 'sampler' | 'training'} Group */
/** @typedef {'data' | 'model' | 'objective' | 'sampler' | 'optimizer'} SectionName */

/**
 * A parameter of a registered part, as the core declares it.
 * @typedef {object} Param
 * @property {string} name
 * @property {'number' | 'integer' | 'boolean' | 'choice' | 'set' | 'widths'} kind
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [most] Most layers of a list of widths.
 * @property {unknown} default
 * @property {boolean} [nullable] Whether null (coupled, automatic, off) is a value of its own.
 * @property {string[]} [choices]
 * @property {Group} group
 * @property {'linear' | 'log'} scale
 * @property {string} unit
 * @property {boolean} primary Whether a panel shows it before "more".
 * @property {boolean} live Whether a change is a dial; otherwise it recompiles the plans. Neither resets the run.
 */

/**
 * A registered density, model, objective, sampler or optimiser.
 * @typedef {object} Part
 * @property {string} id
 * @property {Param[]} params
 * @property {{id: string, stage: number}[]} [terms] Terms of an objective's formula, each with the stage that computes it.
 * @property {string} [formula] TeX.
 * @property {boolean} [needsSampler]
 * @property {boolean} [hasDensity]
 * @property {boolean} [isMixture] Of a density: whether it is a mixture of Gaussians, which smoothing leaves one.
 * @property {boolean} [learns] Of a model: whether it has weights.
 * @property {'noise' | 'classes' | 'hidden' | 'latent' | 'latentEnergy' | 'pairs' | null} [knows] Of a model: what its energy is a function of beside the place.
 * @property {'noise' | 'classes' | 'hidden' | 'latent' | 'latentEnergy' | 'pairs' | null} [needs] Of an objective or a sampler: what it needs the energy to know.
 * @property {number} [classes] Of a density: how many classes its points have, 0 where nothing divides them.
 * @property {boolean} [further] Whether the core of this manifest lacks it: of it, only its id and what the menus grey out by are known.
 * @property {Space} [space] Of a density: what its points are.
 * @property {Space[] | null} [spaces] Of a model, an objective or a sampler: what the points may be; null where that is the plane alone.
 * @property {boolean} [hasEnergy] Of a density: whether its own energy is known in closed form; of a model: whether it has one, and not a score alone.
 * @property {boolean} [conditions] Of a sampler: whether it draws the rest of what is held from the conditional density.
 * @property {boolean} [needsEnergy] Of a sampler: whether it asks for the energy itself, and not for its slope alone.
 */

/** @typedef {'plane' | 'images' | 'binary' | 'patterns'} Space Points [x, y], images of 28 × 28 pixels, such images in black and white, or smaller ones. */

/**
 * @typedef {object} Manifest
 * @property {number} version
 * @property {boolean} whole Whether it tells every part, or those of the first core, with no more of the others than `further` says.
 * @property {[number, number]} world
 * @property {Record<SectionName, Part[]> & {session: Part}} sections
 * @property {{id: string, live: boolean, rare?: boolean}[]} metrics Those that are live come with frames, the others are measured when asked;
 * rare ones are shown where they have a value.
 * @property {{id: string, config?: any, mend?: any, speed?: number}[]} scenes Those that fail on purpose have a patch that mends them; those that
 *   would be a blur have a speed, in updates a second.
 */

/** @typedef {{id: string} & Record<string, unknown>} Section */

/**
 * An experiment, as the core, the links and the scripting interface write it.
 * @typedef {{version: number, seed: number} & Record<SectionName, Section> & Record<string, unknown>} Config
 */

/**
 * @typedef {object} Clock
 * @property {number} update Training updates done.
 * @property {number | null} stage Stage that was done last within an update, or null between updates.
 * @property {number | null} substep Sampler move that was done last within the stage, or null.
 * @property {number} steps Particle steps so far.
 */

/**
 * @typedef {object} Landscape
 * @property {number} columns
 * @property {number} rows
 * @property {Extent} extent
 * @property {Float32Array} energy [rows · columns], row 0 at the smallest y.
 * @property {number} logZ
 * @property {number} minimum
 * @property {number} maximum
 */

/**
 * @typedef {object} Arrows
 * @property {number} columns
 * @property {number} rows
 * @property {Extent} extent
 * @property {Float32Array} score [2 · rows · columns]: −∇E.
 * @property {Float32Array} [truth] The same of the data at the level that is shown, where it is known exactly.
 */

/**
 * Moves of particles in one sub-step; positions and vectors are [2n].
 * @typedef {object} Move
 * @property {Float32Array} position
 * @property {Float32Array} gradient
 * @property {Float32Array} drift
 * @property {Float32Array} noise
 * @property {Float32Array} proposal
 * @property {Float32Array} path [n · 2k]: the k places that the way to each proposal leads along; empty where it is straight.
 * @property {Uint8Array | Float32Array} accepted [n]
 * @property {Float32Array} [probability] [n]
 */

/**
 * What one step did, with the numbers that the page shows.
 * @typedef {object} StepEvent
 * @property {Grain} grain
 * @property {number | null} stage
 * @property {number | null} substep
 * @property {number} update
 * @property {Record<string, number | null>} numbers
 * @property {Move} [move]
 */

/**
 * The divergence guard stopped the clock and put the last good weights back: at which update it saw what value, to which
 * update the run went back, and which dial to turn (`section.name`).
 * @typedef {object} Guard
 * @property {string} code Locale key under `guard`.
 * @property {{update: number, value: number, restored: number, dial: string}} fields
 */

/**
 * Everything but the clock is optional; what a frame leaves out stays as it was.
 * @typedef {object} Frame
 * @property {Clock} clock
 * @property {boolean} [playing]
 * @property {number} [rate] Updates a second.
 * @property {Float32Array} [particles] [2n]
 * @property {Float32Array} [data] [2n], when it changed.
 * @property {Float32Array} [test] [2n]: held-out points of the density, when they changed.
 * @property {Landscape} [landscape]
 * @property {Arrows | null} [arrows]
 * @property {Float32Array | null} [batch] [2n], while stepping by stage or sub-step.
 * @property {Float32Array | null} [negatives] [2n], likewise.
 * @property {StepEvent | null} [event]
 * @property {{columns: string[], rows: Float32Array}} [curves] Rows that are new since the last frame, row-major.
 * @property {Record<string, number | null>} [metrics]
 * @property {{ages: ArrayLike<number>, edges: ArrayLike<number>} | null} [buffer]
 * @property {Guard | null} [guard]
 */

/**
 * The selected particle's next step.
 * @typedef {object} ParticleMove
 * @property {ArrayLike<number>} position
 * @property {ArrayLike<number>} gradient
 * @property {ArrayLike<number>} drift
 * @property {ArrayLike<number>} noise
 * @property {ArrayLike<number>} proposal
 * @property {ArrayLike<number>} [path]
 * @property {boolean | null} accepted
 * @property {number | null} probability
 */

/**
 * What the frames should hold: columns and rows of the landscape along its shorter side, and columns of the arrow field;
 * 0 leaves either out.
 * @typedef {{extent: Extent, resolution: number, arrows: number}} FrameView
 */

/** @typedef {{grain: Grain, perSecond: number}} Pace Slow motion: steps of one grain, so many a second. */

/** @typedef {{images: Uint8Array, labels?: Uint8Array}} ImageFiles IDX files, gzipped or not. */
/** @typedef {{image: Float32Array, distance: number, label?: number}} NearestImage Of the training data, by Euclidean distance. */
/** @typedef {{pixels: Float32Array, labels?: Uint8Array}} Images [n · 784] from −1 to 1, and [n] where they are known. */
/** @typedef {{on: Float32Array, mean: Float32Array}} Units Of images: how likely each hidden unit is on, [n · hidden], and the mean of the pixels when hidden units are as likely on as that, [n · 784] from −1 to 1. */
/**
 * What is known exactly of a Boltzmann machine with a small layer, and of any energy of patterns, in nats.
 * @typedef {object} Likelihood
 * @property {number} logPartition
 * @property {number | null} heldOut Mean log-likelihood of held-out images, or of all patterns of a law that is known.
 * @property {number | null} entropy Of that law.
 * @property {number | null} mass What the machine gives to its patterns together, from 0 to 1.
 */
/**
 * An estimate of log Z by annealed importance sampling, in nats.
 * @typedef {object} LogPartition
 * @property {number} estimate
 * @property {number} standardError From the spread of the chains' weights.
 * @property {number} lower The mean of the logarithms of the weights, on average below log Z.
 * @property {number | null} exact By counting out the states of the smaller layer; null where it has too many.
 * @property {number} chains
 * @property {number} update The one whose weights they are.
 * @property {number | null} heldOut Mean log-likelihood of held-out images, with the exact log Z where there is one; null where none are.
 */
/**
 * Chains of latent variables on their way.
 * @typedef {object} LatentWay
 * @property {number} steps Of the whole way.
 * @property {Float32Array[]} places Where the chains are, [n · latent], at the beginning and at the end of every piece of the way; empty where
 * there are none.
 */

/** @typedef {{posterior: LatentWay, prior: LatentWay}} LatentChains */

/**
 * The evidence lower bound of held-out points, or of the visitor's own, means in nats; null where there are no points.
 * @typedef {object} LowerBound
 * @property {number | null} elbo −reconstruction − divergence
 * @property {number | null} reconstruction −E ln p(x | z)
 * @property {number | null} divergence KL(q(z | x) ‖ p(z))
 * @property {number | null} standardError Of the bound, from the spread between the points.
 * @property {number | null} importanceWeighted ln of the mean weight p(x, z)/q(z | x) of all draws of a point: on average between the bound and ln p(x).
 * @property {number | null} logLikelihood ln p(x); null where it is not known.
 * @property {number} points
 * @property {number} draws For each of them.
 * @property {number} update The one whose weights they are.
 */
/** @typedef {{chains: Float32Array, ages: Float32Array}} Buffer Of a replay buffer: where its chains are, [2n], and how many updates moved each; empty where there is none. */

/**
 * What an update did to E, at n points: how far the data and the rest of the loss push by plain gradient descent, to first
 * order, and what the optimiser made of it; the data that were asked, [2b], and what they were compared with, [2m].
 * @typedef {{data: Float32Array, model: Float32Array, change: Float32Array, batch: Float32Array, negatives: Float32Array}} Pushes
 */

/**
 * In double precision: E [n] and −∇E [2n], and how far derivatives are from central differences, of the largest: those of E by
 * point, those of the rule's loss by random direction.
 * @typedef {{energy: Float64Array, score: Float64Array, slopeErrors: Float64Array, lossErrors: Float64Array}} Proof
 */

/**
 * The worker's methods as the page calls them.
 * @typedef {object} Engine
 * @property {() => Promise<Config>} config
 * @property {(patch: object) => Promise<Config>} configure Changes the experiment without resetting the run.
 * @property {(scene: string | object) => Promise<Config>} load
 * @property {() => Promise<void>} everyPart Fetches the core with every part, whose manifest tells all of them.
 * @property {(options: {mode: Mode}) => Promise<void>} play
 * @property {() => Promise<void>} pause
 * @property {(updatesPerSecond: number | null) => Promise<void>} speed Most updates a second; null is as fast as it goes.
 * @property {(pace: Pace | null) => Promise<void>} pace Slow motion; null ends it.
 * @property {(n: number) => Promise<{update: number, loss: number, parts: Record<string, number>}>} train
 * @property {(n: number) => Promise<void>} rounds As many rounds as the running clock would turn: an update, where something is
 * learned, and a step of the particles.
 * @property {(n: number) => Promise<{steps: number, acceptance?: number}>} sample
 * @property {(grain: Grain) => Promise<StepEvent>} step
 * @property {(grain: Grain) => Promise<StepEvent>} back
 * @property {(x: Float32Array) => Promise<Float32Array>} energy
 * @property {(x: Float32Array) => Promise<Float32Array>} score
 * @property {() => Promise<Record<string, number | null>>} metrics
 * @property {(steps: number) => Promise<Float32Array>} trace Sampler steps → rows of the first chains' places, [x, y, …], and the share
 * of moves that were accepted.
 * @property {(steps: number[], draws: number) => Promise<Float64Array>} gradientBias Rows of sampler steps, angle in degrees and
 * ratio of lengths between the rule's gradient and the exact one, means of as many draws.
 * @property {(x: Float32Array) => Promise<Float32Array>} logLikelihood ln p(x) by the probability flow: [2n] → [n].
 * @property {(x: Float32Array) => Promise<Float32Array>} noised Points as they are at the noise level that is shown: [2n] → [2n].
 * @property {(most: number) => Promise<Float32Array[]>} future Where the first samples are going to be on their way down the levels of noise,
 * after each of their next steps, and before them where they are: [2n] each; none where they have arrived, or where there is no such way.
 * @property {() => Promise<Float32Array>} heldOut Held-out draws of the density; none where nothing can be drawn.
 * @property {() => Promise<Float64Array>} modes Centre, weight and standard deviation of each mode of the density.
 * @property {(x: Float32Array) => Promise<Float32Array>} classify p(y | x): [2n] → [n · classes]; nothing where the model knows none.
 * @property {(x: Float32Array) => Promise<Units>} units What hidden units say of images; empty where the model has none.
 * @property {() => Promise<Float32Array>} filters The weights of each hidden unit to the pixels, [hidden · 784]; empty where there are none.
 * @property {(most: number) => Promise<number>} pseudoLogLikelihood Mean of Σ_i ln p(x_i | the other pixels) over the first held-out
 * images, no more than `most`, in nats.
 * @property {() => Promise<Likelihood | null>} exactLikelihood null where there are too many states to count.
 * @property {(steps: number, seed: number) => Promise<LogPartition>} logPartition log Z by annealed importance sampling.
 * @property {(x: Float32Array) => Promise<Float32Array>} encode μ and ln σ of the encoder's law of points: [n · d] → [n · 2 latent].
 * @property {(z: Float32Array) => Promise<Float32Array>} decode E[x | z]: [n · latent] → [n · d].
 * @property {(z: Float32Array) => Promise<Float32Array>} tilt What the prior of latent variables is tilted by: [n · latent] → [n].
 * @property {(x: Float32Array, pieces: number, seed: number) => Promise<LatentChains>} latentChains Of the posterior of points, and as many of
 * the prior.
 * @property {(draws: number, seed: number, most: number) => Promise<LowerBound>} lowerBound Of no more than `most` points.
 * @property {(x: Float32Array) => Promise<Float32Array>} embed Where a model of pairs puts points: [n · d] → [n · embedding].
 * @property {(x: Float32Array, seed: number) => Promise<Float32Array>} views A view of each point as the rule makes them: [n · d] → [n · d].
 * @property {() => Promise<Float32Array>} labels The class of each point, [n]; nothing where they have none.
 * @property {() => Promise<Float32Array>} data
 * @property {(x: Float32Array) => Promise<void>} setData
 * @property {(x: Float32Array) => Promise<void>} addPoints
 * @property {(i: number, x: [number, number]) => Promise<void>} movePoint
 * @property {(ids: number[]) => Promise<void>} removePoints
 * @property {(set: 'images', images: Uint8Array, labels?: Uint8Array) => Promise<Uint32Array>} giveImages Hands over the visitor's own;
 * → how many are used, and how many they are.
 * @property {(part: 'training' | 'held-out') => Promise<Images>} images Those of the experiment.
 * @property {(file: Uint8Array, most: number) => Promise<Float32Array>} readImages The first images of an IDX file, [n · 784].
 * @property {() => Promise<number[]>} imageCounts Of the training and of the held-out part.
 * @property {(x: Float32Array) => Promise<NearestImage>} nearestImage
 * @property {(image: Float32Array, free: Float32Array) => Promise<void>} holdPixels Holds the samples' pixels at those of an image
 * [784] where `free` [784] is 0.
 * @property {() => Promise<number>} heldPixels How many are held.
 * @property {(weights: Float32Array) => Promise<void>} mixClasses Has samples of images follow w₀ E(x) + Σ w_y E(x, y), with
 * weights [1 + classes].
 * @property {() => Promise<Float32Array>} mix Those weights; empty where there are no classes.
 * @property {() => Promise<Buffer>} buffer
 * @property {(x: Float32Array) => Promise<Proof>} proof At 256 points [2n], on the CPU alone.
 * @property {(x: Float32Array) => Promise<Pushes>} pushes Carries out the next update → what it did to E at points [2n].
 * @property {() => Promise<Float32Array>} particles
 * @property {(x: Float32Array) => Promise<void>} setParticles
 * @property {() => Promise<Uint8Array>} exportWeights
 * @property {(bytes: Uint8Array) => Promise<void>} importWeights
 * @property {() => Promise<Uint8Array>} snapshot
 * @property {(state: Uint8Array) => Promise<void>} restore
 * @property {() => Promise<void>} reset
 * @property {(seed: number) => Promise<Config>} reseed
 * @property {(view: FrameView) => Promise<void>} view
 * @property {(x: ArrayLike<number>) => Promise<{energy: number, density: number | null, score: ArrayLike<number>}>} probe
 * @property {(i: number | null) => Promise<ParticleMove | null>} select
 * @property {() => Promise<void>} loseDevice Destroys the GPU device: a hook for tests.
 */

/**
 * The first request, `open`: which backend, and the experiment (null for the one that the page opens with).
 * @typedef {{backend: BackendChoice, config: object | null}} Open
 */

/**
 * Its answer. `refused` is the core's sentence when it did not take the config and opened with its own instead.
 * @typedef {{backend: Backend, manifest: Manifest, config: Config, refused?: string}} Opened
 */

/** @typedef {{id: number, method: string, args: unknown[]} | {credit: number} | {ping: number}} ToWorker */

/**
 * @typedef {{id: number, value: unknown}
 *   | {id: number, error: {message: string}}
 *   | {pong: number}
 *   | {event: 'frame', frame: Frame}
 *   | {event: 'checkpoint', state: Uint8Array, config: Config}
 *   | {event: 'grown', manifest: Manifest}
 *   | {event: 'fetching', share: number}
 *   | {event: 'fatal', message: string}} FromWorker
 */

/** Frames that may be under way at once. */
export const FRAME_CREDIT = 2;

/** The six stages of a training update, in order; `Clock.stage` indexes this list. */
export const STAGES = /** @type {const} */ (['data', 'energy', 'negatives', 'compare', 'gradient', 'update']);

/** The grains of the clock, from fine to coarse. */
export const GRAINS = /** @type {const} */ (['substep', 'stage', 'update']);

/** What a running clock advances: everything, the chains alone, or the weights alone. */
export const MODES = /** @type {const} */ (['run', 'sample', 'learn']);
