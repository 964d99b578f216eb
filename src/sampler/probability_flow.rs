//! The probability-flow equation (Song et al. 2021, "Score-Based Generative Modeling through Stochastic Differential Equations", eq. 13):
//! the law of a diffusion without its chance, in the coordinates of [`crate::model::flow`]. Each rung is one step of Heun's method
//! (Karras et al. 2022, algorithm 1), the last one, to clean data, of Euler's.

use super::Scope;
use super::descent::{self, Denoises, Descent, Rung, Step};
use crate::graph::Tensor;
use crate::model::flow::{place, size, slope};
use crate::schema::Param;

/// Probability flow.
pub(super) struct ProbabilityFlow;

/// As it is registered.
pub(super) const PROBABILITY_FLOW: Descent<ProbabilityFlow> = Descent(ProbabilityFlow);

impl Denoises for ProbabilityFlow {
    fn id(&self) -> &'static str {
        "probability-flow"
    }

    fn params(&self) -> &'static [Param] {
        &descent::PARAMS
    }

    fn formula(&self) -> &'static str {
        r"\mathrm{d}\frac{x}{a_t} = -\sigma_t\,s(x, t)\,\mathrm{d}\frac{\sigma_t}{a_t}"
    }

    fn take<'g>(&self, scope: &Scope<'g, '_>, rung: &Rung<'g>, x: Tensor<'g>) -> Step<'g> {
        let noise = scope.noise.as_ref().expect("refused without");
        let score = (noise.score)(x, rung.level);
        let (y, far) = (x / size(rung.from), place(rung.to) - place(rung.from));
        let here = slope(rung.from, y, score);
        let euler = y + far * here;
        let there = slope(rung.to, euler, (noise.score)(size(rung.to) * euler, rung.next_level));
        let heun = y + far * 0.5 * (here + there);
        let still = scope.graph.constant(0.0, &x.shape());
        Step { score, mean: size(rung.to) * rung.last.select(euler, heun), noise: still }
    }
}
