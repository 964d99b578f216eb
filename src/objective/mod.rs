//! Training rules: one file each, one line in [`ALL`]. A rule says what its negatives are and what its loss is; the
//! gradient follows from the graph.

mod contrastive_divergence;
#[cfg(feature = "whole")]
mod cross_entropy;
mod denoising_score_matching;
#[cfg(feature = "whole")]
mod energy_discrepancy;
#[cfg(feature = "whole")]
mod evidence_lower_bound;
#[cfg(feature = "whole")]
mod finite_difference_score_matching;
#[cfg(feature = "whole")]
mod info_nce;
#[cfg(feature = "whole")]
mod joint_energy;
#[cfg(feature = "whole")]
mod latent_maximum_likelihood;
mod maximum_likelihood;
#[cfg(feature = "whole")]
mod multiscale_denoising_score_matching;
mod noise;
mod noise_contrastive_estimation;
#[cfg(feature = "whole")]
mod noise_prediction;
mod persistent_contrastive_divergence;
mod replay_buffer;
mod score_matching;
#[cfg(feature = "whole")]
mod sliced_score_matching;
#[cfg(feature = "whole")]
mod vicreg;
#[cfg(feature = "whole")]
mod views;

pub use replay_buffer::ReplayBuffer;

use crate::autodiff::grad;
use crate::data::Space;
use crate::graph::{Graph, Tensor};
use crate::json;
use crate::json::Value;
use crate::model::{Ability, Classes, Noise, Weight};
#[cfg(feature = "whole")]
use crate::model::{Latent, LatentEnergy, Pairs};
use crate::schema::{self, Group, Param, Section};

/// Standard deviation of noise that is added to the data batch. Rules that take derivatives along x need some where a
/// density jumps.
pub const DATA_NOISE: Param = Param::number("dataNoise", Group::Training, 0.0, 0.0, 1.0).primary();

/// Mean and covariance of the data, for rules that lean on them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Mean.
    pub mean: [f64; 2],
    /// Covariance: xx, xy, yy.
    pub covariance: [f64; 3],
}

/// What a rule reads while it builds its graph.
pub struct Scope<'g, 'a> {
    /// The graph under construction.
    pub graph: &'g Graph,
    /// Looks up a dial: a scalar tensor (shape []).
    pub dial: &'a dyn Fn(&str) -> Tensor<'g>,
    /// E(x): [n, d] → [n].
    pub energy: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
    /// The score at every noise level, where the energy knows them.
    pub noise: Option<Noise<'g, 'a>>,
    /// E(x, y) and the classes of the batch, where the energy knows classes and the points have some.
    pub classes: Option<Classes<'g, 'a>>,
    /// The laws of latent variables given x and of x given those, where the energy has some.
    #[cfg(feature = "whole")]
    pub latent: Option<Latent<'g, 'a>>,
    /// The energy of latent variables, where those have one.
    #[cfg(feature = "whole")]
    pub latent_energy: Option<LatentEnergy<'g, 'a>>,
    /// The embedding that energies of pairs are made of, where the energy is one.
    #[cfg(feature = "whole")]
    pub pairs: Option<Pairs<'g, 'a>>,
    /// The latent variables to which chains of the posterior of the batch and chains of the prior have led, each [b, latent], for rules that
    /// need such an energy.
    #[cfg(feature = "whole")]
    pub found: Option<[Tensor<'g>; 2]>,
    /// The rule's own learned scalars, in the order in which it declared them, shape [1].
    pub weights: Vec<Tensor<'g>>,
}

/// Where a rule's negatives come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Negatives {
    /// The rule needs none.
    None,
    /// Chains that start from the data batch at every update.
    FromData,
    /// Chains that go on where they were, kept in a replay buffer.
    FromBuffer,
    /// Chains of latent variables that begin with every update at draws of N(0, I), for kernels that carry those along.
    #[cfg(feature = "whole")]
    FromPrior,
    /// Samples that the rule draws itself ([`Objective::draw`]); no chain moves them.
    Drawn,
}

impl Negatives {
    /// Whether chains of the kernel move them.
    pub fn are_chains(self) -> bool {
        match self {
            Self::FromData | Self::FromBuffer => true,
            #[cfg(feature = "whole")]
            Self::FromPrior => true,
            Self::None | Self::Drawn => false,
        }
    }
}

/// One named term of a loss; the stage of the update that it belongs to gives it its colour on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Name, camel case.
    pub id: &'static str,
    /// Stage 0–5: data, energy, negatives, compare, gradient, update.
    pub stage: usize,
}

impl Term {
    /// As JSON, for the manifest.
    pub fn to_json(&self) -> Value {
        json!({"id": self.id, "stage": self.stage})
    }
}

/// A loss and its parts.
pub struct Loss<'g> {
    /// What is minimised, shape [].
    pub total: Tensor<'g>,
    /// A scalar whose gradient is what the data contribute to that of the total, shape []; the rest is contributed by what
    /// they are compared with.
    pub data: Tensor<'g>,
    /// One value for each of [`Objective::terms`], shape [].
    pub parts: Vec<Tensor<'g>>,
}

impl<'g> Loss<'g> {
    /// A loss that asks the data and nothing else.
    fn of_data(total: Tensor<'g>, parts: Vec<Tensor<'g>>) -> Self {
        Self { total, data: total, parts }
    }
}

/// A training rule.
pub trait Objective: Sync {
    /// Registry id.
    fn id(&self) -> &'static str;

    /// What it can be told.
    fn params(&self) -> &'static [Param];

    /// TeX of the loss.
    fn formula(&self) -> &'static str;

