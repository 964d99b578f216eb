//! A joint energy model (JEM, Grathwohl et al. 2020, eq. 8): ln p(x, y) = ln p(x) + ln p(y | x). The places are learned by persistent
//! contrastive divergence on E(x) = −ln Σ_y exp(−E(x, y)), the classes by the cross-entropy of p(y | x).

use super::contrastive_divergence::{REGULARISATION, loss};
use super::{DATA_NOISE, Loss, Negatives, Objective, Scope, Term, cross_entropy, replay_buffer};
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Group, Param, Section};

/// JEM.
pub(super) struct JointEnergy;

/// Weight of the classes beside the places.
const CLASS_WEIGHT: Param = Param::number("classWeight", Group::Training, 1.0, 0.0, 100.0).primary();

const PARAMS: &[Param] = &[
    CLASS_WEIGHT,
    REGULARISATION,
    DATA_NOISE,
    replay_buffer::SIZE,
    replay_buffer::REINITIALISE,
    replay_buffer::RESTART_FROM,
];

impl Objective for JointEnergy {
    fn id(&self) -> &'static str {
        "joint-energy"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \overline{E(x^+)} - \overline{E(x^-)} + \alpha\,\bigl(\overline{E(x^+)^2} + \overline{E(x^-)^2}\bigr) - \gamma\,\overline{\log p(y^+ \mid x^+)}"
    }

    fn terms(&self) -> &'static [Term] {
        &[
            Term { id: "energyData", stage: 1 },
            Term { id: "energyModel", stage: 2 },
            Term { id: "regularisation", stage: 3 },
            cross_entropy::TERMS[0],
            cross_entropy::TERMS[1],
        ]
    }

    fn negatives(&self) -> Negatives {
        Negatives::FromBuffer
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Classes)
    }

    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let [cross_entropy, accuracy] = cross_entropy::fit(scope, batch);
        let Loss { total, data, mut parts } = loss(scope, batch, negatives);
        parts.extend([cross_entropy, accuracy]);
        let classes = (scope.dial)(CLASS_WEIGHT.name) * cross_entropy;
        Loss { total: total + classes, data: data + classes, parts }
    }
}
