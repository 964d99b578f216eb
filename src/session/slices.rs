//! The running clock in slices of time, so that whoever asks for something between them never waits for long.

use super::stepping::{GRADIENT, LAST};
use super::{Mode, Session};
use crate::backend::Local;
use crate::data::Space;
use crate::error::Result;

/// How much fits a slice.
#[derive(Debug)]
pub(super) struct Pace {
    /// Rounds, adapted as they are measured.
    rounds: f64,
    /// Rounds of the slice under way, or the share of one.
    begun: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rounds: 1.0, begun: 0.0 }
    }
}

/// A round that takes longer than so many slices is carried out in parts: between them the page sees an update half done.
const LONG: f64 = 6.0;
/// What everything of an update but its chains' steps costs, in such steps.
const BESIDE: f64 = 6.0;

impl Session {
    /// Begins a slice of time: hands about as many rounds to the device as it does in one, `most` at the most, and a
    /// piece of what the page still has to be shown; of a round that is long, a part. Resolves when the slice before it is done,
    /// so that at most two are in flight. Returns how many rounds have ended.
    pub fn begin_slice(&mut self, mode: Mode, most: usize, now_ms: f64) -> Result<(usize, Local<()>)> {
        let learns = self.trains() && matches!(mode, Mode::Run | Mode::Learn);
        let rounds = match mode {
            Mode::Paused => 0,
            _ if learns && self.pace.rounds < 1.0 / LONG => self.part(mode)?,
            _ => {
                let rounds = (self.pace.rounds as usize).clamp(1, most.max(1));
                for _ in 0..rounds {
                    self.logged_round(mode)?;
                }
                self.pace.begun = rounds as f64;
                rounds
            }
        };
        self.chore(mode, now_ms)?;
        self.backend.submit();
        Ok((rounds, self.backend.settle(1)))
    }

    /// Ends a slice that took `elapsed_ms`: the next one is sized to take `budget_ms`; by 0 nothing is measured.
    pub fn end_slice(&mut self, elapsed_ms: f64, budget_ms: f64) {
        let begun = std::mem::take(&mut self.pace.begun);
        if begun == 0.0 || budget_ms == 0.0 {
            return;
        }
        let fitting = begun * budget_ms / elapsed_ms.max(0.05);
        // Growth is bounded, so that one quick slice does not make the next one long.
        let (least, most) = (self.pace.rounds * 0.25, (self.pace.rounds * 2.0 + 1.0).min(512.0));
        self.pace.rounds = fitting.max(least).min(most);
    }

    /// Other plans take another time: the first round of images is not done at once to find out how long it takes.
    pub(super) fn forget_pace(&mut self) {
        let rounds = if self.space() == Space::Plane { 1.0 } else { 1.0 / 64.0 };
        self.pace = Pace { rounds, begun: 0.0 };
    }

    /// A part of an update, as the clock by hand does it: some steps of the chains, or what comes before or behind them.
    fn part(&mut self, mode: Mode) -> Result<usize> {
        let steps = self.chain_steps();
        let whole = steps as f64 + BESIDE;
        if self.runs_substep() {
            let left = steps - self.clock.substep;
            let n = ((self.pace.rounds * whole) as usize).clamp(1, left);
            self.next_substeps(n)?;
            self.pace.begun = n as f64 / whole;
            return Ok(0);
        }
        self.pace.begun = 0.5 * BESIDE / whole;
        loop {
            let stage = self.logged_stage(mode)?;
            if stage == LAST {
                return Ok(1);
            }
            // The gradient is the other long piece.
            if self.runs_substep() || stage == GRADIENT {
                return Ok(0);
            }
        }
    }
}
