//! Clamping: samples that keep one coordinate are draws of the conditional density of the other.
//!
//! Kernels need not know. The energy that they are handed reads the clamped coordinate where it is held, so it does not depend
//! on theirs: along it every kernel has no slope, no drift and no say in what is accepted, and what it does there is undone
//! behind it.

use super::Move;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Where the samples' x is held; null where it is free.
pub(super) const CLAMP_X: Param = Param::optional("clampX", Group::Sampler, -8.0, 8.0);
/// The same of y.
pub(super) const CLAMP_Y: Param = Param::optional("clampY", Group::Sampler, -8.0, 8.0);

const CLAMPS: [Param; 2] = [CLAMP_X, CLAMP_Y];

/// Values that the graph reads as dials, by name: those coordinates that are held.
pub fn dials(section: &Section) -> Vec<(&'static str, f64)> {
    CLAMPS.iter().filter_map(|p| section.optional(p.name).map(|value| (p.name, value))).collect()
}

/// The coordinates that are held.
#[derive(Clone, Copy)]
pub struct Clamp<'g>([Option<Tensor<'g>>; 2]);

impl<'g> Clamp<'g> {
    /// What a section holds, if anything.
    pub fn of(section: &Section, dial: &dyn Fn(&str) -> Tensor<'g>) -> Option<Self> {
        let held = CLAMPS.map(|p| section.optional(p.name).map(|_| dial(p.name)));
        held.iter().any(Option::is_some).then_some(Self(held))
    }

    /// x [n, 2] where it is held.
    pub fn pin(&self, x: Tensor<'g>) -> Tensor<'g> {
        let n = x.shape()[0];
        let columns = [0, 1].map(|i| match self.0[i] {
            Some(value) => value.broadcast_to(&[n, 1]),
            None => x.narrow(1, i..i + 1),
        });
        x.graph().concat(&columns, 1)
    }

    /// A vector [n, 2] without its part along what is held.
    fn still(&self, v: Tensor<'g>) -> Tensor<'g> {
        let zero = v.graph().scalar(0.0);
        Self(self.0.map(|held| held.map(|_| zero))).pin(v)
    }

    /// A kernel's move as the samples make it.
    pub fn apply(&self, m: Move<'g>) -> Move<'g> {
        let along = |path: Tensor<'g>| self.pin(path.reshape(&[path.len() / 2, 2])).reshape(&path.shape());
        Move {
            path: m.path.map(along),
            position: self.pin(m.position),
            proposal: self.pin(m.proposal),
            drift: self.still(m.drift),
            noise: self.still(m.noise),
            ..m
        }
    }
}
