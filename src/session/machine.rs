//! Questions to a model with hidden units: what they say of images, how likely it finds those, and its log Z, exactly or by annealed
//! importance sampling.

use super::bias::Breathe;
use super::program::{ANNEALED, Role, slot};
use super::{Purpose, Session};
use crate::data::images::Part;
use crate::error::{Error, Result};
use crate::json;
use crate::json::Value;
use crate::model::machine::{Machine, log_sum_exp, softplus};

/// Steps of annealing between two breaths.
const PORTION: usize = 20;
/// Most inverse temperatures.
pub const MOST_STEPS: usize = 100_000;

/// What hidden units say of images.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Units {
    /// How likely each is on, [n, hidden].
    pub on: Vec<f32>,
    /// The mean of the visible units when hidden ones are as likely on as that, [n, d], from −1 to 1.
    pub mean: Vec<f32>,
}

/// An estimate of log Z.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogPartition {
    /// ln of the mean weight of the chains: Z is found without bias.
    pub estimate: f64,
    /// Standard error of the estimate, from the spread of the weights (in nats; by the delta method).
    pub standard_error: f64,
    /// Mean of the logarithms of the weights, which on average lies below log Z (Jensen).
    pub lower: f64,
    /// By counting out all states of the smaller layer, where it has few.
    pub exact: Option<f64>,
    /// Chains.
    pub chains: usize,
    /// The update whose weights they are.
    pub update: u64,
    /// Mean log-likelihood of held-out images, in nats, with the exact log Z where there is one.
    pub held_out: f64,
}

/// What is known exactly where all states can be counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likelihood {
    /// log Z.
    pub log_partition: f64,
    /// Mean log-likelihood of held-out images, or of patterns whose law is known in full, in nats.
    pub held_out: f64,
    /// Where the images are patterns: what is known of their law.
    pub law: Option<Law>,
}

/// What is known of a law of few patterns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Law {
    /// Its entropy, in nats: no mean log-likelihood exceeds the negative of it.
    pub entropy: f64,
    /// The probability that the machine gives to its patterns together.
    pub mass: f64,
}

impl Likelihood {
    /// As scripts read it; `entropy` and `mass` are null where the law is not known.
    pub fn to_json(&self) -> Value {
        json!({
            "logPartition": (self.log_partition),
            "heldOut": (self.held_out),
            "entropy": (self.law.map(|law| law.entropy)),
            "mass": (self.law.map(|law| law.mass)),
        })
    }
}

impl LogPartition {
    /// As scripts read it; `exact` is null where nothing was counted out.
    pub fn to_json(&self) -> Value {
        json!({
            "estimate": (self.estimate),
            "standardError": (self.standard_error),
            "lower": (self.lower),
            "exact": (self.exact),
            "chains": (self.chains),
            "update": (self.update),
            "heldOut": (self.held_out),
        })
    }
}

impl Session {
    /// Whether the model has hidden units.
    pub fn has_units(&self) -> bool {
        self.has(Role::Units)
    }

    fn check_units(&self) -> Result<()> {
        if self.has_units() {
            return Ok(());
        }
        Err(Error::value("model.id", self.config.model.id, "a model with hidden units, such as rbm"))
    }

    /// What the hidden units say of images x [n · d], under the averaged weights.
    pub async fn units(&mut self, x: &[f32]) -> Result<Units> {
        self.check_units()?;
        self.check_points(x)?;
        let d = self.space().dimension();
        let ranges = [slot::PROBE_UNITS, slot::PROBE_MEAN].map(|name| self.range(name));
        let rows = ranges[1].len() / d;
        let hidden = ranges[0].len() / rows;
        let mut units = Units { on: vec![], mean: vec![] };
        for chunk in x.chunks(rows * d) {
            self.write(slot::PROBE, chunk)?;
            self.run(Role::Units, Purpose::Start, 0, 0, 1)?;
            self.backend.submit();
            let read = self.backend.read(&ranges).await?;
            units.on.extend_from_slice(&read[0][..hidden * (chunk.len() / d)]);
            units.mean.extend_from_slice(&read[1][..chunk.len()]);
        }
        Ok(units)
    }

    /// The weights of each hidden unit to the pixels, [hidden · d], averaged.
    pub async fn filters(&mut self) -> Result<Vec<f32>> {
        self.check_units()?;
        let mut flat = self.backend.read(&[self.range(slot::AVERAGE)]).await?.remove(0);
        flat.truncate(self.compiled.weights[0].len());
        Ok(flat)
    }

    async fn machine(&mut self) -> Result<Machine> {
        self.check_units()?;
        let flat = self.backend.read(&[self.range(slot::AVERAGE)]).await?.remove(0);
        Ok(Machine::of_flat(&flat, self.compiled.weights[0].shape[0]))
    }

    /// Visible units, 0 or 1, of the first held-out images, no more than `most`: image by image.
    fn held_out_units(&self, most: usize) -> Result<Vec<Vec<f64>>> {
        let pixels = self.selected(Part::HeldOut)?.pixels;
        let images = pixels.chunks_exact(self.space().dimension()).take(most);
        Ok(images.map(|x| x.iter().map(|&x| f64::from(x > 0.0)).collect()).collect())
    }

