//! Two spirals, one the half turn of the other.

use super::curve::{FINE, nodes_for, spiral_length, spiral_nodes};
use super::mixture::normal;
use super::quadrature::{LogSum, gauss_legendre};
use super::{COUNT, Density, Extent, LogDensity, noise};
use crate::schema::{Param, Section};
use rand::{Rng, RngExt};
use std::f64::consts::{PI, TAU};

/// n = 3π√u, x = ±[(−n cos n, n sin n)/3 + j] + N(0, σ²I), u uniform on [0, 1], each coordinate of the jitter j
/// uniform on [0, 1/6], σ = 0.1 (FFJORD, Grathwohl et al. 2019).
///
/// n has the density 2n/(3π)² on [0, 3π]; given n, the two coordinates are independent, each a blurred uniform one:
/// p(x) = ½ Σ_± ∫ g(±x₁ − c₁(n)) g(±x₂ − c₂(n)) 2n/(3π)² dn, g(v) = 6 ∫₀^⅙ N(v − j; 0, σ²) dj.
pub struct TwoSpirals;

const PARAMS: &[Param] = &[COUNT, noise(0.1, 0.05, 0.5)];
const END: f64 = 3.0 * PI;
const JITTER: f64 = 1.0 / 6.0;

/// The first arm without jitter and noise.
fn arm(n: f64) -> [f64; 2] {
    [-n * n.cos() / 3.0, n * n.sin() / 3.0]
}

/// Nodes of ∫ … 2n/(3π)² dn: places on the first arm with weights that sum to 1, at most `spacing` apart.
fn nodes(spacing: f64) -> Vec<([f64; 2], f64)> {
    let rule = spiral_nodes(0.0, END, nodes_for(spiral_length(END) / 3.0, spacing));
    rule.into_iter().map(|(n, w)| (arm(n), w * 2.0 * n / (END * END))).collect()
}

/// The distance of v from the interval [0, 1/6].
fn gap(v: f64) -> f64 {
    (v - v.clamp(0.0, JITTER)).abs()
}

impl Density for TwoSpirals {
    fn id(&self) -> &'static str {
        "two-spirals"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let sign = if rng.random() { 1.0 } else { -1.0 };
        let u: f64 = rng.random();
        let sd = section.number("noise");
        Some(arm(END * u.sqrt()).map(|c| sign * (c + rng.random_range(0.0..JITTER)) + sd * normal(rng)))
    }

    /// Along the arm the error is that of [`FINE`]. Twelve Gauss–Legendre nodes across the jitter, against the closed form by
    /// error functions: below 10⁻¹³ at σ = 0.1 and 10⁻⁸ at σ = 0.05, within eight σ of the arm.
    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        let sd = section.number("noise");
        let precision = 0.5 / (sd * sd);
        let constant = (2.0 * TAU * sd * sd).ln();
        let nodes: Vec<_> = nodes(FINE * sd).into_iter().map(|(centre, weight)| (centre, weight.ln())).collect();
        let rule = gauss_legendre(12, 0.0, JITTER);
        let blur = move |v: f64| {
            let near = gap(v);
            let sum: f64 = rule.iter().map(|(j, w)| w * (precision * (near * near - (v - j) * (v - j))).exp()).sum();
            (sum / JITTER).ln() - precision * near * near
        };
        Some(Box::new(move |x| {
            // No term exceeds exp(−precision · gap²); those far below the largest such bound cannot matter. The margin
            // of 60 leaves 20 for how far the largest term itself may lie below its bound.
            let bound = |&([cx, cy], log_weight): &([f64; 2], f64), sign: f64| {
                log_weight - precision * (gap(sign * x[0] - cx).powi(2) + gap(sign * x[1] - cy).powi(2))
            };
            let highest = |sign: f64| nodes.iter().map(|node| bound(node, sign)).fold(f64::NEG_INFINITY, f64::max);
            let floor = highest(1.0).max(highest(-1.0)) - 60.0;
            let mut sum = LogSum::new();
            for sign in [1.0, -1.0] {
                for node in nodes.iter().filter(|node| bound(node, sign) > floor) {
                    let ([cx, cy], log_weight) = *node;
                    sum.add(log_weight + blur(sign * x[0] - cx) + blur(sign * x[1] - cy));
                }
            }
            sum.value() - constant
        }))
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        let width = section.number("noise");
        let reach = END / 3.0 + JITTER + 6.0 * width;
        Some(Extent { bounds: [-reach, reach, -reach, reach], width })
    }
}
