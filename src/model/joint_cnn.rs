//! A joint energy of images and classes (Grathwohl et al. 2020): E(x, y) = −CNN(x)_y, with the networks of [`super::cnn`]. Where
//! nobody says the class it is E(x) = −ln Σ_y exp(−E(x, y)), and p(y | x) = exp(E(x) − E(x, y)), a softmax.

use super::cnn::{self, ACTIVATION, INITIALISATION, SIZE};
use super::mlp::activation;
use super::{Ability, Given, Model, Scope, Weight};
use crate::data::Space;
use crate::data::idx::CLASSES;
use crate::graph::Tensor;
use crate::schema::{Param, Section};

/// Joint convolutional network.
pub(super) struct JointCnn;

impl Model for JointCnn {
    fn id(&self) -> &'static str {
        "joint-cnn"
    }

    fn params(&self) -> &'static [Param] {
        &[SIZE, ACTIVATION, INITIALISATION]
    }

    fn formula(&self) -> &'static str {
        r"E_\theta(x) = -\log \sum_y e^{-E_\theta(x, y)}, \quad E_\theta(x, y) = -\mathrm{CNN}_\theta(x)_y"
    }

    fn spaces(&self) -> &'static [Space] {
        &[Space::Images]
    }

    fn knows(&self) -> Option<Ability> {
        Some(Ability::Classes)
    }

    fn classes(&self, _section: &Section) -> usize {
        CLASSES.into()
    }

    fn weights(&self, section: &Section, _space: Space) -> Vec<Weight> {
        cnn::weights(section, CLASSES.into())
    }

    /// The last layer of an energy without classes: each class has that energy and ln 10 more, so that together they have it.
    fn related(&self, weight: &Weight, shape: &[usize], values: &[f32]) -> Option<Vec<f32>> {
        let classes = usize::from(CLASSES);
        let last = weight.shape[0] == classes && shape == [&[1], &weight.shape[1..]].concat();
        let more = if shape.len() == 1 { f64::from(CLASSES).ln() } else { 0.0 };
        let one = values.iter().map(|&v| (-f64::from(v) - more) as f32);
        last.then(|| std::iter::repeat_n(one, classes).flatten().collect())
    }

    fn class_energies<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(-cnn::of(section).outputs(activation(section), &scope.weights, x))
    }

    fn energy<'g>(&self, section: &Section, _given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let joint = self.class_energies(section, scope, x)?;
        Some(-(-joint).logsumexp(1))
    }
}
