//! An energy for every noise level (Song & Ermon 2019 condition a score so; here E, of which the score is −∇ₓE):
//! E(x, σ) = MLP(φ(x), ψ(σ)) + |x|²/(2(c² + σ²)), φ as for the plain network and ψ = [ℓ, sin ℓ, cos ℓ], ℓ = ln σ. It is of the data
//! smoothed by N(0, σ²I). What asks for no level of its own (the landscape, the figures, most kernels and rules) sees the level
//! that the dial `noiseLevel` says.

use super::mlp::{ACTIVATION, CONFINEMENT, FEATURES, INITIALISATION, WIDTHS, activation, features, forward, layers};
use super::{Ability, Given, Model, NOISE_LEVEL, SIGMA_MAX, SIGMA_MIN, Scope, Weight, levels};
use crate::graph::Tensor;
use crate::schema::{Param, Section};

/// Noise-conditional multilayer perceptron.
pub(super) struct NoiseConditionalMlp;

const PARAMS: &[Param] =
    &[NOISE_LEVEL, SIGMA_MIN, SIGMA_MAX, WIDTHS, ACTIVATION, FEATURES, CONFINEMENT, INITIALISATION];

/// Numbers of ψ(σ).
const LEVEL_FEATURES: usize = 3;

impl Model for NoiseConditionalMlp {
    fn id(&self) -> &'static str {
        "noise-conditional-mlp"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"E_\theta(x, \sigma) = \mathrm{MLP}_\theta(\varphi(x), \psi(\sigma)) + \frac{|x|^2}{2(c^2 + \sigma^2)}"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        let c = section.number(CONFINEMENT.name);
        levels(section).into_iter().chain([(CONFINEMENT.name, c * c)]).collect()
    }

    fn knows(&self) -> Option<Ability> {
        Some(Ability::Noise)
    }

    fn weights(&self, section: &Section) -> Vec<Weight> {
        layers(section, LEVEL_FEATURES, 1)
    }

    fn energy<'g>(&self, section: &Section, _given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let n = x.shape()[0];
        let sigma = scope.level(n);
        let log = sigma.ln();
        let h = scope.graph.concat(&[features(section, x), scope.graph.columns(&[log, log.sin(), log.cos()])], 1);
        let network = forward(activation(section), &scope.weights, h).reshape(&[n]);
        let squared = (scope.dial)(CONFINEMENT.name);
        // c = 0 switches the term off.
        let confined = squared.step() * x.square().sum(1) / (2.0 * (squared + sigma.square()));
        Some(network + confined)
    }
}
