//! The plan behind the proof panel: derivatives by reverse mode beside central differences, for a backend of double precision.

use super::{Builder, Compiled, Outputs, Role, Sizes, slot};
use crate::autodiff::grad;
use crate::error::Result;
use crate::graph::{Graph, Tensor};
use crate::session::Config;

/// Points at which slopes are compared.
pub const PLACES: usize = 256;
/// Directions along which the loss is compared.
pub const DIRECTIONS: usize = 4;
/// Half the distance of a central difference: at this one, of functions of the size of 1 in double precision, what is cut off and
/// what is rounded off are both below 10⁻⁸.
const DELTA: f64 = 1e-5;

/// Names of the tensors, beside [`slot`]'s.
pub mod names {
    #![allow(missing_docs)]
    pub const PLACES: &str = "proof.places";
    pub const ENERGY: &str = "proof.energy";
    pub const SLOPE: &str = "proof.slope";
    pub const SLOPE_DIFFERENCE: &str = "proof.slope-difference";
    pub const DIRECTIONS: &str = "proof.directions";
    pub const LOSS: &str = "proof.loss";
    pub const LOSS_DIFFERENCE: &str = "proof.loss-difference";
}

/// Compiles one plan, of [`Role::Proof`], over the tensors that the config's own program has.
pub fn compile(config: &Config, sizes: Sizes, dials: Vec<String>) -> Result<Compiled> {
    let mut builder = Builder::laid_out(config, sizes, dials)?;
    let layout = &mut builder.layout;
    layout.add(names::PLACES, &[PLACES, 2]);
    layout.add(names::ENERGY, &[PLACES]);
    layout.add(names::SLOPE, &[PLACES, 2]);
    layout.add(names::SLOPE_DIFFERENCE, &[PLACES, 2]);
    if builder.trains() {
        let parameters = builder.weights.iter().map(crate::model::Weight::len).sum();
        builder.layout.add(names::DIRECTIONS, &[DIRECTIONS, parameters]);
        builder.layout.add(names::LOSS, &[DIRECTIONS]);
        builder.layout.add(names::LOSS_DIFFERENCE, &[DIRECTIONS]);
    }
    builder.plan(Role::Proof, "proof", vec![], |b, g| [b.slopes(g), b.losses_along(g)].concat());
    Ok(builder.finish())
}

impl Builder<'_> {
    /// ∇E of the energy that the page shows, both ways.
    fn slopes<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let weights = self.weights(graph, slot::AVERAGE);
        let x = self.state(graph, names::PLACES);
        let level = self.level_of_samples(graph).map(|level| level.reshape(&[]).broadcast_to(&[PLACES]));
        let at = |x: Tensor<'g>| self.energy(graph, &weights, x, level);
        let energy = at(x);
        let difference = |axis: usize| {
            let step = graph.literal(&[[DELTA, 0.0], [0.0, DELTA]][axis], &[1, 2]);
            ((at(x + step) - at(x - step)) * (0.5 / DELTA)).reshape(&[PLACES, 1])
        };
        vec![
            (energy, names::ENERGY.into()),
            (grad(energy.sum_all(), &[x])[0], names::SLOPE.into()),
            (graph.concat(&[difference(0), difference(1)], 1), names::SLOPE_DIFFERENCE.into()),
        ]
    }

    /// The loss of the batch along each direction, both ways; the same random numbers each time.
    fn losses_along<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        if !self.trains() {
            return vec![];
        }
        let flat = self.state(graph, slot::PARAMETERS);
        let directions = self.state(graph, names::DIRECTIONS);
        let at = |flat: Tensor<'g>| self.loss(graph, &self.windows_of(flat)).total;
        let slope = grad(at(flat), &[flat])[0];
        let each = |f: &dyn Fn(Tensor<'g>) -> Tensor<'g>| {
            let rows: Vec<_> = (0..DIRECTIONS)
                .map(|i| f(directions.narrow(0, i..i + 1).reshape(&[flat.len()])).reshape(&[1]))
                .collect();
            graph.concat(&rows, 0)
        };
        let along = each(&|u| (slope * u).sum_all());
        let difference = each(&|u| (at(flat + DELTA * u) - at(flat - DELTA * u)) * (0.5 / DELTA));
        vec![(along, names::LOSS.into()), (difference, names::LOSS_DIFFERENCE.into())]
    }
}
