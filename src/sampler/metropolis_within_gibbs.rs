//! Metropolis-within-Gibbs sampling of a model of latent variables (Mattei & Frellsen 2018, §3.2): the encoder proposes a new z for x,
//! which is accepted with probability min(1, p(x, z') q(z | x) / (p(x, z) q(z' | x))), then x ~ p(x | z). The joint law of x and z stays
//! exactly invariant, however wrong the encoder is, and so does that of the rest of x given a part of it that is held. The first z of a
//! chain is the encoder's, as in pseudo-Gibbs sampling (Rezende, Mohamed & Wierstra 2014, app. F): one that x does not fit would be
//! left by chance alone. Chains of a rule's negatives begin with every update, so that theirs is the encoder's each time, and exact once
//! they have taken more steps.

use super::ancestral::emitted;
use super::{CLAMP_X, CLAMP_Y, Carried, LATENT, Move, STEPS, Sampler, Scope};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Kind, Param, Section};

/// Encodes and decodes.
pub(super) struct MetropolisWithinGibbs;

const PARAMS: &[Param] = &[Param { kind: Kind::Integer { min: 1, max: 1000, default: 1 }, ..STEPS }, CLAMP_X, CLAMP_Y];

impl Sampler for MetropolisWithinGibbs {
    fn id(&self) -> &'static str {
        "metropolis-within-gibbs"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"z' \sim q(z \mid x), \quad a = \min\left(1, \frac{p(x, z')\,q(z \mid x)}{p(x, z)\,q(z' \mid x)}\right), \quad x' \sim p(x \mid z)"
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Latent)
    }

    fn spaces(&self) -> &'static [Space] {
        Space::UNCOUNTED
    }

    fn carries(&self, _section: &Section, latent: usize) -> Option<Carried> {
        // z, and 1 once it is there.
        Some(Carried { name: LATENT, columns: latent + 1 })
    }

    fn begin<'g>(&self, _section: &Section, x: Tensor<'g>, columns: usize) -> Tensor<'g> {
        x.graph().constant(0.0, &[x.shape()[0], columns])
    }

    /// What is accepted is the new z; x moves either way. Streams: 7 for z', 1 for the acceptance.
    fn step<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let latent = scope.latent.as_ref().expect("refused without");
        let (graph, n) = (scope.graph, x.shape()[0]);
        let [z, begun] = [0..latent.size, latent.size..latent.size + 1].map(|range| scope.carried().narrow(1, range));
        let posterior = (latent.encode)(x);
        let noise = graph.normal(7, &z.shape());
        // Where z lies in units of the encoder's law.
        let back = (z - posterior.mean) * (-posterior.log_deviation).exp();
        let weight =
            |noise: Tensor<'g>, z: Tensor<'g>| (latent.decode)(z).log_likelihood(x) + posterior.log_ratio(noise);
        let proposed = posterior.at(noise);
        let log_ratio = weight(noise, proposed) - weight(back, z);
        let taken = (log_ratio - graph.uniform(1, &[n]).ln()).step();
        let first = 1.0 - begun.reshape(&[n]);
        let accepted = taken.maximum(first);
        let z = accepted.reshape(&[n, 1]).select(proposed, z);
        let probability = log_ratio.minimum(graph.scalar(0.0)).exp().maximum(first);
        let one = graph.constant(1.0, &[n]);
        let carried = Some(graph.concat(&[z, one.reshape(&[n, 1])], 1));
        Move { accepted, probability, moved: Some(one), carried, ..emitted(scope, x, (latent.decode)(z)) }
    }
}
