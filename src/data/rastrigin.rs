//! A bowl full of dimples: one mode near every whole number.

use super::quadrature::log_integral_line;
use super::{COUNT, Density, Extent, LogDensity, shape};
use crate::graph::Tensor;
use crate::rng::host_normal;
use crate::schema::{Param, Section};
use rand::{Rng, RngExt};
use std::f64::consts::{PI, TAU};

/// E(x) = Σ_i (A + x_i² − A cos 2πx_i)/T with A = `amplitude` = 10 (Rastrigin 1974). The function's own form is T =
/// `temperature` = 1, where all the mass sits in the middle nine dimples; the default 5 shows them out to ±3 and
/// makes them wide enough for the page's grid.
pub struct Rastrigin;

const PARAMS: &[Param] = &[COUNT, shape("amplitude", 10.0, 0.0, 20.0), shape("temperature", 5.0, 0.5, 20.0).log()];

/// The parameters: amplitude and temperature.
#[derive(Clone, Copy)]
struct Shape {
    amplitude: f64,
    temperature: f64,
}

impl Shape {
    fn of(section: &Section) -> Self {
        Self { amplitude: section.number("amplitude"), temperature: section.number("temperature") }
    }

    /// The energy of one coordinate.
    fn energy(self, x: f64) -> f64 {
        (x * x + self.amplitude * (1.0 - (TAU * x).cos())) / self.temperature
    }

    /// Six standard deviations of the bowl.
    fn reach(self) -> f64 {
        6.0 * (0.5 * self.temperature).sqrt()
    }

    /// Standard deviation at the bottom of a dimple: E″ = (2 + 4π²A)/T.
    fn width(self) -> f64 {
        (self.temperature / (2.0 + 4.0 * PI * PI * self.amplitude)).sqrt()
    }
}

impl Density for Rastrigin {
    fn id(&self) -> &'static str {
        "rastrigin"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    /// Rejection from the bowl, N(0, T/2), which lies above the dimples.
    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let shape = Shape::of(section);
        Some([0, 1].map(|_| {
            loop {
                let x = (0.5 * shape.temperature).sqrt() * host_normal(rng);
                if rng.random::<f64>() < (x * x / shape.temperature - shape.energy(x)).exp() {
                    return x;
                }
            }
        }))
    }

    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        let (shape, log_partition) = (Shape::of(section), self.log_partition(section));
        Some(Box::new(move |[x, y]| -shape.energy(x) - shape.energy(y) - log_partition))
    }

    /// Twice the logarithm of the line's integral, by equal steps of an eighth of the width; the tails cut off hold
    /// 10⁻⁸.
    fn log_partition(&self, section: &Section) -> f64 {
        let shape = Shape::of(section);
        2.0 * log_integral_line(|x| -shape.energy(x), [-shape.reach(), shape.reach()], shape.width() / 8.0)
    }

    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let Shape { amplitude, temperature } = Shape::of(section);
        Some((x.square() + amplitude * (1.0 - (TAU * x).cos())).sum(1) * (1.0 / temperature))
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        let shape = Shape::of(section);
        let reach = shape.reach();
        Some(Extent { bounds: [-reach, reach, -reach, reach], width: shape.width() })
    }
}
