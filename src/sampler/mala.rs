//! The Metropolis-adjusted Langevin algorithm (Roberts & Tweedie 1996): the Langevin proposal with σ = √(2h), accepted
//! with probability min(1, a), ln a = E(x) − E(y) − (|x − y + h∇E(y)|² − |y − x + h∇E(x)|²)/(4h). exp(−E) stays exactly
//! invariant.

use super::{
    ADAPT, CLAMP_X, CLAMP_Y, Move, STEPS, Sampler, Scope, adapted, metropolis, target_acceptance, tempered_mala,
};
use crate::backend::plan::Transition;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Metropolis-adjusted Langevin.
pub(super) struct Mala;

const PARAMS: &[Param] = &[
    Param::number("stepSize", Group::Sampler, 0.01, RANGE.0, RANGE.1).log().primary(),
    STEPS,
    ADAPT,
    target_acceptance(0.6),
    CLAMP_X,
    CLAMP_Y,
];

/// Where the step size stays.
pub(super) const RANGE: (f64, f64) = (1e-5, 1.0);

impl Sampler for Mala {
    fn id(&self) -> &'static str {
        "mala"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"y = x - h\,\nabla E(x) + \sqrt{2h}\,z, \quad P(x' = y) = \min(1, a)"
    }

    fn step<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let (proposed, log_ratio) = tempered_mala(scope, x, None);
        metropolis(scope.graph, x, proposed, log_ratio)
    }

    fn transition(&self) -> Option<Transition> {
        Some(Transition::Mala)
    }

    fn adapt<'g>(&self, section: &Section, scope: &Scope<'g, '_>, acceptance: Tensor<'g>) -> Option<Tensor<'g>> {
        adapted(section, scope, acceptance, RANGE)
    }
}
