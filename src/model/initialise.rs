//! Initialisation rules by name.

use super::{Start, Weight};
use crate::rng::host_normal;
use rand::{Rng, RngExt};

/// The rules: `torch` is U(±1/√fan_in) for weights and biases (PyTorch's nn.Linear); `xavier` U(±√(6/(fan_in + fan_out)))
/// with zero biases (Glorot & Bengio 2010, eq. 16); `he` N(0, 2/fan_in) (He et al. 2015, eq. 10) and `siren` U(±√(6/fan_in))
/// (Sitzmann et al. 2020, §3.2), both with PyTorch's biases, which spread the kinks of the first layer over the plane.
///
/// The wider starts learn fine structure much sooner (`cargo xtask bench objectives`).
pub const NAMES: &[&str] = &["torch", "xavier", "he", "siren"];

/// Draws the start values of a weight.
pub fn initialise(weight: &Weight, rng: &mut dyn Rng) -> Vec<f32> {
    let uniform = |bound: f64, rng: &mut dyn Rng| -> Vec<f32> {
        (0..weight.len()).map(|_| rng.random_range(-bound..=bound) as f32).collect()
    };
    let normal = |deviation: f64, rng: &mut dyn Rng| -> Vec<f32> {
        (0..weight.len()).map(|_| (deviation * host_normal(rng)) as f32).collect()
    };
    match weight.start {
        Start::Constant(value) => vec![value as f32; weight.len()],
        #[cfg(feature = "whole")]
        Start::Normal(deviation) => normal(deviation, rng),
        Start::Layer { rule, fan_in, fan_out, bias } => {
            let (i, o) = (fan_in as f64, fan_out as f64);
            match (rule, bias) {
                ("xavier", true) => vec![0.0; weight.len()],
                ("xavier", false) => uniform((6.0 / (i + o)).sqrt(), rng),
                ("he", false) => normal((2.0 / i).sqrt(), rng),
                ("siren", false) => uniform((6.0 / i).sqrt(), rng),
                _ => uniform(i.sqrt().recip(), rng),
            }
        }
    }
}
