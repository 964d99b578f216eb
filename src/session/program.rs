//! From a config to the plans of a session: which tensors persist, and which plans there are.

mod checks;
#[cfg(feature = "whole")]
mod flow;
mod formulas;
#[cfg(feature = "whole")]
mod future;
#[cfg(feature = "whole")]
mod latent;
#[cfg(feature = "whole")]
mod pairs;
#[cfg(all(feature = "cpu", feature = "whole"))]
pub mod proof;
#[cfg(feature = "whole")]
mod terrain;
#[cfg(feature = "whole")]
mod units;

#[cfg(feature = "whole")]
pub use flow::RUNGS as FLOW_RUNGS;
#[cfg(feature = "whole")]
pub use future::FORESEEN;
#[cfg(feature = "whole")]
pub use units::ANNEALED;

use super::config::Config;
use crate::backend::plan::{Plan, Program, Step};
use crate::data::Space;
use crate::error::{Error, Result};
use crate::graph::schedule::{Layout, schedule};
use crate::graph::{Graph, NodeId, OwnedGraph, SlotId, Tensor};
use crate::model::{Ability, Given, Model, Weight};
use crate::objective::{Moments, Negatives, Objective, ReplayBuffer};
use crate::optim::{self, Optimizer};
use crate::sampler::{Carried, Sampler};
use crate::{data, model, objective, sampler};

/// Side of the quadrature grid, in cells.
pub const QUADRATURE: usize = 300;
/// Pieces that the quadrature is computed in, so that a slice of time stays short.
pub const QUADRATURE_PIECES: usize = 15;
/// Rows of the ring of recent losses.
pub const HISTORY: usize = 512;
/// Columns of the ring: the loss and up to seven parts.
pub const HISTORY_COLUMNS: usize = 8;
/// Single-precision numbers that an experiment may hold, a gigabyte: beyond that a browser's tab is in danger.
const MOST_NUMBERS: usize = 1 << 28;
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

/// What a plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The data batch and the start of the negatives.
    Draw,
    /// Energy of the data batch under the weights in training.
    DataEnergy,
    /// All sampler steps of the negatives.
    Chains,
    /// One sampler step of the negatives.
    ChainStep,
    /// What that step is about to do, with gradient, drift and noise.
    InspectChains,
    /// The loss, its parts and the gradient.
    Gradient,
    /// The optimiser's step, the buffer's update, the adapted step size.
    Update,
    /// One sampler step of the particles on display.
    Walk,
    /// What that step is about to do.
    InspectWalk,
    /// Puts the pixels of the samples that are held where they are held.
    #[cfg(feature = "whole")]
    Pin,
    /// What the particles on display carry along at first.
    Begin,
    /// Notes where the first particles are, for [`super::Session::trace`].
    Record,
    /// Counts the accepted moves of each particle, for [`super::Session::sample`].
    Tally,
    /// Keeps the averaged weights, and the level that is shown, as they are now for a pass over a grid.
    Freeze,
    /// Copies the first samples that come down the levels of noise.
    #[cfg(feature = "whole")]
    ForeseeFrom,
    /// The copies' next step.
    #[cfg(feature = "whole")]
    Foresee,
    /// Energy of a piece of the display grid.
    Landscape(usize),
    /// The landscape of a model that has a score and no energy, once all pieces are there.
    #[cfg(feature = "whole")]
    Terrain,
    /// Score on the coarse grid of arrows.
    Arrows,
    /// The exact score of the data there, at the level that is shown.
    #[cfg(feature = "whole")]
    TrueArrows,
    /// Energy and score of any points.
    Probe,
    /// p(y | x) at any points.
    Classify,
    /// What the hidden units say of any images.
    #[cfg(feature = "whole")]
    Units,
    /// Chains of annealed importance sampling begin.
    #[cfg(feature = "whole")]
    AnnealFrom,
    /// One step of annealed importance sampling.
    #[cfg(feature = "whole")]
    Anneal,
    /// The encoder's guess of the latent variables of any points.
    #[cfg(feature = "whole")]
    Encode,
    /// What latent variables mean: the mean of the points that have them.
    #[cfg(feature = "whole")]
    Decode,
    /// One step of the posterior chains of the latent variables of the data batch.
    #[cfg(feature = "whole")]
    Infer,
    /// One step of the negatives' chains of latent variables without what it means for their points, which only the last one says.
    #[cfg(feature = "whole")]
    Dream,
    /// What the prior of latent variables is tilted by, anywhere.
    #[cfg(feature = "whole")]
    Tilt,
    /// Chains of the prior and of the posterior of any points begin.
    #[cfg(feature = "whole")]
    LatentFrom,
    /// One step of those of the prior.
    #[cfg(feature = "whole")]
    PriorStep,
    /// One step of those of the posterior.
    #[cfg(feature = "whole")]
    PosteriorStep,
    /// One draw of the evidence lower bound at any points.
    #[cfg(feature = "whole")]
    Bound,
    /// Where a model of pairs puts any points.
    #[cfg(feature = "whole")]
    Embed,
    /// A view of any points, as the rule makes them.
    #[cfg(feature = "whole")]
    View,
    /// One rung of the probability flow up to noise.
    #[cfg(feature = "whole")]
    Flow,
    /// How wide the noise is where the flow ends.
    #[cfg(feature = "whole")]
    FlowTop,
    /// Any points as they are at the level that is shown.
    #[cfg(feature = "whole")]
    Noised,
    /// What the data contribute to the gradient.
    #[cfg(feature = "whole")]
    DataGradient,
    /// How fast a step along the gradient, and along the data's part of it, changes the energy at any points.
    #[cfg(feature = "whole")]
    Push,
    /// Derivatives beside differences: see [`proof`].
    #[cfg(all(feature = "cpu", feature = "whole"))]
    Proof,
    /// The averaged weights as the energy uses them.
    Export,
    /// Energy of a piece of the quadrature grid.
    Quadrature(usize),
    /// log Z, border mass, test likelihood and divergences, once all pieces are there.
    Truth,
}

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

