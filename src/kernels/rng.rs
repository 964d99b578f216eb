//! Counter-based random numbers, bit-equal to `shaders/lib/rng.wgsl`: a number is a function of its address (key, stream,
//! sub-step, element), so every device makes the same ones, in any order and number of pieces.
//!
//! The generator is Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as
//! 1, 2, 3, SC 2011). A key is either folded into further keys or drawn from, never both.

use crate::math::Real;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};

/// Where in a run a plan's random numbers come from. Element e of stream s in sub-step t is made from
/// threefry2x32(key, [counter, t·256 + s]); uniforms use counter = e, normals counter = e / 2 (cosine for even e, sine for odd).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tick {
    /// Key, already folded from the seed, the update and the purpose.
    pub key: [u32; 2],
    /// Sub-step, below 2²⁴.
    pub substep: u32,
}

/// Rotations of the first, third and fifth four rounds.
const ODD_ROTATIONS: [u32; 4] = [13, 15, 26, 6];
/// Rotations of the second and fourth four rounds.
const EVEN_ROTATIONS: [u32; 4] = [17, 29, 16, 24];
/// The parity constant of the key schedule.
const PARITY: u32 = 0x1BD1_1BDA;
/// Low bits of the counter's second word, which hold the stream; the sub-step has the others.
const STREAM_BITS: u32 = 8;
/// Leading bits of a word that make a uniform number: one fewer than f32's significand has, as the offset of ½ takes one.
const UNIFORM_BITS: u32 = 23;

/// Four rounds and the injection of key words that ends them. Straight-line code: loops over it become vector code.
#[inline(always)]
fn four_rounds(mut x: [u32; 2], rotations: [u32; 4], keys: [u32; 2], count: u32) -> [u32; 2] {
    x[0] = x[0].wrapping_add(x[1]);
    x[1] = x[1].rotate_left(rotations[0]) ^ x[0];
    x[0] = x[0].wrapping_add(x[1]);
    x[1] = x[1].rotate_left(rotations[1]) ^ x[0];
    x[0] = x[0].wrapping_add(x[1]);
    x[1] = x[1].rotate_left(rotations[2]) ^ x[0];
    x[0] = x[0].wrapping_add(x[1]);
    x[1] = x[1].rotate_left(rotations[3]) ^ x[0];
    [x[0].wrapping_add(keys[0]), x[1].wrapping_add(keys[1]).wrapping_add(count)]
}

/// Two random words for a key and a counter.
#[inline(always)]
pub fn threefry2x32(key: [u32; 2], counter: [u32; 2]) -> [u32; 2] {
    let [k0, k1] = key;
    let k2 = PARITY ^ k0 ^ k1;
    let x = [counter[0].wrapping_add(k0), counter[1].wrapping_add(k1)];
    let x = four_rounds(x, ODD_ROTATIONS, [k1, k2], 1);
    let x = four_rounds(x, EVEN_ROTATIONS, [k2, k0], 2);
    let x = four_rounds(x, ODD_ROTATIONS, [k0, k1], 3);
    let x = four_rounds(x, EVEN_ROTATIONS, [k1, k2], 4);
    four_rounds(x, ODD_ROTATIONS, [k2, k0], 5)
}

/// A key for a purpose of its own, such as one update: `data` addresses it below `key`.
pub fn fold(key: [u32; 2], data: [u32; 2]) -> [u32; 2] {
    threefry2x32(key, data)
}

