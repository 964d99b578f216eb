//! A score network over noise levels (Song & Ermon 2019; scaled by 1/σ as Song & Ermon 2020, technique 3):
//! s_θ(x, σ) = −MLP(φ(x/√(1 + σ²)), ψ(σ))/σ, with φ as for the plain network and ψ as for the noise-conditional energy. It has no
//! energy: its two outputs need not be the slope of anything.

use super::levels::{EXPLODING, exploding, exploding_dials};
use super::mlp::{ACTIVATION, FEATURES, INITIALISATION, WIDTHS, activation, features, forward, layers};
use super::noise_conditional_mlp::{LEVEL_FEATURES, level_features};
use super::{Ability, Given, Model, Process, Scope, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Param, Section};

/// Score-predicting multilayer perceptron.
pub(super) struct ScoreMlp;

const PARAMS: &[Param] =
    &[EXPLODING[0], EXPLODING[1], EXPLODING[2], EXPLODING[3], WIDTHS, ACTIVATION, FEATURES, INITIALISATION];

impl Model for ScoreMlp {
    fn id(&self) -> &'static str {
        "score-mlp"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"-\nabla_x E(x, \sigma) \approx s_\theta(x, \sigma) = -\tfrac1\sigma\,\mathrm{MLP}_\theta\Bigl(\varphi\Bigl(\tfrac{x}{\sqrt{1 + \sigma^2}}\Bigr), \psi(\sigma)\Bigr)"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        exploding_dials(section)
    }

    fn knows(&self) -> Option<Ability> {
        Some(Ability::Noise)
    }

    fn process<'g>(&self, _section: &Section, scope: &Scope<'g, '_>) -> Option<Process<'g>> {
        Some(exploding(scope))
    }

    fn weights(&self, section: &Section, _space: Space) -> Vec<Weight> {
        layers(section, LEVEL_FEATURES, 2)
    }

    fn has_energy(&self) -> bool {
        false
    }

    fn energy<'g>(
        &self,
        _section: &Section,
        _given: Given,
        _scope: &Scope<'g, '_>,
        _x: Tensor<'g>,
    ) -> Option<Tensor<'g>> {
        None
    }

    fn score<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let n = x.shape()[0];
        let sigma = scope.levels(&exploding(scope), n);
        let scaled = x / (1.0 + sigma.square()).sqrt().reshape(&[n, 1]);
        let h = scope.graph.concat(&[features(section, scaled), level_features(sigma)], 1);
        Some(-(forward(activation(section), &scope.weights, h) / sigma.reshape(&[n, 1])))
    }
}
