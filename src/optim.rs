//! Optimisers as graph builders over the flat parameter vector, with what they share: clipping by the global norm,
//! a learning-rate schedule, and the exponential moving average of the weights that the page shows and exports.

use crate::graph::{Graph, Tensor};
use crate::schema::{Group, Param, Section};
use std::f64::consts::PI;

const LEARNING_RATE: Param = Param::number("learningRate", Group::Training, 1e-3, 1e-6, 1.0).log().primary();
const CLIP_NORM: Param = Param::optional("clipNorm", Group::Training, 1e-3, 1e3).log();
const AVERAGE_DECAY: Param = Param::number("averageDecay", Group::Training, 0.99, 0.0, 0.9999);
const SCHEDULE: Param = Param::choice("schedule", Group::Training, "constant", &["constant", "cosine"]);
const SCHEDULE_UPDATES: Param = Param::number("scheduleUpdates", Group::Training, 3000.0, 10.0, 1e6).log();

/// What an optimiser reads while it builds its graph.
pub struct Scope<'g, 'a> {
    /// The graph under construction.
    pub graph: &'g Graph,
    /// Looks up a dial: a scalar tensor (shape []).
    pub dial: &'a dyn Fn(&str) -> Tensor<'g>,
}

/// Values before or after a step.
#[derive(Clone)]
pub struct State<'g> {
    /// Parameters [p].
    pub parameters: Tensor<'g>,
    /// Their moving average [p].
    pub average: Tensor<'g>,
    /// The optimiser's own vectors [p], as many as [`Optimizer::moments`] says.
    pub moments: Vec<Tensor<'g>>,
    /// Steps taken since the moments were zero, [1].
    pub steps: Tensor<'g>,
    /// Updates of the run so far, [1]: a schedule goes on where an optimiser starts afresh.
    pub updates: Tensor<'g>,
}

/// An optimiser.
pub trait Optimizer: Sync {
    /// Registry id.
    fn id(&self) -> &'static str;

    /// What it can be told.
    fn params(&self) -> &'static [Param];

    /// Vectors that it carries.
    fn moments(&self) -> usize;

    /// Values that the graph reads as dials, by name.
    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)>;

    /// The direction to subtract (before the learning rate) and the new moments, for the step number `steps` (from 1).
    fn direction<'g>(
        &self,
        scope: &Scope<'g, '_>,
        gradient: Tensor<'g>,
        state: &State<'g>,
    ) -> (Tensor<'g>, Vec<Tensor<'g>>);
}

/// One step with clipping, schedule and average: gradient [p], state → new state.
pub fn step<'g>(
    optimizer: &dyn Optimizer,
    section: &Section,
    scope: &Scope<'g, '_>,
    gradient: Tensor<'g>,
    mut state: State<'g>,
) -> State<'g> {
    let (graph, dial) = (scope.graph, scope.dial);
    state.steps = state.steps + 1.0;
    let gradient = match section.optional("clipNorm") {
        Some(_) => {
            let norm = gradient.square().sum_all().sqrt();
            // The smallest normal number keeps a zero gradient a zero.
            gradient * (dial("clipNorm") / (norm + f64::from(f32::MIN_POSITIVE))).minimum(graph.scalar(1.0))
        }
        None => gradient,
    };
    let mut rate = dial("learningRate");
    if section.choice("schedule") == "cosine" {
        let progress = ((state.updates + 1.0).reshape(&[]) / dial("scheduleUpdates")).minimum(graph.scalar(1.0));
        rate = rate * (0.5 + 0.5 * (progress * PI).cos());
    }
    let (direction, moments) = optimizer.direction(scope, gradient, &state);
    let parameters = state.parameters - rate * direction;
    let average = state.average + (1.0 - dial("averageDecay")) * (parameters - state.average);
    State { parameters, average, moments, steps: state.steps, updates: state.updates }
}

