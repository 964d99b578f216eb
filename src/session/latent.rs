//! Questions to a model of latent variables: what its encoder and its decoder say, and how far the evidence lower bound of held-out points
//! lies below their likelihood.

use super::bias::Breathe;
use super::program::{Role, slot};
use super::{Purpose, Session};
use crate::data::Space;
use crate::data::images::Part;
use crate::error::{Error, Result};
use crate::json;
use crate::json::Value;

/// Latent variables of points of the plane that the energy sums out on nodes close enough to call it exact.
const SUMMED_OUT: usize = 1;
/// Most pieces of the way of latent chains, and more steps than such a way has.
const MOST_PIECES: usize = 100;
const MOST_STEPS: usize = 1024;
/// Most draws of the bound for each point.
pub const MOST_DRAWS: usize = 4096;

/// The evidence lower bound of held-out points, means in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The bound: the mean of ln p(x, z)/q(z | x) over draws of the encoder's law, which is ln p(x) at every draw once that law is the
    /// posterior.
    pub elbo: f64,
    /// KL(q(z | x) ‖ p(z)), in closed form.
    pub divergence: f64,
    /// Standard error of the bound, from the spread between the points.
    pub standard_error: f64,
    /// ln of the mean importance weight of all draws of a point (Burda, Grosse & Salakhutdinov 2016, eq. 8): between the bound and
    /// ln p(x) on average, and the closer to it the more draws.
    pub importance_weighted: f64,
    /// ln p(x) as the energy has it, of points of the plane and one latent variable.
    pub log_likelihood: Option<f64>,
    /// Points.
    pub points: usize,
    /// Draws for each.
    pub draws: usize,
    /// The update whose weights they are.
    pub update: u64,
}

/// Chains of latent variables on their way.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentChains {
    /// Of the posterior of points: at each moment that is told, where they are, [n · latent].
    pub posterior: Vec<Vec<f32>>,
    /// Of the prior.
    pub prior: Vec<Vec<f32>>,
    /// Steps of the whole way of each kind.
    pub steps: [usize; 2],
}

impl Bound {
    /// −E ln p(x | z), the other term of the bound.
    pub fn reconstruction(&self) -> f64 {
        -self.elbo - self.divergence
    }

    /// As scripts read it; `logLikelihood` is null where it is not known.
    pub fn to_json(&self) -> Value {
        json!({
            "elbo": (self.elbo),
            "reconstruction": (self.reconstruction()),
            "divergence": (self.divergence),
            "standardError": (self.standard_error),
            "importanceWeighted": (self.importance_weighted),
            "logLikelihood": (self.log_likelihood),
            "points": (self.points),
            "draws": (self.draws),
            "update": (self.update),
        })
    }
}

impl Session {
    /// Whether the model has an encoder.
    pub fn has_encoder(&self) -> bool {
        self.has(Role::Encode)
    }

    /// Latent variables of a point of a model that does this with them.
    fn check_latent(&self, role: Role) -> Result<usize> {
        if self.has(role) {
            return Ok(self.parts.model.latent(&self.config.model));
        }
        let expected = match role {
            Role::Decode => "a model of latent variables, such as vae",
            Role::Encode | Role::Bound => "a model with an encoder, such as vae",
            _ => "a model whose latent variables have an energy, such as latent-ebm",
        };
        Err(Error::value("model.id", self.config.model.id, expected))
    }

    /// μ and ln σ of the encoder's law of points x [n · d], [n · 2 latent], under the averaged weights.
    pub async fn encode(&mut self, x: &[f32]) -> Result<Vec<f32>> {
        self.check_latent(Role::Encode)?;
        self.check_points(x)?;
        let d = self.space().dimension();
        self.told(Role::Encode, (slot::PROBE, d), slot::PROBE_LATENT, x, 0).await
    }

    /// E[x | z] of latent variables z [n · latent], [n · d], under the averaged weights.
    pub async fn decode(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        self.told_of_latent(Role::Decode, slot::PROBE_MEAN, z).await
    }

    /// What the prior of latent variables z [n · latent] is tilted by, f(z) [n], under the averaged weights.
    pub async fn tilt(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        self.told_of_latent(Role::Tilt, slot::LATENT_TILT, z).await
    }

    async fn told_of_latent(&mut self, role: Role, to: &str, z: &[f32]) -> Result<Vec<f32>> {
        let latent = self.check_latent(role)?;
        if !z.len().is_multiple_of(latent) {
            return Err(Error::value("z", format!("{} numbers", z.len()), format!("{latent} numbers a point")));
        }
        self.told(role, (slot::LATENT, latent), to, z, 0).await
    }

