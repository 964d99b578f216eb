//! The latent-space energy-based prior model (Pang, Han, Nijkamp, Zhu & Wu 2020): z ~ p(z) ∝ exp(−f(z)) N(z; 0, I), and x of a
//! decoder network, normal with a fixed deviation. It has no encoder: z | x is found by chains. Another σ₀ than 1 of the base would be the same model with other first layers.
//!
//! As an energy of points of the plane and one or two latent variables it is −ln p(x), whose log Z is 0: the integrals over z are sums over
//! a grid of [`nodes`]. Elsewhere, where those are out of reach, it is that of x and of the z to which the chain of the posterior descends
//! from 0 without noise, f(z) + ½|z|² − ln p(x | z), which Pang et al. (§4.3) tell anomalies by; its slope is that of the last term at
//! this z, which is all of it where the chain has come to rest.

use super::initialise::NAMES;
use super::latent::{MOST_COUNTED, activations, counted, nodes, through};
use super::mlp::of_sizes;
use super::{Emission, Given, Inference, LatentEnergy, Model, Scope, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// An energy of latent variables, and a decoder.
pub(super) struct LatentEbm;

const LATENT: Param = Param::integer("latent", Group::Energy, 2, 1, 64).log().primary();
/// Of the decoder.
const WIDTHS: Param = Param::widths("widths", Group::Energy, &[64, 64], 512, 6).primary();
/// Of f.
const PRIOR_WIDTHS: Param = Param::widths("priorWidths", Group::Energy, &[64, 64], 512, 6).primary();
/// σ of normal x.
const DEVIATION: Param = Param::number("deviation", Group::Energy, 0.3, 0.02, 1.0).log().primary();
/// What f is multiplied by: at 0 the prior is N(0, I).
const TILT: Param = Param::number("tilt", Group::Energy, 1.0, 0.0, 1.0).primary();
const POSTERIOR_STEPS: Param = Param::integer("posteriorSteps", Group::Energy, 20, 1, 100).log();
/// h of a step of the posterior.
const POSTERIOR_STEP_SIZE: Param = Param::number("posteriorStepSize", Group::Energy, 0.003, 1e-5, 1.0).log();
const RECIPROCAL: Param = Param::boolean("reciprocalSlope", Group::Energy, false);
const INITIALISATION: Param = Param::choice("initialisation", Group::Energy, "torch", NAMES);

const PARAMS: &[Param] = &[
    LATENT,
    WIDTHS,
    PRIOR_WIDTHS,
    activations("tanh"),
    DEVIATION,
    TILT,
    POSTERIOR_STEPS,
    POSTERIOR_STEP_SIZE,
    RECIPROCAL,
    INITIALISATION,
];

/// Weights of f.
fn prior(section: &Section) -> usize {
    2 * section.list(PRIOR_WIDTHS.name).len() + 2
}

impl Model for LatentEbm {
    fn id(&self) -> &'static str {
        "latent-ebm"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"E_\theta(x) = -\log \int p_\theta(x \mid z)\,p_\theta(z)\,\mathrm{d}z, \quad p_\theta(z) \propto e^{-f_\theta(z)}\,\mathcal{N}(z; 0, I)"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        [DEVIATION, TILT, POSTERIOR_STEP_SIZE].map(|p| (p.name, section.number(p.name))).to_vec()
    }

    fn spaces(&self) -> &'static [Space] {
        Space::CONTINUOUS
    }

    fn knows(&self) -> Option<super::Ability> {
        Some(super::Ability::LatentEnergy)
    }

    fn company(&self) -> Option<[&'static str; 3]> {
        Some(["latent-maximum-likelihood", "latent-langevin", "adam"])
    }

    fn latent(&self, section: &Section) -> usize {
        section.count(LATENT.name)
    }

    /// f from z to a number, then the decoder from z to the mean of x.
    fn weights(&self, section: &Section, space: Space) -> Vec<Weight> {
        let latent = self.latent(section);
        let sizes = |widths: &str, outputs: usize| [vec![latent], section.list(widths), vec![outputs]].concat();
        let prior = of_sizes(section, "prior", &sizes(PRIOR_WIDTHS.name, 1));
        let decoder = of_sizes(section, "decoder", &sizes(WIDTHS.name, space.dimension()));
        [prior, decoder].concat()
    }

    fn tilt<'g>(&self, section: &Section, scope: &Scope<'g, '_>, z: Tensor<'g>) -> Option<Tensor<'g>> {
        Some((scope.dial)(TILT.name) * through(section, &scope.weights[..prior(section)], z).column(0))
    }

    fn decode<'g>(&self, section: &Section, scope: &Scope<'g, '_>, z: Tensor<'g>) -> Option<Emission<'g>> {
        let mean = through(section, &scope.weights[prior(section)..], z);
        Some(Emission::Normal(mean, (scope.dial)(DEVIATION.name)))
    }

    fn posterior_steps(&self, section: &Section) -> usize {
        section.count(POSTERIOR_STEPS.name)
    }

    fn inference<'g>(&self, section: &Section, scope: &Scope<'g, '_>) -> Option<Inference<'g>> {
        let step_size = (scope.dial)(POSTERIOR_STEP_SIZE.name);
        Some(Inference { step_size, reciprocal: section.flag(RECIPROCAL.name) })
    }

    fn energy<'g>(&self, section: &Section, _given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let latent = self.latent(section);
        let tilt = |z| self.tilt(section, scope, z).expect("it has one");
        let decode = |z| self.decode(section, scope, z).expect("it has one");
        if x.shape()[1] == 2 && latent <= MOST_COUNTED {
            let [z, log_weights] = nodes(scope.graph, latent);
            let log_weights = log_weights - tilt(z);
            let log_weights = log_weights - log_weights.logsumexp(0);
            return Some(-counted(x, decode(z), log_weights));
        }
        // A table and no constant: what follows from a constant is folded, and has no slope.
        let start = scope.graph.literal(&vec![0.0; latent], &[1, latent]).broadcast_to(&[x.shape()[0], latent]);
        // The slip is one of the chains, not of what they are chains of.
        let inference = Inference { reciprocal: false, ..self.inference(section, scope)? };
        let posterior = LatentEnergy { size: latent, energy: &tilt, decode: &decode, inference };
        let z = (0..self.posterior_steps(section)).fold(start, |z, _| posterior.descend(x, z)).stop_gradient();
        Some(tilt(z) + 0.5 * z.square().sum(1) - decode(z).log_likelihood(x))
    }
}
