//! The unadjusted Langevin algorithm (Roberts & Tweedie 1996; as SGLD without minibatch noise, Welling & Teh 2011):
//! x' = x − h∇E(x) + σz. Step size h and noise σ are dials of their own; σ = √(2h) samples exp(−E) up to O(h).

use super::{CLAMP_X, CLAMP_Y, Move, STEPS, Sampler, Scope, gradient};
use crate::backend::plan::Transition;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Unadjusted Langevin.
pub(super) struct Langevin;

const PARAMS: &[Param] = &[
    Param::number("stepSize", Group::Sampler, 0.01, 1e-5, 1.0).log().primary(),
    Param::optional("noise", Group::Sampler, 0.0, 2.0).primary(),
    STEPS,
    CLAMP_X,
    CLAMP_Y,
];

/// σ: its own dial, or √(2h) when it is coupled.
fn noise(section: &Section) -> f64 {
    section.optional("noise").unwrap_or_else(|| (2.0 * section.number("stepSize")).sqrt())
}

impl Sampler for Langevin {
    fn id(&self) -> &'static str {
        "langevin"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"x' = x - h\,\nabla E(x) + \sigma z"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        vec![("noise", noise(section))]
    }

    fn temperature(&self, section: &Section) -> f64 {
        noise(section).powi(2) / (2.0 * section.number("stepSize"))
    }

    fn needs_energy(&self) -> bool {
        false
    }

    fn step<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let gradient = gradient(scope, x);
        let drift = -(scope.step_size * gradient);
        let noise = (scope.dial)("noise") * scope.graph.normal(0, &x.shape());
        Move::proposed(gradient, drift, noise, x + drift + noise)
    }

    fn transition(&self) -> Option<Transition> {
        Some(Transition::Langevin)
    }
}
