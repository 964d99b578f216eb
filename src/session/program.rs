//! From a config to the plans of a session: which there are, and what each of them does.

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
mod tensors;
#[cfg(feature = "whole")]
mod terrain;
#[cfg(feature = "whole")]
mod units;

#[cfg(feature = "whole")]
pub use flow::RUNGS as FLOW_RUNGS;
#[cfg(feature = "whole")]
pub use future::FORESEEN;
pub use tensors::{
    CARRIED, HISTORY, HISTORY_COLUMNS, LANDSCAPE_PIECES, PATH, QUADRATURE, QUADRATURE_PIECES, TEST_POINTS, TRACE,
    carried, event, moment, piece, slot,
};
#[cfg(feature = "whole")]
pub use units::ANNEALED;

use super::config::Config;
use crate::backend::plan::{Plan, Program, Step};
use crate::data::Space;
use crate::error::{Error, Result};
use crate::graph::schedule::{Layout, schedule};
use crate::graph::{Graph, NodeId, OwnedGraph, SlotId, Tensor};
use crate::model::{Ability, Given, Model, Weight};
use crate::objective::{Moments, Objective};
use crate::optim::{self, Optimizer};
use crate::sampler::{Carried, Sampler};
use crate::{data, model, objective, sampler};

/// Single-precision numbers that an experiment may hold, a gigabyte: beyond that a browser's tab is in danger.
const MOST_NUMBERS: usize = 1 << 28;

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
