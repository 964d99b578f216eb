//! Sliced score matching by finite differences (Pang et al. 2020, "Efficient learning of generative models via
//! finite-difference score matching"): three energies on a line of length 2ε through each point and no derivative
//! along x. d · [(E₊ − E₋)²/(8ε²) − (E₊ + E₋ − 2E₀)/ε²] along a random unit direction, d being the dimension, has the
//! value of score matching up to O(ε²).

use super::{DATA_NOISE, Loss, Objective, Scope, Term, score_matching};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};
use std::f64::consts::PI;

/// FD-SSM.
pub(super) struct FiniteDifferenceScoreMatching;

// In single precision a shorter ε drowns in the energies' rounding, about 10⁻⁷ |E|/ε².
const PARAMS: &[Param] = &[Param::number("epsilon", Group::Training, 0.05, 0.01, 0.5).log().primary(), DATA_NOISE];

impl Objective for FiniteDifferenceScoreMatching {
    fn id(&self) -> &'static str {
        "finite-difference-score-matching"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \overline{\frac{(E_+ - E_-)^2}{4\varepsilon^2}} - \overline{\frac{2\,(E_+ + E_- - 2E_0)}{\varepsilon^2}}, \quad E_\pm = E(x^+ \pm \varepsilon v)"
    }

    fn terms(&self) -> &'static [Term] {
        score_matching::TERMS
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
        let (graph, epsilon, n) = (scope.graph, (scope.dial)("epsilon"), batch.shape()[0]);
        let angle = 2.0 * PI * graph.uniform(12, &[n]);
        let step = epsilon * graph.columns(&[angle.cos(), angle.sin()]);
        let energies = (scope.energy)(graph.concat(&[batch + step, batch - step, batch], 0));
        let [above, below, here] = [0, 1, 2].map(|i| energies.narrow(0, i * n..(i + 1) * n));
        let squared = 2.0 * epsilon.square();
        let slope = (above - below).square() / (2.0 * squared);
        // Differences first: the energies are alike.
        score_matching::loss(slope, 4.0 * ((above - here) + (below - here)) / squared)
    }
}
