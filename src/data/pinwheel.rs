//! Five bent arms around the origin.

use super::bent::{self, Component};
use super::quadrature::{LogSum, midpoints};
use super::{COUNT, Density, Extent, LogDensity, noise};
use crate::graph::Tensor;
use crate::rng::host_normal;
use crate::schema::{Param, Section};
use rand::{Rng, RngExt};
use std::f64::consts::{PI, TAU};

/// f = (1 + 0.3 z₁, σ z₂), turned clockwise by θ_k(f₁) = 2πk/5 + ¼ exp(f₁), k one of five, and doubled; σ = `noise` =
/// 0.1, the arm's half width before doubling (Johnson et al. 2016, with the numbers of FFJORD).
///
/// A turn by an angle that depends on f₁ has the Jacobian 1 + ¼ exp(f₁) f₂, so
/// p(x) = 1/5 Σ N(f₁; 1, 0.3²) N(f₂; 0, σ²) / (4 |1 + ¼ exp(f₁) f₂|), summed over every f that lands on x.
pub struct Pinwheel;

const PARAMS: &[Param] = &[COUNT, noise(0.1, 0.02, 0.2)];
const RADIAL: f64 = 0.3;
const RATE: f64 = 0.25;
const SECTOR: f64 = TAU / 5.0;
/// Standard deviation along the arm of the pieces that the graph is made of.
const PIECE: f64 = 0.04;
/// Radius (half scale) beyond which the tail continues as that of the radial Gaussian, thirteen standard deviations
/// out: the number of preimages grows like exp(radius) while the density is below e⁻⁸⁸.
const HORIZON: f64 = 5.0;

/// From features to the plane, for the arm of index 0.
fn bend([f1, f2]: [f64; 2], arm: f64) -> [f64; 2] {
    let (sin, cos) = (SECTOR * arm + RATE * f1.exp()).sin_cos();
    [2.0 * (f1 * cos + f2 * sin), 2.0 * (f2 * cos - f1 * sin)]
}

/// Calls `visit(f, |Jacobian|)` for every f that lands, by any arm, on the point of polar coordinates (2·radius,
/// angle).
///
/// |f| is the radius; its angle α satisfies F(α) = α − ¼ exp(radius·cos α) = angle + 2πj/5 for some whole j. F is
/// monotone between the zeros of F′ = 1 + ¼ radius sin α exp(radius cos α), of which there are none or two, so
/// bracketed Newton finds every root.
fn preimages(radius: f64, angle: f64, mut visit: impl FnMut([f64; 2], f64)) {
    let value = |a: f64| a - RATE * (radius * a.cos()).exp();
    let slope = |a: f64| 1.0 + RATE * radius * a.sin() * (radius * a.cos()).exp();
    let mut cuts = vec![-PI];
    // Where sin α exp(radius cos α) is most negative: cos α = radius sin²α.
    let steepest =
        if radius > 0.0 { -(((1.0 + 4.0 * radius * radius).sqrt() - 1.0) / (2.0 * radius)).acos() } else { 0.0 };
    if slope(steepest) < 0.0 {
        cuts.push(bisect(&slope, -PI, steepest));
        cuts.push(bisect(&slope, steepest, 0.0));
    }
    cuts.push(PI);
    for cut in cuts.windows(2) {
        let (start, end) = (value(cut[0]), value(cut[1]));
        let (low, high) = (start.min(end), start.max(end));
        let first = ((low - angle) / SECTOR).ceil() as i64;
        for j in first.. {
            let target = angle + SECTOR * j as f64;
            if target >= high {
                break;
            }
            let alpha = solve(&value, &slope, target, cut[0], cut[1], end > start);
            visit([radius * alpha.cos(), radius * alpha.sin()], slope(alpha).abs());
        }
    }
}

/// The sign change of f between a and b.
fn bisect(f: &impl Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let rising = f(b) > f(a);
    for _ in 0..60 {
        let middle = 0.5 * (a + b);
        if (f(middle) > 0.0) == rising { b = middle } else { a = middle }
    }
    0.5 * (a + b)
}

/// value(α) = target on [a, b], where value is monotone: Newton, halving the bracket whenever it would leave it.
fn solve(
    value: &impl Fn(f64) -> f64,
    slope: &impl Fn(f64) -> f64,
    target: f64,
    mut a: f64,
    mut b: f64,
    rising: bool,
) -> f64 {
    let mut alpha = 0.5 * (a + b);
    for _ in 0..80 {
        let miss = value(alpha) - target;
        if (miss > 0.0) == rising {
            b = alpha
        } else {
            a = alpha
        }
        let newton = alpha - miss / slope(alpha);
        let next = if newton > a && newton < b { newton } else { 0.5 * (a + b) };
        if (next - alpha).abs() < 1e-14 {
            return next;
        }
        alpha = next;
    }
    alpha
}

fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / TAU.sqrt()
}

fn log_features([f1, f2]: [f64; 2], sd: f64) -> f64 {
    -0.5 * ((f1 - 1.0) / RADIAL).powi(2) - 0.5 * (f2 / sd).powi(2) - (TAU * RADIAL * sd).ln()
}

