//! Ancestral sampling of a model of latent variables: z ~ p(z), then x ~ p(x | z). Every step is a new draw of p(x), which owes nothing
//! to the one before.

use super::{Move, STEPS, Sampler, Scope};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::{Ability, Emission};
use crate::schema::{Kind, Param, Section};

/// Draws through the decoder.
pub(super) struct Ancestral;

const PARAMS: &[Param] = &[Param { kind: Kind::Integer { min: 1, max: 1000, default: 1 }, ..STEPS }];

/// The move to a draw of p(x | z): the drift leads to its mean, the noise from there to the draw. Stream 8.
pub(super) fn emitted<'g>(scope: &Scope<'g, '_>, x: Tensor<'g>, emission: Emission<'g>) -> Move<'g> {
    let (mean, proposal) = (emission.mean(), emission.draw(8));
    // It follows no slope.
    let level = scope.graph.constant(0.0, &x.shape());
    Move::proposed(level, mean - x, proposal - mean, proposal)
}

impl Sampler for Ancestral {
    fn id(&self) -> &'static str {
        "ancestral"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"z \sim \mathcal{N}(0, I), \quad x' \sim p(x \mid z)"
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Latent)
    }

    fn spaces(&self) -> &'static [Space] {
        Space::UNCOUNTED
    }

    /// z is drawn whatever is held.
    fn conditions(&self) -> bool {
        false
    }

    /// Stream 7 for z.
    fn step<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let latent = scope.latent.as_ref().expect("refused without");
        emitted(scope, x, (latent.decode)(scope.graph.normal(7, &[x.shape()[0], latent.size])))
    }
}
