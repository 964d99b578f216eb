//! The Metropolis-adjusted Langevin algorithm (Roberts & Tweedie 1996): the Langevin proposal with σ = √(2h), accepted
//! with probability min(1, a), ln a = E(x) − E(y) − (|x − y + h∇E(y)|² − |y − x + h∇E(x)|²)/(4h). exp(−E) stays exactly
//! invariant. The step size can adapt itself towards a target acceptance (Atchadé & Rosenthal 2005, in log h).

use super::{Move, Sampler, Scope, gradient};
use crate::backend::plan::Transition;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Metropolis-adjusted Langevin.
pub(super) struct Mala;

const PARAMS: &[Param] = &[
    Param::number("stepSize", Group::Sampler, 0.01, 1e-5, 1.0).log().primary(),
    Param::integer("steps", Group::Sampler, 20, 1, 1000).log().primary(),
    Param::boolean("adapt", Group::Sampler, true).primary(),
    Param::number("targetAcceptance", Group::Sampler, 0.6, 0.1, 0.95),
];

/// Gain of the adaptation for one transition: log h += 0.05 (acceptance − target).
const GAIN: f64 = 0.05;
/// Where an adapted step size stays.
const RANGE: (f64, f64) = (1e-5, 1.0);

impl Sampler for Mala {
    fn id(&self) -> &'static str {
        "mala"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"y = x - h\,\nabla E(x) + \sqrt{2h}\,z, \quad x' = y \text{ with probability } \min(1, a)"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        vec![("targetAcceptance", section.number("targetAcceptance"))]
    }

    fn step<'g>(&self, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let (graph, h, n) = (scope.graph, scope.step_size, x.shape()[0]);
        let gradient_x = gradient(scope, x);
        let drift = -(h * gradient_x);
        let noise = (2.0 * h).sqrt() * graph.normal(0, &x.shape());
        let proposal = x + drift + noise;
        let gradient_y = gradient(scope, proposal);
        // y − x + h∇E(x) is the noise itself.
        let back = x - proposal + h * gradient_y;
        let kinetic = (back.square() - noise.square()).sum(1) / (4.0 * h);
        let log_ratio = (scope.energy)(x) - (scope.energy)(proposal) - kinetic;
        let accepted = (log_ratio - graph.uniform(1, &[n]).ln()).step();
        let position = accepted.reshape(&[n, 1]).select(proposal, x);
        let probability = log_ratio.minimum(graph.scalar(0.0)).exp();
        Move { position, accepted, gradient: gradient_x, drift, noise, proposal, probability }
    }

    fn transition(&self) -> Option<Transition> {
        Some(Transition::Mala)
    }

    /// The rule of one transition, summed over the transitions of an update: the step size is frozen while they run.
    fn adapt<'g>(&self, section: &Section, scope: &Scope<'g, '_>, acceptance: Tensor<'g>) -> Option<Tensor<'g>> {
        let gain = GAIN * section.count("steps").min(20) as f64;
        let factor = (gain * (acceptance - (scope.dial)("targetAcceptance"))).exp();
        section.flag("adapt").then(|| (scope.step_size * factor).clamp(RANGE.0, RANGE.1))
    }
}
