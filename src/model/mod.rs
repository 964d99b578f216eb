//! Energies E_θ(x): one file each, one line in [`ALL`]. A model sees a graph and its weights, never a device.

#[cfg(feature = "whole")]
mod boltzmann_machine;
#[cfg(feature = "whole")]
pub mod cnn;
#[cfg(feature = "whole")]
mod composed;
#[cfg(feature = "whole")]
mod diffused;
#[cfg(feature = "whole")]
mod diffusion_mlp;
mod exact;
#[cfg(feature = "whole")]
pub mod flow;
#[cfg(feature = "whole")]
mod hopfield;
mod initialise;
#[cfg(feature = "whole")]
mod joint_cnn;
#[cfg(feature = "whole")]
mod joint_embedding;
#[cfg(feature = "whole")]
mod joint_mlp;
#[cfg(feature = "whole")]
mod latent;
#[cfg(feature = "whole")]
mod latent_ebm;
#[cfg(feature = "whole")]
mod levels;
#[cfg(feature = "whole")]
pub mod machine;
mod mlp;
mod noise;
#[cfg(feature = "whole")]
mod noise_conditional_mlp;
#[cfg(feature = "whole")]
mod pairs;
#[cfg(feature = "whole")]
mod rbm;
#[cfg(feature = "whole")]
mod score_mlp;
#[cfg(feature = "whole")]
mod smoothed;
mod spectral;
#[cfg(feature = "whole")]
mod vae;

pub use initialise::initialise;
#[cfg(feature = "whole")]
pub use latent::{Emission, Inference, Latent, LatentEnergy, Posterior};
pub use noise::{Noise, Process};
#[cfg(feature = "whole")]
pub use pairs::{Anchor, Pairs};

use crate::backend::plan::Network;
use crate::data::Space;
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
    /// Drawn from N(0, σ²).
    #[cfg(feature = "whole")]
    Normal(f64),
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
    /// The noise level of each point [n], for energies that know it; without one, the level that is shown.
    pub level: Option<Tensor<'g>>,
    /// The point that others are paired with [1, d], for energies of pairs.
    pub anchor: Option<Tensor<'g>>,
}

/// What an energy may be a function of beside the place, and what rules and kernels may need it to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    /// A noise level: the energy has a [`Model::process`] and reads [`Scope::level`].
    Noise,
    /// A class y: the energy has [`Model::class_energies`].
    Classes,
    /// Hidden units: the energy has [`Model::hidden`] and [`Model::visible`].
    Hidden,
    /// Latent variables and an encoder: the energy has [`Model::encode`] and [`Model::decode`].
    Latent,
    /// Latent variables with an energy of their own: the energy has [`Model::tilt`], [`Model::decode`] and [`Model::inference`].
    LatentEnergy,
    /// Another point: the energy is one of pairs and has [`Model::embed`] and [`Model::temperature`].
    Pairs,
}

impl Ability {
    /// As the manifest writes it.
    pub fn name(self) -> &'static str {
        match self {
            Ability::Noise => "noise",
            Ability::Classes => "classes",
            Ability::Hidden => "hidden",
            Ability::Latent => "latent",
            Ability::LatentEnergy => "latentEnergy",
            Ability::Pairs => "pairs",
        }
    }
}

/// What an energy that knows classes offers to rules.
pub struct Classes<'g, 'a> {
    /// The class of each point of the batch, [b].
    pub labels: Tensor<'g>,
    /// E(x, y): [n, d] → [n, classes].
    pub energies: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
}

/// The two conditional laws of a model of visible units x and hidden units h, in which no unit leans on another of its layer. Each
/// takes all units of one layer to the log-odds of those of the other: a unit is on with the probability that a sigmoid says.
#[cfg(feature = "whole")]
pub struct Layers<'g, 'a> {
    /// Log-odds that hidden units are 1: x [n, d] → [n, hidden].
    pub hidden: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
    /// Log-odds that visible ones are 1, and not −1: h [n, hidden], of 0 and 1, → [n, d].
    pub visible: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
}

