//! Gibbs sampling with conditionals on a grid (Geman & Geman 1984; Ritter & Tanner 1992): one coordinate, by chance the first or the
//! second, is drawn anew from its law given the other. That law is exp(−E) on a grid of cells of width h over the square [−6, 6]²,
//! uniform within a cell; what the cells get wrong a Metropolis test sets right (Tierney 1994), so that exp(−E) on the square stays
//! exactly invariant. A chain that is outside comes in with its first move of each coordinate.

use super::{CLAMP_X, CLAMP_Y, Move, STEPS, Sampler, Scope, metropolis};
use crate::data::{QUADRATURE_HALF, Space};
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Griddy Gibbs.
pub(super) struct Gibbs;

const PARAMS: &[Param] =
    &[Param::number("stepSize", Group::Sampler, 0.25, 0.05, 1.5).log().structural().primary(), STEPS, CLAMP_X, CLAMP_Y];

impl Sampler for Gibbs {
    fn id(&self) -> &'static str {
        "gibbs"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"x_1' \sim p(x_1 \mid x_2) \;\text{or}\; x_2' \sim p(x_2 \mid x_1)"
    }

    fn spaces(&self) -> &'static [Space] {
        Space::PLANE
    }

    fn step<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let (graph, n) = (scope.graph, x.shape()[0]);
        let cells = (2.0 * QUADRATURE_HALF / section.number("stepSize")).ceil() as usize;
        let width = 2.0 * QUADRATURE_HALF / cells as f64;
        // Whether it is the first coordinate's turn, [n], and this in both columns, [n, 2]: 1 for the coordinate that moves.
        let first = (graph.uniform(7, &[n]) - 0.5).step();
        let turn = graph.columns(&[first, 1.0 - first]);
        let moving = (turn * x).sum(1);
        // The line of cells through each point, and its law.
        let centres = (graph.iota(0, &[cells]) + 0.5) * width - QUADRATURE_HALF;
        let [along, across] = [turn, (1.0 - turn) * x].map(|t| t.reshape(&[n, 1, 2]));
        let line = across + along * centres.reshape(&[1, cells, 1]);
        let energies = (scope.energy)(line.reshape(&[n * cells, 2])).reshape(&[n, cells]);
        let log_law = -energies - (-energies).logsumexp(1).reshape(&[n, 1]);
        let before = (graph.iota(1, &[cells, cells]) - graph.iota(0, &[cells, cells]) + 0.5).step();
        let cumulative = log_law.exp().matmul(before).narrow(1, 0..cells - 1);
        let cell = (graph.uniform(8, &[n, 1]) - cumulative).step().sum(1);
        let drawn = (cell + graph.uniform(9, &[n])) * width - QUADRATURE_HALF;
        let proposal = x + turn * (drawn - moving).reshape(&[n, 1]);
        // How likely the grid finds the new place, and the old one.
        let rows = graph.iota(0, &[n]) * cells as f64;
        let flat = log_law.reshape(&[n * cells, 1]);
        let mass = |cell: Tensor<'g>| flat.gather(rows + cell).reshape(&[n]);
        let last = graph.scalar((cells - 1) as f64);
        let old_cell = ((moving + QUADRATURE_HALF) * (1.0 / width)).floor().maximum(graph.scalar(0.0)).minimum(last);
        let inside = (QUADRATURE_HALF - moving.abs()).step();
        let both = (scope.energy)(graph.concat(&[x, proposal], 0));
        let ratio = both.narrow(0, 0..n) - both.narrow(0, n..2 * n) + mass(old_cell) - mass(cell);
        let still = graph.constant(0.0, &x.shape());
        let moved = Move::proposed(still, still, proposal - x, proposal);
        metropolis(graph, x, moved, inside.select(ratio, graph.scalar(0.0)))
    }
}
