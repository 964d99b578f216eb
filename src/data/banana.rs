//! Haario's banana: a Gaussian bent along a parabola, without changing volumes.

use super::{COUNT, Density, Extent, LogDensity, shape};
use crate::graph::Tensor;
use crate::rng::host_normal;
use crate::schema::{Param, Section};
use rand::Rng;
use std::f64::consts::{E, TAU};

/// x₁ ~ N(0, s²), x₂ + b(x₁² − s²) ~ N(0, σ²). Haario, Saksman & Tamminen 1999 take s = `spread` = 10, b = `bend` =
/// 0.03, σ = `noise` = 1; the defaults 1.5, 0.3 and 0.3 are the same shape at the size of the world.
pub struct Banana;

const PARAMS: &[Param] =
    &[COUNT, shape("noise", 0.3, 0.1, 1.0).log(), shape("spread", 1.5, 0.5, 10.0).log(), shape("bend", 0.3, 0.0, 1.0)];

/// s, b and σ.
fn law(section: &Section) -> (f64, f64, f64) {
    (section.number("spread"), section.number("bend"), section.number("noise"))
}

impl Density for Banana {
    fn id(&self) -> &'static str {
        "banana"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let (spread, bend, noise) = law(section);
        let x = spread * host_normal(rng);
        Some([x, noise * host_normal(rng) - bend * (x * x - spread * spread)])
    }

    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        let (spread, bend, noise) = law(section);
        Some(Box::new(move |[x, y]| {
            let across = (y + bend * (x * x - spread * spread)) / noise;
            -0.5 * ((x / spread).powi(2) + across * across) - (TAU * spread * noise).ln()
        }))
    }

    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let (spread, bend, noise) = law(section);
        let (x, y) = (x.column(0), x.column(1));
        let across = (y + bend * (x.square() - spread * spread)) * (1.0 / noise);
        let along = x * (1.0 / spread);
        Some(0.5 * (along.square() + across.square()) + (TAU * spread * noise).ln())
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        let (spread, bend, noise) = law(section);
        let (reach, margin, lift) = (6.0 * spread, 6.0 * noise, bend * spread * spread);
        Some(Extent { bounds: [-reach, reach, -35.0 * lift - margin, lift + margin], width: noise.min(spread) })
    }

    /// ln(2πe sσ).
    fn entropy(&self, section: &Section) -> Option<f64> {
        let (spread, _, noise) = law(section);
        Some((TAU * E * spread * noise).ln())
    }
}
