//! Where samples that come down the levels of noise are going to be: the same steps with the same chance, on copies of the first of them.

use super::{Builder, Outputs, Role, carried, slot};
use crate::data::Space;
use crate::graph::Graph;

/// Samples whose way is foreseen, most, and steps that are noted before they are read.
pub const FORESEEN: [usize; 2] = [32, 64];

impl Builder<'_> {
    /// How many samples have their way foreseen: of those in the plane that come down a ladder, the first.
    pub(super) fn foreseen(&self) -> usize {
        let ladder = self.parts.sampler.ladder(&self.config.sampler);
        if ladder > 0 && self.parts.space() == Space::Plane { self.config.particles().min(FORESEEN[0]) } else { 0 }
    }

    pub(super) fn future_plans(&mut self) {
        self.plan(Role::ForeseeFrom, "foresee from", vec![], |b, g| b.copied(g));
        self.plan(Role::Foresee, "foresee", vec![], |b, g| b.foreseen_step(g));
    }

    /// The first samples and what they carry along.
    fn copied<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let n = self.foreseen();
        let pairs = [slot::PARTICLES, slot::FUTURE].map(|chains| (chains, self.carried(chains)));
        let [(from, from_carried), (to, to_carried)] = pairs;
        let first = |name: &str| self.state(graph, name).narrow(0, 0..n);
        let carried = from_carried.zip(to_carried).map(|(from, to)| (first(&from), to));
        let row = graph.constant(0.0, &[1]);
        [(first(from), to.to_string()), (row, slot::FUTURE_ROW.into())].into_iter().chain(carried).collect()
    }

    /// A step of the copies, and a row of where it leads.
    fn foreseen_step<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let m = self.transition(graph, slot::FUTURE, slot::AVERAGE);
        let (way, row) = (self.state(graph, slot::FUTURE_WAY), self.state(graph, slot::FUTURE_ROW));
        let places = m.position.reshape(&[1, m.position.len()]);
        let next = (row + 1.0, slot::FUTURE_ROW.to_string());
        let mut outputs = self.moved(slot::FUTURE, &m, next);
        outputs.push((way.scatter(row, places), slot::FUTURE_WAY.into()));
        outputs
    }

    /// Lays out their tensors.
    pub(super) fn lay_out_future(&mut self) {
        let n = self.foreseen();
        if n == 0 {
            return;
        }
        self.layout.add(slot::FUTURE, &[n, 2]);
        self.layout.add(slot::FUTURE_ROW, &[1]);
        self.layout.add(slot::FUTURE_WAY, &[FORESEEN[1], 2 * n]);
        if let Some(what) = self.parts.carries(self.config) {
            self.layout.add(carried(slot::FUTURE, what), &[n, what.columns]);
        }
    }
}
