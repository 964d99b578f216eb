//! Which tensors persist in a session: their names, their sizes, and which of them a config needs.

#[cfg(feature = "whole")]
use super::ANNEALED;
use super::{Builder, EVENTS, Sizes, TRUTH, VECTORS};
use crate::data::Space;
use crate::graph::schedule::Layout;
#[cfg(feature = "whole")]
use crate::model::Ability;
use crate::model::Weight;
use crate::objective::{Negatives, ReplayBuffer};
use crate::sampler::Carried;

/// Side of the quadrature grid, in cells.
pub const QUADRATURE: usize = 300;
/// Pieces that the quadrature is computed in, so that a slice of time stays short.
pub const QUADRATURE_PIECES: usize = 15;
/// Rows of the ring of recent losses.
pub const HISTORY: usize = 512;
/// Columns of the ring: the loss and up to seven parts.
pub const HISTORY_COLUMNS: usize = 8;
/// Held-out points of the exact test likelihood.
pub const TEST_POINTS: usize = 2048;
/// Points that one probe evaluates: as many numbers in the plane as for few images.
pub const fn probe_rows(space: Space) -> usize {
    match space {
        Space::Plane => 1024,
        Space::Images | Space::Binary(28) => 64,
        // All states are asked for.
        Space::Binary(_) => 4096,
    }
}
/// Steps of the particles that are noted before they are read, and particles that are noted.
pub const TRACE: [usize; 2] = [64, 256];
/// Chains of latent variables that are led on at once where they are looked at: a look costs as much as an update or less.
#[cfg(feature = "whole")]
const LATENT_CHAINS: usize = 128;
/// Pieces that the landscape is computed in.
pub const LANDSCAPE_PIECES: usize = 4;

/// Names of the persistent tensors.
pub mod slot {
    #![allow(missing_docs)]
    pub const PARAMETERS: &str = "parameters";
    pub const AVERAGE: &str = "average";
    pub const FROZEN: &str = "frozen";
    pub const LEVEL: &str = "frozen.level";
    pub const EXPORTED: &str = "exported";
    pub const STEPS: &str = "optimizer.steps";
    pub const GRADIENT: &str = "gradient";
    pub const DIALS: &str = "dials";
    pub const STEP_SIZE: &str = "step-size";
    pub const DATA: &str = "data";
    pub const BATCH: &str = "batch";
    pub const DATA_CLASSES: &str = "data.classes";
    pub const BATCH_CLASSES: &str = "batch.classes";
    pub const BATCH_ENERGY: &str = "batch.energy";
    pub const NEGATIVES: &str = "negatives";
    pub const ACCEPTED: &str = "negatives.accepted";
    pub const STEP_ACCEPTED: &str = "negatives.step-accepted";
    pub const INDICES: &str = "negatives.indices";
    pub const AGES: &str = "negatives.ages";
    pub const BUFFER: &str = "buffer";
    pub const BUFFER_AGES: &str = "buffer.ages";
    pub const LOSSES: &str = "losses";
    pub const HISTORY: &str = "history";
    pub const UPDATES: &str = "updates";
    pub const PARTICLES: &str = "particles";
    pub const PARTICLES_ACCEPTED: &str = "particles.accepted";
    pub const PARTICLES_TALLY: &str = "particles.tally";
    pub const FREE: &str = "particles.free";
    pub const KEPT: &str = "particles.kept";
    pub const MIX: &str = "particles.mix";
    pub const TRACE: &str = "trace";
    pub const TRACE_ROW: &str = "trace.row";
    pub const FUTURE: &str = "future";
    pub const FUTURE_ROW: &str = "future.row";
    pub const FUTURE_WAY: &str = "future.way";
    pub const GRID: &str = "grid";
    pub const LANDSCAPE: &str = "landscape";
    pub const LANDSCAPE_SCORE: &str = "landscape.score";
    pub const ARROW_POINTS: &str = "arrows";
    pub const ARROW_ENERGY: &str = "arrows.energy";
    pub const ARROW_SCORE: &str = "arrows.score";
    pub const ARROW_TRUTH: &str = "arrows.truth";
    pub const PROBE: &str = "probe";
    pub const PROBE_ENERGY: &str = "probe.energy";
    pub const PROBE_SCORE: &str = "probe.score";
    pub const PROBE_CLASSES: &str = "probe.classes";
    pub const PROBE_UNITS: &str = "probe.units";
    pub const PROBE_MEAN: &str = "probe.mean";
    pub const ANNEALED: &str = "annealed";
    pub const ANNEALED_WEIGHTS: &str = "annealed.weights";
    pub const ANNEAL_BASE: &str = "anneal.base";
    pub const ANNEAL_DONE: &str = "anneal.done";
    pub const ANNEAL_RUNGS: &str = "anneal.rungs";
    pub const PROBE_LATENT: &str = "probe.latent";
    pub const PROBE_BOUND: &str = "probe.bound";
    pub const LATENT: &str = "latent";
    pub const LATENT_TILT: &str = "latent.tilt";
    pub const LATENT_PRIOR: &str = "latent.prior";
    pub const LATENT_POSTERIOR: &str = "latent.posterior";
    pub const BATCH_LATENT: &str = "batch.latent";
    pub const ANCHOR: &str = "anchor";
    pub const PROBE_EMBEDDING: &str = "probe.embedding";
    pub const PROBE_VIEW: &str = "probe.view";
    pub const PROBE_NOISED: &str = "probe.noised";
    pub const FLOW: &str = "flow";
    pub const FLOW_VOLUME: &str = "flow.volume";
    pub const FLOW_RUNG: &str = "flow.rung";
    pub const FLOW_TOP: &str = "flow.top";
    pub const DATA_GRADIENT: &str = "gradient.data";
    pub const PUSH_ENERGY: &str = "push.energy";
    pub const PUSH: &str = "push";
    pub const PUSH_DATA: &str = "push.data";
    pub const QUADRATURE: &str = "quadrature";
    pub const QUADRATURE_ENERGY: &str = "quadrature.energy";
    pub const LOG_DENSITY: &str = "quadrature.log-density";
    pub const TEST: &str = "test";
    pub const TRUTH: &str = "truth";
}

