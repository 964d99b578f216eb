//! The Müller–Brown surface: three basins and two passes, the classical test of rare transitions in chemistry.

use super::quadrature::log_integral_plane;
use super::{COUNT, Density, Extent, LogDensity, shape};
use crate::graph::Tensor;
use crate::schema::{Param, Section};
use rand::{Rng, RngExt};

/// E(x) = V(x)/kT, V(x, y) = Σ_k A_k exp(a_k (x − X_k)² + b_k (x − X_k)(y − Y_k) + c_k (y − Y_k)²) with the constants
/// of Müller & Brown 1979; kT = `temperature` = 15 leaves a tenth of the mass outside the deepest basin.
pub struct MullerBrown;

const PARAMS: &[Param] = &[COUNT, shape("temperature", 15.0, 5.0, 50.0).log()];

/// A, a, b, c, X, Y of each term.
const TERMS: [[f64; 6]; 4] = [
    [-200.0, -1.0, 0.0, -10.0, 1.0, 0.0],
    [-100.0, -1.0, 0.0, -10.0, 0.0, 0.5],
    [-170.0, -6.5, 11.0, -6.5, -0.5, 1.5],
    [15.0, 0.7, 0.6, 0.7, -1.0, 1.0],
];

/// Just below the deepest minimum, −146.6995.
const FLOOR: f64 = -146.7;

/// Where the graph leaves the formula, and how gently.
const BEND: f64 = 300.0;
const SOFTNESS: f64 = 100.0;

/// Holds all of the mass but 10⁻⁷ at the highest temperature.
const BOUNDS: [f64; 4] = [-3.5, 2.5, -2.5, 3.5];

/// The largest curvature at a minimum: that of the deepest, across its basin.
const CURVATURE: f64 = 4068.2;

/// V.
fn potential([x, y]: [f64; 2]) -> f64 {
    let term = |[height, a, b, c, x0, y0]: [f64; 6]| {
        let (dx, dy) = (x - x0, y - y0);
        height * (a * dx * dx + b * dx * dy + c * dy * dy).exp()
    };
    TERMS.into_iter().map(term).sum()
}

/// Standard deviation across the deepest basin.
fn width(temperature: f64) -> f64 {
    (temperature / CURVATURE).sqrt()
}

impl Density for MullerBrown {
    fn id(&self) -> &'static str {
        "muller-brown"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    /// Rejection from the uniform law on the box that holds the mass; about 1 in 400 is kept at the default.
    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let temperature = section.number("temperature");
        let [x0, x1, y0, y1] = BOUNDS;
        loop {
            let x = [rng.random_range(x0..x1), rng.random_range(y0..y1)];
            if rng.random::<f64>() < ((FLOOR - potential(x)) / temperature).exp() {
                return Some(x);
            }
        }
    }

    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        let (temperature, log_partition) = (section.number("temperature"), self.log_partition(section));
        Some(Box::new(move |x| -potential(x) / temperature - log_partition))
    }

    /// By a midpoint rule with a step of half the width of the deepest basin; the mass outside the box is the largest
    /// error, 10⁻⁷.
    fn log_partition(&self, section: &Section) -> f64 {
        let temperature = section.number("temperature");
        log_integral_plane(|x| -potential(x) / temperature, BOUNDS, 0.5 * width(temperature))
    }

    /// V/kT up to V = 300. Above, V rises e³⁰ times within the world; it is bent down to 300 + 100 ln(1 + (V −
    /// 300)/100), whose slope stays that of ln V, so that a sampler that starts in a corner comes back. The mass up
    /// there is below e⁻²⁰ at the default.
    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let (across, along) = (x.column(0), x.column(1));
        let term = |[height, a, b, c, x0, y0]: [f64; 6]| {
            let (dx, dy) = (across - x0, along - y0);
            let exponent = a * dx.square() + b * (dx * dy) + c * dy.square();
            // e⁸⁰ is still a number in single precision, and so is its slope.
            height * exponent.minimum(x.graph().scalar(80.0)).exp()
        };
        let [first, second, third, fourth] = TERMS.map(term);
        let v = first + second + third + fourth;
        let excess = (v - BEND).maximum(x.graph().scalar(0.0));
        let bent = v.minimum(x.graph().scalar(BEND)) + SOFTNESS * (1.0 + excess * (1.0 / SOFTNESS)).ln();
        Some(bent * (1.0 / section.number("temperature")))
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        Some(Extent { bounds: BOUNDS, width: width(section.number("temperature")) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::quadrature::midpoints;
    use super::*;

    /// The gradient by central differences: error h²V‴/6 ≈ 10⁻⁵ here, where V‴ is a few 10⁴.
    fn gradient([x, y]: [f64; 2]) -> [f64; 2] {
        let h = 1e-5;
        [
            (potential([x + h, y]) - potential([x - h, y])) / (2.0 * h),
            (potential([x, y + h]) - potential([x, y - h])) / (2.0 * h),
        ]
    }

    /// Newton on the gradient from a published point, which is given to four digits.
    fn stationary(mut x: [f64; 2]) -> [f64; 2] {
        for _ in 0..20 {
            let h = 1e-4;
            let [gx, gy] = gradient(x);
            let dx = [gradient([x[0] + h, x[1]]), gradient([x[0] - h, x[1]])];
            let dy = [gradient([x[0], x[1] + h]), gradient([x[0], x[1] - h])];
            let [xx, xy, yy] = [dx[0][0] - dx[1][0], dx[0][1] - dx[1][1], dy[0][1] - dy[1][1]].map(|d| d / (2.0 * h));
            let determinant = xx * yy - xy * xy;
            x = [x[0] - (yy * gx - xy * gy) / determinant, x[1] - (xx * gy - xy * gx) / determinant];
        }
        x
    }

    #[test]
    fn minima_and_saddles_are_the_published_ones() {
        for (place, height) in [
            ([-0.5582, 1.4417], -146.6995),
            ([0.6235, 0.0280], -108.1667),
            ([-0.0500, 0.4667], -80.7678),
            ([-0.8220, 0.6243], -40.6648),
            ([0.2125, 0.2930], -72.2489),
        ] {
            let found = stationary(place);
            let distance = (found[0] - place[0]).hypot(found[1] - place[1]);
            assert!(distance < 1e-4, "{place:?} is {distance} from {found:?}");
            assert!((potential(found) - height).abs() < 1e-4, "{place:?}: {}", potential(found));
            assert!(gradient(found).iter().all(|g| g.abs() < 1e-4));
        }
    }

    /// Reference values on the box [−2.5, 1.8] × [−1.2, 2.8] by an independent quadrature, rounded to the digits given.
    #[test]
    fn expectations_on_the_reference_box() {
        for (temperature, log_z, mean, upper) in
            [(10.0, 11.7296, -134.934, 0.9742), (15.0, 7.3649, -125.147, 0.8955), (20.0, 5.3661, -113.424, 0.7964)]
        {
            let (mut z, mut energy, mut above) = (0.0, 0.0, 0.0);
            // The step divides the distance from the box's lower edge to 0.8, so no cell straddles the threshold.
            let area = midpoints([-2.5, 1.8, -1.2, 2.8], 0.01, |x| {
                let v = potential(x);
                let weight = ((FLOOR - v) / temperature).exp();
                z += weight;
                energy += weight * v;
                above += if x[1] > 0.8 { weight } else { 0.0 };
            });
            assert!(((z * area).ln() - FLOOR / temperature - log_z).abs() < 1e-4);
            assert!((energy / z - mean).abs() < 1e-3);
            assert!((above / z - upper).abs() < 1e-4);
        }
    }
}