/// The learning rate of an update, from 0: what [`step`] multiplies its direction by.
#[cfg(feature = "whole")]
pub fn rate(section: &Section, update: u64) -> f64 {
    let rate = section.number("learningRate");
    if section.choice("schedule") != "cosine" {
        return rate;
    }
    let progress = ((update + 1) as f64 / section.number("scheduleUpdates")).min(1.0);
    rate * (0.5 + 0.5 * (progress * PI).cos())
}

/// The dials of everything that optimisers share.
fn shared_dials(section: &Section) -> Vec<(&'static str, f64)> {
    let mut dials: Vec<_> =
        ["learningRate", "averageDecay", "scheduleUpdates"].map(|name| (name, section.number(name))).to_vec();
    dials.extend(section.optional("clipNorm").map(|c| ("clipNorm", c)));
    dials
}

/// Adam (Kingma & Ba 2015, algorithm 1), with bias correction and ε outside the root.
struct Adam;

impl Optimizer for Adam {
    fn id(&self) -> &'static str {
        "adam"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[
            LEARNING_RATE,
            Param::number("beta1", Group::Training, 0.9, 0.0, 0.999),
            Param::number("beta2", Group::Training, 0.999, 0.0, 0.99999),
            Param::number("epsilon", Group::Training, 1e-8, 1e-12, 1e-2).log(),
            CLIP_NORM,
            AVERAGE_DECAY,
            SCHEDULE,
            SCHEDULE_UPDATES,
        ];
        PARAMS
    }

    fn moments(&self) -> usize {
        2
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        let own = ["beta1", "beta2", "epsilon"].map(|name| (name, section.number(name)));
        // ln β, so that βᵗ is one exponential on the device; β = 0 stays far below any step count.
        let logs = [("logBeta1", "beta1"), ("logBeta2", "beta2")];
        let logs = logs.map(|(log, name)| (log, section.number(name).max(1e-30).ln()));
        [shared_dials(section), own.to_vec(), logs.to_vec()].concat()
    }

    fn direction<'g>(
        &self,
        scope: &Scope<'g, '_>,
        gradient: Tensor<'g>,
        state: &State<'g>,
    ) -> (Tensor<'g>, Vec<Tensor<'g>>) {
        let dial = scope.dial;
        let t = state.steps.reshape(&[]);
        let first = dial("beta1") * state.moments[0] + (1.0 - dial("beta1")) * gradient;
        let second = dial("beta2") * state.moments[1] + (1.0 - dial("beta2")) * gradient.square();
        let correct = |log: &str| (1.0 - (t * dial(log)).exp()).recip();
        let direction = first * correct("logBeta1") / ((second * correct("logBeta2")).sqrt() + dial("epsilon"));
        (direction, vec![first, second])
    }
}

/// Stochastic gradient descent with heavy-ball momentum (Polyak 1964): m = μm + g.
struct Sgd;

impl Optimizer for Sgd {
    fn id(&self) -> &'static str {
        "sgd"
    }

    fn params(&self) -> &'static [Param] {
        const PARAMS: &[Param] = &[
            LEARNING_RATE,
            Param::number("momentum", Group::Training, 0.0, 0.0, 0.999).primary(),
            CLIP_NORM,
            AVERAGE_DECAY,
            SCHEDULE,
            SCHEDULE_UPDATES,
        ];
        PARAMS
    }

    fn moments(&self) -> usize {
        1
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        [shared_dials(section), vec![("momentum", section.number("momentum"))]].concat()
    }

    fn direction<'g>(
        &self,
        scope: &Scope<'g, '_>,
        gradient: Tensor<'g>,
        state: &State<'g>,
    ) -> (Tensor<'g>, Vec<Tensor<'g>>) {
        let moment = (scope.dial)("momentum") * state.moments[0] + gradient;
        (moment, vec![moment])
    }
}

/// Every optimiser, sorted by id.
pub const ALL: &[&dyn Optimizer] = &[&Adam, &Sgd];