/// 1 with the probability that log-odds of units say, else 0. `stream` is what chance is drawn from.
#[cfg(feature = "whole")]
pub fn drawn<'g>(graph: &'g Graph, log_odds: Tensor<'g>, stream: u32) -> Tensor<'g> {
    (log_odds.sigmoid() - graph.uniform(stream, &log_odds.shape())).step()
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

    /// What x may be.
    fn spaces(&self) -> &'static [Space] {
        Space::PLANE
    }

    /// What E is a function of beside x, if anything.
    fn knows(&self) -> Option<Ability> {
        None
    }

    /// How the data become noise, level by level, for those that know levels.
    #[cfg(feature = "whole")]
    fn process<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>) -> Option<Process<'g>> {
        None
    }

    /// Whether what is shown of it is at the level at which the samples are.
    #[cfg(feature = "whole")]
    fn follows(&self, section: &Section) -> bool {
        self.knows() == Some(Ability::Noise) && section.flag(levels::FOLLOW.name)
    }

    /// Whether there is an energy. A network whose outputs are the score need not be the slope of anything.
    fn has_energy(&self) -> bool {
        true
    }

    /// The score of a model that has no energy, and this instead: x [n, 2] → [n, 2].
    #[cfg(feature = "whole")]
    fn score<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>, _x: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }

    /// Classes that it tells apart.
    fn classes(&self, _section: &Section) -> usize {
        1
    }

    /// E(x, y): x [n, d] → [n, classes], for energies that know them.
    fn class_energies<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>, _x: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }

    /// Log-odds that hidden units are 1, given the visible ones: x [n, d] → [n, hidden].
    #[cfg(feature = "whole")]
    fn hidden<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>, _x: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }

    /// Log-odds that visible units are 1, and not −1, given the hidden ones: h [n, hidden], of 0 and 1, → [n, d].
    #[cfg(feature = "whole")]
    fn visible<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>, _h: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }

    /// The rule, the kernel and the optimiser of an experiment with it where nobody says anything else: of models that are not used with
    /// those of others.
    #[cfg(feature = "whole")]
    fn company(&self) -> Option<[&'static str; 3]> {
        None
    }

    /// Latent variables of a point; 0 where there are none.
    fn latent(&self, _section: &Section) -> usize {
        0
    }

    /// The law of the latent variables given x as an encoder guesses it: x [n, d].
    #[cfg(feature = "whole")]
    fn encode<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>, _x: Tensor<'g>) -> Option<Posterior<'g>> {
        None
    }

    /// The law of x given the latent variables: z [n, latent].
    #[cfg(feature = "whole")]
    fn decode<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>, _z: Tensor<'g>) -> Option<Emission<'g>> {
        None
    }

    /// What the prior of the latent variables is tilted by, f(z): z [n, latent] → [n].
    #[cfg(feature = "whole")]
    fn tilt<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>, _z: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }

    /// Steps of a chain of the posterior of latent variables that have an energy.
    fn posterior_steps(&self, _section: &Section) -> usize {
        0
    }

    /// How chains of the latent variables move, where those have an energy.
    #[cfg(feature = "whole")]
    fn inference<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>) -> Option<Inference<'g>> {
        None
    }

    /// Where a network puts points, as energies of pairs compare them: x [n, d] → [n, embedding].
    #[cfg(feature = "whole")]
    fn embed<'g>(&self, _section: &Section, _scope: &Scope<'g, '_>, _x: Tensor<'g>) -> Option<Tensor<'g>> {
        None
    }

    /// Numbers of an embedding; 0 where there is none.
    fn embedding(&self, _section: &Section) -> usize {
        0
    }

    /// What energies of pairs are divided by, shape [].
    #[cfg(feature = "whole")]
    fn temperature<'g>(&self, _scope: &Scope<'g, '_>) -> Option<Tensor<'g>> {
        None
    }

    /// The point that others are paired with where the energy of one point is asked for.
    #[cfg(feature = "whole")]
    fn anchor(&self, _section: &Section) -> Option<Anchor> {
        None
    }

    /// The weights of a configuration, for points of this space.
    fn weights(&self, section: &Section, space: Space) -> Vec<Weight>;

    /// The weights as the energy uses them, which are those that are exported: the declared ones, or what a constraint
    /// makes of them.
    fn effective<'g>(&self, _section: &Section, scope: &Scope<'g, '_>) -> Vec<Tensor<'g>> {
        scope.weights.clone()
    }

    /// A weight of this model made of one that has its name in a related model, with this shape; `None` of any other.
    #[cfg(feature = "whole")]
    fn related(&self, _weight: &Weight, _shape: &[usize], _values: &[f32]) -> Option<Vec<f32>> {
        None
    }

    /// E(x): x [n, d] → [n], d being the dimension of the space; `None` when the configuration has no such energy, or the
    /// model has none at all.
    fn energy<'g>(&self, section: &Section, given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>>;

    /// The same for the fused kernels, where they can express it. `parameters` and `dial` are arena offsets.
    fn network(&self, _section: &Section, _parameters: usize, _dial: &dyn Fn(&str) -> usize) -> Option<Network> {
        None
    }
}

