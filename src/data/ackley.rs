//! Ackley's function: a deep hole in a rough plain that levels off, so that only a box makes a density of it.

use super::quadrature::log_integral_plane;
use super::walls::{inside_box, wall};
use super::{COUNT, Density, Domain, Extent, LogDensity, shape};
use crate::graph::Tensor;
use crate::schema::{Param, Section};
use rand::{Rng, RngExt};
use std::f64::consts::{E, TAU};

/// E(x) = (20 + e − 20 exp(−0.2 √(½ Σ x_i²)) − exp(½ Σ cos 2πx_i))/T (Ackley 1987), T = `temperature`; the function's
/// own form is T = 1, the default 2 lets the dimples around the hole show. TE never exceeds 22.35: exp(−E) has no
/// integral over the plane, and the density is that of the box [−4, 4]².
pub struct Ackley;

const PARAMS: &[Param] = &[COUNT, shape("temperature", 2.0, 1.0, 10.0).log()];
const BOX: [f64; 4] = [-4.0, 4.0, -4.0, 4.0];

/// TE.
fn function([x, y]: [f64; 2]) -> f64 {
    20.0 + E - 20.0 * (-0.2 * (0.5 * (x * x + y * y)).sqrt()).exp() - (0.5 * ((TAU * x).cos() + (TAU * y).cos())).exp()
}

impl Density for Ackley {
    fn id(&self) -> &'static str {
        "ackley"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    /// Rejection from the uniform law on the box: E ≥ 0.
    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let temperature = section.number("temperature");
        loop {
            let x = [rng.random_range(-4.0..4.0), rng.random_range(-4.0..4.0)];
            if rng.random::<f64>() < (-function(x) / temperature).exp() {
                return Some(x);
            }
        }
    }

    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        let (temperature, log_partition) = (section.number("temperature"), self.log_partition(section));
        Some(Box::new(move |x| {
            let inside = x.iter().all(|c| (-4.0..=4.0).contains(c));
            if inside { -function(x) / temperature - log_partition } else { f64::NEG_INFINITY }
        }))
    }

    fn domain(&self) -> Domain {
        Domain::Box(BOX)
    }

    /// By a midpoint rule on one quadrant, four times over. The tip of the cone at the origin, where E is not smooth,
    /// leaves the largest error: 3·10⁻⁷ at T = 1 and less above.
    fn log_partition(&self, section: &Section) -> f64 {
        let temperature = section.number("temperature");
        log_integral_plane(|x| -function(x) / temperature, [0.0, 4.0, 0.0, 4.0], 1.0 / 128.0) + 4f64.ln()
    }

    /// Behind the box stands a wall.
    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        // The crumb keeps the slope of the root finite at the tip of the cone; it moves E by 10⁻⁶.
        let cone = 20.0 * (-0.2 * (0.5 * x.square().sum(1) + 1e-13).sqrt()).exp();
        let dimples = (0.5 * (TAU * x).cos().sum(1)).exp();
        let energy = (20.0 + E - cone - dimples) * (1.0 / section.number("temperature"));
        Some(wall(energy, inside_box(x), x))
    }

    /// The width is a third of that of a dimple, where the second derivative of the cosines' part is at most 2π²e; a third,
    /// because at the tip of the cone a midpoint rule converges like the third power of its step only.
    fn extent(&self, section: &Section) -> Option<Extent> {
        let width = (section.number("temperature") / (0.5 * TAU * TAU * E)).sqrt() / 3.0;
        Some(Extent { bounds: BOX, width })
    }
}
