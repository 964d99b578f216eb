//! Score matching (Hyvärinen 2005, eq. 4): E[½|∇E|² − tr ∇²E], the distance of the scores of model and data but for a
//! constant. The Laplacian is exact: one more derivative for each coordinate.

use super::{DATA_NOISE, Loss, Objective, Scope, Term, gradient};
use crate::autodiff::grad;
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Param, Section};

/// SM.
pub(super) struct ScoreMatching;

/// The parts of the loss that all rules of this kind share: half the squared slope, and the curvature.
pub(super) const TERMS: &[Term] = &[Term { id: "squaredSlope", stage: 3 }, Term { id: "curvature", stage: 3 }];

/// The loss, from half the squared slopes [n] and the curvatures [n].
pub(super) fn loss<'g>(slopes: Tensor<'g>, curvatures: Tensor<'g>) -> Loss<'g> {
    let (slope, curvature) = (slopes.mean_all(), curvatures.mean_all());
    Loss::of_data(slope - curvature, vec![slope, curvature])
}

impl Objective for ScoreMatching {
    fn id(&self) -> &'static str {
        "score-matching"
    }

    fn params(&self) -> &'static [Param] {
        &[DATA_NOISE]
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \overline{\tfrac12\,|\nabla E(x^+)|^2} - \overline{\mathrm{tr}\,\nabla^2 E(x^+)}"
    }

    fn terms(&self) -> &'static [Term] {
        TERMS
    }

    fn spaces(&self) -> &'static [Space] {
        Space::PLANE
    }

    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let slope = gradient(scope, batch);
        // Rows of a batch do not depend on one another, so the sum's derivative is each row's own.
        let second = |i: usize| grad(slope.column(i).sum_all(), &[batch])[0].column(i);
        let laplacian = (1..batch.shape()[1]).fold(second(0), |sum, i| sum + second(i));
        loss(0.5 * slope.square().sum(1), laplacian)
    }
}
