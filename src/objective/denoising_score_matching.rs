//! Denoising score matching at one noise scale (Vincent 2011, eq. 9; weighted by σ² as Song & Ermon 2019, eq. 5):
//! ½ E|σ∇E(x + σz) − z|². Its optimum is the score of the data smoothed by N(0, σ²).
//!
//! For small σ nearly all of the loss is chance. The control variate (Wang et al. 2020) takes out what has the mean 0:
//! with s = −∇E, c = (2/σ) zᵀs(x) + |z|²/σ² − d/σ². It is subtracted with the factor ½ that the loss has.

use super::{Loss, Objective, Scope, Term, gradient};
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// DSM.
pub(super) struct DenoisingScoreMatching;

const PARAMS: &[Param] = &[
    Param::number("sigma", Group::Training, 0.1, 1e-3, 2.0).log().primary(),
    Param::boolean("controlVariate", Group::Training, false).primary(),
];

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

    fn loss<'g>(
        &self,
        section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let sigma = (scope.dial)("sigma");
        let z = scope.graph.normal(11, &batch.shape());
        let noisy = gradient(scope, batch + sigma * z);
        let errors = if section.flag("controlVariate") {
            // The difference with c worked out: nothing large is left to cancel.
            let change = gradient(scope, batch) - noisy;
            (sigma * z * change + 0.5 * (sigma * noisy).square()).sum(1) + 0.5 * batch.shape()[1] as f64
        } else {
            0.5 * (sigma * noisy - z).square().sum(1)
        };
        let error = errors.mean_all();
        Loss::of_data(error, vec![error])
    }
}
