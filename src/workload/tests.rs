//! The workloads against the reference figures of tests/peers/README.md, on inputs from generators that match
//! tests/peers/lib/spec.mjs number for number.

use super::*;
use crate::backend::cpu::Cpu;
use pollster::block_on;
use std::f64::consts::{FRAC_PI_4, TAU};

const PARTICLES: usize = 16_384;
/// Parameters of the last layer: 128 weights and a bias.
const LAST_LAYER: usize = 129;

/// mulberry32, uniform in [0, 1).
struct Uniform(u32);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x6d2b_79f5);
        let mut t = self.0;
        t = (t ^ (t >> 15)).wrapping_mul(t | 1);
        t ^= t.wrapping_add((t ^ (t >> 7)).wrapping_mul(t | 61));
        f64::from(t ^ (t >> 14)) / 2f64.powi(32)
    }

    /// Two normal numbers by Box and Muller's transform.
    fn pair(&mut self) -> [f64; 2] {
        let r = (-2.0 * (1.0 - self.next()).ln()).sqrt();
        let a = TAU * self.next();
        [r * a.cos(), r * a.sin()]
    }
}

fn normals(seed: u32, n: usize) -> Vec<f32> {
    let mut u = Uniform(seed);
    (0..n / 2).flat_map(|_| u.pair()).map(|z| z as f32).collect()
}

fn points() -> Vec<f32> {
    let mut u = Uniform(1);
    let mut point = || {
        let angle = (u.next() * 8.0).floor() * FRAC_PI_4;
        let [p, q] = u.pair();
        [2.0 * angle.cos() + 0.1 * p, 2.0 * angle.sin() + 0.1 * q]
    };
    (0..BLOCKS * BATCH).flat_map(|_| point()).map(|x| x as f32).collect()
}

fn fakes() -> Vec<f32> {
    let mut u = Uniform(4);
    (0..2 * BATCH).map(|_| (-BOX + 2.0 * BOX * u.next()) as f32).collect()
}

/// Drawn as [in, out] and stored as [out, in].
fn parameters() -> Vec<f32> {
    let mut u = Uniform(2);
    let mut all = vec![];
    for (i, o) in [(2, 128), (128, 128), (128, 1)] {
        let scale = 1.0 / (i as f64).sqrt();
        let mut draw = |n: usize| (0..n).map(|_| (scale * (2.0 * u.next() - 1.0)) as f32).collect::<Vec<_>>();
        let (weight, bias) = (draw(i * o), draw(o));
        all.extend((0..i * o).map(|at| weight[at % i * o + at / i]));
        all.extend(bias);
    }
    all
}

fn cpu() -> Box<dyn Backend> {
    Box::new(Cpu::<f32>::new())
}

fn score_matching() -> Training {
    Training::dsm2d(cpu(), &parameters(), &points(), &normals(3, 2 * BATCH)).unwrap()
}

fn contrastive() -> Training {
    let chains = normals(5, 2 * BLOCKS * BATCH);
    Training::pcd2d(cpu(), &parameters(), &points(), &fakes(), &chains).unwrap()
}

/// Mean and variance of each coordinate.
fn moments(x: &[f32]) -> [(f64, f64); 2] {
    [0, 1].map(|d| {
        let values = || x.iter().skip(d).step_by(2).map(|&x| f64::from(x));
        let n = values().count() as f64;
        let mean = values().sum::<f64>() / n;
        (mean, values().map(|x| x * x).sum::<f64>() / n - mean * mean)
    })
}

fn assert_near(name: &str, got: f64, wanted: f64, tolerance: f64) {
    assert!((got - wanted).abs() <= tolerance, "{name}: {got} is not {wanted} ± {tolerance}");
}

/// The reference has five digits; a sum of 1024 terms in f32, in another order, moves the last of them at most.
fn assert_start(training: &mut Training, loss: f64, gradient_norm: f64) {
    let start = block_on(training.evaluate()).unwrap();
    assert_near("loss", start.loss.into(), loss, 1e-4 * loss);
    assert_near("gradient norm", start.gradient_norm.into(), gradient_norm, 1e-4 * gradient_norm);
}

/// Four standard deviations, as the reference states them, are passed by chance once in sixteen thousand times.
const DEVIATIONS: f64 = 4.0;

#[test]
fn score_matching_starts_and_learns_as_the_reference_does() {
    let mut training = score_matching();
    assert_start(&mut training, 1.0169, 0.011412);
    block_on(training.step(50)).unwrap();
    let loss = block_on(training.evaluate()).unwrap().loss;
    assert_near("loss after 50 updates", loss.into(), 1.0086, DEVIATIONS * 0.0004);
}

