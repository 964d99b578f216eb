//! Transition kernels that leave exp(−E), or something close to it, invariant: one file each, one line in [`ALL`].

#[cfg(feature = "whole")]
mod ancestral;
#[cfg(feature = "whole")]
mod annealed_langevin;
#[cfg(feature = "whole")]
mod block_gibbs;
pub mod clamp;
#[cfg(feature = "whole")]
mod clipped_langevin;
#[cfg(feature = "whole")]
mod ddim;
#[cfg(feature = "whole")]
mod ddpm;
#[cfg(feature = "whole")]
mod descent;
#[cfg(feature = "whole")]
mod gibbs;
#[cfg(feature = "whole")]
mod hmc;
mod langevin;
#[cfg(feature = "whole")]
mod latent_langevin;
mod mala;
#[cfg(feature = "whole")]
mod metropolis_within_gibbs;
#[cfg(feature = "whole")]
mod parallel_tempering;
#[cfg(feature = "whole")]
mod predictor_corrector;
#[cfg(feature = "whole")]
mod probability_flow;
#[cfg(feature = "whole")]
mod random_walk_metropolis;
#[cfg(feature = "whole")]
mod single_site_gibbs;
#[cfg(feature = "whole")]
mod underdamped_langevin;

use crate::backend::plan::Transition;
use crate::data::Space;
use crate::graph::{Graph, Tensor};
use crate::model::{Ability, Noise};
#[cfg(feature = "whole")]
use crate::model::{Latent, LatentEnergy, Layers, Process};
use crate::schema::{self, Group, Param, Section};
use clamp::{CLAMP_X, CLAMP_Y};

/// What a kernel reads while it builds its graph.
pub struct Scope<'g, 'a> {
    /// The graph under construction.
    pub graph: &'g Graph,
    /// Where a coordinate of a point lies.
    pub bounds: [f64; 2],
    /// Step size h, shape []. It lives in a tensor of its own because a kernel may adapt it.
    pub step_size: Tensor<'g>,
    /// Looks up a dial: a scalar tensor (shape []).
    pub dial: &'a dyn Fn(&str) -> Tensor<'g>,
    /// E(x): [n, d] → [n].
    pub energy: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
    /// ∇E(x): [n, d] → [n, d], where it is not to be found from E: of models that have a score and no energy.
    pub slope: Option<&'a dyn Fn(Tensor<'g>) -> Tensor<'g>>,
    /// The score at every noise level, where the energy knows them.
    pub noise: Option<Noise<'g, 'a>>,
    /// The laws of one layer given the other, where the energy has hidden units.
    #[cfg(feature = "whole")]
    pub layers: Option<Layers<'g, 'a>>,
    /// The laws of latent variables given x and of x given those, where the energy has some.
    #[cfg(feature = "whole")]
    pub latent: Option<Latent<'g, 'a>>,
    /// The energy of latent variables, where those have one.
    #[cfg(feature = "whole")]
    pub latent_energy: Option<LatentEnergy<'g, 'a>>,
    /// What the chains carry along, [n, columns], for kernels that say so.
    pub carried: Option<Tensor<'g>>,
}

/// What only kernels of the whole core ask.
#[cfg(feature = "whole")]
impl<'g> Scope<'g, '_> {
    fn carried(&self) -> Tensor<'g> {
        self.carried.expect("a kernel that carries something along is handed it")
    }
}

/// What each chain carries along from step to step besides its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// What it is; equal names and sizes are kept when the kernel changes.
    pub name: &'static str,
    /// Numbers of each chain.
    pub columns: usize,
}

/// Name of what chains of latent variables carry along: first of all z.
#[cfg(feature = "whole")]
pub const LATENT: &str = "latent";

/// One transition of n particles with everything that a person may want to see of it.
pub struct Move<'g> {
    /// Where the particles are now, [n, d].
    pub position: Tensor<'g>,
    /// What they carry along now, [n, columns].
    pub carried: Option<Tensor<'g>>,
    /// 1 where the kernel's own proposal was accepted, [n]: what an adapting step size follows.
    pub accepted: Tensor<'g>,
    /// 1 where the particle goes to `proposal`, [n], where that is more than was accepted: a swap.
    pub moved: Option<Tensor<'g>>,
    /// ∇E at the old place, [n, d].
    pub gradient: Tensor<'g>,
    /// What the slope adds to the move, −h∇E where it is one step, and the momentum; [n, d].
    pub drift: Tensor<'g>,
    /// The random part of the move, [n, d].
    pub noise: Tensor<'g>,
    /// Where the kernel wanted to go, [n, d].
    pub proposal: Tensor<'g>,
    /// Probability of acceptance, [n].
    pub probability: Tensor<'g>,
    /// Where the way to the proposal led along, [n, dk], for kernels with [`Sampler::waypoints`].
    pub path: Option<Tensor<'g>>,
}

