//! Copies of a run: what a restarted worker goes on from, what the guard rolls back to, what stepping back replays from.

use super::edit::{FARTHEST_DRAWN, check_all};
use super::export::{read_f32, text};
use super::rebuild::is_state;
use super::tensors::Tensors;
use super::{Clock, Config, Mode, Session, program};
use crate::data::Space;
use crate::error::{Error, Result};
use crate::json;
use crate::json::{Map, Value};
use crate::safetensors;
use crate::sorted::sorted;
use std::collections::VecDeque;
use std::rc::Rc;

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
    pub state: Tensors,
}

const WHAT: &str = "snapshot";
const POINTS: &str = "points";
/// The field of the header that holds config and clock.
const RUN: &str = "run";

impl Snapshot {
    /// As safetensors: the tensors, and config and clock in the metadata.
    pub fn to_bytes(&self) -> Vec<u8> {
        let clock = json!({
            "update": self.clock.update,
            "stage": self.clock.stage,
            "substep": self.clock.substep,
            "steps": self.clock.steps,
        });
        let run = json!({"config": self.config.to_json(), "clock": clock});
        let mut metadata = Map::new();
        metadata.insert(RUN, run.to_string());
        let mut tensors: Vec<(&str, &[f32])> = self.state.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
        tensors.push((POINTS, self.data.as_flattened()));
        let order = sorted(tensors.len(), &|a, b| tensors[a].0.cmp(tensors[b].0));
        let shapes: Vec<_> = tensors.iter().map(|(_, values)| [values.len()]).collect();
        let shaped: Vec<_> = order.iter().map(|&i| (tensors[i].0, shapes[i].as_slice(), tensors[i].1)).collect();
        safetensors::write(&shaped, metadata)
    }

    /// Reads what [`Snapshot::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        const EXPECTED: &str = "what snapshot() returned";
        let file = safetensors::read(bytes).map_err(|e| Error::format(WHAT, e, EXPECTED))?;
        let run = json::parse(text(WHAT, &file.metadata, RUN)?)
            .map_err(|e| Error::format(WHAT, format!("its {RUN} is not JSON ({e})"), EXPECTED))?;
        let config = Config::from_value(&run["config"])?;
        let clock = read_clock(&run["clock"], config.sampler.count("steps"))?;
        let mut state = Tensors::default();
        for tensor in &file.tensors {
            state.insert(tensor.name.clone(), read_f32(WHAT, tensor)?);
        }
        let flat = state.remove(POINTS).filter(|flat| flat.len() % 2 == 0);
        let flat = flat.ok_or_else(|| Error::format(WHAT, format!("no pairs of numbers in {POINTS}"), EXPECTED))?;
        let data: Vec<_> = flat.chunks_exact(2).map(|p| [p[0], p[1]]).collect();
        check_all(&data, FARTHEST_DRAWN)?;
        Ok(Self { config, clock, data, state })
    }
}

/// A clock whose chains take so many steps an update.
fn read_clock(value: &Value, chain_steps: usize) -> Result<Clock> {
    // What JavaScript counts exactly.
    const LATEST: u64 = 1 << 53;
    // The last stage ends an update: a clock that stands behind it stands between updates.
    const LAST_STAGE: u64 = 4;
    let number = |name: &str, most: u64| {
        let found = value[name].as_u64().filter(|&n| n <= most);
        let expected = || format!("a whole number from 0 to {most}");
        found.ok_or_else(|| Error::value(format!("{WHAT}.clock.{name}"), &value[name], expected()))
    };
    let stage = if value["stage"].is_null() { None } else { Some(number("stage", LAST_STAGE)? as usize) };
    let most = if stage.is_some() { chain_steps as u64 } else { 0 };
    let substep = number("substep", most)? as usize;
    Ok(Clock { update: number("update", LATEST)?, stage, substep, steps: number("steps", LATEST)? })
}

/// Actions to be done again, and how often each.
type Replay = Vec<(Action, usize)>;

/// What was done since a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Round(Mode),
    Stage(Mode),
    Substep,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    action: Action,
    count: usize,
    before: Clock,
}

impl Entry {
    fn begins_round(&self) -> bool {
        self.before.stage.is_none() && self.before.substep == 0
    }
}

/// Snapshots with what was done after each: going back is replaying less of it.
#[derive(Debug, Default)]
pub(super) struct Rewind {
    kept: VecDeque<(Rc<Snapshot>, Vec<Entry>)>,
}