/// Between the name of chains and that of what they carry along.
pub const CARRIED: &str = ".carried.";

impl Builder<'_> {
    pub(super) fn negatives(&self) -> usize {
        match self.parts.objective.negatives() {
            Negatives::None => 0,
            _ => self.config.batch() * self.parts.objective.ratio(&self.config.objective),
        }
    }

    pub(super) fn probes(&self) -> usize {
        probe_rows(self.parts.space())
    }

    /// Places of a way that are told, which is drawn in the plane alone.
    pub(super) fn waypoints(&self) -> usize {
        match self.parts.space() {
            // No way of the first core has any.
            Space::Plane if cfg!(feature = "whole") => self.parts.sampler.waypoints(&self.config.sampler),
            _ => 0,
        }
    }

    pub(super) fn lay_out(&mut self) {
        let (batch, negatives, particles) = (self.config.batch(), self.negatives(), self.config.particles());
        let parameters: usize = self.weights.iter().map(Weight::len).sum();
        let Sizes { capacity, landscape, arrows } = self.sizes;
        let (space, probes) = (self.parts.space(), self.probes());
        let d = space.dimension();
        let (labelled, has_energy) = (self.learns_classes(), self.parts.has_energy());
        let (waypoints, follows, flows) = (self.waypoints(), self.follows(), self.flows());
        // One row of weights a unit.
        #[cfg(feature = "whole")]
        let hidden = self.has_units().then(|| self.weights[0].shape[0]);
        #[cfg(feature = "whole")]
        let (latent, knows_truth) = (self.latent_variables(), self.exact_levels().is_some());
        #[cfg(feature = "whole")]
        let (has_encoder, infers) = (self.has_encoder(), self.infers());
        #[cfg(feature = "whole")]
        let makes_views = self.parts.objective.needs() == Some(Ability::Pairs);
        #[cfg(feature = "whole")]
        let embedding = self.is_of_pairs().then(|| self.parts.model.embedding(&self.config.model));
        let layout = &mut self.layout;
        layout.add(slot::DIALS, &[self.dials.len()]);
        layout.add(slot::STEP_SIZE, &[1]);
        layout.add(slot::DATA, &[capacity, d]);
        layout.add(slot::UPDATES, &[1]);
        if parameters > 0 {
            for name in [slot::PARAMETERS, slot::AVERAGE, slot::FROZEN, slot::EXPORTED, slot::GRADIENT] {
                layout.add(name, &[parameters]);
            }
            for i in 0..self.parts.optimizer.moments() {
                layout.add(moment(i), &[parameters]);
            }
            layout.add(slot::STEPS, &[1]);
            layout.add(slot::LOSSES, &[HISTORY_COLUMNS]);
            layout.add(slot::HISTORY, &[HISTORY, HISTORY_COLUMNS]);
            layout.add(slot::BATCH, &[batch, d]);
            layout.add(slot::BATCH_ENERGY, &[batch]);
            if cfg!(feature = "whole") && space == Space::Plane {
                layout.add(slot::DATA_GRADIENT, &[parameters]);
                for name in [slot::PUSH_ENERGY, slot::PUSH, slot::PUSH_DATA] {
                    layout.add(name, &[probes]);
                }
            }
            if labelled {
                layout.add(slot::DATA_CLASSES, &[capacity, 1]);
                layout.add(slot::BATCH_CLASSES, &[batch]);
                layout.add(slot::PROBE_CLASSES, &[probes, self.parts.model.classes(&self.config.model)]);
            }
        }
        if parameters > 0 && negatives > 0 {
            layout.add(slot::NEGATIVES, &[negatives, d]);
            layout.add(slot::ACCEPTED, &[negatives]);
            layout.add(slot::STEP_ACCEPTED, &[negatives]);
            add_events(layout, slot::NEGATIVES, negatives, d, waypoints);
            add_carried(layout, self.parts.carries(self.config), slot::NEGATIVES, negatives);
            if self.parts.objective.negatives() == Negatives::FromBuffer {
                let size = ReplayBuffer::size(&self.config.objective).max(negatives);
                layout.add(slot::BUFFER, &[size, d]);
                layout.add(slot::BUFFER_AGES, &[size, 1]);
                layout.add(slot::INDICES, &[negatives]);
                layout.add(slot::AGES, &[negatives, 1]);
            }
        }
        if particles > 0 {
            layout.add(slot::PARTICLES, &[particles, d]);
            layout.add(slot::PARTICLES_ACCEPTED, &[particles]);
            layout.add(slot::PARTICLES_TALLY, &[particles]);
            add_carried(layout, self.parts.carries(self.config), slot::PARTICLES, particles);
            add_events(layout, slot::PARTICLES, particles, d, waypoints);
            match space {
                Space::Plane => {
                    // Places, then the share that was accepted.
                    layout.add(slot::TRACE, &[TRACE[0], 2 * particles.min(TRACE[1]) + 1]);
                    layout.add(slot::TRACE_ROW, &[1]);
                }
                Space::Images | Space::Binary(_) => {
                    if cfg!(feature = "whole") && self.parts.sampler.conditions() {
                        layout.add(slot::FREE, &[1, d]);
                        layout.add(slot::KEPT, &[1, d]);
                    }
                    if labelled {
                        layout.add(slot::MIX, &[1 + self.parts.model.classes(&self.config.model)]);
                    }
                }
            }
        }
        if follows {
            layout.add(slot::LEVEL, &[1]);
        }
        layout.add(slot::PROBE, &[probes, d]);
        layout.add(slot::PROBE_ENERGY, &[probes]);
        layout.add(slot::PROBE_SCORE, &[probes, d]);
        #[cfg(feature = "whole")]
        if let Some(hidden) = hidden {
            layout.add(slot::PROBE_UNITS, &[probes, hidden]);
            layout.add(slot::PROBE_MEAN, &[probes, d]);
            layout.add(slot::ANNEALED, &[ANNEALED, d]);
            layout.add(slot::ANNEALED_WEIGHTS, &[ANNEALED]);
            layout.add(slot::ANNEAL_BASE, &[d]);
            layout.add(slot::ANNEAL_DONE, &[1]);
            layout.add(slot::ANNEAL_RUNGS, &[1]);
        }
        #[cfg(feature = "whole")]
        if latent > 0 {
            layout.add(slot::LATENT, &[probes, latent]);
            layout.add(slot::PROBE_MEAN, &[probes, d]);
            if has_encoder {
                layout.add(slot::PROBE_LATENT, &[probes, 2 * latent]);
                layout.add(slot::PROBE_BOUND, &[probes, 2]);
            } else {
                layout.add(slot::LATENT_TILT, &[probes]);
                layout.add(slot::LATENT_PRIOR, &[probes.min(LATENT_CHAINS), latent]);
                layout.add(slot::LATENT_POSTERIOR, &[probes.min(LATENT_CHAINS), latent]);
            }
            if infers {
                layout.add(slot::BATCH_LATENT, &[batch, latent]);
            }
        }
        #[cfg(feature = "whole")]
        if let Some(size) = embedding {
            layout.add(slot::ANCHOR, &[1, d]);
            layout.add(slot::PROBE_EMBEDDING, &[probes, size]);
            if makes_views {
                layout.add(slot::PROBE_VIEW, &[probes, d]);
            }
        }
        if space != Space::Plane {
            return;
        }
        if flows {
            layout.add(slot::PROBE_NOISED, &[probes, 2]);
            layout.add(slot::FLOW, &[probes, 2]);
            layout.add(slot::FLOW_VOLUME, &[probes]);
            layout.add(slot::FLOW_RUNG, &[1]);
            layout.add(slot::FLOW_TOP, &[2]);
        }
        add_pieces(layout, slot::GRID, landscape * landscape, LANDSCAPE_PIECES, 2);
        add_pieces(layout, slot::LANDSCAPE, landscape * landscape, LANDSCAPE_PIECES, 1);
        if !has_energy {
            add_pieces(layout, slot::LANDSCAPE_SCORE, landscape * landscape, LANDSCAPE_PIECES, 2);
        }
        layout.add(slot::ARROW_POINTS, &[arrows * arrows, 2]);
        layout.add(slot::ARROW_ENERGY, &[arrows * arrows]);
        layout.add(slot::ARROW_SCORE, &[arrows * arrows, 2]);
        #[cfg(feature = "whole")]
        if knows_truth {
            layout.add(slot::ARROW_TRUTH, &[arrows * arrows, 2]);
        }
        let cells = QUADRATURE * QUADRATURE;
        add_pieces(layout, slot::QUADRATURE, cells, QUADRATURE_PIECES, 2);
        add_pieces(layout, slot::QUADRATURE_ENERGY, cells, QUADRATURE_PIECES, 1);
        layout.add(slot::LOG_DENSITY, &[cells]);
        layout.add(slot::TEST, &[TEST_POINTS, 2]);
        layout.add(slot::TRUTH, &[TRUTH.len()]);
    }
}

