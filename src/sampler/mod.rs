//! Transition kernels that leave exp(−E), or something close to it, invariant: one file each, one line in [`ALL`].

mod hmc;
mod langevin;
mod mala;
mod random_walk_metropolis;

use crate::backend::plan::Transition;
use crate::graph::{Graph, Tensor};
use crate::schema::{self, Group, Param, Section};

/// What a kernel reads while it builds its graph.
pub struct Scope<'g, 'a> {
    /// The graph under construction.
    pub graph: &'g Graph,
    /// Step size h, shape []. It lives in a tensor of its own because a kernel may adapt it.
    pub step_size: Tensor<'g>,
    /// Looks up a dial: a scalar tensor (shape []).
    pub dial: &'a dyn Fn(&str) -> Tensor<'g>,
    /// E(x): [n, 2] → [n].
    pub energy: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
}

/// One transition of n particles with everything that a person may want to see of it.
pub struct Move<'g> {
    /// Where the particles are now, [n, 2].
    pub position: Tensor<'g>,
    /// 1 where the proposal was accepted, [n].
    pub accepted: Tensor<'g>,
    /// ∇E at the old place, [n, 2].
    pub gradient: Tensor<'g>,
    /// What the slope adds to the move, −h∇E where it is one step; [n, 2].
    pub drift: Tensor<'g>,
    /// The random part of the move, [n, 2].
    pub noise: Tensor<'g>,
    /// Where the kernel wanted to go, [n, 2].
    pub proposal: Tensor<'g>,
    /// Probability of acceptance, [n].
    pub probability: Tensor<'g>,
}

impl<'g> Move<'g> {
    /// A move that is made for certain: proposal = x + drift + noise.
    fn proposed(gradient: Tensor<'g>, drift: Tensor<'g>, noise: Tensor<'g>, proposal: Tensor<'g>) -> Self {
        let one = proposal.graph().constant(1.0, &[proposal.shape()[0]]);
        Self { position: proposal, accepted: one, gradient, drift, noise, proposal, probability: one }
    }
}

/// A transition kernel.
pub trait Sampler: Sync {
    /// Registry id.
    fn id(&self) -> &'static str;

    /// What it can be told: first `stepSize`, and then among others `steps`.
    fn params(&self) -> &'static [Param];

    /// TeX of one transition.
    fn formula(&self) -> &'static str;

    /// Values that the graph reads as dials, by name: its real numbers, but for the step size, which has
    /// a tensor of its own.
    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        schema::numbers(&self.params()[1..], section)
    }

    /// The temperature whose law the kernel follows for small steps: σ²/(2h).
    fn temperature(&self, _section: &Section) -> f64 {
        1.0
    }

    /// One transition of x [n, 2].
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

/// ∇E(x), [n, 2].
fn gradient<'g>(scope: &Scope<'g, '_>, x: Tensor<'g>) -> Tensor<'g> {
    crate::autodiff::grad((scope.energy)(x).sum_all(), &[x])[0]
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

/// Every kernel, sorted by id.
pub const ALL: &[&dyn Sampler] =
    &[&hmc::Hmc, &langevin::Langevin, &mala::Mala, &random_walk_metropolis::RandomWalkMetropolis];
