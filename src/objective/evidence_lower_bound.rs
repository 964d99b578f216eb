//! The evidence lower bound (Kingma & Welling 2014, eq. 3 and 10): −ln p(x | z) at a draw z = μ + σε of the encoder's law, and the
//! divergence of that law from the prior, in closed form. With β = 1 their sum lies above −ln p(x) on average; other β trade one for
//! the other (Higgins et al. 2017).

use super::{Loss, Objective, Scope, Term};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Group, Param, Section};

/// Variational autoencoding.
pub(super) struct EvidenceLowerBound;

/// β.
const WEIGHT: Param = Param::number("divergenceWeight", Group::Training, 1.0, 0.0, 10.0).primary();

impl Objective for EvidenceLowerBound {
    fn id(&self) -> &'static str {
        "evidence-lower-bound"
    }

    fn params(&self) -> &'static [Param] {
        &[WEIGHT]
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \overline{-\log p_\theta(x^+ \mid z)} + \beta\,\overline{\mathrm{KL}\bigl(q(z \mid x^+) \,\lVert\, p(z)\bigr)}, \quad z = \mu + \sigma\varepsilon"
    }

    fn terms(&self) -> &'static [Term] {
        &[Term { id: "reconstruction", stage: 1 }, Term { id: "divergence", stage: 3 }]
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Latent)
    }

    fn spaces(&self) -> &'static [Space] {
        Space::UNCOUNTED
    }

    /// Stream: 11.
    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let latent = scope.latent.as_ref().expect("refused without");
        let noise = scope.graph.normal(11, &[batch.shape()[0], latent.size]);
        let [log_likelihood, divergence] = latent.bound(batch, noise).map(Tensor::mean_all);
        let reconstruction = -log_likelihood;
        Loss::of_data(reconstruction + (scope.dial)(WEIGHT.name) * divergence, vec![reconstruction, divergence])
    }
}
