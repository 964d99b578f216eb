//! Two interleaved half circles.

use super::curve::{COARSE, FINE, nodes_for};
use super::mixture::Mixture;
use super::quadrature::gauss_legendre;
use super::{COUNT, Density, Extent, LogDensity, noise};
use crate::graph::Tensor;
use crate::rng::host_normal;
use crate::schema::{Param, Section};
use rand::{Rng, RngExt};
use std::f64::consts::PI;

/// A fair choice between the arcs (−1, −0.2) + 2 (cos t, sin t) and (1, 0.8) − 2 (cos t, sin t), t uniform on [0, π],
/// plus N(0, σ²I) with σ = 0.2: scikit-learn's `make_moons` with noise 0.1, times 2, plus (−1, −0.2), as in FFJORD
/// (Grathwohl et al. 2019).
pub struct TwoMoons;

const PARAMS: &[Param] = &[COUNT, noise(0.2, 0.05, 0.5)];

/// Where the arcs are at angle t.
fn arcs(t: f64) -> [[f64; 2]; 2] {
    let (sin, cos) = t.sin_cos();
    [[2.0 * cos - 1.0, 2.0 * sin - 0.2], [1.0 - 2.0 * cos, 0.8 - 2.0 * sin]]
}

/// The blurred arcs as a mixture on their Gauss–Legendre nodes, at most `spacing` standard deviations apart.
fn mixture(section: &Section, spacing: f64) -> Mixture {
    let sd = section.number("noise");
    let rule = gauss_legendre(nodes_for(2.0 * PI, spacing * sd), 0.0, PI);
    let centres = rule.iter().flat_map(|&(t, _)| arcs(t)).collect();
    let weights = rule.iter().flat_map(|&(_, w)| [0.5 * w / PI; 2]).collect();
    Mixture { centres, weights, sd }
}

impl Density for TwoMoons {
    fn id(&self) -> &'static str {
        "two-moons"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let arc = arcs(rng.random_range(0.0..PI))[usize::from(rng.random::<bool>())];
        Some(arc.map(|c| c + section.number("noise") * host_normal(rng)))
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

    #[cfg(feature = "whole")]
    fn skeleton(&self, _section: &Section) -> Vec<([f64; 2], usize)> {
        let places = (0..=64).flat_map(|i| arcs(PI * f64::from(i) / 64.0).into_iter().zip(0..));
        places.collect()
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        let width = section.number("noise");
        let reach = 6.0 * width;
        Some(Extent { bounds: [-3.0 - reach, 3.0 + reach, -1.2 - reach, 1.8 + reach], width })
    }
}
