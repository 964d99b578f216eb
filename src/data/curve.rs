//! Nodes on the curves that some sets are blurred copies of, for integrals along them.

use super::quadrature::gauss_legendre;

/// Largest spacing of the f64 quadratures over a curve, in standard deviations of the blur. Error bound on the curve
/// 2 exp(−2π²/0.7²) < 10⁻¹⁷; at the outer side of a bend of radius R the blur looks narrower by √(R/r), which leaves
/// 10⁻⁹ eight standard deviations away for every default here.
pub const FINE: f64 = 0.7;

/// Largest spacing of the graphs' quadratures, in standard deviations of the blur: few nodes, since every point meets
/// every node. Relative error of p: 2 exp(−2π²/1.1²) = 2·10⁻⁷ on the curve; four standard deviations outside a bend
/// 10⁻⁴.
pub const COARSE: f64 = 1.1;

/// How many Gauss–Legendre nodes keep the largest spacing on a curve of that length below `spacing`; never fewer than
/// 16, so that ends are resolved where the blur is wider than the curve.
pub fn nodes_for(length: f64, spacing: f64) -> usize {
    (std::f64::consts::FRAC_PI_2 * length / spacing).ceil().max(16.0) as usize
}

/// Length of the Archimedean spiral t ↦ t(cos t, sin t) from 0 to t: ½(t√(1+t²) + asinh t).
pub fn spiral_length(t: f64) -> f64 {
    0.5 * (t * t.hypot(1.0) + t.asinh())
}

/// Nodes (t, weight) for ∫ f(t) dt along the spiral t ↦ t(cos t, sin t) that are evenly fine along its *length*: the
/// Gauss–Legendre rule in arc length s, with dt = ds/√(1+t²).
pub fn spiral_nodes(from: f64, to: f64, count: usize) -> Vec<(f64, f64)> {
    gauss_legendre(count, spiral_length(from), spiral_length(to))
        .into_iter()
        .map(|(length, weight)| {
            // The length is convex in t and t²/2 lies below it: Newton from √(2s) comes down to the root without
            // overshoot.
            let mut t = (2.0 * length).sqrt();
            for _ in 0..30 {
                let step = (spiral_length(t) - length) / t.hypot(1.0);
                t -= step;
                if step.abs() < 1e-15 * t {
                    break;
                }
            }
            (t, weight / t.hypot(1.0))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spiral_nodes_integrate_over_the_parameter_and_are_even_in_length() {
        let nodes = spiral_nodes(0.5, 9.0, 60);
        let integral: f64 = nodes.iter().map(|(t, w)| w * (0.3 * t).sin()).sum();
        let want = ((0.15f64).cos() - (2.7f64).cos()) / 0.3;
        assert!((integral - want).abs() < 1e-12);
        let widest = nodes.windows(2).map(|n| spiral_length(n[1].0) - spiral_length(n[0].0)).fold(0.0, f64::max);
        let spacing = 1.01 * std::f64::consts::FRAC_PI_2 * (spiral_length(9.0) - spiral_length(0.5)) / 60.0;
        assert!(widest < spacing, "{widest} above {spacing}");
    }
}
