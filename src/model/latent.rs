//! Models of latent variables z: p(x) = ∫ p(x | z) p(z) dz. The prior is N(0, I), which an energy may tilt, and the posterior p(z | x)
//! what an encoder guesses or what Langevin chains find.

use super::mlp::{activation, forward};
use crate::autodiff::grad;
use crate::graph::{Graph, Tensor};
use crate::schema::{Group, Param, Section};
use std::f64::consts::TAU;

/// q(z | x) = N(μ, diag σ²), each point's own.
#[derive(Clone, Copy)]
pub struct Posterior<'g> {
    /// μ, [n, latent].
    pub mean: Tensor<'g>,
    /// ln σ, [n, latent].
    pub log_deviation: Tensor<'g>,
}

impl<'g> Posterior<'g> {
    /// z = μ + σε of ε ~ N(0, I), [n, latent]: a draw that can be derived by μ and σ (Kingma & Welling 2014, §2.4).
    pub fn at(&self, noise: Tensor<'g>) -> Tensor<'g> {
        self.mean + self.log_deviation.exp() * noise
    }

    /// KL(q(z | x) ‖ N(0, I)) = ½ Σ (μ² + σ² − 1 − ln σ²), [n], in nats (Kingma & Welling 2014, app. B).
    pub fn divergence(&self) -> Tensor<'g> {
        let variance = (2.0 * self.log_deviation).exp();
        (0.5 * (self.mean.square() + variance - 1.0) - self.log_deviation).sum(1)
    }

    /// ln N(z; 0, I) − ln q(z | x) at z = μ + σε, [n]: what importance weighs draws by.
    pub fn log_ratio(&self, noise: Tensor<'g>) -> Tensor<'g> {
        (0.5 * (noise.square() - self.at(noise).square()) + self.log_deviation).sum(1)
    }
}

/// p(x | z).
#[derive(Clone, Copy)]
pub enum Emission<'g> {
    /// N(mean, σ²I): the means [n, d] and σ [].
    Normal(Tensor<'g>, Tensor<'g>),
    /// Log-odds [n, d] that a coordinate is 1, and not −1.
    Bernoulli(Tensor<'g>),
}

impl<'g> Emission<'g> {
    /// ln p(x | z) of x [n, d], [n], in nats.
    pub fn log_likelihood(&self, x: Tensor<'g>) -> Tensor<'g> {
        match *self {
            Self::Normal(mean, deviation) => {
                let constant = x.shape()[1] as f64 * (deviation.ln() + 0.5 * TAU.ln());
                -0.5 * ((x - mean) / deviation).square().sum(1) - constant
            }
            Self::Bernoulli(log_odds) => -(-(x * log_odds)).softplus().sum(1),
        }
    }

    /// E[x | z], [n, d].
    pub fn mean(&self) -> Tensor<'g> {
        match *self {
            Self::Normal(mean, _) => mean,
            Self::Bernoulli(log_odds) => 2.0 * log_odds.sigmoid() - 1.0,
        }
    }

    /// x ~ p(x | z), [n, d], by the chance of a stream.
    pub fn draw(&self, stream: u32) -> Tensor<'g> {
        match *self {
            Self::Normal(mean, deviation) => mean + deviation * mean.graph().normal(stream, &mean.shape()),
            Self::Bernoulli(log_odds) => 2.0 * super::drawn(log_odds.graph(), log_odds, stream) - 1.0,
        }
    }
}

/// What a model of latent variables with an encoder offers to rules and kernels (Kingma & Welling 2014; Rezende, Mohamed & Wierstra
/// 2014).
pub struct Latent<'g, 'a> {
    /// Latent variables of a point.
    pub size: usize,
    /// q(z | x): x [n, d].
    pub encode: &'a dyn Fn(Tensor<'g>) -> Posterior<'g>,
    /// p(x | z): z [n, latent].
    pub decode: &'a dyn Fn(Tensor<'g>) -> Emission<'g>,
}

impl<'g> Latent<'g, '_> {
    /// One draw of the evidence lower bound: ln p(x | z) and KL(q(z | x) ‖ p(z)), each [n], at z = μ + σε of ε [n, latent]. On average
    /// their difference lies below ln p(x) by KL(q(z | x) ‖ p(z | x)) (Kingma & Welling 2014, eq. 3).
    pub fn bound(&self, x: Tensor<'g>, noise: Tensor<'g>) -> [Tensor<'g>; 2] {
        let posterior = (self.encode)(x);
        [(self.decode)(posterior.at(noise)).log_likelihood(x), posterior.divergence()]
    }

    /// The logarithm of the importance weight p(x, z)/q(z | x), [n], at z = μ + σε of ε [n, latent]: its exponential is p(x) on average.
    pub fn log_weight(&self, x: Tensor<'g>, noise: Tensor<'g>) -> Tensor<'g> {
        let posterior = (self.encode)(x);
        (self.decode)(posterior.at(noise)).log_likelihood(x) + posterior.log_ratio(noise)
    }
}