/// What [`Role::Truth`] writes, in order.
pub const TRUTH: &[&str] = &[
    "logZ",
    "borderMass",
    "testEnergy",
    "klEnergy",
    "reverseKl",
    "fisher",
    "scoreError",
    #[cfg(feature = "whole")]
    "negativeElbo",
];

/// The events that an inspection writes, in order: vectors [n, d], then numbers [n].
pub const EVENTS: [&str; 6] = ["gradient", "drift", "noise", "proposal", "accepted", "probability"];
/// How many of them are vectors.
pub const VECTORS: usize = 4;

/// The registered parts of a config.
#[derive(Clone, Copy)]
pub struct Parts {
    /// The density.
    pub density: &'static dyn data::Density,
    /// The energy.
    pub model: &'static dyn Model,
    /// The training rule.
    pub objective: &'static dyn Objective,
    /// The transition kernel.
    pub sampler: &'static dyn Sampler,
    /// The optimiser.
    pub optimizer: &'static dyn Optimizer,
    /// What a point is.
    space: Space,
}

/// The part of a registry with this id; a config holds no other.
macro_rules! registered {
    ($all:expr, $id:expr) => {
        *$all.iter().find(|p| p.id() == $id).expect("configs hold registered ids")
    };
}

impl Parts {
    /// Of a config.
    pub fn of(config: &Config) -> Self {
        let density: &dyn data::Density = registered!(data::ALL, config.data.id);
        Self {
            density,
            space: density.space(&config.data),
            model: registered!(model::ALL, config.model.id),
            objective: registered!(objective::ALL, config.objective.id),
            sampler: registered!(sampler::ALL, config.sampler.id),
            optimizer: registered!(optim::ALL, config.optimizer.id),
        }
    }

    /// What a point is. The first core knows the plane alone.
    pub fn space(&self) -> Space {
        if cfg!(feature = "whole") { self.space } else { Space::Plane }
    }

    /// What the chains of the kernel carry along: of the first core, nothing.
    pub fn carries(&self, config: &Config) -> Option<Carried> {
        cfg!(feature = "whole").then(|| self.sampler.carries(&config.sampler, self.model.latent(&config.model)))?
    }

    /// Whether the model has an energy, as all have that the first core knows.
    pub fn has_energy(&self) -> bool {
        !cfg!(feature = "whole") || self.model.has_energy()
    }

    /// All weights: the model's, then the objective's own.
    pub fn weights(&self, config: &Config) -> Vec<Weight> {
        let model = self.model.weights(&config.model, self.space());
        if model.is_empty() { model } else { [model, self.objective.weights(&config.objective)].concat() }
    }

