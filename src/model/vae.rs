//! The variational autoencoder (Kingma & Welling 2014; Rezende, Mohamed & Wierstra 2014): z ~ N(0, I), and x of a decoder network, normal
//! with one learned deviation or, of pixels in black and white, Bernoulli; beside them an encoder network q(z | x). As an energy it is
//! −ln p(x), whose log Z is 0.
//!
//! Of points of the plane and one or two latent variables the integral over z is a sum over a grid of [`nodes`]. Elsewhere it is
//! importance-weighted by the encoder with [`DRAWS`] fixed draws (Burda, Grosse & Salakhutdinov 2016, eq. 8), which lies above −ln p(x)
//! as a rule.

use super::initialise::NAMES;
use super::latent::{MOST_COUNTED, activations, counted, nodes, through};
use super::mlp::of_sizes;
use super::{Emission, Given, Model, Posterior, Scope, Start, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::rng::{host, host_normal};
use crate::schema::{Group, Param, Section};

/// Encoder and decoder.
pub(super) struct Vae;

const LATENT: Param = Param::integer("latent", Group::Energy, 1, 1, 64).log().primary();
const WIDTHS: Param = Param::widths("widths", Group::Energy, &[128, 128], 512, 6).primary();
/// Below this σ does not learn: without a floor it falls for ever where the decoder can pass through the data.
const FLOOR: Param = Param::number("leastDeviation", Group::Energy, 0.02, 0.001, 1.0).log();
const INITIALISATION: Param = Param::choice("initialisation", Group::Energy, "he", NAMES);

const PARAMS: &[Param] = &[LATENT, WIDTHS, activations("silu"), FLOOR, INITIALISATION];

/// Draws of the importance-weighted energy.
pub(super) const DRAWS: usize = 16;
/// Where σ² − σ_min² begins: e^−2.
const FIRST_DEVIATION: f64 = -1.0;

/// Weights of the encoder's trunk: a pair a layer.
fn trunk(section: &Section) -> usize {
    2 * section.list(WIDTHS.name).len()
}

/// Weights of the encoder: its trunk and two heads.
fn encoder(section: &Section) -> usize {
    trunk(section) + 4
}

/// Weights of both networks.
fn networks(section: &Section) -> usize {
    encoder(section) + trunk(section) + 2
}

/// Each row of t [n, c] so many times, [n · times, c].
fn repeated(t: Tensor<'_>, times: usize) -> Tensor<'_> {
    let [n, columns] = t.shape()[..] else { unreachable!("rows of points") };
    t.reshape(&[n, 1, columns]).broadcast_to(&[n, times, columns]).reshape(&[n * times, columns])
}

impl Vae {
    /// ln of the mean importance weight of fixed draws, [n].
    fn weighed<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let (n, latent) = (x.shape()[0], self.latent(section));
        let mut rng = host(1);
        let draws: Vec<f64> = (0..DRAWS * latent).map(|_| host_normal(&mut rng)).collect();
        let draws = scope.graph.literal(&draws, &[1, DRAWS, latent]);
        let noise = draws.broadcast_to(&[n, DRAWS, latent]).reshape(&[n * DRAWS, latent]);
        let of_point = self.encode(section, scope, x)?;
        let [mean, log_deviation] = [of_point.mean, of_point.log_deviation].map(|t| repeated(t, DRAWS));
        let posterior = Posterior { mean, log_deviation };
        let likelihood = self.decode(section, scope, posterior.at(noise))?.log_likelihood(repeated(x, DRAWS));
        let weights = (likelihood + posterior.log_ratio(noise)).reshape(&[n, DRAWS]);
        Some(weights.logsumexp(1) - (DRAWS as f64).ln())
    }

    fn emission<'g>(&self, section: &Section, scope: &Scope<'g, '_>, z: Tensor<'g>, bits: bool) -> Emission<'g> {
        let out = through(section, &scope.weights[encoder(section)..networks(section)], z);
        if bits {
            return Emission::Bernoulli(out);
        }
        let learned = scope.weights[networks(section)].reshape(&[]);
        Emission::Normal(out, ((2.0 * learned).exp() + (scope.dial)(FLOOR.name).square()).sqrt())
    }
}

/// Whether the weights are those of pixels in black and white: others have a deviation.
fn of_bits(section: &Section, scope: &Scope<'_, '_>) -> bool {
    scope.weights.len() == networks(section)
}

impl Model for Vae {
    fn id(&self) -> &'static str {
        "vae"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"E_\theta(x) = -\log \int p_\theta(x \mid z)\,p(z)\,\mathrm{d}z, \quad p(z) = \mathcal{N}(0, I)"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        vec![(FLOOR.name, section.number(FLOOR.name))]
    }

    fn spaces(&self) -> &'static [Space] {
        Space::UNCOUNTED
    }

    fn knows(&self) -> Option<super::Ability> {
        Some(super::Ability::Latent)
    }

    fn company(&self) -> Option<[&'static str; 3]> {
        Some(["evidence-lower-bound", "ancestral", "adam"])
    }

    fn latent(&self, section: &Section) -> usize {
        section.count(LATENT.name)
    }

    /// The encoder from x, with a head for μ and one for ln σ, which begins at 0; the decoder from z to the mean or the log-odds of x;
    /// then, of normal x, ½ ln(σ² − σ_min²) [1].
    fn weights(&self, section: &Section, space: Space) -> Vec<Weight> {
        let (d, latent, widths) = (space.dimension(), self.latent(section), section.list(WIDTHS.name));
        let back: Vec<_> = widths.iter().rev().copied().collect();
        let last = widths[widths.len() - 1];
        let constant = |name: &str, shape, value| Weight { name: name.into(), shape, start: Start::Constant(value) };
        let head = [
            constant("encoder.logDeviation.weight", vec![latent, last], 0.0),
            constant("encoder.logDeviation.bias", vec![latent], 0.0),
        ];
        let encoder = of_sizes(section, "encoder", &[vec![d], widths, vec![latent]].concat());
        let decoder = of_sizes(section, "decoder", &[vec![latent], back, vec![d]].concat());
        let bits = matches!(space, Space::Binary(_));
        let deviation = (!bits).then(|| constant("decoder.logDeviation", vec![1], FIRST_DEVIATION));
        encoder.into_iter().chain(head).chain(decoder).chain(deviation).collect()
    }

    fn encode<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Posterior<'g>> {
        // A black pixel adds nothing.
        let inputs = if of_bits(section, scope) { 0.5 * (x + 1.0) } else { x };
        let head = |k: usize| {
            let head = trunk(section) + 2 * k;
            let weights = [&scope.weights[..trunk(section)], &scope.weights[head..head + 2]].concat();
            through(section, &weights, inputs)
        };
        Some(Posterior { mean: head(0), log_deviation: head(1) })
    }

    fn decode<'g>(&self, section: &Section, scope: &Scope<'g, '_>, z: Tensor<'g>) -> Option<Emission<'g>> {
        Some(self.emission(section, scope, z, of_bits(section, scope)))
    }

    fn energy<'g>(&self, section: &Section, _given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let latent = self.latent(section);
        let log_density = match x.shape()[1] {
            2 if latent <= MOST_COUNTED => {
                let [z, log_weights] = nodes(scope.graph, latent);
                counted(x, self.emission(section, scope, z, false), log_weights)
            }
            _ => self.weighed(section, scope, x)?,
        };
        Some(-log_density)
    }
}