/// Snapshots that are kept: at one every two seconds, the last minute.
const KEPT: usize = 30;
/// Numbers that they hold together: those of images are large, and then fewer are kept.
const MOST_NUMBERS: usize = 1 << 24;

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

    pub fn keep(&mut self, snapshot: Rc<Snapshot>) {
        let size = |s: &Snapshot| s.state.iter().map(|(_, values)| values.len()).sum::<usize>().max(1);
        while self.kept.len() >= KEPT.min(MOST_NUMBERS / size(&snapshot)).max(1) {
            self.kept.pop_front();
        }
        self.kept.push_back((snapshot, vec![]));
    }

    /// Notes what is about to be done: so many of an action.
    pub fn log(&mut self, action: Action, count: usize, before: Clock) {
        let Some((_, entries)) = self.kept.back_mut() else { return };
        match entries.last_mut() {
            // A round that only ended an update that was begun by hand stays apart: it is no round to go back to.
            Some(last) if last.action == action && matches!(action, Action::Round(_)) && last.begins_round() => {
                last.count += count;
            }
            _ => entries.push(Entry { action, count, before }),
        }
    }

    /// Takes out the snapshot from which the beginning of the last round before `clock` can be replayed, and the actions
    /// that lead there.
    pub fn previous_round(&mut self, clock: Clock) -> Option<(Rc<Snapshot>, Replay)> {
        while let Some((snapshot, entries)) = self.kept.back() {
            if let Some(last) = entries.iter().rposition(Entry::begins_round) {
                let mut replay: Vec<_> = entries[..last].iter().map(|e| (e.action, e.count)).collect();
                let e = entries[last];
                if matches!(e.action, Action::Round(_)) && e.count > 1 {
                    replay.push((e.action, e.count - 1));
                }
                return self.kept.pop_back().map(|(snapshot, _)| (snapshot, replay));
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
    pub async fn checkpoint(&mut self) -> Result<Rc<Snapshot>> {
        let snapshot = Rc::new(self.snapshot().await?);
        if self.is_sound(&snapshot) {
            self.rewind.keep(Rc::clone(&snapshot));
            self.guard.keep(Rc::clone(&snapshot));
        }
        Ok(snapshot)
    }

    /// Goes on from a copy. Nothing changes on an error of the copy.
    pub async fn restore(&mut self, snapshot: Snapshot) -> Result<()> {
        self.check_snapshot(&snapshot)?;
        self.go_to(&snapshot).await?;
        // Its ring may reach back to another objective.
        self.history.begin_at(self.clock.update);
        // What was done before this copy came leads nowhere near it.
        self.rewind.clear();
        self.guard.clear();
        Ok(())
    }

    /// Refuses a copy that does not hold exactly what its own config makes.
    fn check_snapshot(&self, snapshot: &Snapshot) -> Result<()> {
        const EXPECTED: &str = "the tensors that its own config makes";
        check_all(&snapshot.data, FARTHEST_DRAWN)?;
        let layout = program::layout(&snapshot.config, self.sizes)?;
        let wanted = layout.slots().iter().filter(|slot| is_state(&slot.name));
        for slot in wanted.clone() {
            let (name, found) = (&slot.name, snapshot.state.get(&slot.name).map(Vec::len));
            if found != Some(slot.range().len()) {
                let problem = format!("{} values for {name}", found.unwrap_or(0));
                return Err(Error::format(WHAT, problem, format!("{}: {EXPECTED}", slot.range().len())));
            }
        }
        match snapshot.state.iter().find(|(name, _)| wanted.clone().all(|slot| slot.name != *name)) {
            Some((unknown, _)) => Err(Error::format(WHAT, format!("a tensor {unknown}"), EXPECTED)),
            None => Ok(()),
        }
    }

    /// Makes the run what it was in a copy that fits.
    pub(super) async fn go_to(&mut self, snapshot: &Snapshot) -> Result<()> {
        if snapshot.config != self.config {
            self.load(snapshot.config.clone()).await?;
        }
        if self.space() == Space::Plane && snapshot.data != self.data {
            self.data.clone_from(&snapshot.data);
            self.data_changed().await?;
        }
        for (name, values) in snapshot.state.iter() {
            self.write(name, values)?;
        }
        self.clock = snapshot.clock;
        self.history.rewind_to(self.clock.update);
        self.chores.everything_changed();
        Ok(())
    }
}