/// The key of a seed: low word, high word.
pub fn seed_pair(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

/// The host's sequential generator, for what no device draws: data sets, weights.
pub fn host(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// A draw from N(0, 1) on the host, by the polar method (Marsaglia & Bray 1964): it needs no tables, which the page would
/// download.
pub fn host_normal(rng: &mut dyn Rng) -> f64 {
    loop {
        let [u, v] = [(); 2].map(|()| 2.0 * rng.random::<f64>() - 1.0);
        let square = u * u + v * v;
        if square > 0.0 && square < 1.0 {
            return u * (-2.0 * square.ln() / square).sqrt();
        }
    }
}

/// (⌊bits/2⁹⌋ + ½) · 2⁻²³: uniform on (0, 1), never 0 nor 1, exact in f32 and symmetric about ½.
#[inline(always)]
pub fn uniform(bits: u32) -> f32 {
    // Below 2²³ the signed conversion gives the same, and is one vector instruction everywhere.
    ((bits >> (u32::BITS - UNIFORM_BITS)) as i32 as f32 + 0.5) * (1.0 / (1 << UNIFORM_BITS) as f32)
}

/// Two independent N(0, 1) numbers by Box and Muller's transform; the cosine first. |z| ≤ 5.77. In f64 they are computed
/// from the same uniform numbers with f64's functions.
#[inline(always)]
pub fn normal_pair<T: Real>(bits: [u32; 2]) -> [T; 2] {
    let radius = (T::from_f64(-2.0) * T::from_f64(uniform(bits[0]).into()).ln()).sqrt();
    let (sin, cos) = T::from_f64(uniform(bits[1]).into()).sin_cos_turns();
    [radius * cos, radius * sin]
}

/// The counter's second word: sub-step · 2⁸ + stream.
fn address(tick: Tick, stream: u32) -> u32 {
    (tick.substep << STREAM_BITS) | stream
}

/// Elements `start..start + out.len()` of a uniform stream.
pub fn fill_uniform<T: Real>(out: &mut [T], tick: Tick, stream: u32, start: usize) {
    let address = address(tick, stream);
    let start = start as u32;
    for (i, out) in out.iter_mut().enumerate() {
        let bits = threefry2x32(tick.key, [start.wrapping_add(i as u32), address]);
        *out = T::from_f64(uniform(bits[0]).into());
    }
}

/// Elements `start..start + out.len()` of a normal stream. Elements 2i and 2i + 1 come from counter i.
pub fn fill_normal<T: Real>(out: &mut [T], tick: Tick, stream: u32, start: usize) {
    const PAIRS: usize = 32;
    let address = address(tick, stream);
    let mut done = 0;
    while done < out.len() {
        let first = (start + done) / 2;
        let mut block = [T::ZERO; 2 * PAIRS];
        for (i, pair) in block.chunks_exact_mut(2).enumerate() {
            let bits = threefry2x32(tick.key, [(first as u32).wrapping_add(i as u32), address]);
            pair.copy_from_slice(&normal_pair(bits));
        }
        let skip = (start + done) % 2;
        let count = (2 * PAIRS - skip).min(out.len() - done);
        out[done..done + count].copy_from_slice(&block[skip..skip + count]);
        done += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Tick = Tick { key: [0x0123_4567, 0x89AB_CDEF], substep: 77 };
    const DRAWS: usize = 1 << 20;

    /// The vectors of the Random123 distribution (file kat_vectors, threefry2x32, 20 rounds).
    #[test]
    fn threefry_gives_the_published_words() {
        assert_eq!(threefry2x32([0, 0], [0, 0]), [0x6b20_0159, 0x99ba_4efe]);
        assert_eq!(threefry2x32([u32::MAX; 2], [u32::MAX; 2]), [0x1cb9_96fc, 0xbb00_2be7]);
        let words = threefry2x32([0x1319_8a2e, 0x0370_7344], [0x243f_6a88, 0x85a3_08d3]);
        assert_eq!(words, [0xc492_3a9c, 0x483d_f7a0]);
    }

    #[test]
    fn uniforms_lie_strictly_inside_the_unit_interval_and_are_symmetric() {
        assert_eq!(uniform(0), 2f32.powi(-24));
        assert_eq!(uniform(u32::MAX), 1.0 - 2f32.powi(-24));
        for bits in (0..u32::MAX).step_by(65_537) {
            assert_eq!(uniform(bits) + uniform(!bits), 1.0);
        }
    }

    #[test]
    fn elements_are_addressed_as_the_plan_says() {
        let (mut uniforms, mut normals) = ([0f32; 9], [0f32; 9]);
        fill_uniform(&mut uniforms, TICK, 3, 5);
        fill_normal(&mut normals, TICK, 3, 5);
        for (i, e) in (5..14).enumerate() {
            assert_eq!(uniforms[i], uniform(threefry2x32(TICK.key, [e, 77 * 256 + 3])[0]));
            let pair: [f32; 2] = normal_pair(threefry2x32(TICK.key, [e / 2, 77 * 256 + 3]));
            assert_eq!(normals[i], pair[(e % 2) as usize]);
        }
    }

    #[test]
    fn pieces_of_a_stream_are_the_stream() {
        fn check<T: Real>(fill: fn(&mut [T], Tick, u32, usize)) {
            let mut whole = vec![T::ZERO; 1000];
            fill(&mut whole, TICK, 2, 7);
            for piece in [1, 2, 63, 64, 65, 333] {
                let mut pieces = vec![T::ZERO; whole.len()];
                for (i, part) in pieces.chunks_mut(piece).enumerate() {
                    fill(part, TICK, 2, 7 + i * piece);
                }
                assert_eq!(pieces, whole, "pieces of {piece}");
            }
        }
        check::<f32>(fill_uniform);
        check::<f64>(fill_uniform);
        check::<f32>(fill_normal);
        check::<f64>(fill_normal);
    }

    /// ln u ≥ −16.7 and the angle are good to a few ulp, so z is to |z| · 10⁻⁶ and, near the zeros of sine and cosine, 10⁻⁶;
    /// near u = 1 the radius √(−2 ln u) amplifies nothing, ln being relatively exact there.
    #[test]
    fn double_precision_draws_are_the_same_numbers() {
        let (mut single, mut double) = (vec![0f32; DRAWS], vec![0f64; DRAWS]);
        fill_uniform(&mut single, TICK, 0, 0);
        fill_uniform(&mut double, TICK, 0, 0);
        assert!(single.iter().zip(&double).all(|(&a, &b)| f64::from(a) == b));
        fill_normal(&mut single, TICK, 0, 0);
        fill_normal(&mut double, TICK, 0, 0);
        for (&a, &b) in single.iter().zip(&double) {
            assert!((f64::from(a) - b).abs() <= 1e-6 * (1.0 + b.abs()), "{a} for {b}");
        }
    }

    /// Moments of n draws scatter by √(variance/n); five of those are passed by chance once in two million times.
    fn assert_mean(name: &str, values: impl Iterator<Item = f64>, mean: f64, variance: f64) {
        let (sum, n) = values.fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
        let bound = 5.0 * (variance / n).sqrt();
        assert!((sum / n - mean).abs() < bound, "{name}: {} is not {mean} ± {bound}", sum / n);
    }

    /// Kolmogorov and Smirnov: √n sup|F_n − F| passes 2.2 with probability 2 exp(−2 · 2.2²) = 1.3·10⁻⁴.
    fn assert_law(values: &mut [f32], cdf: impl Fn(f64) -> f64) {
        values.sort_by(f32::total_cmp);
        let n = values.len() as f64;
        let distance = values.iter().enumerate().fold(0.0, |d: f64, (i, &x)| {
            let f = cdf(x.into());
            d.max((f - i as f64 / n).abs()).max(((i + 1) as f64 / n - f).abs())
        });
        assert!(n.sqrt() * distance < 2.2, "√n D = {}", n.sqrt() * distance);
    }

    /// Φ(x) = ½ + φ(x) Σ x²ᵏ⁺¹/(2k + 1)‼, whose terms fall below 10⁻¹⁶ within 100 for |x| < 6.
    fn normal_cdf(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for k in 1..100 {
            term *= x * x / f64::from(2 * k + 1);
            sum += term;
        }
        0.5 + sum * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()
    }

    #[test]
    fn uniform_draws_are_uniform() {
        let mut x = vec![0f32; DRAWS];
        fill_uniform(&mut x, TICK, 9, 0);
        let values = || x.iter().map(|&x| f64::from(x));
        assert_mean("mean", values(), 0.5, 1.0 / 12.0);
        assert_mean("square", values().map(|x| x * x), 1.0 / 3.0, 4.0 / 45.0);
        let neighbours = x.windows(2).map(|w| (f64::from(w[0]) - 0.5) * (f64::from(w[1]) - 0.5));
        assert_mean("correlation of neighbours", neighbours, 0.0, 1.0 / 144.0);
        // 255 degrees of freedom: mean 255, variance 510.
        let mut counts = [0.0; 256];
        x.iter().for_each(|&x| counts[(x * 256.0) as usize] += 1.0);
        let expected = DRAWS as f64 / 256.0;
        let chi2: f64 = counts.iter().map(|c| (c - expected) * (c - expected) / expected).sum();
        assert!((chi2 - 255.0).abs() < 5.0 * 510f64.sqrt(), "χ² = {chi2}");
        assert_law(&mut x, |x| x);
    }

    fn assert_normal_moments(x: &[f32]) {
        let power = |k: i32| x.iter().map(move |&x| f64::from(x).powi(k));
        assert_mean("mean", power(1), 0.0, 1.0);
        assert_mean("variance", power(2), 1.0, 2.0);
        assert_mean("third moment", power(3), 0.0, 15.0);
        assert_mean("fourth moment", power(4), 3.0, 96.0);
    }

    #[test]
    fn normal_draws_of_the_host_are_normal() {
        let mut rng = host(9);
        let mut x: Vec<f32> = (0..DRAWS).map(|_| host_normal(&mut rng) as f32).collect();
        assert_normal_moments(&x);
        let neighbours = x.windows(2).map(|w| f64::from(w[0]) * f64::from(w[1]));
        assert_mean("correlation of neighbours", neighbours, 0.0, 1.0);
        assert_law(&mut x, normal_cdf);
    }

    #[test]
    fn normal_draws_are_normal() {
        let mut x = vec![0f32; DRAWS];
        fill_normal(&mut x, TICK, 9, 0);
        assert_normal_moments(&x);
        let pairs = x.chunks_exact(2).map(|p| f64::from(p[0]) * f64::from(p[1]));
        assert_mean("correlation of a pair", pairs, 0.0, 1.0);
        let squares = x.chunks_exact(2).map(|p| (f64::from(p[0]).powi(2) - 1.0) * (f64::from(p[1]).powi(2) - 1.0));
        assert_mean("correlation of a pair's squares", squares, 0.0, 4.0);
        assert_law(&mut x, normal_cdf);
    }

    #[test]
    fn streams_substeps_and_keys_are_unrelated() {
        let draw = |tick, stream| {
            let mut x = vec![0f32; DRAWS / 8];
            fill_normal(&mut x, tick, stream, 0);
            x
        };
        let base = draw(TICK, 0);
        let later = Tick { substep: TICK.substep + 1, ..TICK };
        let folded = Tick { key: fold(TICK.key, [0, 1]), ..TICK };
        for (name, other) in [("stream", draw(TICK, 1)), ("sub-step", draw(later, 0)), ("key", draw(folded, 0))] {
            let products = base.iter().zip(&other).map(|(&a, &b)| f64::from(a) * f64::from(b));
            assert_mean(name, products, 0.0, 1.0);
        }
    }

    #[test]
    fn seeds_use_all_their_bits() {
        assert_eq!(seed_pair(0x0123_4567_89AB_CDEF), [0x89AB_CDEF, 0x0123_4567]);
        assert_ne!(fold(seed_pair(1), [0, 0]), fold(seed_pair(1 << 32), [0, 0]));
    }
}
