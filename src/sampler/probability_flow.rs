//! The probability-flow equation (Song et al. 2021, "Score-Based Generative Modeling through Stochastic Differential Equations", eq. 13):
//! the law of a diffusion without its chance. With u = x/a and τ = σ/a it reads du/dτ = ε̂ = −σ s(x, λ), whatever the process. In
//! y = x/√(a² + σ²) and v = arsinh τ it is dy/dv = ε̂ − yσ/√(a² + σ²), in which nothing is large where a is small. Each rung is one
//! step of Heun's method (Karras et al. 2022, algorithm 1), the last one, to clean data, of Euler's.

use super::Scope;
use super::descent::{self, Denoises, Descent, Rung, Step};
use crate::graph::Tensor;
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
        let size = |[a, sigma]: [Tensor<'g>; 2]| (a.square() + sigma.square()).sqrt();
        let place = |[a, sigma]: [Tensor<'g>; 2]| ((sigma + size([a, sigma])) / a).ln();
        let slope = |[a, sigma]: [Tensor<'g>; 2], x: Tensor<'g>, score: Tensor<'g>| {
            -(sigma * (score + x / size([a, sigma]).square()))
        };
        let score = (noise.score)(x, rung.level);
        let (y, far) = (x / size(rung.from), place(rung.to) - place(rung.from));
        let here = slope(rung.from, x, score);
        let euler = size(rung.to) * (y + far * here);
        let there = slope(rung.to, euler, (noise.score)(euler, rung.next_level));
        let heun = size(rung.to) * (y + far * 0.5 * (here + there));
        let still = scope.graph.constant(0.0, &x.shape());
        Step { score, mean: rung.last.select(euler, heun), noise: still }
    }
}
