// Elementary functions, the twins of src/math/elementary.rs: same formulas, same coefficients, same order of operations.
// WGSL's own sin, cos, log, exp and tanh are allowed errors up to 2⁻¹¹, overflow, or give NaN for large arguments on some
// devices; these are accurate to a few ulp everywhere and finite for every finite argument. A device may fuse a product
// and a sum or divide with 2.5 ulp; apart from that results are those of the CPU.
//
//   real_exp  real_ln  real_tanh  real_sigmoid  real_softplus  real_sqrt  real_recip  real_sin  real_cos  real_sin_cos_turns
//   real_step

// Smallest normal f32, 2⁻¹²⁶: what is smaller counts as zero, as devices may flush it.
const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;
const MANTISSA_BITS: u32 = 23u;
const EXPONENT_BIAS: i32 = 127;
// Adding 1.5·2²³ to |y| ≤ 2²² leaves the nearest whole number (ties to even) in the low bits of the sum.
const ROUND: f32 = 12582912.0;
const ROUND_BITS: i32 = 0x4b400000;
const SIGN_BIT: u32 = 0x80000000u;
const LOG2_E: f32 = 1.4426950408889634;
const FRAC_2_PI: f32 = 0.6366197723675814;
const FRAC_PI_2: f32 = 1.5707963267948966;

// ln 2 in two parts; products of the high part with an exponent are exact.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;

// Where eˣ becomes zero, and where it saturates.
const EXP_LOW: f32 = -87.3365;
const EXP_HIGH: f32 = 88.376;
// eʳ = 1 + r + r² (EXP_Q0 + EXP_Q1 r + …) on |r| ≤ ln(2)/2.
const EXP_Q0: f32 = 0.49999994;
const EXP_Q1: f32 = 0.16666521;
const EXP_Q2: f32 = 0.04166829;
const EXP_Q3: f32 = 0.008368704;
const EXP_Q4: f32 = 0.0013818943;

// Bits of √½: the mantissa's range is √½ … √2.
const SQRT_HALF_BITS: u32 = 0x3f3504f3u;
// ln(1 + f) = f − f²/2 + f³ (LN_P0 + LN_P1 f + …).
const LN_P0: f32 = 0.3333333;
const LN_P1: f32 = -0.2500082;
const LN_P2: f32 = 0.20001242;
const LN_P3: f32 = -0.16623409;
const LN_P4: f32 = 0.14201578;
const LN_P5: f32 = -0.13159607;
const LN_P6: f32 = 0.12762232;
const LN_P7: f32 = -0.07636472;

// ln(1 + t) = t (LN_1P_P0 + LN_1P_P1 (t − ½) + …) on [0, 1].
const LN_1P_P0: f32 = 0.8109302;
const LN_1P_P1: f32 = -0.2885269;
const LN_1P_P2: f32 = 0.13261025;
const LN_1P_P3: f32 = -0.06770581;
const LN_1P_P4: f32 = 0.03661916;
const LN_1P_P5: f32 = -0.020267563;
const LN_1P_P6: f32 = 0.0116582485;
const LN_1P_P7: f32 = -0.008492066;
const LN_1P_P8: f32 = 0.00511303;

// Beyond this tanh rounds to ±1.
const TANH_HIGH: f32 = 10.0;

// π/2 in three parts; the reduced angle's limit holds also where x is too large to be reduced.
const HALF_PI_HIGH: f32 = 1.5703125;
const HALF_PI_MIDDLE: f32 = 4.837513e-4;
const HALF_PI_LOW: f32 = 7.54979e-8;
const REDUCED_LIMIT: f32 = 0.79;
// Quarter turns are counted up to here; larger angles mean nothing in f32.
const QUARTER_TURNS_LIMIT: f32 = 4194304.0;
// sin r = r + r³ (SIN_P0 + SIN_P1 r² + …), cos r = 1 − r²/2 + r⁴ (COS_P0 + COS_P1 r² + …).
const SIN_P0: f32 = -0.16666655;
const SIN_P1: f32 = 0.008332187;
const SIN_P2: f32 = -0.00019517897;
const COS_P0: f32 = 0.041666646;
const COS_P1: f32 = -0.001388731;
const COS_P2: f32 = 2.4432327e-5;

// The whole number nearest to x, for |x| ≤ 2²²: round() and the conversion of its result are many times as long on software
// adapters.
fn nearest(x: f32) -> i32 {
    return bitcast<i32>(x + ROUND) - ROUND_BITS;
}

// (s, p) with eˣ = s (1 + p) for x in [EXP_LOW, EXP_HIGH]. Twin of exp_parts. The product shifts the exponent into place, as
// software adapters shift one lane at a time.
fn exp_parts(x: f32) -> vec2<f32> {
    let whole = nearest(x * LOG2_E);
    let n = f32(whole);
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let scale = bitcast<f32>((whole + EXPONENT_BIAS) * (1 << MANTISSA_BITS));
    let q = (((EXP_Q4 * r + EXP_Q3) * r + EXP_Q2) * r + EXP_Q1) * r + EXP_Q0;
    return vec2<f32>(scale, r + r * r * q);
}

