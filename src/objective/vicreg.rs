//! Variance, invariance and covariance (VICReg; Bardes, Ponce & LeCun 2022, eqs. 1 to 6): views of the same point are to be embedded
//! alike, while each dimension keeps a deviation of 1 over the batch and no two go together. Nothing is compared with negatives: what
//! keeps the embedding from collapse is a regulariser. λ s + μ (v + v') + ν (c + c') with s the mean of (h − h')² over points and
//! dimensions, v that of max(0, 1 − √(Var + ε)) over the dimensions, and c the sum of the squared covariances of different dimensions over
//! their number. Eq. 5 of the paper sums s over the dimensions; the mean, which most implementations take, keeps the balance of the terms
//! whatever their number is.

use super::{Loss, Objective, Scope, Term, views};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Group, Param, Section};

/// VICReg.
pub(super) struct VicReg;

/// λ, μ and ν.
const INVARIANCE: Param = Param::number("invariance", Group::Training, 25.0, 0.0, 100.0).primary();
const VARIANCE: Param = Param::number("variance", Group::Training, 25.0, 0.0, 100.0).primary();
const COVARIANCE: Param = Param::number("covariance", Group::Training, 1.0, 0.0, 100.0).primary();

const PARAMS: &[Param] =
    &[INVARIANCE, VARIANCE, COVARIANCE, views::PARAMS[0], views::PARAMS[1], views::PARAMS[2], views::PARAMS[3]];

impl Objective for VicReg {
    fn id(&self) -> &'static str {
        "vicreg"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \frac{\lambda}{K}\,\overline{|h - h'|^2} + \mu \sum_{h, h'} \overline{\max\bigl(0,\, 1 - \sqrt{\mathrm{Var}_k + \varepsilon}\bigr)} + \frac{2\nu}{K} \sum_{h, h'} \sum_{k < l} \mathrm{Cov}_{kl}^2"
    }

    fn terms(&self) -> &'static [Term] {
        &[
            Term { id: "invariance", stage: 1 },
            Term { id: "variance", stage: 3 },
            Term { id: "covariance", stage: 3 },
            views::DEVIATION,
        ]
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Pairs)
    }

    fn spaces(&self) -> &'static [Space] {
        Space::CONTINUOUS
    }

    fn view<'g>(&self, dial: &dyn Fn(&str) -> Tensor<'g>, x: Tensor<'g>, which: u32) -> Option<Tensor<'g>> {
        Some(views::view(dial, x, which))
    }

    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let [h, g] = views::embedded(scope, batch);
        let dial = scope.dial;
        let invariance = dial(INVARIANCE.name) * (h - g).square().mean_all();
        let spread = [h, g].map(|h| (1.0 - views::deviations(h)).maximum(scope.graph.scalar(0.0)).mean_all());
        let together = [h, g].map(covariances);
        let variance = dial(VARIANCE.name) * (spread[0] + spread[1]);
        let covariance = dial(COVARIANCE.name) * (together[0] + together[1]);
        let total = invariance + variance + covariance;
        Loss { total, data: invariance, parts: vec![invariance, variance, covariance, views::deviation(h, g)] }
    }
}

/// The sum of the squared covariances of different dimensions of h [n, size] over their number, shape [].
fn covariances(h: Tensor<'_>) -> Tensor<'_> {
    let centred = views::centred(h);
    let covariance = centred.t().matmul(centred) / views::others(h);
    let own = views::variances(h).square().sum_all();
    (covariance.square().sum_all() - own) / h.shape()[1] as f64
}
