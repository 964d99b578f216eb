//! The core of the EBM Playground: a small tensor engine, the energies, objectives and samplers of energy-based models on
//! it, and the session that runs an experiment for the page.
//!
//! # Architecture
//!
//! A part (a model, an objective, a sampler, an optimiser) builds formulas on a [`graph::Graph`]; [`autodiff::grad`] adds
//! their derivatives as ordinary nodes; [`graph::schedule`] turns what is asked for into a [`backend::plan::Plan`], a list
//! of steps over one arena of numbers that is plain data; a [`backend::Backend`] runs plans. [`session::Session`] compiles a
//! config to a handful of plans (draw, chains, gradient, update, walk, landscape, truth …), keeps the clock, and answers the
//! page. `wasm.rs` shows that to JavaScript.
//!
//! ```text
//! leaf (error, number, sorted, json, safetensors, schema, kernels: math, rng, plan, cpu)
//!     → graph → autodiff, backend, optim, model → sampler → objective → session → wasm → www
//! ```
//!
//! What a point is, a place in the plane or an image, is the density's to say ([`data::Space`]); its dimension and bounds follow,
//! and a session compiles the plans that make sense there: landscape, quadrature and edited points belong to the plane. Images are
//! handed to a session ([`session::Session::give_images`]), and each set of them is read twice, in shades of grey and in black and
//! white, where parts that follow slopes have nothing to follow and each part names the spaces that it works in; a config that asks for some that are not there is refused with
//! [`Error::Absent`], whereupon the worker fetches them and gives the command again. An update that is longer than a slice of time
//! is cut between its chains' steps (`session/slices.rs`), so that commands and frames never wait for a whole one.
//!
//! data stands beside model. `src/kernels` is a crate of its own because its loops are compiled for speed and
//! everything else for the size of the download; the rest of the core sees it as `math`, `rng`, `backend::plan` and
//! `backend::cpu`. `src/metric`, measures of samples and chains, is another: the page fetches it when somebody first asks, and
//! the core sees of it what a mode is. The page downloads a core for one backend: `xtask` compiles one with the feature `cpu` and one with `gpu`,
//! puts functions that are alike next to one another, and compresses both. Of each there are two: the first core, with which a
//! page opens, and the whole one (feature `whole`), with the parts that a registry lists as `FURTHER`. The first one refuses those
//! with [`Error::Elsewhere`]; the worker then fetches the whole core, takes the run over by a snapshot and gives the same command
//! again, so that nobody waits for what they may never open and nothing on the page depends on which core it is. What costs a visitor a download that this crate
//! can do without is not in it: texts of numbers are the browser's, sorting is compiled once, tables are sorted lists and not
//! hash maps, shaders lose their comments when they are embedded (`shaders/build.rs`). A tensor is one word (`graph::Tensor`),
//! because two would pass every result of every formula through memory. A default method of a trait is compiled once for each type that takes it,
//! so defaults only call functions.
//!
//! # Invariants
//!
//! - `graph` knows no backend; `autodiff` returns ordinary nodes, so gradients of gradients need nothing else; models,
//!   samplers and objectives never see a device.
//! - wgpu is named in `backend/gpu` alone, JavaScript in `wasm.rs` (its benches in `wasm/`) and, for texts of numbers, in `number.rs` alone. Nothing
//!   is `Send`: wgpu's types are not, on the web.
//! - Time and randomness come in as arguments. A random number is a function of its address (seed, purpose, update,
//!   sub-step, stream, element): the same seed and the same commands give the same run, at every grain of the clock, bit
//!   for bit on the CPU.
//! - A frame, a config and a plan are plain data.
//! - One feature is one file and one line in a sorted `ALL`. The manifest that the page builds its controls from is made of
//!   the registries, so a new part needs no JavaScript, only its strings.
//! - Every fused kernel has the generic graph as its specification and is tested against it.
//! - A convolution and its two gradients are three corners of one sum ([`backend::plan::Corner`]): each is made from the other
//!   two, so derivatives of any order are convolutions again. Images are [n, h, w, c] everywhere, kernels as PyTorch has them.
//! - Nothing waits for the device in the training loop: updates are recorded and handed over together, at most two
//!   submissions are in flight, and what the page draws is read in passing.
//! - A loss says which part of its gradient the data ask for ([`objective::Loss`]), so that the page can tell who pushed.
//! - What the page claims is computed once more in another way where a visitor asks for it: `session::Session::proof` runs the same
//!   formulas in double precision beside central differences.
//! - What is held is held by the energy: a clamped coordinate or pixel is one that the kernels' energy does not depend on
//!   ([`sampler::clamp`]), so no kernel knows of clamps; nor does one know whether the samples follow E(x) or composed class energies
//!   ([`session::Session::mix_classes`]).
//! - A model with hidden units is the energy of its visible ones, like any other, and the laws of one layer given the other
//!   ([`model::Layers`]), which is all that block Gibbs sampling and annealed importance sampling know of it. Small patterns in black and white are a space of
//!   their own, in which every state is counted ([`session::Session::likelihood`]). What needs no sampling
//!   (free energies, pseudo-likelihoods, small partition functions) is plain loops in double precision ([`model::machine`]).
//! - A model of latent variables is the energy −ln p(x), and the laws of z given x as an encoder guesses it and of x given z
//!   ([`model::Latent`]), which is all that the evidence lower bound, ancestral sampling and Metropolis-within-Gibbs know of it. It brings
//!   its rule and its kernel along ([`model::Model::company`]). One whose latent variables have an energy of their own has no encoder:
//!   its rule learns from chains of z, those of the posterior as a stage of the update (`session/program/latent.rs`) and those of the prior as
//!   negatives that carry z along ([`model::LatentEnergy`]). What a kernel cannot condition on it does not hold
//!   ([`sampler::Sampler::conditions`]).
//! - A model of pairs is an embedding ([`model::Pairs`]): its rules learn how alike two views of a point are, and ask for nothing else. As an
//!   energy like any other it is that of the pair with the anchor ([`model::Scope::anchor`]), which a session writes to a tensor as the config
//!   has it (`session/pairs.rs`). Views are a rule's to make ([`objective::Objective::view`]).
//! - How data become noise is one thing ([`model::Process`]: x = a x₀ + σz, level by level), whether the variance explodes or is
//!   preserved; rules and kernels of noise levels ask for its rates and for scores, so that an energy, a score network and a diffusion
//!   learn by the same rules and are sampled by the same kernels.
//! - Chance being an address, what samples will do is known before they do it: the way ahead of the first of those that come down levels of noise is the
//!   kernel's own steps on copies of them (`session/program/future.rs`).
//! - A model may have a score and no energy ([`model::Model::has_energy`]). What asks for heights is refused then; the landscape is that
//!   of the energy whose slope comes closest (`session/program/terrain.rs`), and says nothing of likelihood: that is the probability flow's to say (`session/likelihood.rs`).
//! - What chains carry along from step to step besides their places (momenta, hot replicas, how far down the noise levels they are, latent variables) is a tensor of the run: it goes
//!   with snapshots, begins where a kernel is new, and is drawn afresh with every start of the negatives.
//!
//! # What is shown is what is averaged
//!
//! The optimiser keeps an exponential moving average of the weights. The page's landscape, particles, figures and exports
//! are of that average; only the gradient and the negatives' chains use the weights in training.

pub mod autodiff;
pub mod backend;
pub mod data;
pub mod error;
pub mod graph;
pub mod json;
pub mod model;
pub mod number;
pub mod objective;
pub mod optim;
pub mod safetensors;
pub mod sampler;
pub mod schema;
pub mod session;
mod sorted;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
#[cfg(any(feature = "bench", test))]
pub mod workload;

pub use ebm_kernels::{math, rng};
pub use error::{Error, Result};
