//! Elementary functions in f32, written so that a loop over a slice becomes vector code on wasm simd128 and on SSE2: no
//! branch, no table, no fused multiply-add, no call. They use nothing but IEEE +, −, ·, /, √ and integer operations, so
//! every CPU build gives the same bits. `shaders/lib/math.wgsl` holds the same formulas in the same order of operations.
//!
//! Every finite argument gives a finite result. Numbers below 2⁻¹²⁶ may count as zero, as they do on many devices.
//! For concrete f32 call these by path: `x.exp()` on an f32 is the standard library's.
//!
//! The polynomials were fitted in double precision by Lawson's iteration (weighted least squares whose weights approach
//! those of the minimax solution) for the relative error of the whole function, on 400 Chebyshev nodes against 40-digit
//! values. Coefficients were rounded to f32 one after the other from the lowest order on, the others being fitted again
//! each time. The errors stated beside them are those of the rounded polynomials in exact arithmetic.

use super::Real;
use std::f32::consts::{FRAC_2_PI, FRAC_PI_2, LOG2_E, SQRT_2};

/// Adding 1.5·2²³ to |y| < 2²² rounds y to the nearest whole number (ties to even), which the low bits of the sum then
/// hold in two's complement; subtracting it again gives that number as a float.
const ROUND: f32 = 12_582_912.0;
const MANTISSA_BITS: u32 = 23;
const EXPONENT_BIAS: u32 = 127;

/// ln 2 = LN2_HIGH + LN2_LOW. The high part has 9 significant bits: its product with an exponent is exact.
const LN2_HIGH: f32 = 0.693_359_375;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// Below ln 2⁻¹²⁶ eˣ counts as zero; at EXP_HIGH the exponent is still 127, beyond eˣ stays 2^127.5 = 2.4·10³⁸.
const EXP_LOW: f32 = -87.3365;
const EXP_HIGH: f32 = 88.376;
/// eʳ = 1 + r + r² q(r) on |r| ≤ ln(2)/2; relative error 3.2·10⁻⁹.
const EXP_Q: [f32; 5] = [0.499_999_94, 0.166_665_21, 0.041_668_29, 0.008_368_704, 0.001_381_894_3];

/// ln(1 + f) = f − f²/2 + f³ p(f) on √½ ≤ 1 + f ≤ √2; relative error 5.8·10⁻⁹.
const LN_P: [f32; 8] =
    [0.333_333_3, -0.250_008_2, 0.200_012_42, -0.166_234_09, 0.142_015_78, -0.131_596_07, 0.127_622_32, -0.076_364_72];

/// ln(1 + t) = t p(t − ½) on [0, 1]; relative error 3.7·10⁻⁸. About the middle the terms shrink, so little cancels.
const LN_1P_P: [f32; 9] = [
    0.810_930_2,
    -0.288_526_9,
    0.132_610_25,
    -0.067_705_81,
    0.036_619_16,
    -0.020_267_563,
    0.011_658_248_5,
    -0.008_492_066,
    0.005_113_03,
];

/// Beyond this tanh rounds to ±1 (it does from 9.01 on).
const TANH_HIGH: f32 = 10.0;

/// π/2 in three parts for Cody and Waite's reduction, of 8, 11 and 24 significant bits: the products of the first two with
/// the number of quarter turns are exact for |x| ≤ 10⁴.
const HALF_PI_HIGH: f32 = 1.570_312_5;
const HALF_PI_MIDDLE: f32 = 4.837_513e-4;
const HALF_PI_LOW: f32 = 7.549_79e-8;
/// sin r = r + r³ p(r²) on |r| ≤ π/4; relative error 4.0·10⁻⁹.
const SIN_P: [f32; 3] = [-0.166_666_55, 0.008_332_187, -0.000_195_178_97];
/// cos r = 1 − r²/2 + r⁴ p(r²) on |r| ≤ π/4; relative error 1.2·10⁻¹⁰.
const COS_P: [f32; 3] = [0.041_666_646, -0.001_388_731, 2.443_232_7e-5];
/// The reduced argument stays within this also where x is too large to be reduced: then sine and cosine mean nothing,
/// but stay in [−1, 1].
const REDUCED_LIMIT: f32 = 0.79;

