//! Ancestral sampling of a model of latent variables: z ~ p(z), then x ~ p(x | z). Every step is a new draw of p(x), which owes nothing
//! to the one before.

use super::{Carried, Move, STEPS, Sampler, Scope, gradient};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Kind, Param, Section};

/// Draws through the decoder.
pub(super) struct Ancestral;

const PARAMS: &[Param] = &[Param { kind: Kind::Integer { min: 1, max: 1000, default: 1 }, ..STEPS }];

/// What kernels of latent variables carry along: those of each chain.
pub(super) fn carried(latent: usize) -> Option<Carried> {
    Some(Carried { name: "latent", columns: latent })
}

/// z of chains that begin at x, [n, latent]: draws of the prior. Stream 6.
pub(super) fn begin(x: Tensor<'_>, latent: usize) -> Tensor<'_> {
    x.graph().normal(6, &[x.shape()[0], latent])
}

/// The move to a draw of p(x | z): the drift leads to its mean, the noise from there to the draw. Stream 8.
pub(super) fn emitted<'g>(scope: &Scope<'g, '_>, x: Tensor<'g>, z: Tensor<'g>) -> Move<'g> {
    let latent = scope.latent.as_ref().expect("refused without");
    let emission = (latent.decode)(z);
    let (mean, proposal) = (emission.mean(), emission.draw(8));
    let m = Move::proposed(gradient(scope, x), mean - x, proposal - mean, proposal);
    Move { carried: Some(z), ..m }
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
        Space::ALL
    }

    fn carries(&self, _section: &Section, latent: usize) -> Option<Carried> {
        carried(latent)
    }

    fn begin<'g>(&self, _section: &Section, x: Tensor<'g>, columns: usize) -> Tensor<'g> {
        begin(x, columns)
    }

    /// Stream 7 for z.
    fn step<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let z = scope.graph.normal(7, &scope.carried().shape());
        emitted(scope, x, z)
    }
}