// eˣ. Twin of exp.
fn real_exp(x: f32) -> f32 {
    let parts = exp_parts(min(max(x, EXP_LOW), EXP_HIGH));
    return select(parts.x * parts.y + parts.x, 0.0, x < EXP_LOW);
}

// ln x; ln 2⁻¹²⁶ for all smaller x. Twin of ln.
fn real_ln(x: f32) -> f32 {
    let bits = bitcast<u32>(max(x, SMALLEST_NORMAL));
    let exponent = bitcast<i32>(bits - SQRT_HALF_BITS) >> MANTISSA_BITS;
    let f = bitcast<f32>(bits - (bitcast<u32>(exponent) << MANTISSA_BITS)) - 1.0;
    let e = f32(exponent);
    let z = f * f;
    let p = ((((((LN_P7 * f + LN_P6) * f + LN_P5) * f + LN_P4) * f + LN_P3) * f + LN_P2) * f + LN_P1) * f + LN_P0;
    let low = (f * z * p + e * LN2_LOW) - 0.5 * z;
    return (f + low) + e * LN2_HIGH;
}

// tanh x = t / (t + 2) for t = e²ˣ − 1. Twin of tanh.
fn real_tanh(x: f32) -> f32 {
    let parts = exp_parts(2.0 * min(abs(x), TANH_HIGH));
    let t = parts.x * parts.y + (parts.x - 1.0);
    let y = t / (t + 2.0);
    return select(y, -y, x < 0.0);
}

// 1 / (1 + e⁻ˣ), where it makes no difference that eˣ never becomes zero.
fn real_sigmoid(x: f32) -> f32 {
    let parts = exp_parts(min(max(-x, EXP_LOW), EXP_HIGH));
    return 1.0 / (1.0 + (parts.x * parts.y + parts.x));
}

// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|). Twin of softplus.
fn real_softplus(x: f32) -> f32 {
    let t = real_exp(-abs(x));
    let u = t - 0.5;
    let high = (((LN_1P_P8 * u + LN_1P_P7) * u + LN_1P_P6) * u + LN_1P_P5) * u + LN_1P_P4;
    let p = (((high * u + LN_1P_P3) * u + LN_1P_P2) * u + LN_1P_P1) * u + LN_1P_P0;
    return max(x, 0.0) + t * p;
}

// √x; 0 for negative x. Twin of sqrt.
fn real_sqrt(x: f32) -> f32 {
    return sqrt(max(x, 0.0));
}

// 1/x; ±2¹²⁶ for |x| < 2⁻¹²⁶. Twin of recip.
fn real_recip(x: f32) -> f32 {
    let sign = bitcast<u32>(x) & SIGN_BIT;
    return 1.0 / bitcast<f32>(bitcast<u32>(max(abs(x), SMALLEST_NORMAL)) | sign);
}

// sin(r + quadrant · π/2) for |r| ≤ π/4. Twin of sin_of_quadrant.
fn sin_of_quadrant(r: f32, quadrant: u32) -> f32 {
    let z = r * r;
    let sine = r + r * z * ((SIN_P2 * z + SIN_P1) * z + SIN_P0);
    let cosine = (1.0 - 0.5 * z) + z * z * ((COS_P2 * z + COS_P1) * z + COS_P0);
    let value = select(cosine, sine, (quadrant & 1u) == 0u);
    return select(value, -value, (quadrant & 2u) != 0u);
}

// Whole quarter turns in x. Twin of the first lines of reduce_angle.
fn quarter_turns(x: f32) -> i32 {
    return nearest(clamp(x * FRAC_2_PI, -QUARTER_TURNS_LIMIT, QUARTER_TURNS_LIMIT));
}

// What n quarter turns leave of x. Twin of reduce_angle.
fn reduced_angle(x: f32, quarters: i32) -> f32 {
    let n = f32(quarters);
    let r = ((x - n * HALF_PI_HIGH) - n * HALF_PI_MIDDLE) - n * HALF_PI_LOW;
    return clamp(r, -REDUCED_LIMIT, REDUCED_LIMIT);
}

// sin x, for |x| ≤ 10⁴. Twin of sin.
fn real_sin(x: f32) -> f32 {
    let n = quarter_turns(x);
    return sin_of_quadrant(reduced_angle(x, n), bitcast<u32>(n));
}

// cos x, for |x| ≤ 10⁴. Twin of cos.
fn real_cos(x: f32) -> f32 {
    let n = quarter_turns(x);
    return sin_of_quadrant(reduced_angle(x, n), bitcast<u32>(n) + 1u);
}

// (sin 2πu, cos 2πu) of u turns in [0, 1]. Twin of sin_cos_turns.
fn real_sin_cos_turns(u: f32) -> vec2<f32> {
    let n = nearest(4.0 * u);
    let r = (4.0 * u - f32(n)) * FRAC_PI_2;
    let quadrant = bitcast<u32>(n);
    return vec2<f32>(sin_of_quadrant(r, quadrant), sin_of_quadrant(r, quadrant + 1u));
}

// 1 where x > 0, else 0. Twin of Real::step.
fn real_step(x: f32) -> f32 {
    return select(0.0, 1.0, x > 0.0);
}
