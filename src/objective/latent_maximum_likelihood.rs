//! Maximum likelihood of a model of latent variables whose prior an energy f tilts (Pang et al. 2020, eq. 9 and 11): with z⁺ from a short
//! chain of the posterior of each data point and z⁻ from one of the prior, both of which begin at draws of N(0, I),
//! mean f(z⁺) − mean f(z⁻) − mean ln p(x⁺ | z⁺) + α (mean f(z⁺)² + mean f(z⁻)²), no derivative through the chains. The last term is not
//! the paper's, which learns f five times more slowly than the decoder instead: it keeps f near 0, whose level nothing else fixes.

use super::{Loss, Negatives, Objective, Scope, Term};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Group, Param, Section};

/// Energy and decoder learn at once.
pub(super) struct LatentMaximumLikelihood;

/// α.
const WEIGHT: Param = Param::number("regularisation", Group::Training, 0.02, 0.0, 10.0).primary();

impl Objective for LatentMaximumLikelihood {
    fn id(&self) -> &'static str {
        "latent-maximum-likelihood"
    }

    fn params(&self) -> &'static [Param] {
        &[WEIGHT]
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \overline{-\log p_\theta(x^+ \mid z^+)} + \overline{f_\theta(z^+)} - \overline{f_\theta(z^-)} + \alpha\,\bigl(\overline{f_\theta(z^+)^2} + \overline{f_\theta(z^-)^2}\bigr), \quad z^+ \sim p_\theta(z \mid x^+), \; z^- \sim p_\theta(z)"
    }

    fn terms(&self) -> &'static [Term] {
        &[
            Term { id: "reconstruction", stage: 1 },
            Term { id: "energyPosterior", stage: 1 },
            Term { id: "energyPrior", stage: 2 },
            Term { id: "regularisation", stage: 3 },
        ]
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::LatentEnergy)
    }

    fn spaces(&self) -> &'static [Space] {
        Space::CONTINUOUS
    }

    fn negatives(&self) -> Negatives {
        Negatives::FromPrior
    }

    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let model = scope.latent_energy.as_ref().expect("refused without");
        let [posterior, prior] = scope.found.expect("comes with it");
        let reconstruction = -(model.decode)(posterior).log_likelihood(batch).mean_all();
        let n = batch.shape()[0];
        let both = (model.energy)(scope.graph.concat(&[posterior, prior], 0));
        let [energy_posterior, energy_prior] = [0..n, n..2 * n].map(|rows| both.narrow(0, rows).mean_all());
        let [square_posterior, square_prior] = [0..n, n..2 * n].map(|rows| both.narrow(0, rows).square().mean_all());
        let alpha = (scope.dial)(WEIGHT.name);
        let regularisation = alpha * (square_posterior + square_prior);
        let data = reconstruction + energy_posterior + alpha * square_posterior;
        let total = reconstruction + energy_posterior - energy_prior + regularisation;
        Loss { total, data, parts: vec![reconstruction, energy_posterior, energy_prior, regularisation] }
    }
}
