//! Changing an experiment without resetting it: live values become dials at once, structural ones compile new plans,
//! and everything that still fits (weights, moments, chains, particles, points) is carried over.

use super::program::{self, Compiled, Parts, Role, slot};
use super::tensors::Tensors;
use super::{Config, Purpose, Session, edit};
use crate::data::Space;
use crate::error::Result;
use crate::json::Value;
use crate::model::{Weight, initialise};
use crate::rng;
use crate::sampler::STEP_SIZE;
use crate::schema::{Kind, Section};

impl Session {
    /// Changes the config. Nothing is reset; what no longer fits starts anew. Nothing changes on an error.
    pub async fn configure(&mut self, patch: &str) -> Result<()> {
        self.change(self.config.patched(patch)?).await
    }

    /// Loads another experiment and starts it from its first weights.
    pub async fn load(&mut self, config: Config) -> Result<()> {
        let parts = Parts::of(&config);
        let data = edit::sample(&config, parts.density);
        self.replace(config, data).await?;
        self.reset()
    }

    async fn change(&mut self, config: Config) -> Result<()> {
        if config == self.config {
            return Ok(());
        }
        // Another kernel has not adapted its step size yet, and its noise goes with the one that the config says.
        let step_size_changes = config.sampler.id != self.config.sampler.id
            || step_size(&config.sampler) != step_size(&self.config.sampler);
        let optimizer_changes = config.optimizer.id != self.config.optimizer.id;
        let weights = self.compiled.weights.clone();
        let rule_changes = config.objective.id != self.config.objective.id;
        let structural = needs_plans(&self.config, &config) || config.seed != self.config.seed;
        if structural {
            let data = self.points_under(&config);
            self.replace(config, data).await?;
            // An update that was begun by hand begins anew: its batch and its chains were those of other plans.
            (self.clock.stage, self.clock.substep) = (None, 0);
        } else {
            self.config = config;
            self.write_dials()?;
        }
        if rule_changes {
            self.history.begin_at(self.clock.update);
        }
        if step_size_changes {
            self.write(slot::STEP_SIZE, &[written_step_size(&self.config.sampler)])?;
        }
        // Moments count their steps together: weights that have none yet would be stepped as if theirs were full.
        let known = |w: &Weight| weights.iter().any(|old| old.name == w.name && old.shape == w.shape);
        if optimizer_changes || !self.compiled.weights.iter().all(known) {
            self.forget_moments()?;
        }
        self.rewind.barrier();
        self.chores.everything_changed();
        // The guard's last good copy no longer fits other weights.
        if structural { self.checkpoint().await.map(drop) } else { Ok(()) }
    }

    /// The optimiser starts afresh: its vectors mean something else to another one, and to other weights nothing.
    pub(super) fn forget_moments(&mut self) -> Result<()> {
        for name in [program::moment(0), program::moment(1), slot::STEPS] {
            if let Some(range) = self.find_range(name) {
                self.backend.write(range.start, &vec![0.0; range.len()])?;
            }
        }
        Ok(())
    }

    async fn replace(&mut self, config: Config, data: Vec<[f32; 2]>) -> Result<()> {
        #[cfg(feature = "whole")]
        self.check_images(&config)?;
        let (old_config, old_data) = (self.config.clone(), std::mem::replace(&mut self.data, data));
        let (old_parts, old_moments, old_sizes) = (self.parts, self.moments, self.sizes);
        self.moments = edit::moments(&self.data);
        self.parts = Parts::of(&config);
        self.config = config;
        self.sizes.capacity = self.rows_needed();
        let result = self.rebuild().await;
        if result.is_err() {
            (self.config, self.data, self.parts) = (old_config, old_data, old_parts);
            (self.moments, self.sizes) = (old_moments, old_sizes);
        }
        result
    }

    /// Compiles the plans anew and carries over what fits.
    pub(super) async fn rebuild(&mut self) -> Result<()> {
        let dials = self.parts.dials(&self.config, &self.moments, self.points());
        let names = dials.into_iter().map(|(name, _)| name).collect();
        let compiled = program::compile(&self.config, self.sizes, names)?;
        let carried = self.read_state().await?;
        let old = std::mem::replace(&mut self.compiled, compiled);
        self.backend.install(self.compiled.program.clone())?;
        self.write_fixed()?;
        self.write_start()?;
        self.carry_over(&old, carried)?;
        self.write_data()?;
        self.write_dials()?;
        self.chores.everything_changed();
        if !self.has_energy() {
            // The landscape of a score is normalised as it is.
            self.chores.log_partition = Some(0.0);
        }
        self.rewind.clear();
        self.forget_pace();
        Ok(())
    }

