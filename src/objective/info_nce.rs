//! InfoNCE (van den Oord, Li & Vinyals 2018, eq. 4): of a batch of N points two views each are made, and each first view is to tell its
//! partner among all second ones, and the other way round. With the energies E of pairs,
//! mean E(x_i, x'_i) + ½ mean log Σ_j exp(−E(x_i, x'_j)) + ½ mean log Σ_j exp(−E(x_j, x'_i)): the negative log-likelihood of an energy
//! whose normaliser is summed over the batch. log N minus the loss is on average no more than the mutual information of the two views
//! (ibid., §2.3; Poole et al. 2019, eq. 10).

use super::{Loss, Objective, Scope, Term, views};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Param, Section};

/// InfoNCE.
pub(super) struct InfoNce;

impl Objective for InfoNce {
    fn id(&self) -> &'static str {
        "info-nce"
    }

    fn params(&self) -> &'static [Param] {
        &views::PARAMS
    }

    fn formula(&self) -> &'static str {
        r"\mathcal{L} = \overline{E_\theta(x_i, x'_i)} + \tfrac12\,\overline{\log \sum_j e^{-E_\theta(x_i, x'_j)}} + \tfrac12\,\overline{\log \sum_j e^{-E_\theta(x_j, x'_i)}}"
    }

    fn terms(&self) -> &'static [Term] {
        &[
            Term { id: "energyViews", stage: 1 },
            Term { id: "others", stage: 2 },
            Term { id: "information", stage: 3 },
            views::DEVIATION,
        ]
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Pairs)
    }

    fn spaces(&self) -> &'static [Space] {
        Space::CONTINUOUS
    }

    fn view<'g>(&self, dial: &dyn Fn(&str) -> Tensor<'g>, x: Tensor<'g>, which: u32) -> Option<Tensor<'g>> {
        Some(views::view(dial, x, which))
    }

    fn loss<'g>(
        &self,
        _section: &Section,
        scope: &Scope<'g, '_>,
        batch: Tensor<'g>,
        _negatives: Tensor<'g>,
    ) -> Loss<'g> {
        let model = scope.pairs.as_ref().expect("refused without");
        let [h, g] = views::embedded(scope, batch);
        let energies = model.all(h, g);
        let matched = model.matched(h, g).mean_all();
        let others = 0.5 * ((-energies).logsumexp(1).mean_all() + (-energies).logsumexp(0).mean_all());
        let total = matched + others;
        let information = (batch.shape()[0] as f64).ln() - total;
        Loss { total, data: matched, parts: vec![matched, others, information, views::deviation(h, g)] }
    }
}
