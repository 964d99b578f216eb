//! The simple loss of denoising diffusion (Ho et al. 2020, eq. 14): the mean square of what a model gets wrong about the noise in
//! a x₀ + σz, at levels drawn evenly. A model of the score tells the noise as −σ s(x, t), so this is denoising score
//! matching over many levels with another factor; its optimum is the score of the data as they are at each level.

use super::{Loss, Objective, Scope, Term, mistakes};
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Param, Section};

/// Noise prediction.
pub(super) struct NoisePrediction;

impl Objective for NoisePrediction {
    fn id(&self) -> &'static str {
        "noise-prediction"
    }

    fn params(&self) -> &'static [Param] {
        &[]
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \tfrac1d\,\overline{\bigl|\varepsilon_\theta(a_t x^+ + \sigma_t z, t) - z\bigr|^2}, \quad \varepsilon_\theta = -\sigma_t s_\theta, \; t \sim \mathcal{U}"
    }

    fn terms(&self) -> &'static [Term] {
        &[Term { id: "noiseError", stage: 3 }]
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
        let error = mistakes(scope, batch).square().mean_all();
        Loss::of_data(error, vec![error])
    }
}