    /// Everything that makes up the run, by name.
    pub(super) async fn read_state(&mut self) -> Result<Tensors> {
        let names: Vec<String> =
            self.compiled.layout.slots().iter().map(|s| s.name.clone()).filter(|n| is_state(n)).collect();
        let ranges: Vec<_> = names.iter().map(|n| self.range(n)).collect();
        let values = self.backend.read(&ranges).await?;
        let mut state = Tensors::default();
        names.into_iter().zip(values).for_each(|(name, values)| state.insert(name, values));
        Ok(state)
    }

    fn carry_over(&mut self, old: &Compiled, mut state: Tensors) -> Result<()> {
        let start = self.first_weights();
        for name in [slot::PARAMETERS, slot::AVERAGE, program::moment(0), program::moment(1)] {
            let Some(flat) = state.remove(name).filter(|_| self.find_range(name).is_some()) else { continue };
            let fresh = if name.starts_with("optimizer") { None } else { Some(start.as_slice()) };
            let new = relayed(&old.weights, &self.compiled.weights, &flat, fresh);
            self.write(name, &new)?;
        }
        // Places first: what chains carry along may begin there.
        let mut missing = self.has(Role::Begin);
        for (name, values) in state.iter() {
            if self.find_range(name).is_some_and(|r| r.len() == values.len()) {
                self.write(name, values)?;
                missing &= !(name.starts_with(slot::PARTICLES) && name.contains(program::CARRIED));
            }
        }
        #[cfg(feature = "whole")]
        self.pin_pixels()?;
        if missing { self.begin_carried() } else { Ok(()) }
    }

    /// The start values of every weight.
    fn first_weights(&self) -> Vec<f32> {
        let mut rng = rng::host(u64::from(self.config.seed) << 8 | Purpose::Start as u64);
        self.compiled.weights.iter().flat_map(|w| initialise(w, &mut rng)).collect()
    }

    /// Begins the run again with the same seed: the same movie.
    pub fn reset(&mut self) -> Result<()> {
        self.write_start()?;
        self.clock = super::Clock::default();
        self.history.clear();
        self.guard.clear();
        self.rewind.clear();
        self.chores.everything_changed();
        Ok(())
    }

    /// Begins the run again with another seed; points that the visitor has edited stay as they are.
    pub fn reseed(&mut self, seed: u32) -> Result<()> {
        let config = Config { seed, ..self.config.clone() };
        self.data = self.points_under(&config);
        self.moments = edit::moments(&self.data);
        self.config = config;
        if self.space() == Space::Plane {
            self.write_test()?;
            self.write_data()?;
        }
        self.reset()
    }

    /// Weights, moments, chains and particles as a run begins.
    pub(super) fn write_start(&mut self) -> Result<()> {
        self.write_dials()?;
        self.write(slot::STEP_SIZE, &[written_step_size(&self.config.sampler)])?;
        self.write(slot::UPDATES, &[0.0])?;
        let mut zeroed = vec![slot::STEPS, slot::LOSSES, slot::HISTORY, slot::ACCEPTED, slot::BUFFER_AGES];
        zeroed.extend([program::moment(0), program::moment(1)]);
        for name in zeroed {
            if let Some(range) = self.find_range(name) {
                self.backend.write(range.start, &vec![0.0; range.len()])?;
            }
        }
        if self.trains() {
            let flat = self.first_weights();
            self.write(slot::PARAMETERS, &flat)?;
            self.write(slot::AVERAGE, &flat)?;
        }
        #[cfg(feature = "whole")]
        {
            self.free_pixels()?;
            self.unmix()?;
        }
        self.scatter_chains(slot::PARTICLES, Purpose::Walk)?;
        self.scatter_chains(slot::BUFFER, Purpose::Chains)?;
        self.begin_carried()
    }

