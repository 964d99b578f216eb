//! Persistent contrastive divergence (Tieleman 2008) with a replay buffer (Du & Mordatch 2019): the chains go on from
//! update to update, a few of them start anew each time. The loss is that of contrastive divergence.

use super::contrastive_divergence::{FORMULA, REGULARISATION, TERMS, loss};
use super::{DATA_NOISE, Loss, Negatives, Objective, Scope, Term, replay_buffer};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Param, Section};

/// PCD.
pub(super) struct PersistentContrastiveDivergence;

const PARAMS: &[Param] =
    &[REGULARISATION, DATA_NOISE, replay_buffer::SIZE, replay_buffer::REINITIALISE, replay_buffer::RESTART_FROM];

impl Objective for PersistentContrastiveDivergence {
    fn id(&self) -> &'static str {
        "persistent-contrastive-divergence"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        FORMULA
    }

    fn terms(&self) -> &'static [Term] {
        TERMS
    }

    fn spaces(&self) -> &'static [Space] {
        Space::ALL
    }

    fn negatives(&self) -> Negatives {
        Negatives::FromBuffer
    }

    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        negatives: Tensor<'g>,
    ) -> Loss<'g> {
        loss(scope, batch, negatives)
    }
}
