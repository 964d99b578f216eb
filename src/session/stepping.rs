//! The clock by hand: forwards and back by sub-step, stage and update. All three grains run the same plans with the same
//! random numbers as the clock at full speed, so it is the same movie.

use super::checkpoint::Action;
use super::program::{EVENTS, PATH, Role, VECTORS, event, slot};
use super::{Mode, Purpose, Session};
use crate::error::{Error, Result};
use crate::json::{Map, Value};

/// How far one step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// One sampler move.
    Substep,
    /// One of the six stages of an update.
    Stage,
    /// A whole update.
    Update,
}

impl Grain {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Substep => "substep",
            Self::Stage => "stage",
            Self::Update => "update",
        }
    }

    /// By name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "substep" => Ok(Self::Substep),
            "stage" => Ok(Self::Stage),
            "update" => Ok(Self::Update),
            _ => Err(Error::value("grain", name, "substep, stage or update")),
        }
    }
}

/// The moves of all chains in one sampler step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Moves {
    /// Where they stood, [n · d].
    pub position: Vec<f32>,
    /// The events of [`EVENTS`], in order.
    pub events: Vec<Vec<f32>>,
    /// Where the ways to the proposals led along, [n · dk]; empty where they are straight.
    pub path: Vec<f32>,
}

/// What a step did, with the numbers that the page shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// How far it went.
    pub grain: Grain,
    /// Stage that was done, 0–5; `None` for a step of the particles.
    pub stage: Option<usize>,
    /// Sampler steps of this update done so far.
    pub substep: usize,
    /// Updates done.
    pub update: u64,
    /// Named values.
    pub numbers: Map,
    /// The moves, after a sampler step.
    pub moves: Option<Moves>,
}

/// The last stage: the one that changes the weights.
pub(super) const LAST: usize = 5;
/// The stage in which the loss and its gradient are computed.
pub(super) const GRADIENT: usize = 3;
/// The stage in which the chains run.
const NEGATIVES: usize = 2;

impl Session {
    /// One step of the clock.
    pub async fn step(&mut self, grain: Grain) -> Result<Event> {
        if self.rewind.is_empty() {
            self.checkpoint().await?;
        }
        let mut moves = None;
        let stage = match grain {
            _ if !self.trains() => {
                moves = self.inspect(Role::InspectWalk, slot::PARTICLES).await?;
                self.logged_round(Mode::Sample)?;
                None
            }
            Grain::Update => {
                self.logged_round(Mode::Run)?;
                Some(LAST)
            }
            Grain::Stage => Some(self.logged_stage(Mode::Run)?),
            Grain::Substep if self.runs_substep() => {
                moves = self.inspect(Role::InspectChains, slot::NEGATIVES).await?;
                self.next_substeps(1)?;
                Some(NEGATIVES)
            }
            Grain::Substep => Some(self.logged_stage(Mode::Run)?),
        };
        self.backend.submit();
        let numbers = self.numbers(stage).await?;
        let (substep, update) = (self.clock.substep, self.clock.update);
        Ok(Event { grain, stage, substep, update, numbers, moves })
    }

    /// One step back: the run is replayed from the last copy up to there.
    pub async fn back(&mut self, grain: Grain) -> Result<()> {
        let now = self.clock;
        let Some((snapshot, replay)) = self.rewind.previous_round(now) else {
            let expected = "a run that has moved since its points, its settings or its core last changed";
            return Err(Error::value("back", format!("update {}", now.update), expected));
        };
        let steps = self.chain_steps();
        self.go_to(&snapshot).await?;
        self.rewind.keep(snapshot);
        for (action, count) in replay {
            match action {
                Action::Substep => self.next_substeps(count)?,
                Action::Stage(mode) => drop(self.logged_stage(mode)?),
                Action::Round(mode) => {
                    for _ in 0..count {
                        self.logged_round(mode)?;
                    }
                }
            }
        }
        // From the beginning of the round forward to just before where the clock stood.
        let stages_done = now.stage.map_or(if now.update > self.clock.update { LAST + 1 } else { 0 }, |s| s + 1);
        let (stages, substeps) = match grain {
            Grain::Update => (0, 0),
            _ if now.steps > self.clock.steps && now.update == self.clock.update => (0, 0),
            Grain::Substep if now.stage == Some(1) && now.substep > 0 => (2, now.substep - 1),
            Grain::Substep if now.stage == Some(NEGATIVES) && steps > 0 => (2, steps - 1),
            _ => (stages_done.saturating_sub(1), 0),
        };
        for _ in 0..stages {
            self.logged_stage(Mode::Run)?;
        }
        if substeps > 0 {
            self.next_substeps(substeps)?;
        }
        self.backend.submit();
        Ok(())
    }

    /// Where the run stands, told like a step.
    pub async fn standing(&mut self, grain: Grain) -> Result<Event> {
        let (stage, substep, update) = (self.clock.stage, self.clock.substep, self.clock.update);
        let numbers = self.numbers(stage).await?;
        Ok(Event { grain, stage, substep, update, numbers, moves: None })
    }

