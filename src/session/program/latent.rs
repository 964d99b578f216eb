//! Models of latent variables: what their encoder and their decoder say, the evidence lower bound of any points, and the chains of those
//! whose latent variables have an energy.

use super::{Builder, Outputs, Role, TEST_POINTS, slot};
use crate::graph::{Graph, Tensor};
use crate::model::{self, Ability, Emission, Latent, LatentEnergy, Posterior};
use crate::rng::{host, host_normal};

/// Normal numbers [TEST_POINTS, columns], always the same ones, of which each column has the mean square 1.
fn even_draws(graph: &Graph, columns: usize) -> Tensor<'_> {
    let mut rng = host(1);
    let n = TEST_POINTS as f64;
    let column = |_| {
        let draws: Vec<f64> = (0..TEST_POINTS).map(|_| host_normal(&mut rng)).collect();
        let deviation = (draws.iter().map(|d| d * d).sum::<f64>() / n).sqrt();
        draws.into_iter().map(|d| d / deviation).collect()
    };
    let all: Vec<Vec<f64>> = (0..columns).map(column).collect();
    let rows: Vec<f64> = (0..TEST_POINTS).flat_map(|i| all.iter().map(move |column| column[i])).collect();
    graph.literal(&rows, &[TEST_POINTS, columns])
}

