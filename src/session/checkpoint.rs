//! Copies of a run: what a restarted worker goes on from, what the guard rolls back to, what stepping back replays from.

use super::export::{read_f32, text};
use super::{Clock, Config, Mode, Session};
use crate::error::{Error, Result};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde_json::json;
use std::collections::{HashMap, VecDeque};

/// Everything that makes up a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The config.
    pub config: Config,
    /// Where the run stood.
    pub clock: Clock,
    /// The points.
    pub data: Vec<[f32; 2]>,
    /// The tensors of the run, by name.
    pub state: HashMap<String, Vec<f32>>,
}

const WHAT: &str = "snapshot";
const POINTS: &str = "points";

impl Snapshot {
    /// As safetensors: the tensors, and config and clock in the metadata.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let clock = json!({
            "update": self.clock.update,
            "stage": self.clock.stage,
            "substep": self.clock.substep,
            "steps": self.clock.steps,
        });
        let metadata = HashMap::from([
            ("config".to_string(), self.config.to_json().to_string()),
            ("clock".to_string(), clock.to_string()),
        ]);
        let mut tensors: Vec<(&str, &[f32])> = self.state.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
        tensors.push((POINTS, self.data.as_flattened()));
        // One order, so that equal runs are equal bytes.
        tensors.sort_by_key(|(name, _)| *name);
        let views: Result<Vec<_>> = tensors
            .into_iter()
            .map(|(name, values)| {
                let view = TensorView::new(Dtype::F32, vec![values.len()], bytemuck::cast_slice(values));
                view.map(|v| (name, v)).map_err(|e| Error::format(WHAT, e, "tensors of f32"))
            })
            .collect();
        serialize(views?, Some(metadata)).map_err(|e| Error::format(WHAT, e, "tensors of f32"))
    }

    /// Reads what [`Snapshot::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        const EXPECTED: &str = "what snapshot() returned";
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| Error::format(WHAT, e, EXPECTED))?;
        let file = SafeTensors::deserialize(bytes).map_err(|e| Error::format(WHAT, e, EXPECTED))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let config = Config::parse(text(WHAT, &metadata, "config")?)?;
        let clock: serde_json::Value = serde_json::from_str(text(WHAT, &metadata, "clock")?)
            .map_err(|e| Error::format(WHAT, format!("its clock is not JSON ({e})"), EXPECTED))?;
        let number = |name: &str| clock[name].as_u64().unwrap_or(0);
        let clock = Clock {
            update: number("update"),
            stage: clock["stage"].as_u64().map(|s| s as usize),
            substep: number("substep") as usize,
            steps: number("steps"),
        };
        let mut state = HashMap::new();
        for (name, view) in file.iter() {
            state.insert(name.to_string(), read_f32(WHAT, name, &view)?);
        }
        let flat = state.remove(POINTS).unwrap_or_default();
        let data = flat.chunks_exact(2).map(|p| [p[0], p[1]]).collect();
        Ok(Self { config, clock, data, state })
    }
}

/// What was done since a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Round(Mode),
    Stage,
    Substep,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    action: Action,
    count: u64,
    before: Clock,
}

/// Snapshots with what was done after each: going back is replaying less of it.
#[derive(Debug, Default)]
pub(super) struct Rewind {
    kept: VecDeque<(Snapshot, Vec<Entry>)>,
}

/// Snapshots that are kept: at one every two seconds, the last minute.
const KEPT: usize = 30;

impl Rewind {
    pub fn clear(&mut self) {
        self.kept.clear();
    }

    /// Something changed that replaying would not repeat.
    pub fn barrier(&mut self) {
        self.kept.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub fn keep(&mut self, snapshot: Snapshot) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((snapshot, vec![]));
    }

    pub fn newest(&self) -> Option<&Snapshot> {
        self.kept.back().map(|(s, _)| s)
    }

    pub fn log(&mut self, action: Action, before: Clock) {
        let Some((_, entries)) = self.kept.back_mut() else { return };
        match entries.last_mut() {
            Some(last) if last.action == action && matches!(action, Action::Round(_)) => last.count += 1,
            _ => entries.push(Entry { action, count: 1, before }),
        }
    }

    /// The snapshot and the actions that lead to the beginning of the last round that began before `clock`.
    pub fn previous_round(&mut self, clock: Clock) -> Option<(Snapshot, Vec<(Action, u64)>)> {
        while let Some((snapshot, entries)) = self.kept.back() {
            let begins = |e: &&Entry| e.before.stage.is_none() && e.before.substep == 0;
            let last = entries.iter().rposition(|e| begins(&e));
            if let Some(last) = last {
                let mut replay: Vec<_> = entries[..last].iter().map(|e| (e.action, e.count)).collect();
                let e = entries[last];
                if matches!(e.action, Action::Round(_)) && e.count > 1 {
                    replay.push((e.action, e.count - 1));
                }
                return Some((snapshot.clone(), replay));
            }
            if snapshot.clock != clock && entries.is_empty() {
                return None;
            }
            self.kept.pop_back();
        }
        None
    }
}

impl Session {
    /// A copy of the run as it is now.
    pub async fn snapshot(&mut self) -> Result<Snapshot> {
        let state = self.read_state().await?;
        Ok(Snapshot { config: self.config.clone(), clock: self.clock, data: self.data.clone(), state })
    }

    /// Keeps a copy to roll back and to step back to, unless the run has gone wrong.
    pub async fn checkpoint(&mut self) -> Result<Snapshot> {
        let snapshot = self.snapshot().await?;
        if self.is_sound(&snapshot) {
            self.rewind.keep(snapshot.clone());
        }
        Ok(snapshot)
    }

    /// Goes on from a copy.
    pub async fn restore(&mut self, snapshot: Snapshot) -> Result<()> {
        if snapshot.config != self.config || snapshot.data.len() > self.sizes.capacity {
            self.load(snapshot.config.clone()).await?;
            self.set_data(snapshot.data.clone()).await?;
        }
        self.data = snapshot.data;
        self.write_data()?;
        self.moments = super::edit::moments(&self.data);
        self.write_dials()?;
        for (name, values) in &snapshot.state {
            let fits = self.find_range(name).is_some_and(|r| r.len() == values.len());
            if !fits {
                let expected = "the tensors that its own config makes";
                return Err(Error::format(WHAT, format!("{} values for {name}", values.len()), expected));
            }
        }
        for (name, values) in snapshot.state {
            self.write(&name, &values)?;
        }
        self.clock = snapshot.clock;
        self.history.rewind_to(self.clock.update);
        self.guard.clear();
        self.chores.everything_changed();
        Ok(())
    }
}
