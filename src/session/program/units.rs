//! Models with hidden units: what the units say of images, and annealed importance sampling of their log Z.

use super::{Builder, Outputs, slot};
use crate::graph::{Graph, Tensor};
use crate::model::{self, Layers, drawn};

/// Chains of annealed importance sampling.
pub const ANNEALED: usize = 128;

impl Builder<'_> {
    /// Log-odds of the hidden units: x [n, d] → [n, hidden].
    pub(super) fn hidden<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>], x: Tensor<'g>) -> Tensor<'g> {
        let of = |scope: &model::Scope<'g, '_>| self.parts.model.hidden(&self.config.model, scope, x);
        self.of_model(graph, weights, None, of).expect("asked of models with hidden units")
    }

    /// Log-odds of the visible units: h [n, hidden] → [n, d].
    pub(super) fn visible<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>], h: Tensor<'g>) -> Tensor<'g> {
        let of = |scope: &model::Scope<'g, '_>| self.parts.model.visible(&self.config.model, scope, h);
        self.of_model(graph, weights, None, of).expect("asked of models with hidden units")
    }

    /// What kernels are offered by a model with hidden units.
    pub(super) fn layers<'g, 'a>(
        &self,
        hidden: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
        visible: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
    ) -> Option<Layers<'g, 'a>> {
        self.has_units().then_some(Layers { hidden, visible })
    }

    /// How likely each hidden unit is on, and the mean of the visible ones when the hidden ones are as likely on as that.
    pub(super) fn units<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let weights = self.weights(graph, slot::AVERAGE);
        let on = self.hidden(graph, &weights, self.state(graph, slot::PROBE)).sigmoid();
        let mean = 2.0 * self.visible(graph, &weights, on).sigmoid() - 1.0;
        vec![(on, slot::PROBE_UNITS.into()), (mean, slot::PROBE_MEAN.into())]
    }

    /// Chains of annealed importance sampling as they begin: draws of the units that lean on nothing. Stream 7.
    pub(super) fn anneal_from<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let base = self.state(graph, slot::ANNEAL_BASE);
        let chance = graph.uniform(7, &[ANNEALED, base.len()]);
        vec![
            (2.0 * (base.sigmoid() - chance).step() - 1.0, slot::ANNEALED.into()),
            (graph.constant(0.0, &[ANNEALED]), slot::ANNEALED_WEIGHTS.into()),
            (graph.constant(0.0, &[1]), slot::ANNEAL_DONE.into()),
        ]
    }

    /// From one inverse temperature β to the next one β' (Salakhutdinov & Murray 2008, §4.1): the machine with the visible biases
    /// (1 − β) a + β b, the weights β W and the hidden biases β c is that of independent units for β = 0 and the model for β = 1.
    /// Chains [n, d] take F_β(v) − F_β'(v) to the logarithm of their weight, then one step of Gibbs sampling at β'. Streams 7 and 8.
    pub(super) fn anneal<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let weights = self.weights(graph, slot::AVERAGE);
        let [x, base, log_weights, done, rungs] =
            [slot::ANNEALED, slot::ANNEAL_BASE, slot::ANNEALED_WEIGHTS, slot::ANNEAL_DONE, slot::ANNEAL_RUNGS]
                .map(|name| self.state(graph, name));
        let (beta, next) = (done / rungs, (done + 1.0) / rungs);
        let log_odds = self.hidden(graph, &weights, x);
        // −bᵀv is what the hidden units leave of F.
        let own = self.energy(graph, &weights, x, None) + log_odds.softplus().sum(1);
        let of_base = (0.5 * (x + 1.0) * base).sum(1);
        let hidden = ((next * log_odds).softplus() - (beta * log_odds).softplus()).sum(1);
        let gained = hidden - (next - beta) * (own + of_base);
        let h = drawn(graph, next * log_odds, 7);
        let v = drawn(graph, (1.0 - next) * base + next * self.visible(graph, &weights, h), 8);
        vec![
            (2.0 * v - 1.0, slot::ANNEALED.into()),
            (log_weights + gained, slot::ANNEALED_WEIGHTS.into()),
            (done + 1.0, slot::ANNEAL_DONE.into()),
        ]
    }
}
