//! A spiral with one arm.

use super::curve::{COARSE, FINE, nodes_for, spiral_length, spiral_nodes};
use super::mixture::Mixture;
use super::{COUNT, Density, Extent, LogDensity, noise};
use crate::graph::Tensor;
use crate::rng::host_normal;
use crate::schema::{Param, Section};
use rand::{Rng, RngExt};
use std::f64::consts::PI;

/// x = t (cos t, sin t)/5, t uniform on [1.5π, 4.5π], plus N(0, σ²I) with σ = 0.2: scikit-learn's `make_swiss_roll`
/// with noise 1 seen along its axis, divided by 5, as in FFJORD (Grathwohl et al. 2019).
pub struct SwissRoll;

const PARAMS: &[Param] = &[COUNT, noise(0.2, 0.05, 0.5)];
const FROM: f64 = 1.5 * PI;
const TO: f64 = 4.5 * PI;

fn spiral(t: f64) -> [f64; 2] {
    [t * t.cos() / 5.0, t * t.sin() / 5.0]
}

/// The blurred spiral as a mixture on nodes that are at most `spacing` standard deviations apart.
fn mixture(section: &Section, spacing: f64) -> Mixture {
    let sd = section.number("noise");
    let length = (spiral_length(TO) - spiral_length(FROM)) / 5.0;
    let rule = spiral_nodes(FROM, TO, nodes_for(length, spacing * sd));
    let centres = rule.iter().map(|&(t, _)| spiral(t)).collect();
    let weights = rule.iter().map(|&(_, w)| w / (TO - FROM)).collect();
    Mixture { centres, weights, sd }
}

impl Density for SwissRoll {
    fn id(&self) -> &'static str {
        "swiss-roll"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        Some(spiral(rng.random_range(FROM..TO)).map(|c| c + section.number("noise") * host_normal(rng)))
    }

    /// Relative error of p: see [`FINE`].
    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        Some(mixture(section, FINE).log_density())
    }

    /// Error of E: see [`COARSE`].
    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(mixture(section, COARSE).energy(x))
    }

    #[cfg(feature = "whole")]
    fn mixture(&self, section: &Section) -> Option<Mixture> {
        Some(mixture(section, COARSE))
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        Some(mixture(section, FINE).extent())
    }
}
