//! An energy for every noise level (Song & Ermon 2019 condition a score so; here E, of which the score is −∇ₓE):
//! E(x, σ) = MLP(φ(x), ψ(σ)) + |x|²/(2(c² + σ²)), φ as for the plain network and ψ = [ℓ, sin ℓ, cos ℓ], ℓ = ln σ. It is of the data
//! smoothed by N(0, σ²I). What asks for no level of its own (the landscape, the figures, most kernels and rules) sees the level
//! that the dial `noiseLevel` says.

use super::levels::{EXPLODING, exploding, exploding_dials};
use super::mlp::{ACTIVATION, CONFINEMENT, FEATURES, INITIALISATION, WIDTHS, activation, features, forward, layers};
use super::{Ability, Given, Model, Process, Scope, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Param, Section};

/// Noise-conditional multilayer perceptron.
pub(super) struct NoiseConditionalMlp;

const PARAMS: &[Param] = &[
    EXPLODING[0],
    EXPLODING[1],
    EXPLODING[2],
    EXPLODING[3],
    WIDTHS,
    ACTIVATION,
    FEATURES,
    CONFINEMENT,
    INITIALISATION,
];

/// Numbers of ψ(σ).
pub(super) const LEVEL_FEATURES: usize = 3;

/// ψ(σ): [n] → [n, 3].
pub(super) fn level_features(sigma: Tensor<'_>) -> Tensor<'_> {
    let log = sigma.ln();
    log.graph().columns(&[log, log.sin(), log.cos()])
}

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
        exploding_dials(section).into_iter().chain([(CONFINEMENT.name, c * c)]).collect()
    }

    fn knows(&self) -> Option<Ability> {
        Some(Ability::Noise)
    }

    fn process<'g>(&self, _section: &Section, scope: &Scope<'g, '_>) -> Option<Process<'g>> {
        Some(exploding(scope))
    }

    fn weights(&self, section: &Section, _space: Space) -> Vec<Weight> {
        layers(section, LEVEL_FEATURES, 1)
    }

    fn energy<'g>(&self, section: &Section, _given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let n = x.shape()[0];
        let sigma = scope.levels(&exploding(scope), n);
        let h = scope.graph.concat(&[features(section, x), level_features(sigma)], 1);
        let network = forward(activation(section), &scope.weights, h).reshape(&[n]);
        let squared = (scope.dial)(CONFINEMENT.name);
        // c = 0 switches the term off.
        let confined = squared.step() * x.square().sum(1) / (2.0 * (squared + sigma.square()));
        Some(network + confined)
    }
}
