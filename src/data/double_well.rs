//! Four wells: the smallest energy between whose modes a local sampler gets stuck.

use super::quadrature::log_integral_line;
use super::{COUNT, Density, Extent, LogDensity, Mode, shape};
use crate::graph::Tensor;
use crate::rng::host_normal;
use crate::schema::{Param, Section};
use rand::{Rng, RngExt};

/// E(x) = h Σ_i (x_i² − 1)², h = `height` = 2: wells at (±1, ±1), saddles of height h between them. The coordinates
/// are independent.
pub struct DoubleWell;

const PARAMS: &[Param] = &[COUNT, shape("height", 2.0, 0.25, 16.0).log()];

/// The energy of one coordinate.
fn well(height: f64, x: f64) -> f64 {
    height * (x * x - 1.0).powi(2)
}

/// Where the energy of one coordinate has reached 30.
fn reach(height: f64) -> f64 {
    (1.0 + (30.0 / height).sqrt()).sqrt()
}

/// Standard deviation of the parabola at the bottom of a well: E″ = 8h.
fn width(height: f64) -> f64 {
    (8.0 * height).sqrt().recip()
}

impl Density for DoubleWell {
    fn id(&self) -> &'static str {
        "double-well"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    /// Rejection from exp(−h(|x| − 1)²), which lies above exp(−h(x² − 1)²) because |x| + 1 ≥ 1.
    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let height = section.number("height");
        Some([0, 1].map(|_| {
            loop {
                let x = 1.0 + host_normal(rng) / (2.0 * height).sqrt();
                if x > 0.0 && rng.random::<f64>() < (height * (x - 1.0).powi(2) - well(height, x)).exp() {
                    return if rng.random() { x } else { -x };
                }
            }
        }))
    }

    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        let (height, log_partition) = (section.number("height"), self.log_partition(section));
        Some(Box::new(move |[x, y]| -well(height, x) - well(height, y) - log_partition))
    }

    /// Twice the logarithm of the line's integral, by equal steps of an eighth of the width: exact to 10⁻¹².
    fn log_partition(&self, section: &Section) -> f64 {
        let height = section.number("height");
        let reach = reach(height);
        2.0 * log_integral_line(|x| -well(height, x), [-reach, reach], width(height) / 8.0)
    }

    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        Some((x.square() - 1.0).square().sum(1) * section.number("height"))
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        let height = section.number("height");
        let reach = reach(height);
        Some(Extent { bounds: [-reach, reach, -reach, reach], width: width(height) })
    }

    /// The wells, by symmetry a quarter each; the standard deviation is that of the parabola at the bottom.
    fn modes(&self, section: &Section) -> Option<Vec<Mode>> {
        let sd = width(section.number("height"));
        let corners = [[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]];
        Some(corners.map(|centre| Mode { centre, weight: 0.25, sd }).to_vec())
    }
}