    /// The next move of particle `index`, which the next sampler step of the particles carries out.
    pub async fn preview(&mut self, index: usize) -> Result<Map> {
        let n = self.config.particles();
        if index >= n {
            return Err(Error::value("i", index, format!("the number of a particle below {n}")));
        }
        let moves = self.inspect(Role::InspectWalk, slot::PARTICLES).await?.unwrap_or_default();
        let mut out = Map::new();
        let own = |values: &[f32]| {
            let columns = values.len() / n;
            Value::from(&values[index * columns..(index + 1) * columns])
        };
        out.insert("position", own(&moves.position));
        for (i, (name, values)) in EVENTS.into_iter().zip(&moves.events).enumerate() {
            out.insert(name, if i < VECTORS { own(values) } else { values[index].into() });
        }
        if !moves.path.is_empty() {
            out.insert(PATH, own(&moves.path));
        }
        Ok(out)
    }

    /// The next stage; where the mode lets them, the particles move on with the last one, as they do behind a whole update.
    pub(super) fn logged_stage(&mut self, mode: Mode) -> Result<usize> {
        self.rewind.log(Action::Stage(mode), 1, self.clock);
        let stage = self.next_stage()?;
        if stage == LAST && mode != Mode::Learn {
            self.walk()?;
        }
        Ok(stage)
    }

    pub(super) fn logged_round(&mut self, mode: Mode) -> Result<()> {
        self.rewind.log(Action::Round(mode), 1, self.clock);
        self.round(mode)
    }

    pub(super) fn runs_substep(&self) -> bool {
        self.clock.stage == Some(NEGATIVES - 1) && self.clock.substep < self.chain_steps()
    }

    /// Carries out the next stage and returns its number.
    pub(super) fn next_stage(&mut self) -> Result<usize> {
        let stage = self.clock.stage.map_or(0, |s| s + 1);
        let update = self.clock.update;
        match stage {
            0 => self.run(Role::Draw, Purpose::Draw, update, 0, 1)?,
            1 if self.has(Role::DataEnergy) => {
                self.run(Role::DataEnergy, Purpose::Draw, update, 0, 1)?;
                #[cfg(feature = "whole")]
                self.infer(update)?;
            }
            NEGATIVES => {
                self.run_chains(self.clock.substep)?;
                self.clock.substep = self.chain_steps();
            }
            // The loss and its gradient are one computation; the page shows it as two stages.
            GRADIENT => self.run(Role::Gradient, Purpose::Gradient, update, 0, 1)?,
            // A model without an energy has none to show.
            1 | 4 => {}
            _ => {
                self.run(Role::Update, Purpose::Gradient, update, 0, 1)?;
                self.clock.update += 1;
                (self.clock.stage, self.clock.substep) = (None, 0);
                return Ok(LAST);
            }
        }
        self.clock.stage = Some(stage);
        Ok(stage)
    }

    /// The next steps of the chains: as many as are left, or fewer.
    pub(super) fn next_substeps(&mut self, n: usize) -> Result<()> {
        self.rewind.log(Action::Substep, n, self.clock);
        let (update, substep) = (self.clock.update, self.clock.substep);
        self.run(Role::ChainStep, Purpose::Chains, update, substep, n)?;
        self.clock.substep += n;
        if self.clock.substep == self.chain_steps() {
            self.clock.stage = Some(NEGATIVES);
        }
        Ok(())
    }

    /// What the next sampler step is about to do.
    async fn inspect(&mut self, role: Role, positions: &str) -> Result<Option<Moves>> {
        if !self.has(role) {
            return Ok(None);
        }
        let (purpose, index, substep) = match role {
            Role::InspectWalk => (Purpose::Walk, self.clock.steps, 0),
            _ => (Purpose::Chains, self.clock.update, self.clock.substep),
        };
        self.run(role, purpose, index, substep, 1)?;
        self.backend.submit();
        let names = EVENTS.iter().map(|name| event(positions, name));
        let mut ranges: Vec<_> = [positions.to_string()].into_iter().chain(names).map(|n| self.range(&n)).collect();
        ranges.extend(self.find_range(&event(positions, PATH)));
        let mut values = self.backend.read(&ranges).await?.into_iter();
        let position = values.next().unwrap_or_default();
        let events = values.by_ref().take(EVENTS.len()).collect();
        Ok(Some(Moves { position, events, path: values.next().unwrap_or_default() }))
    }

    /// The numbers that the page shows beside a stage.
    async fn numbers(&mut self, stage: Option<usize>) -> Result<Map> {
        let mut out = Map::new();
        let mean = |v: &[f32]| v.iter().sum::<f32>() / v.len().max(1) as f32;
        let name = match stage {
            Some(0) => {
                out.insert("points", self.config.batch());
                return Ok(out);
            }
            Some(1) if self.has_energy() => slot::BATCH_ENERGY,
            Some(NEGATIVES) if self.chain_steps() > 0 => slot::ACCEPTED,
            Some(3 | LAST) => slot::LOSSES,
            Some(4) => slot::GRADIENT,
            _ => return Ok(out),
        };
        let values = self.backend.read(&[self.range(name)]).await?.remove(0);
        match stage {
            Some(1) => out.insert("energyData", mean(&values)),
            Some(NEGATIVES) => {
                out.insert("steps", self.clock.substep);
                out.insert("acceptance", mean(&values) / self.clock.substep.max(1) as f32)
            }
            Some(4) => {
                let norm = values.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
                out.insert("gradientNorm", norm)
            }
            _ => {
                out.extend(self.named_losses(&values));
            }
        };
        Ok(out)
    }
}
