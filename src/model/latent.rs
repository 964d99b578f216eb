//! Models of latent variables z: p(x) = ∫ p(x | z) p(z) dz with the prior N(0, I), and an encoder that guesses the posterior p(z | x)
//! (Kingma & Welling 2014; Rezende, Mohamed & Wierstra 2014).

use crate::graph::Tensor;
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

/// What a model of latent variables offers to rules and kernels.
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