/// c₀ + c₁ x + c₂ x² + … by Horner's rule.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: &[f32; N]) -> f32 {
    let mut sum = coefficients[N - 1];
    for c in coefficients[..N - 1].iter().rev() {
        sum = sum * x + c;
    }
    sum
}

/// (s, p) with eˣ = s (1 + p), s a power of two, for x in [EXP_LOW, EXP_HIGH].
#[inline(always)]
fn exp_parts(x: f32) -> (f32, f32) {
    let shifted = x * LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let scale = f32::from_bits(shifted.to_bits().wrapping_add(EXPONENT_BIAS) << MANTISSA_BITS);
    (scale, r + r * r * polynomial(r, &EXP_Q))
}

/// eˣ; 0 below −87.3365, 2^127.5 above 88.376.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (scale, p) = exp_parts(Real::min(Real::max(x, EXP_LOW), EXP_HIGH));
    let value = scale * p + scale;
    if x < EXP_LOW { 0.0 } else { value }
}

/// ln x; ln 2⁻¹²⁶ = −87.34 for all smaller x, zero and negative ones included.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let bits = Real::max(x, f32::MIN_POSITIVE).to_bits();
    let exponent = (bits.wrapping_sub((0.5 * SQRT_2).to_bits()) as i32) >> MANTISSA_BITS;
    let f = f32::from_bits(bits.wrapping_sub((exponent << MANTISSA_BITS) as u32)) - 1.0;
    let e = exponent as f32;
    let z = f * f;
    let low = (f * z * polynomial(f, &LN_P) + e * LN2_LOW) - 0.5 * z;
    (f + low) + e * LN2_HIGH
}

/// tanh x = t / (t + 2) for t = e²ˣ − 1, which keeps its digits near 0 as eˣ's polynomial yields eʳ − 1; odd by construction.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let (scale, p) = exp_parts(2.0 * Real::min(x.abs(), TANH_HIGH));
    let t = scale * p + (scale - 1.0);
    (t / (t + 2.0)).copysign(x)
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|).
#[inline(always)]
pub fn softplus(x: f32) -> f32 {
    let t = exp(-x.abs());
    Real::max(x, 0.0) + t * polynomial(t - 0.5, &LN_1P_P)
}

/// √x; 0 for negative x.
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    Real::max(x, 0.0).sqrt()
}

/// 1/x; ±2¹²⁶ for |x| < 2⁻¹²⁶, zero included.
#[inline(always)]
pub fn recip(x: f32) -> f32 {
    1.0 / Real::max(x.abs(), f32::MIN_POSITIVE).copysign(x)
}

/// sin(r + quadrant · π/2) for |r| ≤ π/4.
#[inline(always)]
fn sin_of_quadrant(r: f32, quadrant: u32) -> f32 {
    let z = r * r;
    let sine = r + r * z * polynomial(z, &SIN_P);
    let cosine = (1.0 - 0.5 * z) + z * z * polynomial(z, &COS_P);
    let value = if quadrant & 1 == 0 { sine } else { cosine };
    f32::from_bits(value.to_bits() ^ ((quadrant & 2) << 30))
}

/// (r, quadrant) with x = r + quadrant · π/2 (the quadrant modulo 4 counts).
#[inline(always)]
fn reduce_angle(x: f32) -> (f32, u32) {
    let shifted = x * FRAC_2_PI + ROUND;
    let n = shifted - ROUND;
    let r = ((x - n * HALF_PI_HIGH) - n * HALF_PI_MIDDLE) - n * HALF_PI_LOW;
    (Real::min(Real::max(r, -REDUCED_LIMIT), REDUCED_LIMIT), shifted.to_bits())
}

