//! Two Gaussians of unequal weight: local objectives cannot see which is the heavier.

use super::mixture::Mixture;
use super::{COUNT, Density, Extent, LogDensity, Mode, noise, shape};
use crate::graph::Tensor;
use crate::schema::{Param, Section};
use rand::Rng;

/// w N(d·1, σ²I) + (1 − w) N(−d·1, σ²I), w = 0.8. Song & Ermon 2019 (Fig. 3) use d = 5, σ = 1; the defaults are half
/// of that, so that both modes lie in the world. Only d/σ matters to what is shown; the entropy shrinks by 2 ln 2.
pub struct TwoGaussians;

const PARAMS: &[Param] =
    &[COUNT, noise(0.5, 0.1, 1.0), shape("distance", 2.5, 0.5, 5.0), shape("weight", 0.8, 0.05, 0.95)];

fn mixture(section: &Section) -> Mixture {
    let (d, weight) = (section.number("distance"), section.number("weight"));
    Mixture { centres: vec![[d, d], [-d, -d]], weights: vec![weight, 1.0 - weight], sd: section.number("noise") }
}

impl Density for TwoGaussians {
    fn id(&self) -> &'static str {
        "two-gaussians"
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
