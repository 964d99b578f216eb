//! Contrastive divergence (Hinton 2002): chains start at the data, run k steps, and the loss is
//! mean E(x⁺) − mean E(x⁻) + α (mean E(x⁺)² + mean E(x⁻)²), no derivative through the chains (Du & Mordatch 2019, eq. 2).

use super::{DATA_NOISE, Loss, Negatives, Objective, Scope, Term, energies};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// CD-k, k being the sampler's `steps`.
pub(super) struct ContrastiveDivergence;

/// Parameters that both contrastive rules have.
pub(super) const REGULARISATION: Param = Param::number("regularisation", Group::Training, 0.05, 0.0, 10.0).primary();

/// TeX of the loss that both rules share.
pub(super) const FORMULA: &str = r"\mathcal{L} = \overline{E(x^+)} - \overline{E(x^-)} + \alpha\,\bigl(\overline{E(x^+)^2} + \overline{E(x^-)^2}\bigr)";

/// The parts of the loss that both rules share.
pub(super) const TERMS: &[Term] = &[
    Term { id: "energyData", stage: 1 },
    Term { id: "energyModel", stage: 2 },
    Term { id: "regularisation", stage: 3 },
];

/// The loss that both rules share.
pub(super) fn loss<'g>(scope: &Scope<'g, '_>, batch: Tensor<'g>, negatives: Tensor<'g>) -> Loss<'g> {
    let (positive, negative) = energies(scope, batch, negatives);
    let (energy_data, energy_model) = (positive.mean_all(), negative.mean_all());
    let alpha = (scope.dial)("regularisation");
    let [square_data, square_model] = [positive, negative].map(|energy| energy.square().mean_all());
    let regularisation = alpha * (square_data + square_model);
    let total = energy_data - energy_model + regularisation;
    let data = energy_data + alpha * square_data;
    Loss { total, data, parts: vec![energy_data, energy_model, regularisation] }
}

impl Objective for ContrastiveDivergence {
    fn id(&self) -> &'static str {
        "contrastive-divergence"
    }

    fn params(&self) -> &'static [Param] {
        &[REGULARISATION, DATA_NOISE]
    }

    fn formula(&self) -> &'static str {
        FORMULA
    }

    fn terms(&self) -> &'static [Term] {
        TERMS
    }

    fn spaces(&self) -> &'static [Space] {
        Space::ALL
    }

    fn negatives(&self) -> Negatives {
        Negatives::FromData
    }

    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        negatives: Tensor<'g>,
    ) -> Loss<'g> {
        loss(scope, batch, negatives)
    }
}