/// sin x, for |x| ≤ 10⁴; in [−1, 1] beyond.
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    let (r, quadrant) = reduce_angle(x);
    sin_of_quadrant(r, quadrant)
}

/// cos x, for |x| ≤ 10⁴; in [−1, 1] beyond.
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    let (r, quadrant) = reduce_angle(x);
    sin_of_quadrant(r, quadrant.wrapping_add(1))
}

/// (sin 2πu, cos 2πu) of u turns in [0, 1]; the reduction is exact.
#[inline(always)]
pub fn sin_cos_turns(u: f32) -> (f32, f32) {
    let shifted = 4.0 * u + ROUND;
    let r = (4.0 * u - (shifted - ROUND)) * FRAC_PI_2;
    let quadrant = shifted.to_bits();
    (sin_of_quadrant(r, quadrant), sin_of_quadrant(r, quadrant.wrapping_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every float of a stride between two bounds of one sign, both ends included.
    fn sweep(low: f32, high: f32) -> impl Iterator<Item = f32> {
        let (a, b) = (low.abs().to_bits(), high.abs().to_bits());
        let sign = if high <= 0.0 { -1.0 } else { 1.0 };
        let (first, last) = (a.min(b), a.max(b));
        (first..last).step_by(251).chain([last]).map(move |bits| sign * f32::from_bits(bits))
    }

    /// Distance in units of the last place of the exact value, which counts as normal.
    fn ulps(value: f32, exact: f64) -> f64 {
        let exponent = exact.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor() as i32;
        (f64::from(value) - exact).abs() / 2f64.powi(exponent - 23)
    }

    fn assert_ulps(name: &str, bound: f64, xs: impl Iterator<Item = f32>, f: fn(f32) -> f32, exact: fn(f64) -> f64) {
        let errors = xs.map(|x| (ulps(f(x), exact(x.into())), x));
        let (worst, x) = errors.fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
        assert!(worst <= bound, "{name}: {worst} ulp at {x:e}");
    }

    /// ½ ulp for the last addition; what e^r − 1 brings along (three roundings of at most 2⁻²⁶, ¼ ulp each) below ¾.
    #[test]
    fn exp_is_accurate_to_an_ulp() {
        assert_ulps("exp", 1.25, sweep(EXP_LOW, -f32::MIN_POSITIVE), exp, f64::exp);
        assert_ulps("exp", 1.25, sweep(f32::MIN_POSITIVE, EXP_HIGH), exp, f64::exp);
    }

    /// ½ ulp for the last addition; the terms before it are at most half of ln x or exact, two roundings of ¼ ulp each.
    #[test]
    fn ln_is_accurate_to_an_ulp() {
        assert_ulps("ln", 1.0, sweep(f32::MIN_POSITIVE, f32::MAX), ln, f64::ln);
        assert_ulps("ln near 1", 1.0, (0x3f70_0000..0x3f90_0000).map(f32::from_bits), ln, f64::ln);
    }

    /// Three roundings of at most one ulp: of t (scaled and shifted), of t + 2 and of the quotient.
    #[test]
    fn tanh_is_accurate_to_three_ulps_also_near_zero() {
        assert_ulps("tanh", 3.0, sweep(f32::MIN_POSITIVE, 100.0), tanh, f64::tanh);
        assert_ulps("tanh", 3.0, sweep(-100.0, -f32::MIN_POSITIVE), tanh, f64::tanh);
    }

    /// An ulp each for the exponential, the polynomial and the product; the sum with max(x, 0) makes it smaller.
    #[test]
    fn softplus_is_accurate_to_three_ulps_on_both_sides() {
        assert_ulps("softplus", 3.0, sweep(EXP_LOW, -f32::MIN_POSITIVE), softplus, Real::softplus);
        assert_ulps("softplus", 3.0, sweep(f32::MIN_POSITIVE, f32::MAX), softplus, Real::softplus);
    }

    #[test]
    fn sqrt_and_recip_are_correctly_rounded() {
        assert_ulps("sqrt", 0.5, sweep(f32::MIN_POSITIVE, f32::MAX), sqrt, f64::sqrt);
        assert_ulps("recip", 0.5, sweep(f32::MIN_POSITIVE, 2f32.powi(126)), recip, f64::recip);
        assert_ulps("recip", 0.5, sweep(-(2f32.powi(126)), -f32::MIN_POSITIVE), recip, f64::recip);
    }

    /// The reduction rounds twice to 2⁻²⁵ at most, the two last additions of a polynomial to 2⁻²⁵ each: 2⁻²³ in all, and
    /// as much again for the polynomials' inner terms.
    #[test]
    fn sine_and_cosine_are_accurate_to_the_last_digits_of_one() {
        for (name, f, exact) in [("sin", sin as fn(f32) -> f32, f64::sin as fn(f64) -> f64), ("cos", cos, f64::cos)] {
            for x in sweep(f32::MIN_POSITIVE, 1e4).chain(sweep(-1e4, -f32::MIN_POSITIVE)) {
                let error = (f64::from(f(x)) - exact(x.into())).abs();
                assert!(error <= 2f64.powi(-22), "{name} {x:e}: {error:e}");
            }
        }
        for i in 0..=(1 << 20) {
            let u = i as f32 / (1 << 20) as f32;
            let ((sin, cos), (exact_sin, exact_cos)) = (sin_cos_turns(u), Real::sin_cos_turns(f64::from(u)));
            let error = (f64::from(sin) - exact_sin).abs().max((f64::from(cos) - exact_cos).abs());
            assert!(error <= 2f64.powi(-22), "{u} turns: {error:e}");
        }
    }

    /// ½ ulp for the last addition; the correction is at most 4 % of x up to ½, so that its roundings stay below ½ ulp.
    #[test]
    fn sine_keeps_its_digits_near_zero() {
        assert_ulps("sin", 1.0, sweep(f32::MIN_POSITIVE, 0.5), sin, f64::sin);
    }

    #[test]
    fn every_finite_argument_gives_a_finite_result() {
        let functions = [exp, ln, tanh, softplus, sqrt, recip, sin, cos];
        let all = sweep(0.0, f32::MAX).chain(sweep(-f32::MAX, -0.0));
        for x in all {
            for (i, f) in functions.iter().enumerate() {
                assert!(f(x).is_finite(), "function {i} at {x:e} gives {}", f(x));
            }
            assert!(exp(x) >= 0.0 && softplus(x) >= 0.0, "exp and softplus of {x:e} are not negative");
            assert!(tanh(x).abs() <= 1.0 && sin(x).abs() <= 1.0 && cos(x).abs() <= 1.0, "bounded by 1 at {x:e}");
        }
    }

    #[test]
    fn special_values_are_exact() {
        assert_eq!((exp(0.0), exp(-1e30), ln(1.0), sqrt(-1.0)), (1.0, 0.0, 0.0, 0.0));
        assert_eq!((tanh(0.0), tanh(1e30), tanh(-1e30)), (0.0, 1.0, -1.0));
        assert_eq!((softplus(0.0), softplus(1e30), softplus(-1e30)), (std::f32::consts::LN_2, 1e30, 0.0));
        assert_eq!((sin(0.0), cos(0.0), sin_cos_turns(0.25), sin_cos_turns(0.5)), (0.0, 1.0, (1.0, 0.0), (0.0, -1.0)));
        assert_eq!((recip(0.0), recip(-0.0), recip(4.0)), (2f32.powi(126), -(2f32.powi(126)), 0.25));
        assert_eq!((ln(0.0), ln(-1.0)), (ln(f32::MIN_POSITIVE), ln(f32::MIN_POSITIVE)));
        assert_eq!(
            (Real::step(0f32), Real::step(1e-30f32), Real::max(1f32, 2.0), Real::min(1f32, 2.0)),
            (0.0, 1.0, 2.0, 1.0)
        );
    }
}