impl<'g> Move<'g> {
    /// A move that is made for certain: proposal = x + drift + noise.
    fn proposed(gradient: Tensor<'g>, drift: Tensor<'g>, noise: Tensor<'g>, proposal: Tensor<'g>) -> Self {
        let one = proposal.graph().constant(1.0, &[proposal.shape()[0]]);
        Self {
            position: proposal,
            carried: None,
            accepted: one,
            moved: None,
            gradient,
            drift,
            noise,
            proposal,
            probability: one,
            path: None,
        }
    }
}

/// A transition kernel.
pub trait Sampler: Sync {
    /// Registry id.
    fn id(&self) -> &'static str;

    /// What it can be told: first `stepSize`, if it has one, and among others `steps`.
    fn params(&self) -> &'static [Param];

    /// TeX of one transition.
    fn formula(&self) -> &'static str;

    /// Values that the graph reads as dials, by name: its real numbers, but for the step size, which has
    /// a tensor of its own.
    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        schema::numbers(self.params(), section).into_iter().filter(|(name, _)| *name != STEP_SIZE).collect()
    }

    /// The temperature whose law the kernel follows for small steps: σ²/(2h).
    fn temperature(&self, _section: &Section) -> f64 {
        1.0
    }

    /// Places between the old one and the proposal that its way leads along.
    fn waypoints(&self, _section: &Section) -> usize {
        0
    }

    /// What it needs the energy to know.
    fn needs(&self) -> Option<Ability> {
        None
    }

    /// Whether it asks for E itself, not for its slope alone.
    fn needs_energy(&self) -> bool {
        self.needs() != Some(Ability::Noise)
    }

    /// Whether its chains draw from the conditional density where some of a point is held. What is held would have to be as noisy as the
    /// rest where noise takes it from level to level.
    fn conditions(&self) -> bool {
        self.needs() != Some(Ability::Noise)
    }

    /// Where points may be that it is written for.
    fn spaces(&self) -> &'static [Space] {
        Space::CONTINUOUS
    }

    /// What its chains carry along, of a model with so many latent variables.
    fn carries(&self, _section: &Section, _latent: usize) -> Option<Carried> {
        None
    }

    /// What chains at x [n, d] carry along at first, [n, `columns`], for kernels that carry something.
    fn begin<'g>(&self, _section: &Section, x: Tensor<'g>, _columns: usize) -> Tensor<'g> {
        x
    }

    /// The same for the chains of one update's negatives, which take as many steps as the section says.
    fn begin_negatives<'g>(&self, section: &Section, x: Tensor<'g>, columns: usize) -> Tensor<'g> {
        self.begin(section, x, columns)
    }

    /// The noise levels [n] of chains that carry this along [n, columns], for kernels that lead from level to level.
    #[cfg(feature = "whole")]
    fn levels<'g>(&self, _section: &Section, _process: &Process<'g>, _carried: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }

    /// Steps of a chain from its beginning to data, for kernels that lead from level to level: what they carry along counts those that
    /// are done. 0 of others.
    #[cfg(feature = "whole")]
    fn ladder(&self, _section: &Section) -> usize {
        0
    }

    /// One transition of x [n, d].
    fn step<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g>;

    /// The fused kernel of this transition.
    fn transition(&self) -> Option<Transition> {
        None
    }

    /// The new step size [] after `steps` transitions with this mean acceptance [], where the kernel adapts it.
    fn adapt<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>, _acceptance: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }
}

/// ∇E(x), [n, d].
fn gradient<'g>(scope: &Scope<'g, '_>, x: Tensor<'g>) -> Tensor<'g> {
    match scope.slope {
        Some(slope) => slope(x),
        None => crate::autodiff::grad((scope.energy)(x).sum_all(), &[x])[0],
    }
}

/// The proposal of MALA for exp(−βE) and the logarithm of its ratio of acceptance, with the step h/β: its drift is −h∇E
/// whatever β [n] is. Without a β it is 1.
fn tempered_mala<'g>(scope: &Scope<'g, '_>, x: Tensor<'g>, beta: Option<Tensor<'g>>) -> (Move<'g>, Tensor<'g>) {
    let (graph, h) = (scope.graph, scope.step_size);
    let gradient_x = gradient(scope, x);
    let drift = -(h * gradient_x);
    let width = match beta {
        Some(beta) => (2.0 * h / beta).sqrt().reshape(&[x.shape()[0], 1]),
        None => (2.0 * h).sqrt(),
    };
    let noise = width * graph.normal(0, &x.shape());
    let proposal = x + drift + noise;
    let gradient_y = gradient(scope, proposal);
    // y − x + h∇E(x) is the noise itself.
    let back = x - proposal + h * gradient_y;
    let kinetic = (back.square() - noise.square()).sum(1) / (4.0 * h);
    let difference = (scope.energy)(x) - (scope.energy)(proposal) - kinetic;
    let log_ratio = beta.map_or(difference, |beta| beta * difference);
    (Move::proposed(gradient_x, drift, noise, proposal), log_ratio)
}

