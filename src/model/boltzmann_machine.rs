//! The Boltzmann machine without hidden units (Ackley, Hinton & Sejnowski 1985), which is the Ising model with couplings of its own:
//! E(x) = −½ xᵀ J x − bᵀ x for x ∈ {−1, 1}^d, with J symmetric and without a diagonal. Of the data it can learn the means and the
//! correlations of pairs, and nothing beyond.

use super::{Given, Model, Scope, Start, Weight};
use crate::data::Space;
use crate::graph::{Graph, Tensor};
use crate::schema::{Param, Section};

/// Couplings of all pairs.
pub(super) struct BoltzmannMachine;

/// −½ xᵀ J x: x [n, d] and W [d, d], of which J is the symmetric part without its diagonal. → [n].
pub(super) fn of_pairs<'g>(graph: &'g Graph, x: Tensor<'g>, weights: Tensor<'g>) -> Tensor<'g> {
    let d = x.shape()[1];
    let off_diagonal: Vec<_> = (0..d * d).map(|i| f64::from(u8::from(i / d != i % d))).collect();
    // The symmetric part is all that a quadratic form sees.
    -0.5 * (x.matmul(weights * graph.literal(&off_diagonal, &[d, d])) * x).sum(1)
}

impl Model for BoltzmannMachine {
    fn id(&self) -> &'static str {
        "boltzmann-machine"
    }

    fn params(&self) -> &'static [Param] {
        &[]
    }

    fn formula(&self) -> &'static str {
        r"E_\theta(x) = -\tfrac12 x^\top J x - b^\top x"
    }

    fn spaces(&self) -> &'static [Space] {
        Space::PATTERNS
    }

    /// W [d, d] and b [d].
    fn weights(&self, _section: &Section, space: Space) -> Vec<Weight> {
        let d = space.dimension();
        let weight = |name: &str, shape: Vec<usize>| Weight { name: name.into(), shape, start: Start::Constant(0.0) };
        vec![weight("pairs.weight", vec![d, d]), weight("visible.bias", vec![d])]
    }

    fn energy<'g>(
        &self,
        _section: &Section,
        _given: Given,
        scope: &Scope<'g, '_>,
        x: Tensor<'g>,
    ) -> Option<Tensor<'g>> {
        Some(of_pairs(scope.graph, x, scope.weights[0]) - (x * scope.weights[1]).sum(1))
    }
}
