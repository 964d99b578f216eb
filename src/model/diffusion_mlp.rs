//! A diffusion model of the plane (Ho et al. 2020, §3.2): a network that tells the noise in x at step t of the way to noise,
//! ε_θ(x, t) = MLP(x, t, t², sin πt, cos πt, sin 2πt, cos 2πt) with t as a share of the way. It stands for the score
//! −ε_θ(x, t)/√(1 − ᾱ_t), which need not be the slope of an energy.

use super::levels::{PRESERVING, noise_time, preserving, preserving_dials};
use super::mlp::{ACTIVATION, INITIALISATION, activation, forward, stack};
use super::{Ability, Given, Model, Process, Scope, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};
use std::f64::consts::PI;

/// Noise-predicting multilayer perceptron.
pub(super) struct DiffusionMlp;

const WIDTHS: Param = Param::widths("widths", Group::Energy, &[128, 128, 128], 512, 6).primary();

const PARAMS: &[Param] = &[
    PRESERVING[0],
    PRESERVING[1],
    PRESERVING[2],
    PRESERVING[3],
    PRESERVING[4],
    PRESERVING[5],
    WIDTHS,
    ACTIVATION,
    INITIALISATION,
];

/// x, and what is told of t.
const INPUTS: usize = 2 + 6;

impl Model for DiffusionMlp {
    fn id(&self) -> &'static str {
        "diffusion-mlp"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"-\nabla_x E(x, t) \approx s_\theta(x, t) = -\frac{\varepsilon_\theta(x, t)}{\sqrt{1 - \bar\alpha_t}}, \quad \varepsilon_\theta = \mathrm{MLP}_\theta(x, \psi(t))"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        preserving_dials(section)
    }

    fn knows(&self) -> Option<Ability> {
        Some(Ability::Noise)
    }

    fn process<'g>(&self, section: &Section, scope: &Scope<'g, '_>) -> Option<Process<'g>> {
        Some(preserving(section, scope))
    }

    fn weights(&self, section: &Section, _space: Space) -> Vec<Weight> {
        stack(section, INPUTS, 2)
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
        let process = preserving(section, scope);
        let step = scope.levels(&process, x.shape()[0]);
        let [_, sigma] = process.rates(step);
        let t = noise_time(section, step);
        let waves = [PI * t, 2.0 * PI * t];
        let told = [t, t.square(), waves[0].sin(), waves[0].cos(), waves[1].sin(), waves[1].cos()];
        let h = scope.graph.concat(&[x, scope.graph.columns(&told)], 1);
        Some(-(forward(activation(section), &scope.weights, h) / sigma))
    }
}