    /// Every dial with its value, by its full name.
    pub fn dials(&self, config: &Config, moments: &Moments, points: usize) -> Vec<(String, f64)> {
        let named = |kind: &str, list: Vec<(&'static str, f64)>| -> Vec<(String, f64)> {
            list.into_iter().map(|(name, value)| (format!("{kind}.{name}"), value)).collect()
        };
        [
            named("model", self.model.dials(&config.model)),
            named("objective", self.objective.dials(&config.objective, moments)),
            named("sampler", self.sampler.dials(&config.sampler)),
            named("sampler", sampler::clamp::dials(&config.sampler)),
            named("optimizer", self.optimizer.dials(&config.optimizer)),
            vec![("data.points".into(), points as f64)],
        ]
        .concat()
    }
}

/// Sizes that the config does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Rows of the data tensor.
    pub capacity: usize,
    /// Cells of a side of the display grid.
    pub landscape: usize,
    /// Arrows of a side.
    pub arrows: usize,
}

/// The plans of a session.
pub struct Compiled {
    /// Where everything persistent lies.
    pub layout: Layout,
    /// What the backend runs.
    pub program: Program,
    /// What each plan of the program is.
    pub plans: Vec<Role>,
    /// Names of the dials, in their order in the tensor.
    pub dials: Vec<String>,
    /// All weights, in their order in the flat vector.
    pub weights: Vec<Weight>,
    /// Whether what is shown changes with the samples.
    pub follows: bool,
}

impl Compiled {
    /// The plan that does this, if it is among them.
    pub fn plan(&self, role: Role) -> Option<usize> {
        self.plans.iter().position(|&known| known == role)
    }
}

/// Compiles a config. `dials` are the names that [`Parts::dials`] gives.
pub fn compile(config: &Config, sizes: Sizes, dials: Vec<String>) -> Result<Compiled> {
    let mut builder = Builder::laid_out(config, sizes, dials)?;
    builder.build();
    let compiled = builder.finish();
    if compiled.program.arena > MOST_NUMBERS {
        let expected = "half of that or less: fewer particles, a smaller batch, narrower layers";
        return Err(Error::format("experiment", "needs more than a gigabyte", expected));
    }
    Ok(compiled)
}

/// What persists in a config's program (the dials aside).
pub fn layout(config: &Config, sizes: Sizes) -> Result<Layout> {
    Ok(Builder::laid_out(config, sizes, vec![])?.layout)
}

struct Builder<'a> {
    config: &'a Config,
    parts: Parts,
    sizes: Sizes,
    weights: Vec<Weight>,
    dials: Vec<String>,
    layout: Layout,
    pending: Vec<Pending>,
}

/// A plan to be: steps that are given, then those of a graph. Graphs are scheduled once all their tables are known,
/// because scratch lies behind everything persistent.
struct Pending {
    role: Role,
    label: &'static str,
    before: Vec<Step>,
    graph: OwnedGraph,
    outputs: Vec<(NodeId, SlotId)>,
}

/// What a graph computes, and into which tensors.
type Outputs<'g> = Vec<(Tensor<'g>, String)>;

impl<'a> Builder<'a> {
    fn laid_out(config: &'a Config, sizes: Sizes, dials: Vec<String>) -> Result<Self> {
        let parts = Parts::of(config);
        let weights = parts.weights(config);
        let mut builder = Self { config, parts, sizes, weights, dials, layout: Layout::new(), pending: vec![] };
        builder.check()?;
        builder.lay_out();
        #[cfg(feature = "whole")]
        builder.lay_out_future();
        Ok(builder)
    }

