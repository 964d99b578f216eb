//! Random-walk Metropolis (Metropolis et al. 1953): y = x + hz, accepted with probability min(1, exp(E(x) − E(y))). It
//! leaves exp(−E) exactly invariant and knows nothing of slopes: the baseline that the others are measured against.

use super::{ADAPT, CLAMP_X, CLAMP_Y, Move, STEPS, Sampler, Scope, adapted, metropolis, target_acceptance};
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// RWM.
pub(super) struct RandomWalkMetropolis;

const RANGE: (f64, f64) = (1e-5, 4.0);
const PARAMS: &[Param] = &[
    Param::number("stepSize", Group::Sampler, 0.3, RANGE.0, RANGE.1).log().primary(),
    STEPS,
    ADAPT,
    // Best in two dimensions (Gelman, Roberts & Gilks 1996).
    target_acceptance(0.35),
    CLAMP_X,
    CLAMP_Y,
];

impl Sampler for RandomWalkMetropolis {
    fn id(&self) -> &'static str {
        "random-walk-metropolis"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"y = x + h z, \quad P(x' = y) = \min\bigl(1, e^{E(x) - E(y)}\bigr)"
    }

    fn step<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let noise = scope.step_size * scope.graph.normal(0, &x.shape());
        let proposal = x + noise;
        let log_ratio = (scope.energy)(x) - (scope.energy)(proposal);
        let still = scope.graph.constant(0.0, &x.shape());
        metropolis(scope.graph, x, Move::proposed(still, still, noise, proposal), log_ratio)
    }

    fn adapt<'g>(&self, section: &Section, scope: &Scope<'g, '_>, acceptance: Tensor<'g>) -> Option<Tensor<'g>> {
        adapted(section, scope, acceptance, RANGE)
    }
}
