//! The restricted Boltzmann machine (Smolensky 1986; Hinton 2002): visible units v ∈ {0, 1}^d and hidden units h ∈ {0, 1}^k with the
//! joint energy −bᵀv − cᵀh − hᵀWv. Summed over h it is an energy of v like any other, the free energy
//!
//! F(v) = −bᵀv − Σ_j ln(1 + exp(c_j + W_j v)).
//!
//! A pixel x ∈ {−1, 1} is the unit v = (x + 1)/2.

use super::{Ability, Given, Model, Scope, Start, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Bernoulli–Bernoulli machine.
pub(super) struct Rbm;

/// Hidden units.
const HIDDEN: Param = Param::integer("hidden", Group::Energy, 64, 1, 1024).log().primary();

/// Standard deviation of the first weights (Hinton 2010, A Practical Guide to Training RBMs, §8).
const DEVIATION: f64 = 0.01;

/// Units that are on, of pixels.
fn units(x: Tensor<'_>) -> Tensor<'_> {
    0.5 * (x + 1.0)
}

impl Model for Rbm {
    fn id(&self) -> &'static str {
        "rbm"
    }

    fn params(&self) -> &'static [Param] {
        &[HIDDEN]
    }

    fn formula(&self) -> &'static str {
        r"E_\theta(x) = -b^\top v - \sum_j \log\bigl(1 + e^{c_j + W_j v}\bigr), \quad v = \tfrac{x + 1}{2}"
    }

    fn spaces(&self) -> &'static [Space] {
        Space::BINARY
    }

    fn knows(&self) -> Option<Ability> {
        Some(Ability::Hidden)
    }

    /// W [hidden, d] and c [hidden], which are PyTorch's `Linear` from v to the log-odds of h, then b [d].
    fn weights(&self, section: &Section, space: Space) -> Vec<Weight> {
        let (hidden, visible) = (section.count(HIDDEN.name), space.dimension());
        let weight = |name: &str, shape: Vec<usize>, start| Weight { name: name.into(), shape, start };
        vec![
            weight("layers.0.weight", vec![hidden, visible], Start::Normal(DEVIATION)),
            weight("layers.0.bias", vec![hidden], Start::Constant(0.0)),
            weight("visible.bias", vec![visible], Start::Constant(0.0)),
        ]
    }

    fn hidden<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(units(x).matmul(scope.weights[0].t()) + scope.weights[1])
    }

    fn visible<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, h: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(h.matmul(scope.weights[0]) + scope.weights[2])
    }

    fn energy<'g>(&self, section: &Section, _given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let hidden = self.hidden(section, scope, x)?.softplus().sum(1);
        Some(-(units(x) * scope.weights[2]).sum(1) - hidden)
    }
}
