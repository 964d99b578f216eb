//! Rings whose points carry Gaussian noise, in closed form: the angle integrates to a Bessel function.

use super::quadrature::LogSum;
use super::{Extent, LogDensity};
use crate::graph::Tensor;
use crate::rng::host_normal;
use rand::{Rng, RngExt};
use std::f64::consts::{PI, TAU};

/// Circles around the origin, equally likely, uniform in angle, convolved with N(0, σ²I):
/// p(x) = 1/n Σ_k exp(−(r² + R_k²)/(2σ²)) I₀(r R_k/σ²) / (2πσ²), r = |x|.
#[derive(Debug, Clone, Copy)]
pub struct Annuli {
    /// R_k.
    pub radii: &'static [f64],
    /// σ.
    pub sd: f64,
}

impl Annuli {
    /// Places on each circle, with its number.
    #[cfg(feature = "whole")]
    pub fn skeleton(self) -> Vec<([f64; 2], usize)> {
        let around = |(class, &radius): (usize, &f64)| {
            (0..96).map(move |i| {
                let (sin, cos) = (TAU * f64::from(i) / 96.0).sin_cos();
                ([radius * cos, radius * sin], class)
            })
        };
        self.radii.iter().enumerate().flat_map(around).collect()
    }

    /// One draw.
    pub fn sample(self, rng: &mut dyn Rng) -> [f64; 2] {
        let radius = self.radii[rng.random_range(0..self.radii.len())];
        let (sin, cos) = rng.random_range(0.0..TAU).sin_cos();
        [radius * cos, radius * sin].map(|c| c + self.sd * host_normal(rng))
    }

    /// Exact to the last digits of f64 (I₀ e⁻ᵏ keeps the exponent (r − R)² free of cancellation).
    pub fn log_density(self) -> LogDensity {
        let variance = self.sd * self.sd;
        let constant = (TAU * variance * self.radii.len() as f64).ln();
        Box::new(move |[x, y]| {
            let r = x.hypot(y);
            let mut sum = LogSum::new();
            for radius in self.radii {
                sum.add(-0.5 * (r - radius).powi(2) / variance + scaled_bessel_i0(r * radius / variance).ln());
            }
            sum.value() - constant
        })
    }

    /// −ln p with a Bessel function that is good to 2·10⁻⁷. x: [n, 2] → [n].
    pub fn energy<'g>(self, x: Tensor<'g>) -> Tensor<'g> {
        let variance = self.sd * self.sd;
        // The crumb keeps the slope of the root finite at the origin.
        let r = (x.square().sum(1) + 1e-12).sqrt().reshape(&[x.shape()[0], 1]);
        let radii = x.graph().literal(self.radii, &[1, self.radii.len()]);
        let exponents = (r - radii).square() * (-0.5 / variance) + log_scaled_bessel_i0(r * radii * (1.0 / variance));
        (TAU * variance * self.radii.len() as f64).ln() - exponents.logsumexp(1)
    }

    /// The outermost circle and six standard deviations.
    pub fn extent(self) -> Extent {
        let reach = self.radii.iter().copied().fold(0.0, f64::max) + 6.0 * self.sd;
        Extent { bounds: [-reach, reach, -reach, reach], width: self.sd }
    }
}

/// e⁻ᵏ I₀(k) for k ≥ 0. Below 30 the power series Σ (k²/4)^m / m!² (no cancellation: every term is positive), above
/// it the asymptotic series 1/√(2πk) Σ ((2m−1)!!)² / (m! (8k)^m) (Abramowitz & Stegun 9.6.12 and 9.7.1), whose terms
/// fall below 10⁻¹⁷ long before they turn at m ≈ 2k ≥ 60.
pub fn scaled_bessel_i0(k: f64) -> f64 {
    let (mut term, mut sum, mut m) = (1.0, 1.0, 1.0);
    let small = k < 30.0;
    while term > 1e-17 * sum {
        let odd = 2.0 * m - 1.0;
        term *= if small { k * k / (4.0 * m * m) } else { odd * odd / (8.0 * k * m) };
        sum += term;
        m += 1.0;
    }
    if small { sum * (-k).exp() } else { sum / (2.0 * PI * k).sqrt() }
}

/// ln(e⁻ᵏ I₀(k)) for k ≥ 0 by the two polynomials of Abramowitz & Stegun 9.8.1 and 9.8.2: relative error of I₀ below
/// 2·10⁻⁷ on their seam and smaller elsewhere.
fn log_scaled_bessel_i0(k: Tensor<'_>) -> Tensor<'_> {
    const SEAM: f64 = 3.75;
    const SMALL: [f64; 7] = [1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813];
    const LARGE: [f64; 9] =
        [0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377];
    let graph = k.graph();
    let polynomial = |t: Tensor<'_>, coefficients: &[f64]| {
        let (last, rest) = coefficients.split_last().expect("a polynomial has a coefficient");
        rest.iter().rev().fold(graph.scalar(*last), |sum, &c| sum * graph.tensor(t.id()) + c)
    };
    // Each branch sees only arguments that it is made for, so that neither poisons the derivative.
    let low = k.minimum(graph.scalar(SEAM));
    let high = k.maximum(graph.scalar(SEAM));
    let small = polynomial((low * (1.0 / SEAM)).square(), &SMALL).ln() - low;
    let large = polynomial(SEAM * high.recip(), &LARGE).ln() - 0.5 * high.ln();
    (k - SEAM).select(large, small)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bessel_function_is_the_mean_of_exp_k_cos_over_the_circle() {
        for k in [0.0, 0.1, 1.0, 5.0, 29.999, 30.001, 100.0, 3000.0] {
            // Equal steps err by 2 exp(−n²/(2k)) here: below 10⁻¹⁶ for n = 600, k ≤ 3000.
            let n = 600;
            let mean: f64 =
                (0..n).map(|i| (k * ((TAU * i as f64 / n as f64).cos() - 1.0)).exp()).sum::<f64>() / n as f64;
            let got = scaled_bessel_i0(k);
            assert!((got / mean - 1.0).abs() < 1e-13, "{k}: {got} and not {mean}");
        }
    }
}
