//! How far apart the laws are that two sets of points in the plane come from.

use std::f64::consts::PI;

type Points = [[f64; 2]];

fn squared(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
}

/// Mean of `of`(squared distance) over the pairs of a point of each.
fn across(a: &Points, b: &Points, of: impl Fn(f64) -> f64) -> f64 {
    let sum: f64 = a.iter().map(|&x| b.iter().map(|&y| of(squared(x, y))).sum::<f64>()).sum();
    sum / (a.len() * b.len()) as f64
}

/// The same over the pairs of two different points of one set.
fn within(a: &Points, of: impl Fn(f64) -> f64) -> f64 {
    let pairs = |i: usize| a[i + 1..].iter().map(|&y| of(squared(a[i], y))).sum::<f64>();
    let sum: f64 = (0..a.len()).map(pairs).sum();
    2.0 * sum / (a.len() * (a.len() - 1)) as f64
}

/// 2 E|x − y| − E|x − x′| − E|y − y′| (Székely & Rizzo 2013, eq. 2.5), without bias; 0 for equal laws, in the mean.
pub fn energy_distance(a: &Points, b: &Points) -> f64 {
    2.0 * across(a, b, f64::sqrt) - within(a, f64::sqrt) - within(b, f64::sqrt)
}

/// MMD² without bias (Gretton et al. 2012, eq. 3), its kernel the mean of exp(−d²/2w²) over the widths w = ¼, ½, 1 and 2.
pub fn maximum_mean_discrepancy(a: &Points, b: &Points) -> f64 {
    // exp(−d²/8) is the widest; each of the others is the fourth power of the one before.
    let kernel = |d2: f64| {
        let widest = (-d2 / 8.0).exp();
        let [second, third] = [widest.powi(4), widest.powi(16)];
        (widest + second + third + third.powi(4)) / 4.0
    };
    within(a, kernel) + within(b, kernel) - 2.0 * across(a, b, kernel)
}

/// The sliced 2-Wasserstein distance (Bonneel et al. 2015): the root of the mean over 200 directions, evenly spread, of the
/// squared distance between the sorted projections. Of the larger set as many points count as the other has.
pub fn sliced_wasserstein(a: &Points, b: &Points) -> f64 {
    const DIRECTIONS: usize = 200;
    let n = a.len().min(b.len());
    let projected = |points: &Points, direction: [f64; 2]| -> Vec<f64> {
        let mut along: Vec<f64> = points[..n].iter().map(|x| x[0] * direction[0] + x[1] * direction[1]).collect();
        along.sort_unstable_by(f64::total_cmp);
        along
    };
    let direction = |k: usize| {
        let (sin, cos) = (PI * (k as f64 + 0.5) / DIRECTIONS as f64).sin_cos();
        let (u, v) = (projected(a, [cos, sin]), projected(b, [cos, sin]));
        u.iter().zip(&v).map(|(u, v)| (u - v).powi(2)).sum::<f64>() / n as f64
    };
    ((0..DIRECTIONS).map(direction).sum::<f64>() / DIRECTIONS as f64).sqrt()
}
