//! The exact log-likelihood of a model of noise levels, by its probability flow: the density of what samples are that flow down from noise
//! without chance.

use super::bias::Breathe;
use super::program::{FLOW_RUNGS, Role, slot};
use super::{Purpose, Session};
use crate::error::{Error, Result};
use std::f64::consts::TAU;

/// Rungs between two breaths.
const PORTION: usize = 10;

impl Session {
    fn check_levels(&self, x: &[f32]) -> Result<()> {
        self.in_the_plane()?;
        self.check_points(x)?;
        if self.has(Role::Flow) {
            return Ok(());
        }
        let expected = "a model of every noise level, along whose levels points flow";
        Err(Error::value("model.id", self.config.model.id, expected))
    }

    /// Points [2n] as they are at the level that is shown: a x₀ + σz, each with its own z, which stays the same as the level moves.
    pub async fn noised(&mut self, x: &[f32]) -> Result<Vec<f32>> {
        self.check_levels(x)?;
        self.told(Role::Noised, (slot::PROBE, 2), slot::PROBE_NOISED, x, 0).await
    }

    /// ln p(x) of points [2n] → [n], in nats, under the averaged weights: ln N(x_T; 0, σ_T²I) of where a point flows up to, and
    /// the logarithm of the volume that the flow stretches around it.
    pub async fn log_likelihood(&mut self, x: &[f32], breathe: Breathe<'_>) -> Result<Vec<f32>> {
        self.check_levels(x)?;
        let ranges = [slot::FLOW, slot::FLOW_VOLUME, slot::FLOW_TOP].map(|name| self.range(name));
        let rows = ranges[1].len();
        self.run(Role::FlowTop, Purpose::Start, 0, 0, 1)?;
        let mut all = vec![];
        for chunk in x.chunks(2 * rows) {
            self.write(slot::FLOW, chunk)?;
            self.write(slot::FLOW_VOLUME, &vec![0.0; rows])?;
            self.write(slot::FLOW_RUNG, &[0.0])?;
            for from in (0..FLOW_RUNGS).step_by(PORTION) {
                self.run(Role::Flow, Purpose::Start, 0, from, PORTION.min(FLOW_RUNGS - from))?;
                self.backend.submit();
                breathe().await;
            }
            let read = self.backend.read(&ranges).await?;
            let [width, size] = [read[2][0], read[2][1]].map(f64::from);
            let constant = 2.0 * size.ln() - (TAU * width * width).ln();
            all.extend(read[0].chunks_exact(2).zip(&read[1]).take(chunk.len() / 2).map(|(y, volume)| {
                let squared: f64 = y.iter().map(|&c| (size * f64::from(c)).powi(2)).sum();
                (constant - squared / (2.0 * width * width) + f64::from(*volume)) as f32
            }));
        }
        Ok(all)
    }
}