/// The arms, piece by piece. The pieces' centres m are 1.1 [`PIECE`] apart with the weights of N(1, 0.3² − PIECE²),
/// so that they add up to N(1, 0.3²) within 2·10⁻⁷; they go on to m = 3, so that the energy stays gentle in the whole
/// world.
fn pieces(sd: f64) -> Vec<Component> {
    const SPACING: f64 = 1.1 * PIECE;
    let spread = (RADIAL * RADIAL - PIECE * PIECE).sqrt();
    let count = (3.4 / SPACING) as i32;
    let mut pieces = Vec::new();
    for (arm, k) in (0..5).flat_map(|arm| (0..count).map(move |k| (arm, k))) {
        let centre = -0.4 + SPACING * f64::from(k);
        let weight = 0.2 * SPACING / spread * normal_density((centre - 1.0) / spread);
        // Moments over f₁ by equal steps; f₂ enters linearly, so its part of them is exact.
        let (mut mean, mut second) = ([0.0; 2], [0.0; 3]);
        for step in -30..=30 {
            let z = 0.2 * f64::from(step);
            let (share, f1) = (0.2 * normal_density(z), centre + PIECE * z);
            let ([x, y], [edge_x, edge_y]) = (bend([f1, 0.0], f64::from(arm)), bend([f1, sd], f64::from(arm)));
            let (dx, dy) = (edge_x - x, edge_y - y);
            mean = [mean[0] + share * x, mean[1] + share * y];
            let squares = [x * x + dx * dx, x * y + dx * dy, y * y + dy * dy];
            second = [0, 1, 2].map(|i| second[i] + share * squares[i]);
        }
        let squares = [mean[0] * mean[0], mean[0] * mean[1], mean[1] * mean[1]];
        pieces.push(Component { weight, mean, covariance: [0, 1, 2].map(|i| second[i] - squares[i]) });
    }
    pieces
}

impl Density for Pinwheel {
    fn id(&self) -> &'static str {
        "pinwheel"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn sample(&self, section: &Section, rng: &mut dyn Rng) -> Option<[f64; 2]> {
        let features = [1.0 + RADIAL * host_normal(rng), section.number("noise") * host_normal(rng)];
        Some(bend(features, f64::from(rng.random_range(0..5))))
    }

    /// Exact to rounding up to |x| = 10. On the caustics, where the Jacobian vanishes, p is infinite; they carry less
    /// than 10⁻⁷ of the mass and lie beyond five standard deviations at the default.
    fn log_density(&self, section: &Section) -> Option<LogDensity> {
        let sd = section.number("noise");
        Some(Box::new(move |[x, y]| {
            let radius = 0.5 * x.hypot(y);
            let inside = radius.min(HORIZON);
            let mut sum = LogSum::new();
            preimages(inside, y.atan2(x), |f, jacobian| {
                sum.add(log_features(f, sd) - (20.0 * jacobian.max(f64::MIN_POSITIVE)).ln());
            });
            sum.value() - 0.5 * ((radius - 1.0).powi(2) - (inside - 1.0).powi(2)) / (RADIAL * RADIAL)
        }))
    }

    /// A mixture in place of the exact law, whose preimages no graph can enumerate: along the arms f₁ ~ N(1, 0.3²) is
    /// cut into overlapping Gaussians of standard deviation [`PIECE`], on each of which the bend is nearly linear; a
    /// component has the exact mean and covariance of its bent piece. Divergence from the exact law 3·10⁻⁴ nats at
    /// the default; E is within 0.1 where it is below 5 (nine tenths of the mass) and stays smooth where the exact
    /// law has caustics.
    fn energy<'g>(&self, section: &Section, x: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(bent::energy(&pieces(section.number("noise")), x))
    }

    #[cfg(feature = "whole")]
    fn skeleton(&self, _section: &Section) -> Vec<([f64; 2], usize)> {
        let along = |arm: usize| (0..=50).map(move |i| (bend([0.05 * f64::from(i), 0.0], arm as f64), arm));
        (0..5).flat_map(along).collect()
    }

    fn extent(&self, section: &Section) -> Option<Extent> {
        let reach = 2.0 * (1.0 + 5.0 * RADIAL);
        Some(Extent { bounds: [-reach, reach, -reach, reach], width: 2.0 * section.number("noise") })
    }

    /// −E[ln p] over the features, by equal steps: there the arms are straight and the rule converges geometrically.
    fn entropy(&self, section: &Section) -> Option<f64> {
        let sd = section.number("noise");
        let log_density = self.log_density(section)?;
        let mut sum = 0.0;
        let area = midpoints([-6.0, 6.0, -6.0, 6.0], 0.15, |[z1, z2]| {
            let density = (-0.5 * (z1 * z1 + z2 * z2)).exp() / TAU;
            sum -= density * log_density(bend([1.0 + RADIAL * z1, sd * z2], 0.0));
        });
        Some(sum * area)
    }
}