/// Name of an optimiser's vector.
pub fn moment(i: usize) -> &'static str {
    ["optimizer.moment-1", "optimizer.moment-2"][i]
}

/// Name of an event's tensor.
pub fn event(particles: &str, name: &str) -> String {
    format!("{particles}.event.{name}")
}

/// Name of what chains carry along.
pub fn carried(chains: &str, what: Carried) -> String {
    format!("{chains}{CARRIED}{}", what.name)
}

fn add_carried(layout: &mut Layout, what: Option<Carried>, chains: &str, rows: usize) {
    if let Some(what) = what {
        layout.add(carried(chains, what), &[rows, what.columns]);
    }
}

/// The event of a kernel whose way leads along places: where, [n, 2k].
pub const PATH: &str = "path";

fn add_events(layout: &mut Layout, chains: &str, rows: usize, d: usize, waypoints: usize) {
    for (i, name) in EVENTS.into_iter().enumerate() {
        layout.add(event(chains, name), &[rows, if i < VECTORS { d } else { 1 }]);
    }
    if waypoints > 0 {
        layout.add(event(chains, PATH), &[rows, d * waypoints]);
    }
}

/// Name of a piece of a grid.
pub fn piece(name: &str, i: usize) -> String {
    format!("{name}.{i}")
}

fn add_pieces(layout: &mut Layout, name: &str, rows: usize, pieces: usize, columns: usize) {
    assert_eq!(rows % pieces, 0, "{name}: {rows} rows in {pieces} pieces");
    for i in 0..pieces {
        let shape = if columns == 1 { vec![rows / pieces] } else { vec![rows / pieces, columns] };
        layout.add(piece(name, i), &shape);
    }
}