/// The models of the whole core alone, sorted by id, what they know and what they are energies of.
pub const FURTHER: &[(&str, Option<Ability>, Space)] = &[
    ("boltzmann-machine", None, Space::Binary(4)),
    ("cnn", None, Space::Images),
    ("composed", None, Space::Plane),
    ("diffused", Some(Ability::Noise), Space::Plane),
    ("diffusion-mlp", Some(Ability::Noise), Space::Plane),
    ("hopfield", None, Space::Binary(4)),
    ("joint-cnn", Some(Ability::Classes), Space::Images),
    ("joint-embedding", Some(Ability::Pairs), Space::Plane),
    ("joint-mlp", Some(Ability::Classes), Space::Plane),
    ("latent-ebm", Some(Ability::LatentEnergy), Space::Plane),
    ("noise-conditional-mlp", Some(Ability::Noise), Space::Plane),
    ("rbm", Some(Ability::Hidden), Space::Binary(28)),
    ("score-mlp", Some(Ability::Noise), Space::Plane),
    ("smoothed", Some(Ability::Noise), Space::Plane),
    ("vae", Some(Ability::Latent), Space::Plane),
];

/// Every model of this build, sorted by id.
pub const ALL: &[&dyn Model] = &[
    #[cfg(feature = "whole")]
    &boltzmann_machine::BoltzmannMachine,
    #[cfg(feature = "whole")]
    &cnn::CNN,
    #[cfg(feature = "whole")]
    &composed::Composed,
    #[cfg(feature = "whole")]
    &diffused::Diffused,
    #[cfg(feature = "whole")]
    &diffusion_mlp::DiffusionMlp,
    &exact::Exact,
    #[cfg(feature = "whole")]
    &hopfield::Hopfield,
    #[cfg(feature = "whole")]
    &joint_cnn::JointCnn,
    #[cfg(feature = "whole")]
    &joint_embedding::JointEmbedding,
    #[cfg(feature = "whole")]
    &joint_mlp::JointMlp,
    #[cfg(feature = "whole")]
    &latent_ebm::LatentEbm,
    &mlp::Mlp,
    #[cfg(feature = "whole")]
    &noise_conditional_mlp::NoiseConditionalMlp,
    #[cfg(feature = "whole")]
    &rbm::Rbm,
    #[cfg(feature = "whole")]
    &score_mlp::ScoreMlp,
    #[cfg(feature = "whole")]
    &smoothed::Smoothed,
    #[cfg(feature = "whole")]
    &vae::Vae,
];
