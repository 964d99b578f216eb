//! The divergence guard: energies that explode or are no numbers stop the clock, the last good weights come back, and
//! the page can say which dial to turn.

use super::Session;
use super::checkpoint::Snapshot;
use super::program::{HISTORY, HISTORY_COLUMNS, slot};
use super::rebuild::written_step_size;
use crate::data::Space;
use crate::error::Result;
use crate::json;
use crate::json::Value;
use crate::number;
use std::rc::Rc;

/// Why the clock was stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    /// `non-finite` or `exploding`.
    pub code: &'static str,
    /// Update at which it was seen.
    pub update: u64,
    /// The value that gave it away: the loss, or the gap of the energies.
    pub value: f32,
    /// Update that the run went back to.
    pub restored: u64,
    /// Dial to turn, as `section.name`.
    pub dial: &'static str,
}

impl Guard {
    /// In a sentence, for whoever trains without the page.
    pub fn sentence(&self) -> String {
        let Self { code, update, restored, dial, .. } = self;
        let value = number::print(self.value.into());
        format!(
            "The energies went wrong at update {update} ({code}: {value}); the run went back to update {restored}. Turn {dial}."
        )
    }

    /// As the page reads it.
    pub fn to_json(&self) -> Value {
        json!({
            "code": self.code,
            "update": self.update,
            "value": self.value,
            "restored": self.restored,
            "dial": self.dial,
        })
    }
}

/// Gap of the mean energies of data and negatives that no healthy run shows, in nats.
const GAP: f32 = 50.0;
/// The same of pixels that are black or white: what an image gains of which each pixel is as certain as a thousand to one.
fn widest_gap(space: Space) -> f32 {
    if matches!(space, Space::Binary(_)) { space.dimension() as f32 * 1000f32.ln() } else { GAP }
}
/// The same for losses that are no gap of energies.
const LOSS: f32 = 1e6;

/// Updates after which a run without frames keeps a copy.
const KEEP_EVERY: u64 = 100;
/// From ten times the default on, the learning rate is the first suspect.
const FAST: f64 = 1e-2;

/// What the guard goes back to.
#[derive(Debug, Default)]
pub(super) struct Watch {
    good: Option<Rc<Snapshot>>,
}

impl Watch {
    pub fn clear(&mut self) {
        self.good = None;
    }

    /// The last good copy. Unlike those for stepping back it outlives a change of dials or points: that is what most
    /// often goes wrong.
    pub fn keep(&mut self, good: Rc<Snapshot>) {
        self.good = Some(good);
    }
}

/// The losses of one update, from 0, in the ring of recent ones.
pub(super) fn row_of(ring: &[f32], update: u64) -> &[f32] {
    &ring[(update % HISTORY as u64) as usize * HISTORY_COLUMNS..][..HISTORY_COLUMNS]
}

/// A value that no healthy run shows, in the losses of one update.
fn symptom(losses: &[f32], gap: Option<(usize, usize, f32)>) -> Option<(&'static str, f32)> {
    if let Some(&bad) = losses.iter().find(|v| !v.is_finite()) {
        return Some(("non-finite", bad));
    }
    if let Some((data, model, most)) = gap {
        let value = losses[1 + data] - losses[1 + model];
        if value.abs() > most {
            return Some(("exploding", value));
        }
    }
    (losses[0].abs() > LOSS).then_some(("exploding", losses[0]))
}

impl Session {
    /// Columns of the mean energies, and how far apart they may be.
    fn gap_columns(&self) -> Option<(usize, usize, f32)> {
        let terms = self.parts.objective.terms();
        let at = |id: &str| terms.iter().position(|t| t.id == id);
        let (data, model) = at("energyData").zip(at("energyModel"))?;
        Some((data, model, widest_gap(self.space())))
    }

