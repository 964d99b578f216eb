//! Energy discrepancy (Schröder et al. 2023, "Energy discrepancies: a score-independent loss for energy-based models"):
//! each point x is noised once and M points are noised back from there, x⁻ = x + σξ + σξ′, and the loss is
//! ln(w/M + (1/M) Σ exp(E(x) − E(x⁻))). It needs neither chains nor derivatives along x; without w and with many points
//! its optimum is −log p for every σ, and w keeps few points from running away.

use super::{Loss, Objective, Scope, Term, energies};
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// ED.
pub(super) struct EnergyDiscrepancy;

const PARAMS: &[Param] = &[
    Param::number("sigma", Group::Training, 0.5, 1e-3, 2.0).log().primary(),
    Param::integer("negatives", Group::Training, 16, 1, 64).primary(),
    Param::number("stabilisation", Group::Training, 1.0, 0.0, 10.0),
];

impl Objective for EnergyDiscrepancy {
    fn id(&self) -> &'static str {
        "energy-discrepancy"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \overline{\log \Bigl(\tfrac{w}{M} + \tfrac{1}{M} \sum_j e^{E(x^+) - E(x^-_j)}\Bigr)}, \quad x^-_j = x^+ + \sigma \xi + \sigma \xi'_j"
    }

    fn terms(&self) -> &'static [Term] {
        &[Term { id: "energyData", stage: 1 }, Term { id: "energyModel", stage: 2 }]
    }

    fn loss<'g>(
        &self,
        section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let (graph, dial) = (scope.graph, scope.dial);
        let (n, d, m) = (batch.shape()[0], batch.shape()[1], section.count("negatives"));
        let noised = (batch + dial("sigma") * graph.normal(12, &[n, d])).reshape(&[n, 1, d]);
        let back = (noised + dial("sigma") * graph.normal(13, &[n, m, d])).reshape(&[n * m, d]);
        let (positive, negative) = energies(scope, batch, back);
        // w joins the sum as one more term, so that no sum is taken of what exp cannot hold; ln 0 would be no number.
        let weight = (dial("stabilisation") + f64::from(f32::MIN_POSITIVE)).ln().broadcast_to(&[n, 1]);
        let against = |negative: Tensor<'g>| {
            let rises = positive.reshape(&[n, 1]) - negative.reshape(&[n, m]);
            graph.concat(&[rises, weight], 1).logsumexp(1).mean_all() - (m as f64).ln()
        };
        let (total, data) = (against(negative), against(negative.stop_gradient()));
        Loss { total, data, parts: vec![positive.mean_all(), negative.mean_all()] }
    }
}
