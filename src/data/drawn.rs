//! The visitor's own points: placed, sprayed, pasted or imported.

use super::{Density, Extent, LogDensity};
use crate::graph::Tensor;
use crate::schema::{Param, Section};
use rand::Rng;

/// A set without a density behind it. Its points come from the visitor, so nothing can be drawn and no truth is known.
pub struct Drawn;

impl Density for Drawn {
    fn id(&self) -> &'static str {
        "drawn"
    }

    fn params(&self) -> &'static [Param] {
        &[]
    }

    fn sample(&self, _section: &Section, _rng: &mut dyn Rng) -> Option<[f64; 2]> {
        None
    }

    fn log_density(&self, _section: &Section) -> Option<LogDensity> {
        None
    }

    fn energy<'g>(&self, _section: &Section, _x: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }

    fn extent(&self, _section: &Section) -> Option<Extent> {
        None
    }
}
