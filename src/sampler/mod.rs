//! Transition kernels that leave exp(−E), or something close to it, invariant: one file each, one line in [`ALL`].

mod langevin;
mod mala;

use crate::backend::plan::Transition;
use crate::graph::{Graph, Tensor};
use crate::schema::{Param, Section};

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
    /// −h∇E, [n, 2].
    pub drift: Tensor<'g>,
    /// The random part of the move, [n, 2].
    pub noise: Tensor<'g>,
    /// Where the kernel wanted to go, [n, 2].
    pub proposal: Tensor<'g>,
    /// Probability of acceptance, [n].
    pub probability: Tensor<'g>,
}

/// A transition kernel.
pub trait Sampler: Sync {
    /// Registry id.
    fn id(&self) -> &'static str;

    /// What it can be told; among it `stepSize` and `steps`.
    fn params(&self) -> &'static [Param];

    /// TeX of one transition.
    fn formula(&self) -> &'static str;

    /// Values that the graph reads as dials, by name.
    fn dials(&self, _section: &Section) -> Vec<(&'static str, f64)> {
        vec![]
    }

    /// The temperature whose law the kernel follows for small steps: σ²/(2h).
    fn temperature(&self, _section: &Section) -> f64 {
        1.0
    }

    /// One transition of x [n, 2].
    fn step<'g>(&self, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g>;

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

/// Every kernel, sorted by id.
pub const ALL: &[&dyn Sampler] = &[&langevin::Langevin, &mala::Mala];
