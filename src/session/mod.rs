//! An experiment that runs: a config, the plans it compiles to, a clock, and commands. Time and randomness come in as
//! arguments: the same seed and the same commands give the same run.

mod bias;
mod checkpoint;
mod chores;
pub mod config;
mod edit;
mod export;
mod frame;
mod guard;
#[cfg(feature = "whole")]
mod images;
#[cfg(feature = "whole")]
mod latent;
#[cfg(feature = "whole")]
mod likelihood;
#[cfg(feature = "whole")]
mod machine;
mod manifest;
#[cfg(feature = "whole")]
mod pairs;
mod probe;
pub mod program;
#[cfg(all(feature = "cpu", feature = "whole"))]
mod proof;
#[cfg(feature = "whole")]
mod pushes;
mod rebuild;
mod scenes;
mod slices;
mod stepping;
mod tensors;
#[cfg(test)]
mod tests;
mod trace;

pub use checkpoint::Snapshot;
pub use config::Config;
pub use frame::{Frame, Grid, View};
pub use guard::Guard;
#[cfg(feature = "whole")]
pub use latent::{Bound, LatentChains};
#[cfg(feature = "whole")]
pub use machine::{Law, Likelihood, LogPartition, Units};
pub use manifest::manifest;
#[cfg(all(feature = "cpu", feature = "whole"))]
pub use proof::Proof;
#[cfg(feature = "whole")]
pub use pushes::Pushes;
pub use scenes::{scene, scenes};
pub use stepping::{Event, Grain};

use crate::backend::Backend;
use crate::backend::plan::Tick;
use crate::data::Space;
#[cfg(feature = "whole")]
use crate::error::Error;
use crate::error::Result;
use crate::objective::Moments;
use crate::rng;
use program::{Compiled, Parts, Role, Sizes, slot};

/// What a random number is for: the second word folded into its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Start = 1,
    Draw = 2,
    Chains = 3,
    Gradient = 4,
    Walk = 5,
    Points = 6,
    Test = 7,
    #[cfg(feature = "whole")]
    Anneal = 8,
    #[cfg(feature = "whole")]
    Bound = 9,
    #[cfg(feature = "whole")]
    Infer = 10,
    #[cfg(feature = "whole")]
    Latent = 11,
}

/// Which parts of the loop run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Training and particles.
    Run,
    /// Particles only: the weights are frozen.
    Sample,
    /// Training only: the particles are frozen.
    Learn,
    /// Nothing but what the page still has to be shown.
    Paused,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clock {
    /// Training updates done.
    pub update: u64,
    /// Stage of the current update that was done last, 0–5; `None` between updates.
    pub stage: Option<usize>,
    /// Sampler steps of the current update that were done.
    pub substep: usize,
    /// Sampler steps of the particles.
    pub steps: u64,
}

/// A running experiment.
pub struct Session {
    config: Config,
    parts: Parts,
    sizes: Sizes,
    backend: Box<dyn Backend>,
    compiled: Compiled,
    /// The visitor's points, as they lie on the device. None where the points are images.
    data: Vec<[f32; 2]>,
    /// The sets of images that were handed over.
    #[cfg(feature = "whole")]
    images: images::Library,
    moments: Moments,
    clock: Clock,
    view: View,
    chores: chores::Chores,
    history: frame::History,
    guard: guard::Watch,
    rewind: checkpoint::Rewind,
    pace: slices::Pace,
}

impl Session {
    /// Starts an experiment on a backend, from its first weights. One with images begins elsewhere and is loaded when they have
    /// been given.
    pub fn new(mut backend: Box<dyn Backend>, config: Config) -> Result<Self> {
        let parts = Parts::of(&config);
        #[cfg(feature = "whole")]
        if let Some(name) = crate::data::images::name_of(config.data.id) {
            return Err(Error::Absent { id: name.to_string() });
        }
        let data = edit::sample(&config, parts.density);
        let moments = edit::moments(&data);
        let view = View::default();
        let sizes =
            Sizes { capacity: edit::capacity(data.len()), landscape: view.resolution, arrows: view.arrows.max(1) };
        let dials = parts.dials(&config, &moments, data.len()).into_iter().map(|(name, _)| name).collect();
        let compiled = program::compile(&config, sizes, dials)?;
        backend.install(compiled.program.clone())?;
        let mut session = Self {
            config,
            parts,
            sizes,
            backend,
            compiled,
            data,
            #[cfg(feature = "whole")]
            images: images::Library::default(),
            moments,
            clock: Clock::default(),
            view,
            chores: chores::Chores::default(),
            history: frame::History::default(),
            guard: guard::Watch::default(),
            rewind: checkpoint::Rewind::default(),
            pace: slices::Pace::default(),
        };
        session.write_fixed()?;
        session.write_data()?;
        session.write_start()?;
        Ok(session)
    }

    /// The config, every value spelled out.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where the run stands.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// What its points are.
    pub fn space(&self) -> Space {
        self.parts.space()
    }

    /// How many points the model learns.
    fn points(&self) -> usize {
        #[cfg(feature = "whole")]
        if self.space() != Space::Plane {
            return self.training_images();
        }
        self.data.len()
    }

    /// The points that the model learns, where they lie in the plane.
    pub fn data(&self) -> &[[f32; 2]] {
        &self.data
    }

    /// Whether the model has anything to learn.
    pub fn trains(&self) -> bool {
        self.has(Role::Update)
    }

    /// Destroys the device: a hook for tests of what happens then.
    pub fn lose_device(&mut self) {
        self.backend.lose();
    }

