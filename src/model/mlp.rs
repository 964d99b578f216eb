//! The default energy: E(x) = MLP(φ(x)) + |x|²/(2c²), with φ either x itself or Fourier features of it, and the
//! quadratic term ("confinement") that makes exp(−E) normalisable whatever the network says.

use super::initialise::NAMES;
use super::{Given, Model, Scope, Start, Weight, spectral};
use crate::backend::plan::{Activation, Network};
use crate::data::Space;
use crate::graph::{Graph, Tensor};
use crate::schema::{Group, Param, Section};
use std::f64::consts::FRAC_PI_4;

/// Frequencies of the Fourier features, in units of π/4: the world [−4, 4] is one period of the lowest.
const FREQUENCIES: [f64; 3] = [1.0, 2.0, 4.0];

/// Multilayer perceptron.
pub(super) struct Mlp;

pub(super) const WIDTHS: Param = Param::widths("widths", Group::Energy, &[128, 128], 512, 6).primary();
pub(super) const ACTIVATION: Param =
    Param::choice("activation", Group::Energy, "silu", &["silu", "softplus", "tanh", "elu", "relu", "sine"]).primary();
pub(super) const FEATURES: Param = Param::choice("features", Group::Energy, "fourier", &["fourier", "none"]).primary();
pub(super) const CONFINEMENT: Param = Param::number("confinement", Group::Energy, 4.0, 0.0, 100.0).primary();
pub(super) const INITIALISATION: Param = Param::choice("initialisation", Group::Energy, "he", NAMES);

const PARAMS: &[Param] =
    &[WIDTHS, ACTIVATION, FEATURES, CONFINEMENT, INITIALISATION, Param::boolean("spectralNorm", Group::Energy, false)];

pub(super) fn activation(section: &Section) -> Activation {
    match section.choice("activation") {
        "softplus" => Activation::Softplus,
        "tanh" => Activation::Tanh,
        "elu" => Activation::Elu,
        "relu" => Activation::Relu,
        "sine" => Activation::Sine,
        _ => Activation::Silu,
    }
}

/// Sizes of all layers, features and what else is fed first, the outputs last.
fn sizes(section: &Section, more: usize, outputs: usize) -> Vec<usize> {
    let features = if section.choice("features") == "fourier" { 2 + 4 * FREQUENCIES.len() } else { 2 };
    [vec![features + more], section.list("widths"), vec![outputs]].concat()
}

/// Weights and biases of the layers, with `more` inputs beside the features of x.
pub(super) fn layers(section: &Section, more: usize, outputs: usize) -> Vec<Weight> {
    of_sizes(section, "layers", &sizes(section, more, outputs))
}

/// The same with nothing but these inputs.
#[cfg(feature = "whole")]
pub(super) fn stack(section: &Section, inputs: usize, outputs: usize) -> Vec<Weight> {
    of_sizes(section, "layers", &[vec![inputs], section.list("widths"), vec![outputs]].concat())
}

/// The same of layers of these sizes, inputs first, under a name.
pub(super) fn of_sizes(section: &Section, name: &str, sizes: &[usize]) -> Vec<Weight> {
    let rule = NAMES.iter().find(|n| **n == section.choice("initialisation")).copied().unwrap_or(NAMES[0]);
    let layer = |(k, pair): (usize, &[usize])| {
        let start = |bias| Start::Layer { rule, fan_in: pair[0], fan_out: pair[1], bias };
        let weight = Weight { name: format!("{name}.{k}.weight"), shape: vec![pair[1], pair[0]], start: start(false) };
        let bias = Weight { name: format!("{name}.{k}.bias"), shape: vec![pair[1]], start: start(true) };
        [weight, bias]
    };
    sizes.windows(2).enumerate().flat_map(layer).collect()
}

/// φ(x): [n, 2] → [n, features].
pub(super) fn features<'g>(section: &Section, x: Tensor<'g>) -> Tensor<'g> {
    if section.choice("features") == "fourier" { fourier(x.graph(), x) } else { x }
}

/// The layers one after another: [n, inputs] → [n, outputs].
pub(super) fn forward<'g>(kind: Activation, weights: &[Tensor<'g>], mut h: Tensor<'g>) -> Tensor<'g> {
    let layers = weights.len() / 2;
    for (k, pair) in weights.chunks_exact(2).enumerate() {
        h = h.matmul(pair[0].t()) + pair[1];
        if k + 1 < layers {
            h = activate(kind, h);
        }
    }
    h
}

/// An activation as a composition of primitives.
pub(super) fn activate(kind: Activation, x: Tensor<'_>) -> Tensor<'_> {
    let zero = x.graph().scalar(0.0);
    match kind {
        Activation::Silu => x.silu(),
        Activation::Softplus => x.softplus(),
        Activation::Tanh => x.tanh(),
        Activation::Elu => x.step().select(x, x.minimum(zero).exp() - 1.0),
        Activation::Relu => x.step().select(x, zero),
        Activation::Sine => x.sin(),
    }
}

/// [x, sin(ωx), cos(ωx)]: [n, 2] → [n, 14]; all sines first.
fn fourier<'g>(graph: &'g Graph, x: Tensor<'g>) -> Tensor<'g> {
    let waves = |f: fn(Tensor<'g>) -> Tensor<'g>| FREQUENCIES.map(|w| f(x * (w * FRAC_PI_4)));
    let parts: Vec<_> = [x].into_iter().chain(waves(Tensor::sin)).chain(waves(Tensor::cos)).collect();
    graph.concat(&parts, 1)
}

impl Model for Mlp {
    fn id(&self) -> &'static str {
        "mlp"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"E_\theta(x) = \mathrm{MLP}_\theta(\varphi(x)) + \frac{|x|^2}{2c^2}"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        let c = section.number("confinement");
        // 0 switches the term off.
        vec![("confinement", if c > 0.0 { 0.5 / (c * c) } else { 0.0 })]
    }

    fn weights(&self, section: &Section, _space: Space) -> Vec<Weight> {
        layers(section, 0, 1)
    }

    fn effective<'g>(&self, section: &Section, scope: &Scope<'g, '_>) -> Vec<Tensor<'g>> {
        let matrix = |w: Tensor<'g>| section.flag("spectralNorm") && w.rank() == 2;
        scope.weights.iter().map(|&w| if matrix(w) { spectral::normalised(w) } else { w }).collect()
    }

    fn energy<'g>(&self, section: &Section, _given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let n = x.shape()[0];
        let weights = self.effective(section, scope);
        let h = forward(activation(section), &weights, features(section, x));
        Some(h.reshape(&[n]) + (scope.dial)("confinement") * x.square().sum(1))
    }

    fn network(&self, section: &Section, parameters: usize, dial: &dyn Fn(&str) -> usize) -> Option<Network> {
        // The fused kernels read weights as they are declared.
        if section.flag("spectralNorm") {
            return None;
        }
        let fourier = section.choice("features") == "fourier";
        let confinement = dial("confinement");
        Some(Network { sizes: sizes(section, 0, 1), activation: activation(section), fourier, confinement, parameters })
    }
}