#[test]
fn persistent_chains_spread_as_the_reference_does() {
    let mut training = contrastive();
    assert_start(&mut training, 0.045043, 1.2601);
    for (n, variance, loss) in [(8, 1.68, 0.59), (8, 2.37, 0.34)] {
        block_on(training.step(n)).unwrap();
        for (_, got) in moments(&block_on(training.chains()).unwrap()) {
            assert_near("variance of the chains", got, variance, DEVIATIONS * 0.03);
        }
        let got = block_on(training.evaluate()).unwrap().loss;
        assert_near("loss", got.into(), loss, DEVIATIONS * 0.02);
    }
}

#[test]
fn particles_drift_as_the_reference_does() {
    let mut parameters = parameters();
    let last = parameters.len() - LAST_LAYER;
    parameters[last..].iter_mut().for_each(|w| *w *= 10.0);
    let mut sampling = Sampling::langevin2d(cpu(), parameters, normals(6, 2 * PARTICLES), 1).unwrap();
    let mut check = |steps: usize, variances: [f64; 2], deviation: f64| {
        let got = moments(&block_on(sampling.run(steps)).unwrap());
        for (d, wanted) in variances.into_iter().enumerate() {
            assert_near(&format!("variance after {steps}"), got[d].1, wanted, DEVIATIONS * deviation);
        }
        got
    };
    check(2, [1.061, 1.040], 0.003);
    check(10, [1.238, 1.232], 0.01);
    let end = check(100, [3.45, 3.82], 0.02);
    assert_near("mean of x", end[0].0, 0.37, DEVIATIONS * 0.01);
    assert_near("mean of y", end[1].0, -0.39, DEVIATIONS * 0.01);
}

fn uniforms(seed: u32, n: usize) -> Vec<f32> {
    let mut u = Uniform(seed);
    (0..n).map(|_| (-1.0 + 2.0 * u.next()) as f32).collect()
}

/// A square of 10 by 10 at a random place of each image.
fn squares() -> Vec<f32> {
    let mut u = Uniform(8);
    let mut images = vec![-1.0; 512 * 784];
    for image in images.chunks_exact_mut(784) {
        let [row, column] = [(); 2].map(|()| (u.next() * 19.0).floor() as usize);
        for y in row..row + 10 {
            image[28 * y + column..][..10].fill(1.0);
        }
    }
    images
}

/// Linear layers are drawn as [in, out] and stored as [out, in]; the last is thirty times as large.
fn image_parameters() -> Vec<f32> {
    let mut u = Uniform(7);
    let mut all = vec![];
    let mut draw = |n: usize, fan_in: usize, scale: f64| -> Vec<f32> {
        let bound = 1.0 / (fan_in as f64).sqrt();
        (0..n).map(|_| (bound * (2.0 * u.next() - 1.0)) as f32 * scale as f32).collect()
    };
    for (i, o, side) in [(1, 16, 5), (16, 32, 3), (32, 64, 3), (64, 64, 3)] {
        let fan_in = i * side * side;
        all.extend(draw(o * fan_in, fan_in, 1.0));
        all.extend(draw(o, fan_in, 1.0));
    }
    for (i, o, scale) in [(256, 64, 1.0), (64, 1, 30.0)] {
        let weight = draw(i * o, i, scale);
        all.extend((0..i * o).map(|at| weight[at % i * o + at / i]));
        all.extend(draw(o, i, scale));
    }
    all
}

#[test]
fn images_start_and_drift_as_the_reference_does() {
    let (parameters, fakes) = (image_parameters(), uniforms(9, 64 * 784));
    let mut images =
        images::Images::mnistcd(cpu(), &parameters, &squares(), &fakes, &uniforms(10, 8192 * 784)).unwrap();
    let start = block_on(images.evaluate()).unwrap();
    assert_near("loss", start.loss.into(), 0.070951, 1e-4 * 0.070951);
    assert_near("gradient norm", start.gradient_norm.into(), 2.2737, 1e-4 * 2.2737);
    block_on(images.step(3, 16)).unwrap();
    let (_, samples) = block_on(images.step(1, 16)).unwrap();
    let n = samples.len() as f64;
    let mean = samples.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
    let variance = samples.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / n - mean * mean;
    assert_near("deviation of the pixels", variance.sqrt(), 0.587, DEVIATIONS * 0.003);
}

#[test]
fn inputs_of_the_wrong_size_are_refused() {
    let error = Training::dsm2d(cpu(), &parameters(), &[0.0; 4], &normals(3, 2 * BATCH)).err().unwrap().to_string();
    assert_eq!(error, "data: 4 numbers is not accepted; expected 16384 numbers.");
}
