//! A curved valley with a flat floor.

use super::{COUNT, Density, Extent, LogDensity, shape};
use crate::graph::Tensor;
use crate::rng::host_normal;
use crate::schema::{Param, Section};
use rand::Rng;
use std::f64::consts::PI;

/// E(x, y) = (b(y − x²)² + (a − x)²)/T. The classical function (Rosenbrock 1960) has a = 1, b = 100, T =
/// `temperature` = 1; its valley leaves the world and is 0.07 wide, so the defaults are b = 10 and T = 0.5.
///
/// As a density it is two Gaussians in a row: x ~ N(a, T/2), y | x ~ N(x², T/(2b)).
pub struct Rosenbrock;

const PARAMS: &[Param] =
    &[COUNT, shape("a", 1.0, -2.0, 2.0), shape("b", 10.0, 0.5, 100.0).log(), shape("temperature", 0.5, 0.1, 4.0).log()];

/// The centre of x and the standard deviations of x and of y around x².
fn law(section: &Section) -> (f64, f64, f64) {
    let temperature = section.number("temperature");
    (section.number("a"), (0.5 * temperature).sqrt(), (0.5 * temperature / section.number("b")).sqrt())
}

impl Density for Rosenbrock {
    fn id(&self) -> &'static str {
        "rosenbrock"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let (a, along, across) = law(section);
        let x = a + along * host_normal(rng);
        Some([x, x * x + across * host_normal(rng)])
    }

    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        let (a, along, across) = law(section);
        let log_partition = self.log_partition(section);
        Some(Box::new(move |[x, y]| {
            -0.5 * (((x - a) / along).powi(2) + ((y - x * x) / across).powi(2)) - log_partition
        }))
    }

    /// ln(πT/√b).
    fn log_partition(&self, section: &Section) -> f64 {
        (PI * section.number("temperature") / section.number("b").sqrt()).ln()
    }

    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let (a, along, across) = law(section);
        let (x, y) = (x.column(0), x.column(1));
        let (valley, floor) = ((y - x.square()) * (1.0 / across), (x - a) * (1.0 / along));
        Some(0.5 * (valley.square() + floor.square()))
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        let (a, along, across) = law(section);
        let (left, right) = (a - 6.0 * along, a + 6.0 * along);
        let top = left.abs().max(right.abs()).powi(2);
        Some(Extent { bounds: [left, right, -6.0 * across, top + 6.0 * across], width: across.min(along) })
    }

    /// 1 + ln Z: the mean energy is that of two degrees of freedom.
    fn entropy(&self, section: &Section) -> Option<f64> {
        Some(1.0 + self.log_partition(section))
    }
}