    fn given(&self) -> Given<'_> {
        Given { density: self.parts.density, section: &self.config.data }
    }

    /// Whether the batch has classes, because the rule learns them. No part of the first core does.
    fn learns_classes(&self) -> bool {
        cfg!(feature = "whole") && self.trains() && self.parts.objective.needs() == Some(Ability::Classes)
    }

    /// Whether points flow along its levels of noise. None of the first core has any.
    fn flows(&self) -> bool {
        cfg!(feature = "whole") && self.parts.model.knows() == Some(Ability::Noise)
    }

    /// Whether the model has hidden units.
    #[cfg(feature = "whole")]
    fn has_units(&self) -> bool {
        self.parts.model.knows() == Some(Ability::Hidden)
    }

    fn trains(&self) -> bool {
        !self.weights.is_empty()
    }

    fn negatives(&self) -> usize {
        match self.parts.objective.negatives() {
            Negatives::None => 0,
            _ => self.config.batch() * self.parts.objective.ratio(&self.config.objective),
        }
    }

    fn probes(&self) -> usize {
        probe_rows(self.parts.space())
    }

    /// Places of a way that are told, which is drawn in the plane alone.
    fn waypoints(&self) -> usize {
        match self.parts.space() {
            // No way of the first core has any.
            Space::Plane if cfg!(feature = "whole") => self.parts.sampler.waypoints(&self.config.sampler),
            _ => 0,
        }
    }

    fn lay_out(&mut self) {
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

    fn build(&mut self) {
        let plane = self.parts.space() == Space::Plane;
        let has_energy = self.parts.has_energy();
        if self.trains() {
            self.plan(Role::Draw, "draw", vec![], |b, g| b.draw(g));
            if has_energy {
                let (batch, energy) = (slot::BATCH, slot::BATCH_ENERGY);
                self.field(Role::DataEnergy, "data energy", slot::PARAMETERS, batch, energy, None);
            }
            if self.runs_chains() {
                self.chain_plans();
            }
            self.plan(Role::Gradient, "gradient", vec![], |b, g| b.gradient(g));
            self.plan(Role::Update, "update", vec![], |b, g| b.update(g));
            #[cfg(feature = "whole")]
            if plane && has_energy {
                self.plan(Role::DataGradient, "data gradient", vec![], |b, g| b.data_gradient(g));
                self.plan(Role::Push, "push", vec![], |b, g| b.pushed(g));
            }
            self.plan(Role::Export, "export", vec![], |b, g| b.exported(g));
        }
        if self.trains() || self.follows() {
            self.plan(Role::Freeze, "freeze", vec![], |b, g| b.frozen(g));
        }
        if self.config.particles() > 0 {
            let accepted = slot::PARTICLES_ACCEPTED;
            match self.chain(slot::PARTICLES, accepted, 1, slot::AVERAGE) {
                Some(chain) => self.direct(Role::Walk, "walk", Step::Chain(chain)),
                None => self.plan(Role::Walk, "walk", vec![], |b, g| {
                    let m = b.transition(g, slot::PARTICLES, slot::AVERAGE);
                    b.moved(slot::PARTICLES, &m, (m.accepted, accepted.into()))
                }),
            }
            if self.carried(slot::PARTICLES).is_some() {
                self.plan(Role::Begin, "begin", vec![], |b, g| b.begun(slot::PARTICLES, b.state(g, slot::PARTICLES)));
            }
            self.inspection(Role::InspectWalk, slot::PARTICLES, slot::AVERAGE);
            #[cfg(feature = "whole")]
            if self.layout.find(slot::FREE).is_some() {
                self.plan(Role::Pin, "pin", vec![], |b, g| b.pinned(g));
            }
            #[cfg(feature = "whole")]
            if self.foreseen() > 0 {
                self.future_plans();
            }
            if plane {
                self.plan(Role::Record, "record", vec![], |b, g| b.recorded(g));
            }
            self.plan(Role::Tally, "tally", vec![], |b, g| {
                let (tally, accepted) = (slot::PARTICLES_TALLY, slot::PARTICLES_ACCEPTED);
                vec![(b.state(g, tally) + b.state(g, accepted), tally.into())]
            });
        }
        let (points, energy, score) = (slot::PROBE, slot::PROBE_ENERGY, slot::PROBE_SCORE);
        self.field(Role::Probe, "probe", slot::AVERAGE, points, energy, Some(score));
        if self.learns_classes() {
            self.plan(Role::Classify, "classify", vec![], |b, g| b.classified(g));
        }
        #[cfg(feature = "whole")]
        if self.has_units() {
            self.plan(Role::Units, "units", vec![], |b, g| b.units(g));
            self.plan(Role::AnnealFrom, "anneal from", vec![], |b, g| b.anneal_from(g));
            self.plan(Role::Anneal, "anneal", vec![], |b, g| b.anneal(g));
        }
        #[cfg(feature = "whole")]
        if self.latent_variables() > 0 {
            self.latent_plans();
        }
        #[cfg(feature = "whole")]
        if self.is_of_pairs() {
            self.pair_plans();
        }
        // What is seen whole and known exactly is the plane.
        if !plane {
            return;
        }
        #[cfg(feature = "whole")]
        if self.flows() {
            self.plan(Role::Flow, "flow", vec![], |b, g| b.flow(g));
            self.plan(Role::FlowTop, "flow's top", vec![], |b, g| b.flow_top(g));
            self.plan(Role::Noised, "noised", vec![], |b, g| b.noised(g));
        }
        for i in 0..LANDSCAPE_PIECES {
            let [points, energy, score] =
                [slot::GRID, slot::LANDSCAPE, slot::LANDSCAPE_SCORE].map(|name| piece(name, i));
            let score = if has_energy { None } else { Some(score.as_str()) };
            self.field(Role::Landscape(i), "landscape", slot::FROZEN, &points, &energy, score);
        }
        let (points, energy, score) = (slot::ARROW_POINTS, slot::ARROW_ENERGY, slot::ARROW_SCORE);
        self.field(Role::Arrows, "arrows", slot::FROZEN, points, energy, Some(score));
        #[cfg(feature = "whole")]
        if self.exact_levels().is_some() {
            self.plan(Role::TrueArrows, "true arrows", vec![], |b, g| b.true_arrows(g));
        }
        #[cfg(feature = "whole")]
        if !has_energy {
            self.plan(Role::Terrain, "terrain", vec![], |b, g| b.terrain(g));
            return self.plan(Role::Truth, "truth", vec![], |b, g| b.truth_of_scores(g));
        }
        for i in 0..QUADRATURE_PIECES {
            let (points, energy) = (piece(slot::QUADRATURE, i), piece(slot::QUADRATURE_ENERGY, i));
            self.field(Role::Quadrature(i), "quadrature", slot::FROZEN, &points, &energy, None);
        }
        self.plan(Role::Truth, "truth", vec![], |b, g| b.truth(g));
    }

    fn runs_chains(&self) -> bool {
        self.parts.objective.negatives().are_chains()
    }

    fn chain_plans(&mut self) {
        let steps = self.config.sampler.count("steps");
        if let Some(chain) = self.chain(slot::NEGATIVES, slot::ACCEPTED, steps, slot::PARAMETERS) {
            self.direct(Role::Chains, "chains", Step::Chain(chain));
        }
        let one = self.chain(slot::NEGATIVES, slot::STEP_ACCEPTED, 1, slot::PARAMETERS);
        let fused = one.is_some();
        let before = one.map(Step::Chain).into_iter().collect();
        self.plan(Role::ChainStep, "chain step", before, |b, g| {
            let accepted = b.state(g, slot::ACCEPTED);
            if fused {
                return vec![(accepted + b.state(g, slot::STEP_ACCEPTED), slot::ACCEPTED.into())];
            }
            let m = b.transition(g, slot::NEGATIVES, slot::PARAMETERS);
            b.moved(slot::NEGATIVES, &m, (accepted + m.accepted, slot::ACCEPTED.into()))
        });
        self.inspection(Role::InspectChains, slot::NEGATIVES, slot::PARAMETERS);
    }

    fn direct(&mut self, role: Role, label: &'static str, step: Step) {
        self.pending.push(Pending { role, label, before: vec![step], graph: Graph::new(), outputs: vec![] });
    }

    fn plan(
        &mut self,
        role: Role,
        label: &'static str,
        before: Vec<Step>,
        make: impl for<'g> FnOnce(&Self, &'g Graph) -> Outputs<'g>,
    ) {
        let graph = Graph::new();
        let outputs = make(self, &graph).into_iter().map(|(t, name)| (t.id(), self.id(&name))).collect();
        self.layout.admit_literals(&graph);
        self.pending.push(Pending { role, label, before, graph, outputs });
    }

    fn id(&self, name: &str) -> SlotId {
        self.layout.find(name).unwrap_or_else(|| panic!("no slot {name}"))
    }

    fn offset(&self, name: &str) -> usize {
        self.layout.slot(self.id(name)).offset
    }

    fn state<'g>(&self, graph: &'g Graph, name: &str) -> Tensor<'g> {
        let id = self.id(name);
        graph.state(id, &self.layout.slot(id).shape)
    }

    fn dial_index(&self, name: &str) -> usize {
        self.dials.iter().position(|d| d == name).unwrap_or_else(|| panic!("no dial {name}"))
    }

    fn dial<'g>(&self, graph: &'g Graph, name: &str) -> Tensor<'g> {
        let index = self.dial_index(name);
        self.state(graph, slot::DIALS).narrow(0, index..index + 1).reshape(&[])
    }

    fn finish(self) -> Compiled {
        let follows = self.follows();
        let Self { layout, pending, dials, weights, .. } = self;
        let plans = pending.iter().map(|p| p.role).collect();
        let mut program = Program { arena: layout.size(), plans: vec![] };
        for Pending { label, mut before, graph, outputs, .. } in pending {
            let outputs: Vec<_> = outputs.iter().map(|&(id, slot)| (graph.tensor(id), slot)).collect();
            let scheduled = schedule(label, &graph, &outputs, &layout);
            program.arena = program.arena.max(scheduled.arena);
            before.extend(scheduled.plan.steps);
            program.plans.push(Plan { label, steps: before });
        }
        Compiled { layout, program, plans, dials, weights, follows }
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
