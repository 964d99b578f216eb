//! Clamping: samples that keep some coordinates are draws of the conditional density of the others. In the plane x or y is
//! held; of images any pixels are, and the samples fill in the rest.
//!
//! Kernels need not know. The energy that they are handed reads the clamped coordinates where they are held, so it does not
//! depend on theirs: along them every kernel has no slope, no drift and no say in what is accepted, and what it does there is
//! undone behind it.

use super::Move;
use crate::graph::{Graph, Tensor};
use crate::schema::{Group, Param, Section};

/// Where the samples' x is held; null where it is free.
pub(super) const CLAMP_X: Param = Param::optional("clampX", Group::Sampler, -8.0, 8.0);
/// The same of y.
pub(super) const CLAMP_Y: Param = Param::optional("clampY", Group::Sampler, -8.0, 8.0);

const CLAMPS: [Param; 2] = [CLAMP_X, CLAMP_Y];

/// Values that the graph reads as dials, by name: those coordinates that are held.
pub fn dials(section: &Section) -> Vec<(&'static str, f64)> {
    CLAMPS.iter().filter_map(|p| held(section, p).map(|value| (p.name, value))).collect()
}

/// Where a section holds a coordinate, if it does. Kernels that noise takes from level to level hold none: what is held would have to
/// be as noisy as the rest.
fn held(section: &Section, clamp: &Param) -> Option<f64> {
    section.declares(clamp.name).then(|| section.optional(clamp.name)).flatten()
}

/// The coordinates that are held.
#[derive(Clone, Copy)]
pub struct Clamp<'g> {
    /// [1, d]: 1 where a coordinate is free, 0 where it is held.
    pub free: Tensor<'g>,
    /// [1, d]: where it is held; anything where it is free.
    pub kept: Tensor<'g>,
}

impl<'g> Clamp<'g> {
    /// What a section holds in the plane, if anything.
    pub fn of(graph: &'g Graph, section: &Section, dial: &dyn Fn(&str) -> Tensor<'g>) -> Option<Self> {
        let held = CLAMPS.map(|p| held(section, &p).map(|_| dial(p.name)));
        let row = |of: &dyn Fn(Option<Tensor<'g>>) -> Tensor<'g>| {
            graph.concat(&held.map(|value| of(value).broadcast_to(&[1, 1])), 1)
        };
        held.iter().any(Option::is_some).then(|| Self {
            free: row(&|value| graph.scalar(if value.is_some() { 0.0 } else { 1.0 })),
            kept: row(&|value| value.unwrap_or_else(|| graph.scalar(0.0))),
        })
    }

    /// x [n, d] where it is held.
    pub fn pin(&self, x: Tensor<'g>) -> Tensor<'g> {
        self.free.select(x, self.kept)
    }

    /// A vector [n, d] without its part along what is held.
    pub fn still(&self, v: Tensor<'g>) -> Tensor<'g> {
        self.free.select(v, v.graph().scalar(0.0))
    }

    /// A kernel's move as the samples make it.
    pub fn apply(&self, m: Move<'g>) -> Move<'g> {
        let d = self.free.len();
        let along = |path: Tensor<'g>| self.pin(path.reshape(&[path.len() / d, d])).reshape(&path.shape());
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
