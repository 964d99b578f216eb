//! The model that learns nothing: the density's own −log p (or the given energy), so that samplers can be studied alone.

use super::{Given, Model, Scope, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Param, Section};

/// The density itself.
pub(super) struct Exact;

impl Model for Exact {
    fn id(&self) -> &'static str {
        "exact"
    }

    fn params(&self) -> &'static [Param] {
        &[]
    }

    fn formula(&self) -> &'static str {
        r"E(x) = -\log p(x)"
    }

    fn weights(&self, _section: &Section, _space: Space) -> Vec<Weight> {
        vec![]
    }

    fn energy<'g>(
        &self,
        _section: &Section,
        given: Given,
        _scope: &Scope<'g, '_>,
        x: Tensor<'g>,
    ) -> Option<Tensor<'g>> {
        given.density.energy(given.section, x)
    }
}
