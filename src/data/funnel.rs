//! Neal's funnel: a density whose scale changes by orders of magnitude, so that no step size fits all of it.

use super::{COUNT, Density, Extent, LogDensity, shape};
use crate::graph::Tensor;
use crate::rng::host_normal;
use crate::schema::{Param, Section};
use rand::Rng;
use std::f64::consts::{E, TAU};

/// Coordinates (v, x): v ~ N(0, s²), x | v ~ N(0, eᵛ), s = `spread` (Neal 2003, with one x). Neal's s = 3 reaches
/// from e⁻⁴·⁵ to e⁴·⁵ within three standard deviations; the default 1 keeps the bell in the world.
pub struct Funnel;

const PARAMS: &[Param] = &[COUNT, shape("spread", 1.0, 0.25, 3.0)];

impl Density for Funnel {
    fn id(&self) -> &'static str {
        "funnel"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let v = section.number("spread") * host_normal(rng);
        Some([v, (0.5 * v).exp() * host_normal(rng)])
    }

    /// −v²/(2s²) − x² e⁻ᵛ/2 − v/2 − ln(2πs).
    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        let spread = section.number("spread");
        Some(Box::new(move |[v, x]| -0.5 * ((v / spread).powi(2) + x * x * (-v).exp() + v) - (TAU * spread).ln()))
    }

    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let spread = section.number("spread");
        let (v, x) = (x.column(0), x.column(1));
        let scaled = v * (1.0 / spread);
        Some(0.5 * (scaled.square() + x.square() * (-v).exp() + v) + (TAU * spread).ln())
    }

    /// The width is that of the neck five standard deviations down.
    fn extent(&self, section: &Section) -> Option<Extent> {
        let reach = 5.0 * section.number("spread");
        let half = 5.0 * (0.5 * reach).exp();
        Some(Extent { bounds: [-reach, reach, -half, half], width: (-0.5 * reach).exp() })
    }

    /// ln(2πe s): the mean of v/2, which x's entropy adds, is 0.
    fn entropy(&self, section: &Section) -> Option<f64> {
        Some((TAU * E * section.number("spread")).ln())
    }
}

#[cfg(test)]
mod tests {
    use super::super::quadrature::log_integral_plane;
    use super::*;

    /// With x = eᵛᐟ² w the integrand is a plain Gaussian, which no grid over (v, x) could reach.
    #[test]
    fn funnel_integrates_to_one_at_every_spread() {
        for spread in [0.25, 1.0, 3.0] {
            let mut given = crate::json::Map::new();
            given.insert("spread", spread);
            let section = Section::parse("data", "funnel", PARAMS, &given).unwrap();
            let log_density = Funnel.log_density(&section).unwrap();
            let pulled_back = |[u, w]: [f64; 2]| {
                let v = spread * u;
                log_density([v, (0.5 * v).exp() * w]) + 0.5 * v + spread.ln()
            };
            let log_z = log_integral_plane(pulled_back, [-8.0, 8.0, -8.0, 8.0], 0.5);
            assert!(log_z.abs() < 1e-12, "spread {spread}: {log_z}");
        }
    }
}
