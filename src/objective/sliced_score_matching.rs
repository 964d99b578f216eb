//! Sliced score matching (Song et al. 2019): E[½(vᵀ∇E)² − vᵀ∇²E v] along random directions v with covariance I,
//! so that the value is that of score matching whatever the dimension. Variance reduction (theirs) keeps the
//! squared slope whole: ½|∇E|².

use super::{DATA_NOISE, Loss, Objective, Scope, Term, gradient, score_matching};
use crate::autodiff::grad;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// SSM.
pub(super) struct SlicedScoreMatching;

const PARAMS: &[Param] = &[Param::boolean("varianceReduction", Group::Training, true).primary(), DATA_NOISE];

impl Objective for SlicedScoreMatching {
    fn id(&self) -> &'static str {
        "sliced-score-matching"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \overline{\tfrac12\,(v^\top \nabla E(x^+))^2} - \overline{v^\top \nabla^2 E(x^+)\,v}"
    }

    fn terms(&self) -> &'static [Term] {
        score_matching::TERMS
    }

    fn loss<'g>(
        &self,
        section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        // Rademacher: each coordinate −1 or 1. Of a quadratic energy along the axes, the curvature then has no variance.
        let v = (scope.graph.uniform(12, &batch.shape()) - 0.5).step() * 2.0 - 1.0;
        let slope = gradient(scope, batch);
        let along = (v * slope).sum(1);
        let curvature = (v * grad(along.sum_all(), &[batch])[0]).sum(1);
        let squared = if section.flag("varianceReduction") { slope.square().sum(1) } else { along.square() };
        score_matching::loss(0.5 * squared, curvature)
    }
}
