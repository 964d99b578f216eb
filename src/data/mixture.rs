//! Gaussian mixtures with one common standard deviation: sets of blobs, and thin curves as their quadrature.

use super::quadrature::LogSum;
use super::{Extent, LogDensity, Mode};
use crate::graph::Tensor;
use crate::rng::host_normal;
use rand::{Rng, RngExt};
use std::f64::consts::PI;

/// p(x) = Σ_k w_k N(x; c_k, σ²I), Σ w_k = 1.
#[derive(Debug, Clone)]
pub struct Mixture {
    /// c_k, in the world.
    pub centres: Vec<[f64; 2]>,
    /// w_k.
    pub weights: Vec<f64>,
    /// σ.
    pub sd: f64,
}

impl Mixture {
    /// A mixture whose components weigh the same.
    pub fn even(centres: Vec<[f64; 2]>, sd: f64) -> Self {
        let weights = vec![1.0 / centres.len() as f64; centres.len()];
        Self { centres, weights, sd }
    }

    /// ln p(x) = ln Σ_k exp(ln w_k − |x − c_k|²/(2σ²)) − ln(2πσ²): finite everywhere.
    pub fn log_density(self) -> LogDensity {
        let precision = 0.5 / (self.sd * self.sd);
        let constant = (2.0 * PI * self.sd * self.sd).ln();
        let components: Vec<_> = self.centres.into_iter().zip(self.weights.iter().map(|w| w.ln())).collect();
        Box::new(move |[x, y]| {
            let mut sum = LogSum::new();
            for &([cx, cy], log_weight) in &components {
                sum.add(log_weight - precision * ((x - cx).powi(2) + (y - cy).powi(2)));
            }
            sum.value() - constant
        })
    }

    /// −ln p. x: [n, 2] → [n]. From differences, not from |x|² − 2x·c + |c|²: in single precision that loses what
    /// thin curves need.
    pub fn energy<'g>(&self, x: Tensor<'g>) -> Tensor<'g> {
        let precision = 0.5 / (self.sd * self.sd);
        let constant = (2.0 * PI * self.sd * self.sd).ln();
        constant - (self.log_weights(x) - precision * self.squared_distances(x)).logsumexp(1)
    }

    /// −ln (p ∗ N(0, σ²I)), whose components have the variance s² + σ². x: [n, 2], σ: [n] → [n].
    #[cfg(feature = "whole")]
    pub fn smoothed_energy<'g>(&self, x: Tensor<'g>, sigma: Tensor<'g>) -> Tensor<'g> {
        let variance = sigma.square() + self.sd * self.sd;
        let exponent = self.squared_distances(x) / (2.0 * variance).reshape(&[x.shape()[0], 1]);
        (2.0 * PI * variance).ln() - (self.log_weights(x) - exponent).logsumexp(1)
    }

    /// [1, k].
    fn log_weights<'g>(&self, x: Tensor<'g>) -> Tensor<'g> {
        let values: Vec<_> = self.weights.iter().map(|w| w.ln()).collect();
        x.graph().literal(&values, &[1, values.len()])
    }

    /// From every point to every centre, [n, k].
    fn squared_distances<'g>(&self, x: Tensor<'g>) -> Tensor<'g> {
        let away = |i: usize| {
            let places: Vec<_> = self.centres.iter().map(|c| c[i]).collect();
            (x.narrow(1, i..i + 1) - x.graph().literal(&places, &[1, places.len()])).square()
        };
        away(0) + away(1)
    }

    /// One draw.
    pub fn sample(&self, rng: &mut dyn Rng) -> [f64; 2] {
        let mut left: f64 = rng.random();
        let last = self.centres.len() - 1;
        // Rounding may leave a crumb after the last weight; it belongs to the last component.
        let k = self.weights.iter().position(|w| {
            left -= w;
            left < 0.0
        });
        self.centres[k.unwrap_or(last)].map(|c| c + self.sd * host_normal(rng))
    }

    /// Every centre and six standard deviations.
    pub fn extent(&self) -> Extent {
        let reach = 6.0 * self.sd;
        let mut bounds = [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY];
        for &[x, y] in &self.centres {
            let wider = [
                bounds[0].min(x - reach),
                bounds[1].max(x + reach),
                bounds[2].min(y - reach),
                bounds[3].max(y + reach),
            ];
            bounds = wider;
        }
        Extent { bounds, width: self.sd }
    }

    /// One mode a component.
    pub fn modes(self) -> Vec<Mode> {
        let sd = self.sd;
        self.centres.into_iter().zip(self.weights).map(|(centre, weight)| Mode { centre, weight, sd }).collect()
    }
}
