//! One isotropic Gaussian at the origin.

use super::mixture::Mixture;
use super::{COUNT, Density, Extent, LogDensity, Mode, noise};
use crate::graph::Tensor;
use crate::schema::{Param, Section};
use rand::Rng;
use std::f64::consts::{E, TAU};

/// N(0, σ²I), σ = `noise`, by default 1.
pub struct Gaussian;

const PARAMS: &[Param] = &[COUNT, noise(1.0, 0.05, 2.0)];

fn mixture(section: &Section) -> Mixture {
    Mixture::even(vec![[0.0, 0.0]], section.number("noise"))
}

impl Density for Gaussian {
    fn id(&self) -> &'static str {
        "gaussian"
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

    /// |x|²/(2σ²) + ln(2πσ²).
    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let variance = section.number("noise").powi(2);
        Some(x.square().sum(1) * (0.5 / variance) + (TAU * variance).ln())
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

    /// ln(2πe σ²).
    fn entropy(&self, section: &Section) -> Option<f64> {
        Some((TAU * E * section.number("noise").powi(2)).ln())
    }
}
