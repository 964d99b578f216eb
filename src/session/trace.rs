//! The way of the particles, for whoever measures how well they sample.

#[cfg(feature = "whole")]
use super::program::{self, FORESEEN};
use super::program::{Role, TEST_POINTS, TRACE, slot};
use super::{Mode, Purpose, Session, edit};
use crate::error::{Error, Result};

impl Session {
    /// Walks the particles `steps` steps through the energy as it is now and returns, step by step, where the first of them
    /// are (256 at the most), x and y, and the share of all whose move was accepted.
    pub async fn trace(&mut self, steps: usize) -> Result<Vec<f32>> {
        const MOST: usize = 10_000;
        if !(1..=MOST).contains(&steps) {
            return Err(Error::value("steps", steps, format!("a whole number from 1 to {MOST}")));
        }
        if self.config.particles() == 0 {
            return Err(Error::value("particles", 0, "at least one, whose way is noted"));
        }
        let Some(range) = self.find_range(slot::TRACE) else { return self.in_the_plane().map(|()| vec![]) };
        let columns = range.len() / TRACE[0];
        let mut rows = vec![];
        while rows.len() < steps * columns {
            let portion = (steps - rows.len() / columns).min(TRACE[0]);
            self.write(slot::TRACE_ROW, &[0.0])?;
            for _ in 0..portion {
                self.logged_round(Mode::Sample)?;
                self.run(Role::Record, Purpose::Walk, self.clock.steps, 0, 1)?;
            }
            self.backend.submit();
            let read = self.backend.read(std::slice::from_ref(&range)).await?.remove(0);
            rows.extend_from_slice(&read[..portion * columns]);
        }
        Ok(rows)
    }

    /// Where the first samples (32 at the most) are going to be on their way down the levels of noise, at the energy as it is now: places
    /// [2n], where they are and then where each of their next steps leads, no more than `most`; what will happen if nothing is learned
    /// meanwhile. Nothing moves. Empty of kernels that lead down no levels, and where the samples have arrived.
    #[cfg(feature = "whole")]
    pub async fn future(&mut self, most: usize) -> Result<Vec<Vec<f32>>> {
        const MOST: usize = 2000;
        if !(1..=MOST).contains(&most) {
            return Err(Error::value("most", most, format!("a whole number from 1 to {MOST}")));
        }
        if !self.has(Role::Foresee) {
            return Ok(vec![]);
        }
        self.run(Role::ForeseeFrom, Purpose::Walk, 0, 0, 1)?;
        self.backend.submit();
        let counted = self.parts.carries(&self.config).expect("a ladder is counted along");
        let ranges = [slot::FUTURE.to_string(), program::carried(slot::FUTURE, counted)].map(|name| self.range(&name));
        let read = self.backend.read(&ranges).await?;
        let (now, done) = (&read[0], read[1][0] as usize);
        let steps = self.parts.sampler.ladder(&self.config.sampler).saturating_sub(done).min(most);
        // One that has not begun is nowhere yet: its first step draws it.
        let mut places = if done > 0 && steps > 0 { vec![now.clone()] } else { vec![] };
        let way = self.range(slot::FUTURE_WAY);
        for portion in (0..steps).step_by(FORESEEN[1]) {
            let n = FORESEEN[1].min(steps - portion);
            self.write(slot::FUTURE_ROW, &[0.0])?;
            for i in 0..n {
                self.run(Role::Foresee, Purpose::Walk, self.clock.steps + (portion + i) as u64, 0, 1)?;
            }
            self.backend.submit();
            let rows = self.backend.read(std::slice::from_ref(&way)).await?.remove(0);
            places.extend(rows.chunks_exact(now.len()).take(n).map(<[f32]>::to_vec));
        }
        Ok(places)
    }

    /// Held-out draws of the density, those that its likelihood is measured on; none where nothing can be drawn.
    pub fn held_out(&self) -> Vec<[f32; 2]> {
        edit::sample_test(&self.config, self.parts.density, TEST_POINTS)
    }

    /// The modes of the density, four numbers each: centre, weight and standard deviation; none where it has none.
    pub fn modes(&self) -> Vec<f64> {
        let modes = self.parts.density.modes(&self.config.data).unwrap_or_default();
        modes.iter().flat_map(|m| [m.centre[0], m.centre[1], m.weight, m.sd]).collect()
    }
}