    /// What the particles carry along, as they begin where they are.
    pub(super) fn begin_carried(&mut self) -> Result<()> {
        if self.has(Role::Begin) { self.run(Role::Begin, Purpose::Walk, u64::MAX, 0, 1) } else { Ok(()) }
    }

    /// Chains begin uniformly within the bounds.
    fn scatter_chains(&mut self, name: &str, purpose: Purpose) -> Result<()> {
        let Some(range) = self.find_range(name) else { return Ok(()) };
        let mut values = vec![0.0f32; range.len()];
        let tick = crate::backend::plan::Tick { key: self.key(purpose, u64::MAX), substep: 0 };
        rng::fill_uniform(&mut values, tick, 0, 0);
        let [low, high] = self.space().bounds().map(|w| w as f32);
        values.iter_mut().for_each(|v| *v = low + (high - low) * *v);
        self.space().settle(&mut values);
        self.backend.write(range.start, &values)
    }
}

/// Whether a tensor belongs to the run, rather than being derived from it or from the config.
pub(super) fn is_state(name: &str) -> bool {
    const STATE: &[&str] = &[
        slot::PARAMETERS,
        slot::AVERAGE,
        slot::STEPS,
        slot::STEP_SIZE,
        slot::BATCH,
        slot::BATCH_CLASSES,
        #[cfg(feature = "whole")]
        slot::BATCH_LATENT,
        slot::NEGATIVES,
        slot::ACCEPTED,
        slot::INDICES,
        slot::AGES,
        slot::BUFFER,
        slot::BUFFER_AGES,
        slot::GRADIENT,
        slot::LOSSES,
        slot::HISTORY,
        slot::UPDATES,
        slot::PARTICLES,
        slot::FREE,
        slot::KEPT,
        slot::MIX,
    ];
    let carried = name.contains(program::CARRIED) && !name.starts_with(slot::FUTURE);
    STATE.contains(&name) || name.starts_with("optimizer.moment") || carried
}

/// The step size that a sampler section asks for, if its steps have one.
pub(super) fn step_size(sampler: &Section) -> Option<f64> {
    sampler.declares(STEP_SIZE).then(|| sampler.number(STEP_SIZE))
}

/// What stands in its tensor.
pub(super) fn written_step_size(sampler: &Section) -> f32 {
    step_size(sampler).unwrap_or(1.0) as f32
}

/// Whether a change of the config needs new plans: another part, a structural value, or a null that comes or goes.
fn needs_plans(old: &Config, new: &Config) -> bool {
    let parts = Parts::of(new);
    let lists = [
        (&old.data, &new.data, parts.density.params()),
        (&old.model, &new.model, parts.model.params()),
        (&old.objective, &new.objective, parts.objective.params()),
        (&old.sampler, &new.sampler, parts.sampler.params()),
        (&old.optimizer, &new.optimizer, parts.optimizer.params()),
        (&old.session, &new.session, super::config::PARAMS),
    ];
    lists.iter().any(|(old, new, params)| {
        old.id != new.id
            || params.iter().any(|p| {
                let value = |s: &Section| s.values().find(|(name, _)| *name == p.name).map(|(_, v)| v.clone());
                let (before, after) = (value(old), value(new));
                let null = |v: &Option<Value>| v.as_ref().is_some_and(Value::is_null);
                let nullable = matches!(p.kind, Kind::Number { nullable: true, .. });
                before != after && (!p.live || (nullable && null(&before) != null(&after)))
            })
    })
}

/// A flat vector in a new layout: weights that are the same in name and shape keep their values, others take `fresh` or zero.
fn relayed(old: &[Weight], new: &[Weight], flat: &[f32], fresh: Option<&[f32]>) -> Vec<f32> {
    let place = |new: &Weight| {
        let at = old.iter().position(|w| (&w.name, &w.shape) == (&new.name, &new.shape))?;
        let from = old[..at].iter().map(Weight::len).sum::<usize>();
        Some(from..from + new.len())
    };
    let mut out = vec![];
    for w in new {
        match place(w) {
            Some(range) => out.extend_from_slice(&flat[range]),
            None => {
                let at = out.len();
                match fresh {
                    Some(start) => out.extend_from_slice(&start[at..at + w.len()]),
                    None => out.resize(at + w.len(), 0.0),
                }
            }
        }
    }
    out
}
