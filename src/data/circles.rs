//! Two concentric circles.

use super::annuli::Annuli;
use super::{COUNT, Density, Extent, LogDensity, noise};
use crate::graph::Tensor;
use crate::schema::{Param, Section};
use rand::Rng;

/// Radii 3 and 1.5, uniform angle, plus N(0, σ²I) with σ = 0.24 (scikit-learn's `make_circles` with factor 0.5 and
/// noise 0.08, times 3, as in FFJORD).
pub struct Circles;

const PARAMS: &[Param] = &[COUNT, noise(0.24, 0.05, 0.5)];

fn annuli(section: &Section) -> Annuli {
    Annuli { radii: &[1.5, 3.0], sd: section.number("noise") }
}

impl Density for Circles {
    fn id(&self) -> &'static str {
        "circles"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        Some(annuli(section).sample(rng))
    }

    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        Some(annuli(section).log_density())
    }

    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(annuli(section).energy(x))
    }

    #[cfg(feature = "whole")]
    fn skeleton(&self, section: &Section) -> Vec<([f64; 2], usize)> {
        annuli(section).skeleton()
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        Some(annuli(section).extent())
    }
}
