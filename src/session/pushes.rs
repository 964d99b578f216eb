//! The push ledger: what the next update does to the energy, and who asked for it.

use super::program::{Role, slot};
use super::{Mode, Purpose, Session};
use crate::error::{Error, Result};
use crate::optim;

/// Changes of the energy at some points, each [n].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pushes {
    /// −η ⟨∂E(x)/∂θ, g⟩ for the learning rate η of the moment, clipped as the gradient is, and the part g of the gradient that the data contribute: what plain gradient
    /// descent would do for them alone, to first order.
    pub data: Vec<f32>,
    /// The same for the rest of the gradient: the model's samples, or whatever the data are compared with.
    pub model: Vec<f32>,
    /// What the optimiser did: E after the update minus E before.
    pub change: Vec<f32>,
    /// The data that the update asked, [2b].
    pub batch: Vec<f32>,
    /// What it compared them with, [2m]; empty where the rule draws none.
    pub negatives: Vec<f32>,
}

/// The stages at whose end the gradient is there and the weights are as they were.
const COMPARED: [usize; 2] = [3, 4];

impl Session {
    /// Carries out the next update (the rest of it, where it was begun by hand) and tells what it did to the energy of the
    /// trained weights at points [n, 2].
    pub async fn pushes(&mut self, points: &[[f32; 2]]) -> Result<Pushes> {
        if !self.trains() {
            return Err(Error::value("model.id", self.config.model.id, "a model that learns, whose update is told"));
        }
        self.in_the_plane()?;
        self.check_energy()?;
        if self.rewind.is_empty() {
            self.checkpoint().await?;
        }
        while !self.clock.stage.is_some_and(|stage| COMPARED.contains(&stage)) {
            self.logged_stage(Mode::Run)?;
        }
        self.run(Role::DataGradient, Purpose::Gradient, self.clock.update, 0, 1)?;
        let [before, along, along_data] = self.pushed(points).await?;
        while self.clock.stage.is_some() {
            self.logged_stage(Mode::Run)?;
        }
        let [after, ..] = self.pushed(points).await?;
        let mut asked = vec![self.range(slot::GRADIENT), self.range(slot::BATCH)];
        asked.extend(self.find_range(slot::NEGATIVES));
        let mut read = self.backend.read(&asked).await?.into_iter();
        let rate = self.rate_of(self.clock.update - 1, &read.next().unwrap_or_default()) as f32;
        Ok(Pushes {
            batch: read.next().unwrap_or_default(),
            negatives: read.next().unwrap_or_default(),
            data: along_data.iter().map(|d| -rate * d).collect(),
            model: along.iter().zip(&along_data).map(|(a, d)| -rate * (a - d)).collect(),
            change: after.iter().zip(&before).map(|(a, b)| a - b).collect(),
        })
    }

    /// What plain gradient descent multiplies this gradient by at an update: the rate of the schedule, clipped.
    fn rate_of(&self, update: u64, gradient: &[f32]) -> f64 {
        let rate = optim::rate(&self.config.optimizer, update);
        let norm = gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
        self.config.optimizer.optional("clipNorm").map_or(rate, |most| rate * (most / norm).min(1.0))
    }

    /// E and its derivatives along the gradient and the data's part of it, each [n].
    async fn pushed(&mut self, points: &[[f32; 2]]) -> Result<[Vec<f32>; 3]> {
        let ranges = [slot::PUSH_ENERGY, slot::PUSH, slot::PUSH_DATA].map(|name| self.range(name));
        let mut all = [const { vec![] }; 3];
        for chunk in points.chunks(self.range(slot::PROBE_ENERGY).len()) {
            self.write(slot::PROBE, chunk.as_flattened())?;
            self.run(Role::Push, Purpose::Start, 0, 0, 1)?;
            self.backend.submit();
            let values = self.backend.read(&ranges).await?;
            all.iter_mut().zip(values).for_each(|(all, part)| all.extend_from_slice(&part[..chunk.len()]));
        }
        Ok(all)
    }
}
