//! Predictor–corrector sampling (Song et al. 2021, "Score-Based Generative Modeling through Stochastic Differential Equations",
//! algorithms 2–5): at each level one Langevin step for its law, the corrector, and then one ancestral step to the level below, the
//! predictor. The corrector's step size h = 2α (r |z|/|s|)² follows the means of the lengths over all chains, with the
//! signal-to-noise ratio r, and α = (a/a')² between the levels.

use super::Scope;
use super::descent::{self, Denoises, Descent, Rung, Step, denoised};
use crate::graph::Tensor;
use crate::schema::{Group, Param};

/// Predictor–corrector.
pub(super) struct PredictorCorrector;

/// As it is registered.
pub(super) const PREDICTOR_CORRECTOR: Descent<PredictorCorrector> = Descent(PredictorCorrector);

/// r.
const RATIO: Param = Param::number("signalToNoise", Group::Sampler, 0.16, 0.01, 1.0).log().primary();
const PARAMS: &[Param] = &[descent::PARAMS[0], RATIO, descent::PARAMS[1], descent::PARAMS[2]];
/// The stream of the corrector.
const STREAM: u32 = 13;

impl Denoises for PredictorCorrector {
    fn id(&self) -> &'static str {
        "predictor-corrector"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"x' = x + h\,s(x, t) + \sqrt{2h}\,z, \quad x_{t-1} \sim q\bigl(x_{t-1} \mid x', \hat x_0\bigr)"
    }

    fn take<'g>(&self, scope: &Scope<'g, '_>, rung: &Rung<'g>, x: Tensor<'g>) -> Step<'g> {
        let noise = scope.noise.as_ref().expect("refused without");
        let score = (noise.score)(x, rung.level);
        let z = scope.graph.normal(STREAM, &x.shape());
        let ratio = (scope.dial)(RATIO.name) * mean_length(z) / mean_length(score);
        let h = 2.0 * (rung.from[0] / rung.to[0]).square() * ratio.square();
        let kick = (2.0 * h).sqrt() * z;
        let predicted = denoised(scope, rung, x + h * score + kick, scope.graph.scalar(1.0));
        // All that chance has added, so that what is left of the move is the way without it.
        let noise = kick + predicted.noise;
        Step { score, mean: predicted.mean + predicted.noise - noise, noise }
    }
}

/// The mean length of rows, shape [].
fn mean_length(rows: Tensor<'_>) -> Tensor<'_> {
    rows.square().sum(1).sqrt().mean_all()
}
