//! The Metropolis-adjusted Langevin algorithm (Roberts & Tweedie 1996): the Langevin proposal with σ = √(2h), accepted
//! with probability min(1, a), ln a = E(x) − E(y) − (|x − y + h∇E(y)|² − |y − x + h∇E(x)|²)/(4h). exp(−E) stays exactly
//! invariant.

use super::{ADAPT, Move, STEPS, Sampler, Scope, adapted, gradient, metropolis, target_acceptance};
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
];

/// Where the step size stays.
const RANGE: (f64, f64) = (1e-5, 1.0);

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
        let (graph, h) = (scope.graph, scope.step_size);
        let gradient_x = gradient(scope, x);
        let drift = -(h * gradient_x);
        let noise = (2.0 * h).sqrt() * graph.normal(0, &x.shape());
        let proposal = x + drift + noise;
        let gradient_y = gradient(scope, proposal);
        // y − x + h∇E(x) is the noise itself.
        let back = x - proposal + h * gradient_y;
        let kinetic = (back.square() - noise.square()).sum(1) / (4.0 * h);
        let log_ratio = (scope.energy)(x) - (scope.energy)(proposal) - kinetic;
        metropolis(graph, x, Move::proposed(gradient_x, drift, noise, proposal), log_ratio)
    }

    fn transition(&self) -> Option<Transition> {
        Some(Transition::Mala)
    }

    fn adapt<'g>(&self, section: &Section, scope: &Scope<'g, '_>, acceptance: Tensor<'g>) -> Option<Tensor<'g>> {
        adapted(section, scope, acceptance, RANGE)
    }
}