    /// Mean of Σ_i ln p(x_i | the other pixels) over the first held-out images, no more than `most`, in nats (Besag 1975); NaN where
    /// there are none.
    pub async fn pseudo_log_likelihood(&mut self, most: usize, breathe: Breathe<'_>) -> Result<f64> {
        let machine = self.machine().await?;
        let images = self.held_out_units(most)?;
        let mut sum = 0.0;
        for v in &images {
            sum += machine.pseudo_log_likelihood(v);
            breathe().await;
        }
        Ok(sum / images.len() as f64)
    }

    /// The exact likelihood: of a machine with a small layer, and of any energy of patterns; `None` where there are too many states.
    pub async fn likelihood(&mut self) -> Result<Option<Likelihood>> {
        let known = self.parts.density.patterns(&self.config.data).is_some();
        if !known && !self.has_units() {
            return Ok(None);
        }
        let images = self.held_out_units(usize::MAX)?;
        let (log_partition, energies) = if self.has_units() {
            let machine = self.machine().await?;
            let Some(log_partition) = machine.log_partition() else { return Ok(None) };
            (log_partition, images.iter().map(|v| machine.free_energy(v)).collect::<Vec<_>>())
        } else {
            (self.counted_log_partition().await?, self.energies_of(images.iter().map(Vec::as_slice)).await?)
        };
        let n = images.len() as f64;
        let law = known.then(|| {
            // How often each pattern is there, itself counted.
            let like = |v: &Vec<f64>| images.iter().filter(|other| *other == v).count() as f64;
            Law {
                entropy: -images.iter().map(|v| (like(v) / n).ln()).sum::<f64>() / n,
                mass: images.iter().zip(&energies).map(|(v, e)| (-e - log_partition).exp() / like(v)).sum(),
            }
        });
        Ok(Some(Likelihood { log_partition, held_out: -energies.iter().sum::<f64>() / n - log_partition, law }))
    }

    /// Energies of visible units, 0 or 1.
    async fn energies_of<'a>(&mut self, units: impl Iterator<Item = &'a [f64]>) -> Result<Vec<f64>> {
        let x: Vec<f32> = units.flatten().map(|&v| 2.0 * v as f32 - 1.0).collect();
        Ok(self.evaluate(&x).await?.0.into_iter().map(f64::from).collect())
    }

    /// log Z of patterns over all that their pixels can be.
    async fn counted_log_partition(&mut self) -> Result<f64> {
        let d = self.space().dimension();
        let states: Vec<f64> = (0..1usize << d).flat_map(|s| (0..d).map(move |i| (s >> i & 1) as f64)).collect();
        let energies = self.energies_of(states.chunks_exact(d)).await?;
        Ok(log_sum_exp(&energies.into_iter().map(|e| -e).collect::<Vec<_>>()))
    }

    /// log Z by annealed importance sampling (Neal 2001; Salakhutdinov & Murray 2008) over equal steps of the inverse
    /// temperature, from independent pixels that are as bright as those of the data. Each seed makes other chains.
    pub async fn log_partition(&mut self, steps: usize, seed: u64, breathe: Breathe<'_>) -> Result<LogPartition> {
        let machine = self.machine().await?;
        if !(1..=MOST_STEPS).contains(&steps) {
            return Err(Error::value("steps", steps, format!("a whole number from 1 to {MOST_STEPS}")));
        }
        let base = self.independent_log_odds()?;
        self.write(slot::ANNEAL_BASE, &base)?;
        self.write(slot::ANNEAL_RUNGS, &[steps as f32])?;
        self.run(Role::AnnealFrom, Purpose::Anneal, seed, 0, 1)?;
        for from in (0..steps).step_by(PORTION) {
            // Step 0 was the start's.
            self.run(Role::Anneal, Purpose::Anneal, seed, from + 1, PORTION.min(steps - from))?;
            self.backend.submit();
            breathe().await;
        }
        let read = self.backend.read(&[self.range(slot::ANNEALED_WEIGHTS)]).await?;
        let log_base = machine.hidden_units() as f64 * std::f64::consts::LN_2
            + base.iter().map(|&a| softplus(f64::from(a))).sum::<f64>();
        let weights: Vec<f64> = read[0].iter().map(|&w| log_base + f64::from(w)).collect();
        let n = weights.len() as f64;
        let estimate = log_sum_exp(&weights) - n.ln();
        let variance = weights.iter().map(|w| ((w - estimate).exp() - 1.0).powi(2)).sum::<f64>() / (n - 1.0);
        let exact = machine.log_partition();
        let images = self.held_out_units(usize::MAX)?;
        let energy = images.iter().map(|v| machine.free_energy(v)).sum::<f64>() / images.len() as f64;
        Ok(LogPartition {
            estimate,
            standard_error: (variance / n).sqrt(),
            lower: weights.iter().sum::<f64>() / n,
            exact,
            chains: ANNEALED,
            update: self.clock.update,
            held_out: -energy - exact.unwrap_or(estimate),
        })
    }

    /// Log-odds of each pixel among the images that are learned, [d], each counted once more on and once more off, so that none is certain.
    fn independent_log_odds(&self) -> Result<Vec<f32>> {
        let pixels = self.selected(Part::Training)?.pixels;
        let d = self.space().dimension();
        let mut on = vec![1.0; d];
        pixels.chunks_exact(d).for_each(|x| on.iter_mut().zip(x).for_each(|(on, x)| *on += f64::from(*x > 0.0)));
        let all = (pixels.len() / d) as f64 + 2.0;
        Ok(on.into_iter().map(|on: f64| (on / (all - on)).ln() as f32).collect())
    }
}
