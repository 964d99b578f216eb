//! The negative log-likelihood of the class alone (LeCun et al. 2006, eq. 23, with y the answer and β = 1):
//! mean E(x, y) + ln Σ_y' exp(−E(x, y')) = −mean ln p(y | x). A classifier is an energy of x and y that is compared within one x;
//! where points are, it never asks, and E(x) = −ln Σ_y exp(−E(x, y)) is left to chance.

use super::{DATA_NOISE, Loss, Objective, Scope, Term};
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Param, Section};

/// Supervised learning of the classes.
pub(super) struct CrossEntropy;

/// The parts of the loss that every rule of classes has.
pub(super) const TERMS: [Term; 2] = [Term { id: "crossEntropy", stage: 3 }, Term { id: "accuracy", stage: 3 }];

/// −mean ln p(y | x), and the share of the batch [b, d] whose own class is the likeliest, both of shape [].
pub(super) fn fit<'g>(scope: &Scope<'g, '_>, batch: Tensor<'g>) -> [Tensor<'g>; 2] {
    let classes = scope.classes.as_ref().expect("refused without");
    let joint = (classes.energies)(batch);
    let [b, k] = joint.shape()[..] else { unreachable!("one row a point") };
    let away = scope.graph.iota(1, &[b, k]) - classes.labels.reshape(&[b, 1]);
    let right = (0.5 - away.abs()).step();
    let own = (right * joint).sum(1);
    // Right is who prefers the point's own class to every other; a tie is none.
    let others = -(right.select(scope.graph.scalar(-1e30), -joint)).max_axis(1);
    [(own + (-joint).logsumexp(1)).mean_all(), (others - own).step().mean_all()]
}

impl Objective for CrossEntropy {
    fn id(&self) -> &'static str {
        "cross-entropy"
    }

    fn params(&self) -> &'static [Param] {
        &[DATA_NOISE]
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = -\,\overline{\log p(y^+ \mid x^+)} = \overline{E(x^+, y^+) + \log \sum_y e^{-E(x^+, y)}}"
    }

    fn terms(&self) -> &'static [Term] {
        &TERMS
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Classes)
    }

    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let [cross_entropy, accuracy] = fit(scope, batch);
        Loss::of_data(cross_entropy, vec![cross_entropy, accuracy])
    }
}
