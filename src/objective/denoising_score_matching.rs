//! Denoising score matching at one noise scale (Vincent 2011, eq. 9; weighted by σ² as Song & Ermon 2019, eq. 5):
//! ½ E|σ∇E(x + σz) − z|². Its optimum is the score of the data smoothed by N(0, σ²).

use super::{Loss, Moments, Negatives, Objective, Scope, Term};
use crate::autodiff::grad;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// DSM.
pub(super) struct DenoisingScoreMatching;

const PARAMS: &[Param] = &[Param::number("sigma", Group::Training, 0.1, 1e-3, 2.0).log().primary()];

impl Objective for DenoisingScoreMatching {
    fn id(&self) -> &'static str {
        "denoising-score-matching"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \tfrac12\,\overline{\bigl|\sigma\,\nabla E(x^+ + \sigma z) - z\bigr|^2}"
    }

    fn terms(&self) -> &'static [Term] {
        &[Term { id: "scoreError", stage: 3 }]
    }

    fn negatives(&self) -> Negatives {
        Negatives::None
    }

    fn dials(&self, section: &Section, _data: &Moments) -> Vec<(&'static str, f64)> {
        vec![("sigma", section.number("sigma"))]
    }

    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let sigma = (scope.dial)("sigma");
        let z = scope.graph.normal(11, &batch.shape());
        let noisy = batch + sigma * z;
        let gradient = grad((scope.energy)(noisy).sum_all(), &[noisy])[0];
        let error = 0.5 * (sigma * gradient - z).square().sum(1).mean_all();
        Loss { total: error, parts: vec![error] }
    }
}
