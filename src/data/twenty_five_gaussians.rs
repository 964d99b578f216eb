//! Twenty-five Gaussians on a square grid: the test of mode coverage.

use super::mixture::Mixture;
use super::{COUNT, Density, Extent, LogDensity, Mode, noise, shape};
use crate::graph::Tensor;
use crate::schema::{Param, Section};
use rand::Rng;

/// 1/25 Σ N(c, σ²I), c ∈ {−2s, −s, 0, s, 2s}². With a spacing of 2 the outer centres lie on the border of the world,
/// as in the literature; 0.2 is the wider of the two standard deviations used there, which the page's quadrature grid
/// still resolves.
pub struct TwentyFiveGaussians;

const PARAMS: &[Param] = &[COUNT, noise(0.2, 0.05, 1.0), shape("spacing", 2.0, 0.5, 2.0)];

fn mixture(section: &Section) -> Mixture {
    let spacing = section.number("spacing");
    let place = |k: i32| spacing * f64::from(k - 2);
    Mixture::even((0..25).map(|k| [place(k % 5), place(k / 5)]).collect(), section.number("noise"))
}

impl Density for TwentyFiveGaussians {
    fn id(&self) -> &'static str {
        "twenty-five-gaussians"
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