    pub(super) fn is_sound(&self, snapshot: &Snapshot) -> bool {
        let losses = snapshot.state.get(slot::LOSSES);
        let sound = losses.is_none_or(|l| symptom(l, self.gap_columns()).is_none());
        sound && snapshot.state.get(slot::PARAMETERS).is_none_or(|p| p.iter().all(|v| v.is_finite()))
    }

    /// Looks at the losses of recent updates up to this one, as a frame has read them. Where they have gone wrong, the last good
    /// copy comes back (the start of the run where there is none) and the guard is returned, once.
    pub async fn watch(&mut self, rows: &[f32], until: u64) -> Result<Option<Guard>> {
        self.history.checked = self.history.checked.max(until);
        let gap = self.gap_columns();
        let Some((code, value)) = rows.chunks_exact(HISTORY_COLUMNS).find_map(|row| symptom(row, gap)) else {
            return Ok(None);
        };
        let update = self.clock.update;
        match self.guard.good.take() {
            Some(good) if self.fits(&good) => self.roll_back(good)?,
            _ => self.reset()?,
        }
        // The ring that came back may still hold what was told.
        self.history.checked = self.clock.update;
        Ok(Some(Guard { code, update, value, restored: self.clock.update, dial: self.dial_to_turn() }))
    }

    fn fits(&self, good: &Snapshot) -> bool {
        let length = good.state.get(slot::PARAMETERS).map(Vec::len);
        length.is_some() && length == self.find_range(slot::PARAMETERS).map(|r| r.len())
    }

    /// Puts the tensors of a copy back. Dials and points stay as the visitor has turned and moved them since, and the samples hold
    /// and follow what they were told.
    fn roll_back(&mut self, good: Rc<Snapshot>) -> Result<()> {
        let told = [slot::FREE, slot::KEPT, slot::MIX];
        for (name, values) in good.state.iter() {
            if self.find_range(name).is_some_and(|r| r.len() == values.len()) && !told.contains(&name.as_str()) {
                self.write(name, values)?;
            }
        }
        #[cfg(feature = "whole")]
        self.pin_pixels()?;
        if good.config.sampler.id != self.config.sampler.id {
            self.begin_carried()?;
        }
        if good.config.sampler != self.config.sampler {
            self.write(slot::STEP_SIZE, &[written_step_size(&self.config.sampler)])?;
        }
        self.clock = good.clock;
        self.history.rewind_to(self.clock.update);
        self.rewind.clear();
        self.chores.everything_changed();
        self.guard.keep(good);
        Ok(())
    }

    /// Looks at the losses of all updates since it last did, as far as the ring reaches back, for whoever trains without
    /// frames: a run that goes wrong may look sound again at a single one.
    pub async fn check(&mut self) -> Result<Option<Guard>> {
        let Some(ring) = self.find_range(slot::HISTORY) else {
            return Ok(None);
        };
        let ring = self.backend.read(&[ring]).await?.remove(0);
        let update = self.clock.update;
        let mut rows = vec![];
        for update in self.history.checked.max(update.saturating_sub(HISTORY as u64))..update {
            rows.extend_from_slice(row_of(&ring, update));
        }
        let guard = self.watch(&rows, update).await?;
        let kept = self.guard.good.as_ref().map_or(0, |good| good.clock.update);
        if guard.is_none() && self.clock.update >= kept + KEEP_EVERY {
            self.checkpoint().await?;
        }
        Ok(guard)
    }

    /// The dial whose turning most often mends what the guard saw.
    fn dial_to_turn(&self) -> &'static str {
        let has = |name: &str| self.config.objective.values().any(|(n, v)| n == name && v.as_f64() == Some(0.0));
        match self.config.objective.id {
            _ if self.config.optimizer.number("learningRate") >= FAST => "optimizer.learningRate",
            #[cfg(feature = "whole")]
            "latent-maximum-likelihood" => "model.posteriorStepSize",
            _ if has("regularisation") => "objective.regularisation",
            "contrastive-divergence" | "persistent-contrastive-divergence" | "joint-energy" => "sampler.stepSize",
            _ => "optimizer.learningRate",
        }
    }
}
