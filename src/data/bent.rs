//! Gaussian mixtures whose components have each their own covariance, as graphs: densities that are smooth images of
//! a Gaussian.

use crate::graph::Tensor;
use std::f64::consts::TAU;

/// One component.
#[derive(Debug, Clone, Copy)]
pub struct Component {
    /// Share of the mass.
    pub weight: f64,
    /// Mean.
    pub mean: [f64; 2],
    /// Covariance: xx, xy, yy.
    pub covariance: [f64; 3],
}

/// −ln Σ_k w_k N(x; μ_k, Σ_k). x: [n, 2] → [n].
pub fn energy<'g>(components: &[Component], x: Tensor<'g>) -> Tensor<'g> {
    let table = |value: &dyn Fn(&Component) -> f64| {
        let values: Vec<_> = components.iter().map(value).collect();
        x.graph().literal(&values, &[1, components.len()])
    };
    // Cholesky: Σ = L Lᵀ and y = L⁻¹(x − μ), so that |y|² is the exponent.
    let first = |c: &Component| c.covariance[0].sqrt();
    let skew = |c: &Component| c.covariance[1] / first(c);
    let second = |c: &Component| (c.covariance[2] - skew(c).powi(2)).sqrt();
    let y0 = (x.narrow(1, 0..1) - table(&|c| c.mean[0])) * table(&|c| 1.0 / first(c));
    let y1 = (x.narrow(1, 1..2) - table(&|c| c.mean[1]) - y0 * table(&skew)) * table(&|c| 1.0 / second(c));
    let scale = table(&|c| (c.weight / (TAU * first(c) * second(c))).ln());
    -(scale - 0.5 * (y0.square() + y1.square())).logsumexp(1)
}
