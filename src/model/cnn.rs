//! A convolutional energy of images, E(x) = CNN(x), in the shape of the deep-energy tutorial (Lippe, UvA Deep Learning
//! Tutorials 2022, no. 8; its network is −E): convolutions that halve the image, then linear layers, an activation after
//! each but the last.

use super::initialise::NAMES;
use super::mlp::{activate, activation};
use super::{Given, Model, Scope, Start, Weight};
use crate::backend::plan::Activation;
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// A convolution with square kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convolution {
    /// Channels of the result.
    pub channels: usize,
    /// Side of a kernel.
    pub side: usize,
    /// Distance of neighbouring places.
    pub stride: usize,
    /// Zeros around.
    pub padding: usize,
}

/// Shape of a network on square images with one channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cnn {
    /// Side of an image.
    pub side: usize,
    /// In their order.
    pub convolutions: &'static [Convolution],
    /// Outputs of the linear layers behind them, but for the last layer.
    pub linear: &'static [usize],
}

const fn halving(channels: usize, side: usize, padding: usize) -> Convolution {
    Convolution { channels, side, stride: 2, padding }
}

/// The tutorial's: maps of 16, 8, 4 and 2 cells a side, 76,993 parameters.
pub const TUTORIAL: Cnn = Cnn {
    side: 28,
    convolutions: &[halving(16, 5, 4), halving(32, 3, 1), halving(64, 3, 1), halving(64, 3, 1)],
    linear: &[64],
};

/// A quarter of its work, for weak machines: 19,425 parameters.
pub const SMALL: Cnn = Cnn {
    side: 28,
    convolutions: &[halving(8, 5, 4), halving(16, 3, 1), halving(32, 3, 1), halving(32, 3, 1)],
    linear: &[32],
};

/// The registered model.
pub(super) struct Registered;

pub(super) static CNN: Registered = Registered;

/// Which network.
pub(super) const SIZE: Param = Param::choice("size", Group::Energy, "tutorial", &["tutorial", "small"]).primary();
pub(super) const ACTIVATION: Param =
    Param::choice("activation", Group::Energy, "silu", &["silu", "softplus", "tanh", "elu", "relu"]).primary();
pub(super) const INITIALISATION: Param = Param::choice("initialisation", Group::Energy, "torch", NAMES);

/// The network of a section.
pub(super) fn of(section: &Section) -> Cnn {
    if section.choice(SIZE.name) == "small" { SMALL } else { TUTORIAL }
}

/// Its weights, for so many outputs.
pub(super) fn weights(section: &Section, outputs: usize) -> Vec<Weight> {
    let rule = NAMES.iter().find(|n| **n == section.choice(INITIALISATION.name)).copied().unwrap_or(NAMES[0]);
    of(section).weights(rule, outputs)
}

impl Model for Registered {
    fn id(&self) -> &'static str {
        "cnn"
    }

    fn params(&self) -> &'static [Param] {
        &[SIZE, ACTIVATION, INITIALISATION]
    }

    fn formula(&self) -> &'static str {
        r"E_\theta(x) = \mathrm{CNN}_\theta(x)"
    }

    fn spaces(&self) -> &'static [Space] {
        &[Space::Images]
    }

    fn weights(&self, section: &Section, _space: Space) -> Vec<Weight> {
        weights(section, 1)
    }

    fn energy<'g>(&self, section: &Section, _given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(of(section).energy(activation(section), &scope.weights, x))
    }
}

impl Cnn {
    /// Weights [out, in, kh, kw] or [out, in] and biases [out], layer by layer, with PyTorch's names. The first linear layer
    /// reads channel by channel, as PyTorch's `Flatten` hands them over.
    pub fn weights(&self, rule: &'static str, outputs: usize) -> Vec<Weight> {
        let (mut channels, mut side, mut weights) = (1, self.side, vec![]);
        let mut layer = |shape: Vec<usize>| {
            let (k, fan_in, fan_out) = (weights.len() / 2, shape[1..].iter().product(), shape[0]);
            let start = |bias| Start::Layer { rule, fan_in, fan_out, bias };
            weights.push(Weight { name: format!("layers.{k}.weight"), shape, start: start(false) });
            weights.push(Weight { name: format!("layers.{k}.bias"), shape: vec![fan_out], start: start(true) });
        };
        for c in self.convolutions {
            layer(vec![c.channels, channels, c.side, c.side]);
            channels = c.channels;
            side = (side + 2 * c.padding - c.side) / c.stride + 1;
        }
        let mut inputs = channels * side * side;
        for &outputs in self.linear.iter().chain([&outputs]) {
            layer(vec![outputs, inputs]);
            inputs = outputs;
        }
        weights
    }

    /// E(x), of a network with one output: images [n, side²] → [n].
    pub fn energy<'g>(&self, activation: Activation, weights: &[Tensor<'g>], x: Tensor<'g>) -> Tensor<'g> {
        self.outputs(activation, weights, x).reshape(&[x.shape()[0]])
    }

    /// Images [n, side²] → [n, outputs].
    pub fn outputs<'g>(&self, activation: Activation, weights: &[Tensor<'g>], x: Tensor<'g>) -> Tensor<'g> {
        let n = x.shape()[0];
        let mut h = x.reshape(&[n, self.side, self.side, 1]);
        let (convolutions, linear) = weights.split_at(2 * self.convolutions.len());
        for (c, pair) in self.convolutions.iter().zip(convolutions.chunks_exact(2)) {
            h = activate(activation, h.convolve(pair[0], c.stride, c.padding) + pair[1]);
        }
        // Channels lie last here.
        h = h.transpose(&[0, 3, 1, 2]);
        h = h.reshape(&[n, h.len() / n]);
        for (k, pair) in linear.chunks_exact(2).enumerate() {
            h = h.matmul(pair[0].t()) + pair[1];
            if k < self.linear.len() {
                h = activate(activation, h);
            }
        }
        h
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tutorials_network_has_its_number_of_parameters() {
        let weights = TUTORIAL.weights("torch", 1);
        assert_eq!(weights.iter().map(Weight::len).sum::<usize>(), 76_993);
        assert_eq!(SMALL.weights("torch", 1).iter().map(Weight::len).sum::<usize>(), 19_425);
        let shapes: Vec<_> = weights.iter().step_by(2).map(|w| w.shape.clone()).collect();
        let wanted: [&[usize]; 6] =
            [&[16, 1, 5, 5], &[32, 16, 3, 3], &[64, 32, 3, 3], &[64, 64, 3, 3], &[64, 256], &[1, 64]];
        assert_eq!(shapes, wanted);
        assert_eq!(weights[11].name, "layers.5.bias");
    }
}
