//! The bias meter: how far the gradient that a rule uses points away from the exact maximum-likelihood gradient.

use super::program::{Role, slot};
use super::{Purpose, Session};
use crate::backend::Local;
use crate::error::{Error, Result};
use crate::json;
use crate::json::Map;
use crate::objective::DATA_NOISE;
use std::mem::take;

/// Sampler steps between two breaths.
const PORTION: usize = 10;

/// Lets others have their turn: a long measurement is no reason to seem dead.
pub type Breathe<'a> = &'a mut dyn FnMut() -> Local<()>;

impl Session {
    /// The rule whose gradient is exact in two dimensions, on data as noisy as the rule's own.
    fn exact_rule(&self) -> String {
        let mut objective = Map::new();
        objective.insert("id", "maximum-likelihood");
        if let Some((name, noise)) = self.config.objective.values().find(|(name, _)| *name == DATA_NOISE.name) {
            objective.insert(name, noise.clone());
        }
        json!({"objective": objective}).to_string()
    }

    /// The angle in degrees and the ratio of the lengths between the rule's gradient and the exact one, both over the model's
    /// weights as they are now and on the same batches, each the mean of `draws`; after each of these numbers of sampler steps,
    /// [(steps, angle, ratio)]. A rule without chains has one line, of no steps. The run stays as it is.
    pub async fn gradient_bias(
        &mut self,
        steps: &[usize],
        draws: usize,
        breathe: Breathe<'_>,
    ) -> Result<Vec<[f64; 3]>> {
        const MOST: usize = 1000;
        if !self.trains() {
            return Err(Error::value(
                "model.id",
                self.config.model.id,
                "a model that learns, whose gradient is measured",
            ));
        }
        self.in_the_plane()?;
        self.check_energy()?;
        #[cfg(feature = "whole")]
        if self.learns_pairs() {
            let expected = "a rule that learns how likely points are, whose gradient has an exact one beside it";
            return Err(Error::value("objective.id", self.config.objective.id, expected));
        }
        if let Some(wrong) = steps.iter().chain([&draws]).find(|&&n| n == 0 || n > MOST) {
            return Err(Error::value("bias", wrong, format!("numbers of steps and of draws from 1 to {MOST}")));
        }
        let kept = self.snapshot().await?;
        let (rewind, guard) = (take(&mut self.rewind), take(&mut self.guard));
        let measured = self.measure_bias(steps, draws, breathe).await;
        // Also where it failed: the rule in between is nobody's choice.
        let back = self.go_to(&kept).await;
        self.history.begin_at(self.clock.update);
        (self.rewind, self.guard) = (rewind, guard);
        back.and(measured)
    }

    async fn measure_bias(&mut self, steps: &[usize], draws: usize, breathe: Breathe<'_>) -> Result<Vec<[f64; 3]>> {
        let chains = self.chain_steps() > 0;
        let steps = if chains { steps } else { &[0] };
        let mut gradients = vec![];
        for &n in steps {
            gradients.push(self.mean_gradient(n, draws, breathe).await?);
        }
        self.configure(&self.exact_rule()).await?;
        let exact = self.mean_gradient(0, draws, breathe).await?;
        // What a rule learns beside the model's weights comes behind them.
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let squared = product(&exact, &exact);
        let compare = |(&n, g): (&usize, &Vec<f64>)| {
            let own = &g[..exact.len()];
            let length = product(own, own).sqrt();
            let cosine = product(own, &exact) / (length * squared.sqrt());
            [n as f64, cosine.clamp(-1.0, 1.0).acos().to_degrees(), length / squared.sqrt()]
        };
        Ok(steps.iter().zip(&gradients).map(compare).collect())
    }

    /// The mean of the gradients of the next updates, had they so many sampler steps; nothing is learned.
    async fn mean_gradient(&mut self, steps: usize, draws: usize, breathe: Breathe<'_>) -> Result<Vec<f64>> {
        let range = self.range(slot::GRADIENT);
        let mut mean = vec![0.0; range.len()];
        for update in (self.clock.update..).take(draws) {
            self.run(Role::Draw, Purpose::Draw, update, 0, 1)?;
            #[cfg(feature = "whole")]
            self.infer(update)?;
            for from in (0..steps).step_by(PORTION) {
                self.run(Role::ChainStep, Purpose::Chains, update, from, PORTION.min(steps - from))?;
                self.backend.submit();
                breathe().await;
            }
            self.run(Role::Gradient, Purpose::Gradient, update, 0, 1)?;
            self.backend.submit();
            let gradient = self.backend.read(std::slice::from_ref(&range)).await?.remove(0);
            breathe().await;
            mean.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += f64::from(g) / draws as f64);
        }
        Ok(mean)
    }
}
