//! Energies E_θ(x): one file each, one line in [`ALL`]. A model sees a graph and its weights, never a device.

mod exact;
mod initialise;
mod mlp;
mod spectral;

pub use initialise::initialise;

use crate::backend::plan::Network;
use crate::graph::{Graph, Tensor};
use crate::schema::{Param, Section};

/// A named weight. Shapes and names are PyTorch's, so that exports load there without renaming.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// Such as `layers.0.weight`.
    pub name: String,
    /// Row-major, `[out, in]` for a linear layer.
    pub shape: Vec<usize>,
    /// How it starts.
    pub start: Start,
}

/// How a weight starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start {
    /// Everywhere the same value.
    Constant(f64),
    /// By the named rule for a layer with these fans.
    Layer {
        /// Name of the rule, from [`initialise::NAMES`].
        rule: &'static str,
        /// Inputs of the layer.
        fan_in: usize,
        /// Outputs of the layer.
        fan_out: usize,
        /// Whether this is the bias.
        bias: bool,
    },
}

impl Weight {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a part reads while it builds its graph: its weights and its dials (values that change without a new plan).
pub struct Scope<'g, 'a> {
    /// The graph under construction.
    pub graph: &'g Graph,
    /// The part's weights, in the order in which it declared them.
    pub weights: Vec<Tensor<'g>>,
    /// Looks up a dial: a scalar tensor (shape []).
    pub dial: &'a dyn Fn(&str) -> Tensor<'g>,
}

/// The density that a config names, for the model that is that density.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The registered density.
    pub density: &'static dyn crate::data::Density,
    /// Its parameters.
    pub section: &'a Section,
}

/// An energy.
pub trait Model: Sync {
    /// Registry id.
    fn id(&self) -> &'static str;

    /// What it can be told.
    fn params(&self) -> &'static [Param];

    /// TeX of E(x).
    fn formula(&self) -> &'static str;

    /// Values that the graph reads as dials, by name.
    fn dials(&self, _section: &Section) -> Vec<(&'static str, f64)> {
        vec![]
    }

    /// The weights of a configuration.
    fn weights(&self, section: &Section) -> Vec<Weight>;

    /// The weights as the energy uses them, which are those that are exported: the declared ones, or what a constraint
    /// makes of them.
    fn effective<'g>(&self, _section: &Section, scope: &Scope<'g, '_>) -> Vec<Tensor<'g>> {
        scope.weights.clone()
    }

    /// E(x): x [n, 2] → [n]; `None` when the configuration has no such energy.
    fn energy<'g>(&self, section: &Section, given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>>;

    /// The same for the fused kernels, where they can express it. `parameters` and `dial` are arena offsets.
    fn network(&self, _section: &Section, _parameters: usize, _dial: &dyn Fn(&str) -> usize) -> Option<Network> {
        None
    }
}

/// The models of the whole core alone, sorted by id.
pub const FURTHER: &[&str] = &[];

/// Every model of this build, sorted by id.
pub const ALL: &[&dyn Model] = &[&exact::Exact, &mlp::Mlp];