/// What a model of latent variables whose prior p(z) ∝ exp(−f(z)) N(z; 0, I) an energy f tilts offers to rules and kernels (Pang et al.
/// 2020). Neither p(z) nor p(z | x) has draws in closed form: both are what chains of Langevin steps lead to, the first with
/// U(z) = f(z) + ½|z|², the other with U(z) = f(z) + ½|z|² − ln p(x | z).
pub struct LatentEnergy<'g, 'a> {
    /// Latent variables of a point.
    pub size: usize,
    /// f: z [n, latent] → [n].
    pub energy: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
    /// p(x | z): z [n, latent].
    pub decode: &'a dyn Fn(Tensor<'g>) -> Emission<'g>,
    /// How its chains move.
    pub inference: Inference<'g>,
}

/// How the chains of a [`LatentEnergy`] move.
#[derive(Clone, Copy)]
pub struct Inference<'g> {
    /// Step size h of a chain of p(z | x), shape [].
    pub step_size: Tensor<'g>,
    /// Whether the slope of ½|z|² is taken to be 1/z, as listings that are about have it, and not z.
    pub reciprocal: bool,
}

impl<'g> LatentEnergy<'g, '_> {
    /// ∇U of the prior, [n, latent].
    fn slope(&self, z: Tensor<'g>) -> Tensor<'g> {
        let base = if self.inference.reciprocal { z.graph().scalar(1.0) / z } else { z };
        grad((self.energy)(z).sum_all(), &[z])[0] + base
    }

    /// Where a chain of the prior is after a step of this size, z' = z − h∇U(z) + √(2h) ε, [n, latent].
    pub fn dream(&self, z: Tensor<'g>, step_size: Tensor<'g>, stream: u32) -> Tensor<'g> {
        noisy(z - step_size * self.slope(z), step_size, stream)
    }

    /// The same of a chain of the posterior of x [n, d].
    pub fn infer(&self, x: Tensor<'g>, z: Tensor<'g>, stream: u32) -> Tensor<'g> {
        noisy(self.descend(x, z), self.inference.step_size, stream)
    }

    /// The same without noise.
    pub fn descend(&self, x: Tensor<'g>, z: Tensor<'g>) -> Tensor<'g> {
        let misfit = -(self.decode)(z).log_likelihood(x).sum_all();
        z - self.inference.step_size * (self.slope(z) + grad(misfit, &[z])[0])
    }
}

/// z + √(2h) ε.
fn noisy<'g>(z: Tensor<'g>, step_size: Tensor<'g>, stream: u32) -> Tensor<'g> {
    z + (2.0 * step_size).sqrt() * z.graph().normal(stream, &z.shape())
}

/// Of all networks of a model. `none` makes them linear: with normal x and the prior N(0, I) that is probabilistic principal component
/// analysis (Tipping & Bishop 1999).
pub(super) const fn activations(default: &'static str) -> Param {
    const CHOICES: &[&str] = &["silu", "softplus", "tanh", "elu", "relu", "sine", "none"];
    Param::choice("activation", Group::Energy, default, CHOICES).primary()
}

/// The layers one after another.
pub(super) fn through<'g>(section: &Section, weights: &[Tensor<'g>], h: Tensor<'g>) -> Tensor<'g> {
    if section.choice("activation") == "none" {
        return weights.chunks_exact(2).fold(h, |h, pair| h.matmul(pair[0].t()) + pair[1]);
    }
    forward(activation(section), weights, h)
}

/// Latent variables that are summed over a grid, of points of the plane.
pub(super) const MOST_COUNTED: usize = 2;

/// Nodes z [K, latent] of the integral over one or two latent variables with the logarithms of their weights [K], which are those of
/// N(0, I) and sum to 1: 1,024 from −6 to 6, or 48 × 48 from −4 to 4.
pub(super) fn nodes<'g>(graph: &'g Graph, latent: usize) -> [Tensor<'g>; 2] {
    let (count, reach) = if latent == 1 { (1024, 6.0) } else { (48, 4.0) };
    let place = |i: usize| reach * ((2 * i + 1) as f64 / count as f64 - 1.0);
    let total: f64 = (0..count).map(|i| (-0.5 * place(i).powi(2)).exp()).sum();
    let log_weight = |i: usize| -0.5 * place(i).powi(2) - total.ln();
    let all = count.pow(latent as u32);
    let of = |k: usize| (0..latent).map(move |axis| k / count.pow(axis as u32) % count);
    let z: Vec<f64> = (0..all).flat_map(|k| of(k).map(place)).collect();
    let log_weights: Vec<f64> = (0..all).map(|k| of(k).map(log_weight).sum()).collect();
    [graph.literal(&z, &[all, latent]), graph.literal(&log_weights, &[all])]
}

/// ln p(x) of points of the plane [n, 2], [n], by a sum over nodes: what is emitted at each, and the logarithms of their weights [K]. It is
/// the density of a mixture of normal laws, and that of the model as long as the decoder leads neighbours less than 1.5 σ apart. Nodes of
/// one variable lie close enough for nearly any decoder; of two they need not.
pub(super) fn counted<'g>(x: Tensor<'g>, emission: Emission<'g>, log_weights: Tensor<'g>) -> Tensor<'g> {
    let (n, all) = (x.shape()[0], log_weights.len());
    let Emission::Normal(mean, deviation) = emission else { unreachable!("points of the plane") };
    let along = |i: usize| (x.column(i).reshape(&[n, 1]) - mean.column(i).reshape(&[1, all])) / deviation;
    let squared = along(0).square() + along(1).square();
    (log_weights.reshape(&[1, all]) - 0.5 * squared).logsumexp(1) - 2.0 * deviation.ln() - TAU.ln()
}
