//! Models of pairs: where they put points, what a rule takes to be a view of a point, and the anchor that others are paired with.

use super::{Builder, Outputs, Role, slot};
use crate::graph::{Graph, Tensor};
use crate::model::{self, Ability, Pairs};

impl Builder<'_> {
    /// Whether the energy is one of pairs.
    pub(super) fn is_of_pairs(&self) -> bool {
        self.parts.model.knows() == Some(Ability::Pairs)
    }

    /// The anchor [1, d], of an energy of pairs.
    pub(super) fn anchor<'g>(&self, graph: &'g Graph) -> Option<Tensor<'g>> {
        self.is_of_pairs().then(|| self.state(graph, slot::ANCHOR))
    }

    /// h(x): x [n, d] → [n, embedding].
    pub(super) fn embed<'g>(&self, graph: &'g Graph, weights: &[Tensor<'g>], x: Tensor<'g>) -> Tensor<'g> {
        let of = |scope: &model::Scope<'g, '_>| self.parts.model.embed(&self.config.model, scope, x);
        self.of_model(graph, weights, None, of).expect("asked of models of pairs")
    }

    /// What rules are offered by a model of pairs.
    pub(super) fn pairs<'g, 'a>(
        &self,
        graph: &'g Graph,
        embed: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
    ) -> Option<Pairs<'g, 'a>> {
        let temperature = self.of_model(graph, &[], None, |scope| self.parts.model.temperature(scope))?;
        Some(Pairs { embed, temperature })
    }

    pub(super) fn pair_plans(&mut self) {
        self.plan(Role::Embed, "embed", vec![], |b, g| {
            let h = b.embed(g, &b.weights(g, slot::AVERAGE), b.state(g, slot::PROBE));
            vec![(h, slot::PROBE_EMBEDDING.into())]
        });
        if self.parts.objective.needs() == Some(Ability::Pairs) {
            self.plan(Role::View, "view", vec![], |b, g| b.viewed(g));
        }
    }

    /// A view of any points.
    fn viewed<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let dial = |name: &str| self.dial(graph, &format!("objective.{name}"));
        let view = self.parts.objective.view(&dial, self.state(graph, slot::PROBE), 0);
        vec![(view.expect("rules of pairs make views"), slot::PROBE_VIEW.into())]
    }
}
