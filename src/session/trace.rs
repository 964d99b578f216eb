//! The way of the particles, for whoever measures how well they sample.

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
