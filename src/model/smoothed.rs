//! The model that learns nothing and knows every noise level: E(x, σ) = −log (p ∗ N(0, σ²I))(x), exactly, where p is a mixture of
//! Gaussians. What a network that was trained over many noise levels should have learned, for kernels to be studied on.

use super::levels::{EXPLODING, exploding, exploding_dials};
use super::{Ability, Given, Model, Process, Scope, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Param, Section};

/// The density itself, smoothed.
pub(super) struct Smoothed;

impl Model for Smoothed {
    fn id(&self) -> &'static str {
        "smoothed"
    }

    fn params(&self) -> &'static [Param] {
        &EXPLODING
    }

    fn formula(&self) -> &'static str {
        r"E(x, \sigma) = -\log \int p(y)\,\mathcal{N}(x; y, \sigma^2 I)\,\mathrm{d}y"
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

    fn weights(&self, _section: &Section, _space: Space) -> Vec<Weight> {
        vec![]
    }

    fn energy<'g>(&self, _section: &Section, given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let mixture = given.density.mixture(given.section)?;
        let n = x.shape()[0];
        Some(mixture.smoothed_energy(x, scope.levels(&exploding(scope), n)))
    }
}
