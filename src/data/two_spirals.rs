//! Two spirals, one the half turn of the other.

use super::curve::{COARSE, FINE, nodes_for, spiral_length, spiral_nodes};
use super::quadrature::{LogSum, gauss_legendre};
use super::{COUNT, Density, Extent, LogDensity, noise};
use crate::graph::Tensor;
use crate::rng::host_normal;
use crate::schema::{Param, Section};
use rand::{Rng, RngExt};
use std::f64::consts::{LN_2, PI, TAU};

/// n = 3π√u, x = ±[(−n cos n, n sin n)/3 + j] + N(0, σ²I), u uniform on [0, 1], each coordinate of the jitter j
/// uniform on [0, 1/6], σ = 0.1 (FFJORD, Grathwohl et al. 2019).
///
/// n has the density 2n/(3π)² on [0, 3π]; given n, the two coordinates are independent, each a blurred uniform one:
/// p(x) = ½ Σ_± ∫ g(±x₁ − c₁(n)) g(±x₂ − c₂(n)) 2n/(3π)² dn, g(v) = 6 ∫₀^⅙ N(v − j; 0, σ²) dj.
pub struct TwoSpirals;

const PARAMS: &[Param] = &[COUNT, noise(0.1, 0.08, 0.5)];
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
        Some(arm(END * u.sqrt()).map(|c| sign * (c + rng.random_range(0.0..JITTER)) + sd * host_normal(rng)))
    }

    /// Along the arm the error is that of [`FINE`]. Twelve Gauss–Legendre nodes across the jitter, against the closed
    /// form by error functions: below 10⁻¹³ at σ = 0.1 within eight σ of the arm.
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
            // No term exceeds exp(−precision · gap²); those far below the largest such bound cannot matter. Of the margin
            // of 50, ten are for how far the largest term itself may lie below its bound.
            let bound = |sign: f64, ([cx, cy], log_weight): ([f64; 2], f64)| {
                log_weight - precision * (gap(sign * x[0] - cx).powi(2) + gap(sign * x[1] - cy).powi(2))
            };
            let bounds = [1.0, -1.0].map(|sign| nodes.iter().map(|&node| bound(sign, node)).collect::<Vec<_>>());
            let floor = bounds.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max) - 50.0;
            let mut sum = LogSum::new();
            for (sign, bounds) in [1.0, -1.0].into_iter().zip(&bounds) {
                for (([cx, cy], log_weight), _) in nodes.iter().zip(bounds).filter(|(_, bound)| **bound > floor) {
                    sum.add(log_weight + blur(sign * x[0] - cx) + blur(sign * x[1] - cy));
                }
            }
            sum.value() - constant
        }))
    }

    /// The jitter's uniform law is replaced by two even points at ±δ and the blur widened to τ² = σ² + w²/12 − δ², δ²
    /// = √0.6 w²/12, w = 1/6, which keeps its first five moments; two points are a cosh. At the default E is good to
    /// 10⁻³ up to two standard deviations beside the arm and to 0.05 up to four, where p has fallen by e⁻⁸.
    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let sd = section.number("noise");
        let uniform = JITTER * JITTER / 12.0;
        let offset = 0.6f64.sqrt() * uniform;
        let variance = sd * sd + uniform - offset;
        let nodes = nodes(COARSE * variance.sqrt());
        let table = |values: Vec<f64>| x.graph().literal(&values, &[1, values.len()]);
        // The second arm is the half turn of the first, jitter included.
        let blur = |axis: usize| {
            let places: Vec<_> = nodes.iter().map(|(centre, _)| centre[axis] + 0.5 * JITTER).collect();
            let v =
                x.narrow(1, axis..axis + 1) - table(places.iter().copied().chain(places.iter().map(|c| -c)).collect());
            let bend = v * (offset.sqrt() / variance);
            // ln cosh z = ln(1 + e²ᶻ) − z − ln 2.
            v.square() * (-0.5 / variance) + (2.0 * bend).softplus() - bend
        };
        let log_weights = table(nodes.iter().chain(&nodes).map(|(_, weight)| weight.ln()).collect());
        let constant = offset / variance + (2.0 * TAU * variance).ln() + 2.0 * LN_2;
        Some(constant - (log_weights + blur(0) + blur(1)).logsumexp(1))
    }

    #[cfg(feature = "whole")]
    fn skeleton(&self, _section: &Section) -> Vec<([f64; 2], usize)> {
        let middle = |i: i32| arm(END * f64::from(i) / 200.0).map(|c| c + 0.5 * JITTER);
        (0..=200).flat_map(|i| [(middle(i), 0), (middle(i).map(|c| -c), 1)]).collect()
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        let width = section.number("noise");
        let reach = END / 3.0 + JITTER + 6.0 * width;
        Some(Extent { bounds: [-reach, reach, -reach, reach], width })
    }
}
