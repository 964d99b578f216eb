//! Denoising score matching over all noise levels at once (Song & Ermon 2019, eq. 6, with λ(σ) = σ²; Song et al. 2021, eq. 7, for a
//! continuum of levels): ½ E|σ∇E(x + σz, σ) − z|², σ drawn for each point evenly in its logarithm from the range that the energy
//! knows. Its optimum is at every σ the energy of the data smoothed by N(0, σ²I). Where the process also shrinks the data, to
//! a x₀ + σz, it is that of these.

use super::{Loss, Objective, Scope, Term, mistakes};
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Param, Section};

/// Multi-scale DSM.
pub(super) struct MultiscaleDenoisingScoreMatching;

impl Objective for MultiscaleDenoisingScoreMatching {
    fn id(&self) -> &'static str {
        "multiscale-denoising-score-matching"
    }

    fn params(&self) -> &'static [Param] {
        &[]
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \tfrac12\,\overline{\bigl|\sigma\,\nabla_x E(x^+ + \sigma z, \sigma) - z\bigr|^2}, \quad \log\sigma \sim \mathcal{U}"
    }

    fn terms(&self) -> &'static [Term] {
        &[Term { id: "scoreError", stage: 3 }]
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Noise)
    }

    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let error = 0.5 * mistakes(scope, batch).square().sum(1).mean_all();
        Loss::of_data(error, vec![error])
    }
}
