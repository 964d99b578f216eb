//! The landscape of a model that has a score and no energy. A field of vectors on the plane need not be the slope of anything; what
//! is drawn is the energy whose slope comes closest to −s, in least squares over the display grid (the potential part of the
//! Helmholtz–Hodge decomposition; Bhatia et al. 2013), so that exp(−E) sums to 1 over what is shown.

use super::{Builder, LANDSCAPE_PIECES, Outputs, piece, slot};
use crate::graph::{Graph, Tensor};
use std::f64::consts::PI;

impl Builder<'_> {
    pub(super) fn terrain<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let side = self.sizes.landscape;
        let whole = |name: &str| {
            let pieces: Vec<_> = (0..LANDSCAPE_PIECES).map(|i| self.state(graph, &piece(name, i))).collect();
            let all = graph.concat(&pieces, 0);
            [0, 1].map(|i| all.column(i).reshape(&[side, side]))
        };
        let energy = potential(whole(slot::GRID), whole(slot::LANDSCAPE_SCORE)).reshape(&[side * side]);
        let rows = side * side / LANDSCAPE_PIECES;
        (0..LANDSCAPE_PIECES).map(|i| (energy.narrow(0, i * rows..(i + 1) * rows), piece(slot::LANDSCAPE, i))).collect()
    }
}

/// The energy [n, n] whose slope comes closest to −s, from the coordinates of the cells and the components of s there, each [n, n]
/// with rows of the same y. From a cell to the next one at the distance Δ, E should grow by −Δ(s + s')/2; each such wish counts with
/// 1/Δ². The normal equations are a Poisson equation with Neumann borders, which the discrete cosine transform makes diagonal.
fn potential<'g>(place: [Tensor<'g>; 2], score: [Tensor<'g>; 2]) -> Tensor<'g> {
    let graph = place[0].graph();
    let n = place[0].shape()[0];
    // Columns differ in x, rows in y: axis 1 − i for the coordinate i.
    let ends = |t: Tensor<'g>, axis: usize| (t.narrow(axis, 0..n - 1), t.narrow(axis, 1..n));
    let cell = [0, 1].map(|i| {
        let (here, there) = ends(place[i], 1 - i);
        (there - here).slice(&[0..1, 0..1])
    });
    let pull = |i: usize| {
        let axis = 1 - i;
        let (s, s_there) = ends(score[i], axis);
        let growth = -((s + s_there) * (0.5 / cell[i]));
        let padded = |widths: (usize, usize)| growth.pad(&if axis == 0 { [widths, (0, 0)] } else { [(0, 0), widths] });
        padded((1, 0)) - padded((0, 1))
    };
    let transform = graph.literal(&cosines(n), &[n, n]);
    let spectrum = transform.matmul(pull(0) + pull(1)).matmul(transform.t());
    // λ_k = 2 − 2 cos(πk/n) are the eigenvalues of a path's Laplacian. Nothing determines the constant, whose λ + λ is 0.
    let eigenvalues =
        graph.literal(&(0..n).map(|k| 2.0 - 2.0 * (PI * k as f64 / n as f64).cos()).collect::<Vec<_>>(), &[n]);
    let constant = graph.literal(&(0..n * n).map(|i| if i == 0 { 1.0 } else { 0.0 }).collect::<Vec<_>>(), &[n, n]);
    let both = eigenvalues.reshape(&[1, n]) / cell[0].square() + eigenvalues.reshape(&[n, 1]) / cell[1].square();
    let free = transform.t().matmul((1.0 - constant) * spectrum / (both + constant)).matmul(transform);
    free + (-free).reshape(&[n * n]).logsumexp(0) + (cell[0] * cell[1]).ln()
}

/// The orthonormal discrete cosine transform (DCT-II), row by row: [k, j] → s_k cos(πk(j + ½)/n).
fn cosines(n: usize) -> Vec<f64> {
    let entry = |k: usize, j: usize| {
        let scale = if k == 0 { 1.0 } else { 2.0 };
        (scale / n as f64).sqrt() * (PI * k as f64 * (j as f64 + 0.5) / n as f64).cos()
    };
    (0..n * n).map(|i| entry(i / n, i % n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::plan::Tick;
    use crate::graph::schedule::Layout;
    use crate::graph::tests::Bench;

    /// Of a score that is the slope of an energy, that energy is found again: with slopes of second degree exactly, because their
    /// means over two neighbours are the differences of the energy; and what turns around adds nothing.
    #[test]
    fn the_energy_of_a_score_is_found_again() {
        const N: usize = 24;
        let (width, height) = (0.25, 0.2);
        let energy = |x: f64, y: f64| 0.5 * x * x + 0.3 * x * y + 0.9 * y * y - 0.4 * x;
        let at = |i: usize| [-3.0 + width * ((i % N) as f64 + 0.5), -2.0 + height * ((i / N) as f64 + 0.5)];
        for turn in [0.0, 0.7] {
            let (graph, mut layout) = (Graph::new(), Layout::new());
            let out = layout.add("energy", &[N, N]);
            let field =
                |f: &dyn Fn([f64; 2]) -> f64| graph.literal(&(0..N * N).map(|i| f(at(i))).collect::<Vec<_>>(), &[N, N]);
            let places = [field(&|[x, _]| x), field(&|[_, y]| y)];
            // A turning field with no component across the border of the outer cells: the curl of a stream function that is 0 on it.
            let stream = |x: f64, y: f64| {
                let [u, v] = [(x + 3.0) / (width * N as f64), (y + 2.0) / (height * N as f64)];
                (PI * u).sin() * (PI * v).sin()
            };
            let e = 1e-6;
            let score = [
                field(&|[x, y]| -(x + 0.3 * y - 0.4) + turn * (stream(x, y + e) - stream(x, y - e)) / (2.0 * e)),
                field(&|[x, y]| -(0.3 * x + 1.8 * y) - turn * (stream(x + e, y) - stream(x - e, y)) / (2.0 * e)),
            ];
            let mut bench = Bench::new(&graph, layout, &[(potential(places, score), out)]);
            bench.run(Tick { key: [1, 2], substep: 0 });
            let found = bench.get(out);
            let mass: f64 = found.iter().map(|e| (-e).exp() * width * height).sum();
            assert!((mass - 1.0).abs() < 1e-9, "{mass}");
            let offset = found[0] - energy(at(0)[0], at(0)[1]);
            let worst = (0..N * N)
                .map(|i| (found[i] - offset - energy(at(i)[0], at(i)[1])).abs())
                .fold(0.0f64, |worst, error| worst.max(error));
            // Trapezoids see what turns to the square of a cell, π²/12 (1/23)² of a field of the size of 2.
            assert!(worst < if turn > 0.0 { 0.02 } else { 1e-9 }, "{turn}: {worst}");
        }
    }
}
