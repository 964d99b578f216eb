//! Eight Gaussians on a circle.

use super::mixture::Mixture;
use super::{COUNT, Density, Extent, LogDensity, Mode, noise, shape};
use crate::graph::Tensor;
use crate::schema::{Param, Section};
use rand::Rng;
use std::f64::consts::FRAC_PI_4;

/// 1/8 Σ_k N(r (cos kπ/4, sin kπ/4), σ²I). The defaults are those of FFJORD's toy data (Grathwohl et al. 2019), which
/// draws centres of radius 4 with standard deviation 0.5 and divides by 1.414.
pub struct EightGaussians;

const PARAMS: &[Param] = &[COUNT, noise(0.5 / 1.414, 0.02, 1.0), shape("radius", 4.0 / 1.414, 0.5, 4.0)];

fn mixture(section: &Section) -> Mixture {
    let radius = section.number("radius");
    let centre = |k: i32| [radius * (FRAC_PI_4 * f64::from(k)).cos(), radius * (FRAC_PI_4 * f64::from(k)).sin()];
    Mixture::even((0..8).map(centre).collect(), section.number("noise"))
}

impl Density for EightGaussians {
    fn id(&self) -> &'static str {
        "eight-gaussians"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        Some(mixture(section).sample(rng))
    }

    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        Some(mixture(section).log_density())
    }

    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(mixture(section).energy(x))
    }

    #[cfg(feature = "whole")]
    fn mixture(&self, section: &Section) -> Option<Mixture> {
        Some(mixture(section))
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        Some(mixture(section).extent())
    }

    fn modes(&self, section: &Section) -> Option<Vec<Mode>> {
        Some(mixture(section).modes())
    }
}