    /// Why the device no longer works, if so.
    pub fn lost(&self) -> Option<String> {
        self.backend.lost()
    }

    fn key(&self, purpose: Purpose, index: u64) -> [u32; 2] {
        let seed = rng::seed_pair(u64::from(self.config.seed));
        rng::fold(rng::fold(seed, [purpose as u32, 0]), [index as u32, (index >> 32) as u32])
    }

    fn has(&self, role: Role) -> bool {
        self.compiled.plan(role).is_some()
    }

    fn run(&mut self, role: Role, purpose: Purpose, index: u64, substep: usize, times: usize) -> Result<()> {
        let tick = Tick { key: self.key(purpose, index), substep: substep as u32 };
        let plan = self.compiled.plan(role).unwrap_or_else(|| panic!("no plan for {role:?}"));
        self.backend.run(plan, tick, times as u32)
    }

    fn range(&self, name: &str) -> std::ops::Range<usize> {
        let id = self.compiled.layout.find(name).unwrap_or_else(|| panic!("no slot {name}"));
        self.compiled.layout.slot(id).range()
    }

    fn find_range(&self, name: &str) -> Option<std::ops::Range<usize>> {
        self.compiled.layout.find(name).map(|id| self.compiled.layout.slot(id).range())
    }

    fn write(&mut self, name: &str, values: &[f32]) -> Result<()> {
        let range = self.range(name);
        debug_assert!(values.len() <= range.len(), "{} values for {name}", values.len());
        self.backend.write(range.start, values)
    }

    /// Writes every dial, and the anchor, as the config and the data have them now.
    fn write_dials(&mut self) -> Result<()> {
        let dials = self.parts.dials(&self.config, &self.moments, self.points());
        debug_assert!(dials.iter().map(|(name, _)| name).eq(&self.compiled.dials));
        let values: Vec<f32> = dials.iter().map(|(_, value)| *value as f32).collect();
        #[cfg(feature = "whole")]
        self.write_anchor()?;
        self.write(slot::DIALS, &values)
    }

    /// Sampler steps of one update's negatives.
    fn chain_steps(&self) -> usize {
        if self.parts.objective.negatives().are_chains() && self.trains() {
            self.config.sampler.count("steps")
        } else {
            0
        }
    }

    /// One whole training update; finishes the one that was begun by hand.
    fn update(&mut self) -> Result<()> {
        while self.clock.stage.is_some() {
            self.next_stage()?;
            if self.clock.stage.is_none() {
                return Ok(());
            }
        }
        let update = self.clock.update;
        self.run(Role::Draw, Purpose::Draw, update, 0, 1)?;
        #[cfg(feature = "whole")]
        self.infer(update)?;
        self.run_chains(0)?;
        self.run(Role::Gradient, Purpose::Gradient, update, 0, 1)?;
        self.run(Role::Update, Purpose::Gradient, update, 0, 1)?;
        self.clock.update += 1;
        Ok(())
    }

    /// The negatives' sampler steps from number `done` on.
    fn run_chains(&mut self, done: usize) -> Result<()> {
        let (steps, update) = (self.chain_steps(), self.clock.update);
        if done == 0 && steps > 0 && self.has(Role::Chains) {
            return self.run(Role::Chains, Purpose::Chains, update, 0, 1);
        }
        match steps.saturating_sub(done) {
            0 => Ok(()),
            #[cfg(feature = "whole")]
            left @ 2.. if self.has(Role::Dream) => {
                self.run(Role::Dream, Purpose::Chains, update, done, left - 1)?;
                self.run(Role::ChainStep, Purpose::Chains, update, steps - 1, 1)
            }
            left => self.run(Role::ChainStep, Purpose::Chains, update, done, left),
        }
    }

    /// One sampler step of the particles.
    fn walk(&mut self) -> Result<()> {
        if self.has(Role::Walk) {
            self.run(Role::Walk, Purpose::Walk, self.clock.steps, 0, 1)?;
            self.clock.steps += 1;
        }
        Ok(())
    }

    /// One round of the loop in a mode.
    fn round(&mut self, mode: Mode) -> Result<()> {
        if self.trains() && matches!(mode, Mode::Run | Mode::Learn) {
            self.update()?;
        }
        if matches!(mode, Mode::Run | Mode::Sample) || (mode == Mode::Learn && !self.trains()) {
            self.walk()?;
        }
        Ok(())
    }

    /// `n` training updates (particle steps where there is nothing to learn), each followed by a particle step.
    pub fn train(&mut self, n: usize) -> Result<()> {
        for _ in 0..n {
            self.logged_round(Mode::Run)?;
        }
        self.backend.submit();
        Ok(())
    }

    /// `n` sampler steps of the particles; returns which share of these moves was accepted, `None` where there were none.
    pub async fn sample(&mut self, n: usize) -> Result<Option<f32>> {
        let tally = self.find_range(slot::PARTICLES_TALLY).filter(|_| n > 0);
        if let Some(tally) = &tally {
            self.write(slot::PARTICLES_TALLY, &vec![0.0; tally.len()])?;
        }
        for _ in 0..n {
            self.logged_round(Mode::Sample)?;
            if tally.is_some() {
                self.run(Role::Tally, Purpose::Walk, self.clock.steps, 0, 1)?;
            }
        }
        self.backend.submit();
        let Some(tally) = tally else { return Ok(None) };
        let moves = (n * tally.len()) as f64;
        let accepted: f64 = self.backend.read(&[tally]).await?.remove(0).into_iter().map(f64::from).sum();
        Ok(Some((accepted / moves) as f32))
    }
}