    /// The named parts of the loss, in order.
    fn terms(&self) -> &'static [Term];

    /// What it needs the energy to know.
    fn needs(&self) -> Option<Ability> {
        None
    }

    /// Where points may be that it is written for.
    fn spaces(&self) -> &'static [Space] {
        Space::CONTINUOUS
    }

    /// Where its negatives come from.
    fn negatives(&self) -> Negatives {
        Negatives::None
    }

    /// Negatives for each data point.
    fn ratio(&self, _section: &Section) -> usize {
        1
    }

    /// Values that the graph reads as dials, by name: its real numbers.
    fn dials(&self, section: &Section, _data: &Moments) -> Vec<(&'static str, f64)> {
        schema::numbers(self.params(), section)
    }

    /// Scalars that are learned beside the model.
    fn weights(&self, _section: &Section) -> Vec<Weight> {
        vec![]
    }

    /// Draws `count` negatives [count, d] beside a batch [b, d] of data, for [`Negatives::Drawn`].
    fn draw<'g>(
        &self,
        _section: &Section,
        _scope: &Scope<'g, '_>,
        _batch: Tensor<'g>,
        _count: usize,
    ) -> Option<Tensor<'g>> {
        None
    }

    /// A view of each point [n, d], the first or the second, for rules of views: its chance is that of streams of their own.
    #[cfg(feature = "whole")]
    fn view<'g>(&self, _dial: &dyn Fn(&str) -> Tensor<'g>, _x: Tensor<'g>, _which: u32) -> Option<Tensor<'g>> {
        None
    }

    /// The loss of a batch [b, d] and negatives [b · ratio, d] (the batch again where there are none).
    fn loss<'g>(&self, section: &Section, scope: &Scope<'g, '_>, batch: Tensor<'g>, negatives: Tensor<'g>) -> Loss<'g>;
}

/// E of the batch and of the negatives in one pass through the network.
fn energies<'g>(scope: &Scope<'g, '_>, batch: Tensor<'g>, negatives: Tensor<'g>) -> (Tensor<'g>, Tensor<'g>) {
    let (b, n) = (batch.shape()[0], negatives.shape()[0]);
    let all = (scope.energy)(scope.graph.concat(&[batch, negatives], 0));
    (all.narrow(0, 0..b), all.narrow(0, b..b + n))
}

/// ∇E(x): [n, d] → [n, d].
fn gradient<'g>(scope: &Scope<'g, '_>, x: Tensor<'g>) -> Tensor<'g> {
    grad((scope.energy)(x).sum_all(), &[x])[0]
}

/// What is wrong about the noise z in a x₀ + σz at a level drawn for each point x₀ of a batch: −σ s − z, [b, d], for rules that need
/// an energy of every noise level.
#[cfg(feature = "whole")]
fn mistakes<'g>(scope: &Scope<'g, '_>, batch: Tensor<'g>) -> Tensor<'g> {
    let (graph, n) = (scope.graph, batch.shape()[0]);
    let noise = scope.noise.as_ref().expect("refused without");
    let level = noise.process.draw(graph.uniform(12, &[n]));
    let [a, sigma] = noise.process.rates(level);
    let z = graph.normal(11, &batch.shape());
    let score = (noise.score)(a * batch + sigma * z, level);
    -(sigma * score) - z
}

/// The rules of the whole core alone, sorted by id, and what they need.
pub const FURTHER: &[(&str, Option<Ability>)] = &[
    ("cross-entropy", Some(Ability::Classes)),
    ("energy-discrepancy", None),
    ("evidence-lower-bound", Some(Ability::Latent)),
    ("finite-difference-score-matching", None),
    ("info-nce", Some(Ability::Pairs)),
    ("joint-energy", Some(Ability::Classes)),
    ("latent-maximum-likelihood", Some(Ability::LatentEnergy)),
    ("multiscale-denoising-score-matching", Some(Ability::Noise)),
    ("noise-prediction", Some(Ability::Noise)),
    ("sliced-score-matching", None),
    ("vicreg", Some(Ability::Pairs)),
];

/// Every rule of this build, sorted by id.
pub const ALL: &[&dyn Objective] = &[
    &contrastive_divergence::ContrastiveDivergence,
    #[cfg(feature = "whole")]
    &cross_entropy::CrossEntropy,
    &denoising_score_matching::DenoisingScoreMatching,
    #[cfg(feature = "whole")]
    &energy_discrepancy::EnergyDiscrepancy,
    #[cfg(feature = "whole")]
    &evidence_lower_bound::EvidenceLowerBound,
    #[cfg(feature = "whole")]
    &finite_difference_score_matching::FiniteDifferenceScoreMatching,
    #[cfg(feature = "whole")]
    &info_nce::InfoNce,
    #[cfg(feature = "whole")]
    &joint_energy::JointEnergy,
    #[cfg(feature = "whole")]
    &latent_maximum_likelihood::LatentMaximumLikelihood,
    &maximum_likelihood::MaximumLikelihood,
    #[cfg(feature = "whole")]
    &multiscale_denoising_score_matching::MultiscaleDenoisingScoreMatching,
    &noise_contrastive_estimation::NoiseContrastiveEstimation,
    #[cfg(feature = "whole")]
    &noise_prediction::NoisePrediction,
    &persistent_contrastive_divergence::PersistentContrastiveDivergence,
    &score_matching::ScoreMatching,
    #[cfg(feature = "whole")]
    &sliced_score_matching::SlicedScoreMatching,
    #[cfg(feature = "whole")]
    &vicreg::VicReg,
];