/// Accepts a proposal with probability min(1, exp(log_ratio)), log_ratio [n], or stays at x (Metropolis et al. 1953;
/// Hastings 1970). A ratio that is no number is a refusal. Stream: 1.
fn metropolis<'g>(graph: &'g Graph, x: Tensor<'g>, proposed: Move<'g>, log_ratio: Tensor<'g>) -> Move<'g> {
    let n = x.shape()[0];
    let accepted = (log_ratio - graph.uniform(1, &[n]).ln()).step();
    let position = accepted.reshape(&[n, 1]).select(proposed.proposal, x);
    let probability = log_ratio.minimum(graph.scalar(0.0)).exp();
    Move { position, accepted, probability, ..proposed }
}

/// Name of the parameter that has a tensor of its own.
pub const STEP_SIZE: &str = "stepSize";
/// Transitions of one update of the negatives.
const STEPS: Param = Param::integer("steps", Group::Sampler, 20, 1, 1000).log().primary();
/// Whether the step size follows the acceptance.
const ADAPT: Param = Param::boolean("adapt", Group::Sampler, true).primary();

/// The acceptance that an adapting step size is led to.
const fn target_acceptance(default: f64) -> Param {
    Param::number("targetAcceptance", Group::Sampler, default, 0.1, 0.95)
}

/// The step size [] led towards the target acceptance in its logarithm (Atchadé & Rosenthal 2005). The rule of one
/// transition is summed over the transitions of an update, while which the step size is frozen.
fn adapted<'g>(
    section: &Section,
    scope: &Scope<'g, '_>,
    acceptance: Tensor<'g>,
    range: (f64, f64),
) -> Option<Tensor<'g>> {
    /// For one transition: log h += 0.05 (acceptance − target).
    const GAIN: f64 = 0.05;
    let gain = GAIN * section.count("steps").min(20) as f64;
    let factor = (gain * (acceptance - (scope.dial)("targetAcceptance"))).exp();
    section.flag("adapt").then(|| (scope.step_size * factor).clamp(range.0, range.1))
}

/// The kernels of the whole core alone, sorted by id, and what they need.
pub const FURTHER: &[(&str, Option<Ability>)] = &[
    ("ancestral", Some(Ability::Latent)),
    ("annealed-langevin", Some(Ability::Noise)),
    ("block-gibbs", Some(Ability::Hidden)),
    ("clipped-langevin", None),
    ("ddim", Some(Ability::Noise)),
    ("ddpm", Some(Ability::Noise)),
    ("gibbs", None),
    ("hmc", None),
    ("latent-langevin", Some(Ability::LatentEnergy)),
    ("metropolis-within-gibbs", Some(Ability::Latent)),
    ("parallel-tempering", None),
    ("predictor-corrector", Some(Ability::Noise)),
    ("probability-flow", Some(Ability::Noise)),
    ("random-walk-metropolis", None),
    ("single-site-gibbs", None),
    ("underdamped-langevin", None),
];

/// Every kernel of this build, sorted by id.
pub const ALL: &[&dyn Sampler] = &[
    #[cfg(feature = "whole")]
    &ancestral::Ancestral,
    #[cfg(feature = "whole")]
    &annealed_langevin::AnnealedLangevin,
    #[cfg(feature = "whole")]
    &block_gibbs::BlockGibbs,
    #[cfg(feature = "whole")]
    &clipped_langevin::ClippedLangevin,
    #[cfg(feature = "whole")]
    &ddim::DDIM,
    #[cfg(feature = "whole")]
    &ddpm::DDPM,
    #[cfg(feature = "whole")]
    &gibbs::Gibbs,
    #[cfg(feature = "whole")]
    &hmc::Hmc,
    &langevin::Langevin,
    #[cfg(feature = "whole")]
    &latent_langevin::LatentLangevin,
    &mala::Mala,
    #[cfg(feature = "whole")]
    &metropolis_within_gibbs::MetropolisWithinGibbs,
    #[cfg(feature = "whole")]
    &parallel_tempering::ParallelTempering,
    #[cfg(feature = "whole")]
    &predictor_corrector::PREDICTOR_CORRECTOR,
    #[cfg(feature = "whole")]
    &probability_flow::PROBABILITY_FLOW,
    #[cfg(feature = "whole")]
    &random_walk_metropolis::RandomWalkMetropolis,
    #[cfg(feature = "whole")]
    &single_site_gibbs::SingleSiteGibbs,
    #[cfg(feature = "whole")]
    &underdamped_langevin::UnderdampedLangevin,
];
