//! A joint energy of places and classes (Grathwohl et al. 2020): E(x, y) = −MLP(φ(x))_y + |x|²/(2c²). Where nobody says the class it is
//! E(x) = −ln Σ_y exp(−E(x, y)), and p(y | x) = exp(E(x) − E(x, y)), a softmax.

use super::mlp::{ACTIVATION, CONFINEMENT, FEATURES, INITIALISATION, WIDTHS, activation, features, forward, layers};
use super::{Ability, Given, Model, Scope, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Joint multilayer perceptron.
pub(super) struct JointMlp;

/// Classes that it can tell apart.
const CLASSES: Param = Param::integer("classes", Group::Energy, 8, 2, 32).primary();

const PARAMS: &[Param] = &[CLASSES, WIDTHS, ACTIVATION, FEATURES, CONFINEMENT, INITIALISATION];

impl Model for JointMlp {
    fn id(&self) -> &'static str {
        "joint-mlp"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"E_\theta(x) = -\log \sum_y e^{-E_\theta(x, y)}, \quad E_\theta(x, y) = -\mathrm{MLP}_\theta(\varphi(x))_y + \frac{|x|^2}{2c^2}"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        super::mlp::Mlp.dials(section)
    }

    fn knows(&self) -> Option<Ability> {
        Some(Ability::Classes)
    }

    fn classes(&self, section: &Section) -> usize {
        section.count(CLASSES.name)
    }

    fn weights(&self, section: &Section, _space: Space) -> Vec<Weight> {
        layers(section, 0, self.classes(section))
    }

    fn class_energies<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let logits = forward(activation(section), &scope.weights, features(section, x));
        let confined = (scope.dial)(CONFINEMENT.name) * x.square().sum(1);
        Some(confined.reshape(&[x.shape()[0], 1]) - logits)
    }

    fn energy<'g>(&self, section: &Section, _given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let joint = self.class_energies(section, scope, x)?;
        Some(-(-joint).logsumexp(1))
    }
}
