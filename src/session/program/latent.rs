//! Models of latent variables: what their encoder and their decoder say, and the evidence lower bound of any points.

use super::{Builder, Outputs, TEST_POINTS, slot};
use crate::graph::{Graph, Tensor};
use crate::model::{self, Ability, Emission, Latent, Posterior};
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
            Some(Ability::Latent) => self.parts.model.latent(&self.config.model),
            _ => 0,
        }
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
        let size = self.latent_variables();
        (size > 0).then_some(Latent { size, encode, decode })
    }

    /// Minus the evidence lower bound of held-out points of the plane, shape []; 0 where there is none: the mean of ln p(x, z)/q(z | x), which
    /// is ln p(x) at every draw once the encoder's law is the posterior. Two draws for each, at ε and at −ε; all ε have together the
    /// variance 1.
    pub(super) fn negative_bound<'g>(&self, graph: &'g Graph) -> Tensor<'g> {
        let size = self.latent_variables();
        if size == 0 {
            return graph.scalar(0.0);
        }
        let weights = self.weights(graph, slot::FROZEN);
        let (encode, decode) = (|x| self.encode(graph, &weights, x), |z| self.decode(graph, &weights, z));
        let latent = self.latent(&encode, &decode).expect("asked of models of latent variables");
        let (x, noise) = (self.state(graph, slot::TEST), even_draws(graph, size));
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
}
