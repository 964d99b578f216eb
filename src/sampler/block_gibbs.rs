//! Block Gibbs sampling of a model with hidden units (Hinton 2002, §3; Geman & Geman 1984): all hidden units are drawn at once given the
//! visible ones, h ~ p(h | x), then all visible ones given those, x' ~ p(x | h). The joint law of x and h stays exactly invariant, and
//! with it p(x) ∝ exp(−E(x)).

use super::{Move, STEPS, Sampler, Scope, gradient};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::{Ability, drawn};
use crate::schema::{Kind, Param, Section};

/// Block Gibbs.
pub(super) struct BlockGibbs;

const PARAMS: &[Param] = &[Param { kind: Kind::Integer { min: 1, max: 1000, default: 1 }, ..STEPS }];

impl Sampler for BlockGibbs {
    fn id(&self) -> &'static str {
        "block-gibbs"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"h \sim p(h \mid x), \quad x' \sim p(x \mid h)"
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Hidden)
    }

    fn spaces(&self) -> &'static [Space] {
        Space::BINARY
    }

    /// The drift leads to the mean of p(x | h), the noise from there to the draw. Streams: 7 for h, 8 for x'.
    fn step<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let layers = scope.layers.as_ref().expect("refused without");
        let log_odds = (layers.visible)(drawn(scope.graph, (layers.hidden)(x), 7));
        let proposal = 2.0 * drawn(scope.graph, log_odds, 8) - 1.0;
        let mean = 2.0 * log_odds.sigmoid() - 1.0;
        Move::proposed(gradient(scope, x), mean - x, proposal - mean, proposal)
    }
}