    /// How chains of the posterior of points x [n · d], and as many of the prior, get where they lead: both begin at draws of N(0, I) and
    /// take as many steps as those of an update do, under the averaged weights. They are told at their beginning and at the ends of so many
    /// pieces of their way. Those of the prior need a kernel whose step size is theirs: without one there are none. Each seed makes others.
    pub async fn latent_chains(&mut self, x: &[f32], pieces: usize, seed: u64) -> Result<LatentChains> {
        let latent = self.check_latent(Role::PosteriorStep)?;
        self.check_points(x)?;
        if !(1..=MOST_PIECES).contains(&pieces) {
            return Err(Error::value("pieces", pieces, format!("a whole number from 1 to {MOST_PIECES}")));
        }
        let prior = if self.has(Role::PriorStep) { self.config.sampler.count("steps") } else { 0 };
        let all = [(Role::PosteriorStep, self.posterior_steps()), (Role::PriorStep, prior)];
        let ranges = [slot::LATENT_POSTERIOR, slot::LATENT_PRIOR].map(|name| self.range(name));
        let rows = ranges[0].len() / latent;
        let d = self.space().dimension();
        let mut told = all.map(|(_, steps)| vec![vec![]; if steps == 0 { 0 } else { pieces + 1 }]);
        for (i, chunk) in x.chunks(rows * d).enumerate() {
            // No step shares its chance with another, nor with where the chains begin.
            let chance = i * MOST_STEPS;
            self.write(slot::PROBE, chunk)?;
            self.run(Role::LatentFrom, Purpose::Latent, seed, chance, 1)?;
            for piece in 0..=pieces {
                for (role, steps) in all {
                    let [from, to] = [piece.saturating_sub(1), piece].map(|k| k * steps / pieces);
                    if to > from {
                        self.run(role, Purpose::Latent, seed, chance + 1 + from, to - from)?;
                    }
                }
                self.backend.submit();
                let read = self.backend.read(&ranges).await?;
                for (told, values) in told.iter_mut().zip(&read) {
                    if let Some(told) = told.get_mut(piece) {
                        told.extend_from_slice(&values[..chunk.len() / d * latent]);
                    }
                }
            }
        }
        let [posterior, prior] = told;
        Ok(LatentChains { posterior, prior, steps: all.map(|(_, steps)| steps) })
    }

    fn posterior_steps(&self) -> usize {
        self.parts.model.posterior_steps(&self.config.model)
    }

    /// The steps of the posterior chains of a batch, where the rule asks for them.
    pub(super) fn infer(&mut self, update: u64) -> Result<()> {
        match self.has(Role::Infer) {
            true => self.run(Role::Infer, Purpose::Infer, update, 0, self.posterior_steps()),
            false => Ok(()),
        }
    }

    /// The evidence lower bound of the first held-out points (the visitor's own where no density is behind them), no more than `most`, by so
    /// many draws for each. Each seed makes other draws. Means are NaN where there are no points.
    pub async fn lower_bound(&mut self, draws: usize, seed: u64, most: usize, breathe: Breathe<'_>) -> Result<Bound> {
        let latent = self.check_latent(Role::Bound)?;
        if !(1..=MOST_DRAWS).contains(&draws) {
            return Err(Error::value("draws", draws, format!("a whole number from 1 to {MOST_DRAWS}")));
        }
        let (plane, d) = (self.space() == Space::Plane, self.space().dimension());
        let mut x = match plane {
            true => self.plane_points(),
            false => self.selected(Part::HeldOut)?.pixels,
        };
        x.truncate(most.saturating_mul(d));
        let range = self.range(slot::PROBE_BOUND);
        let mut each: Vec<[f64; 3]> = vec![];
        for (i, chunk) in x.chunks(range.len() / 2 * d).enumerate() {
            self.write(slot::PROBE, chunk)?;
            // Sums of ln w and of the divergence, and ln of the sum of w, over the draws of each point.
            let mut sums = vec![[0.0, 0.0, f64::NEG_INFINITY]; chunk.len() / d];
            for draw in 0..draws {
                self.run(Role::Bound, Purpose::Bound, seed, i * draws + draw, 1)?;
                self.backend.submit();
                let read = self.backend.read(std::slice::from_ref(&range)).await?.remove(0);
                for (sum, row) in sums.iter_mut().zip(read.chunks_exact(2)) {
                    let [weight, divergence] = [row[0], row[1]].map(f64::from);
                    let (low, high) = (sum[2].min(weight), sum[2].max(weight));
                    *sum = [sum[0] + weight, sum[1] + divergence, high + (low - high).exp().ln_1p()];
                }
                breathe().await;
            }
            let n = draws as f64;
            each.extend(sums.into_iter().map(|[mean, divergence, all]| [mean / n, divergence / n, all - n.ln()]));
        }
        let n = each.len() as f64;
        let mean = |i: usize| each.iter().map(|row| row[i]).sum::<f64>() / n;
        let elbo = mean(0);
        let variance = each.iter().map(|row| (row[0] - elbo).powi(2)).sum::<f64>() / (n - 1.0);
        let log_likelihood = match plane && latent <= SUMMED_OUT {
            true => Some(-self.evaluate(&x).await?.0.into_iter().map(f64::from).sum::<f64>() / n),
            false => None,
        };
        Ok(Bound {
            elbo,
            divergence: mean(1),
            standard_error: (variance / n).sqrt(),
            importance_weighted: mean(2),
            log_likelihood,
            points: each.len(),
            draws,
            update: self.clock.update,
        })
    }

    /// Held-out points of the plane, or the visitor's own, [2n].
    fn plane_points(&self) -> Vec<f32> {
        match self.held_out() {
            points if points.is_empty() => self.data.as_flattened().to_vec(),
            points => points.into_flattened(),
        }
    }
}