impl Builder<'_> {
    /// Latent variables of a point; 0 where the model has none.
    pub(super) fn latent_variables(&self) -> usize {
        match self.parts.model.knows() {
            Some(Ability::Latent | Ability::LatentEnergy) => self.parts.model.latent(&self.config.model),
            _ => 0,
        }
    }

    /// Whether the model has an encoder.
    pub(super) fn has_encoder(&self) -> bool {
        self.parts.model.knows() == Some(Ability::Latent)
    }

    /// q(z | x): x [n, d].
    pub(super) fn encode<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>], x: Tensor<'g>) -> Posterior<'g> {
        let of = |scope: &model::Scope<'g, '_>| self.parts.model.encode(&self.config.model, scope, x);
        self.of_model(graph, weights, None, of).expect("asked of models of latent variables")
    }

    /// p(x | z): z [n, latent].
    pub(super) fn decode<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>], z: Tensor<'g>) -> Emission<'g> {
        let of = |scope: &model::Scope<'g, '_>| self.parts.model.decode(&self.config.model, scope, z);
        self.of_model(graph, weights, None, of).expect("asked of models of latent variables")
    }

    /// What rules and kernels are offered by a model of latent variables.
    pub(super) fn latent<'g, 'a>(
        &self,
        encode: &'a dyn Fn(Tensor<'g>) -> Posterior<'g>,
        decode: &'a dyn Fn(Tensor<'g>) -> Emission<'g>,
    ) -> Option<Latent<'g, 'a>> {
        self.has_encoder().then(|| Latent { size: self.latent_variables(), encode, decode })
    }

    /// Minus the evidence lower bound of held-out points of the plane, shape []; 0 where there is none: the mean of ln p(x, z)/q(z | x), which
    /// is ln p(x) at every draw once the encoder's law is the posterior. Two draws for each, at ε and at −ε; all ε have together the
    /// variance 1.
    pub(super) fn negative_bound<'g>(&self, graph: &'g Graph) -> Tensor<'g> {
        if !self.has_encoder() {
            return graph.scalar(0.0);
        }
        let weights = self.weights(graph, slot::FROZEN);
        let (encode, decode) = (|x| self.encode(graph, &weights, x), |z| self.decode(graph, &weights, z));
        let latent = self.latent(&encode, &decode).expect("asked of models of latent variables");
        let (x, noise) = (self.state(graph, slot::TEST), even_draws(graph, latent.size));
        -0.5 * (latent.log_weight(x, noise) + latent.log_weight(x, -noise)).mean_all()
    }

    /// μ and ln σ of q(z | x), side by side.
    pub(super) fn encoded<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let posterior = self.encode(graph, &self.weights(graph, slot::AVERAGE), self.state(graph, slot::PROBE));
        vec![(graph.concat(&[posterior.mean, posterior.log_deviation], 1), slot::PROBE_LATENT.into())]
    }

    /// E[x | z].
    pub(super) fn decoded<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let emission = self.decode(graph, &self.weights(graph, slot::AVERAGE), self.state(graph, slot::LATENT));
        vec![(emission.mean(), slot::PROBE_MEAN.into())]
    }

    /// The logarithm of the importance weight of one draw z ~ q(z | x), and KL(q(z | x) ‖ p(z)), side by side. Stream 11.
    pub(super) fn bounded<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let weights = self.weights(graph, slot::AVERAGE);
        let (encode, decode) = (|x| self.encode(graph, &weights, x), |z| self.decode(graph, &weights, z));
        let latent = self.latent(&encode, &decode).expect("asked of models of latent variables");
        let x = self.state(graph, slot::PROBE);
        let noise = graph.normal(11, &[x.shape()[0], latent.size]);
        let columns = [latent.log_weight(x, noise), (latent.encode)(x).divergence()];
        vec![(graph.columns(&columns), slot::PROBE_BOUND.into())]
    }

    /// Whether the rule asks for the latent variables of the batch as chains find them.
    pub(super) fn infers(&self) -> bool {
        self.trains() && self.parts.objective.needs() == Some(Ability::LatentEnergy)
    }

    /// f(z): z [n, latent] → [n].
    pub(super) fn tilt<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>], z: Tensor<'g>) -> Tensor<'g> {
        let of = |scope: &model::Scope<'g, '_>| self.parts.model.tilt(&self.config.model, scope, z);
        self.of_model(graph, weights, None, of).expect("asked of models of latent variables with an energy")
    }

    /// What rules and kernels are offered by a model whose latent variables have an energy.
    pub(super) fn latent_energy<'g, 'a>(
        &self,
        graph: &'g Graph,
        weights: &[Tensor<'g>],
        energy: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
        decode: &'a dyn Fn(Tensor<'g>) -> Emission<'g>,
    ) -> Option<LatentEnergy<'g, 'a>> {
        let of = |scope: &model::Scope<'g, '_>| self.parts.model.inference(&self.config.model, scope);
        let inference = self.of_model(graph, weights, None, of)?;
        Some(LatentEnergy { size: self.latent_variables(), energy, decode, inference })
    }

    /// Where chains of the posterior of the batch and chains of the prior are.
    pub(super) fn found<'g>(&self, graph: &'g Graph) -> Option<[Tensor<'g>; 2]> {
        let prior = self.carried(slot::NEGATIVES).filter(|_| self.infers())?;
        Some([slot::BATCH_LATENT, &prior].map(|name| self.state(graph, name)))
    }

    /// Where they begin. Negatives are what those of the prior mean.
    pub(super) fn latent_start<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let prior = self.carried(slot::NEGATIVES).expect("checked before anything was built");
        let mut start = self.latent_draws(graph, slot::BATCH_LATENT, &prior);
        let mean = self.decode(graph, &self.weights(graph, slot::PARAMETERS), start[1].0).mean();
        start.push((mean, slot::NEGATIVES.into()));
        start
    }

    /// Draws of N(0, I) for chains of the posterior and of the prior. Streams 6 and 7.
    fn latent_draws<'g>(&self, graph: &'g Graph, posterior: &str, prior: &str) -> Outputs<'g> {
        let drawn = |name: &str, stream| (graph.normal(stream, &self.state(graph, name).shape()), name.to_string());
        vec![drawn(posterior, 6), drawn(prior, 7)]
    }

    pub(super) fn latent_plans(&mut self) {
        self.plan(Role::Decode, "decode", vec![], |b, g| b.decoded(g));
        if self.has_encoder() {
            self.plan(Role::Encode, "encode", vec![], |b, g| b.encoded(g));
            return self.plan(Role::Bound, "bound", vec![], |b, g| b.bounded(g));
        }
        if self.infers() {
            self.plan(Role::Infer, "infer", vec![], |b, g| {
                b.posterior_step(g, slot::PARAMETERS, slot::BATCH, slot::BATCH_LATENT)
            });
            self.plan(Role::Dream, "dream", vec![], |b, g| {
                let chains = b.carried(slot::NEGATIVES).expect("checked before anything was built");
                let mut next = b.prior_step(g, slot::PARAMETERS, &chains);
                // Each step is accepted.
                next.push((b.state(g, slot::ACCEPTED) + 1.0, slot::ACCEPTED.into()));
                next
            });
        }
        self.plan(Role::Tilt, "tilt", vec![], |b, g| {
            let z = b.state(g, slot::LATENT);
            vec![(b.tilt(g, &b.weights(g, slot::AVERAGE), z), slot::LATENT_TILT.into())]
        });
        self.plan(Role::LatentFrom, "latent chains", vec![], |b, g| {
            b.latent_draws(g, slot::LATENT_POSTERIOR, slot::LATENT_PRIOR)
        });
        self.plan(Role::PosteriorStep, "posterior step", vec![], |b, g| {
            b.posterior_step(g, slot::AVERAGE, slot::PROBE, slot::LATENT_POSTERIOR)
        });
        // The step size is that of the kernel.
        if self.parts.sampler.needs() == Some(Ability::LatentEnergy) {
            self.plan(Role::PriorStep, "prior step", vec![], |b, g| b.prior_step(g, slot::AVERAGE, slot::LATENT_PRIOR));
        }
    }

    /// What becomes of chains of the prior. Stream 7.
    fn prior_step<'g>(&self, graph: &'g Graph, source: &str, chains: &str) -> Outputs<'g> {
        let (z, step_size) = (self.state(graph, chains), self.state(graph, slot::STEP_SIZE).reshape(&[]));
        let next = self.of_latent_energy(graph, source, |model| model.dream(z, step_size, 7));
        vec![(next, chains.into())]
    }

    /// What becomes of chains of the posterior of points. Stream 6.
    fn posterior_step<'g>(&self, graph: &'g Graph, source: &str, points: &str, chains: &str) -> Outputs<'g> {
        let [x, z] = [points, chains].map(|name| self.state(graph, name));
        let x = x.narrow(0, 0..z.shape()[0]);
        let next = self.of_latent_energy(graph, source, |model| model.infer(x, z, 6));
        vec![(next, chains.into())]
    }

    fn of_latent_energy<'g, R>(
        &self,
        graph: &'g Graph,
        source: &str,
        ask: impl FnOnce(&LatentEnergy<'g, '_>) -> R,
    ) -> R {
        let weights = self.weights(graph, source);
        let (tilt, decode) = (|z| self.tilt(graph, &weights, z), |z| self.decode(graph, &weights, z));
        ask(&self.latent_energy(graph, &weights, &tilt, &decode).expect("asked of models that have one"))
    }
}
