//! Energies of pairs: how far apart an embedding puts two points.

use crate::graph::Tensor;

/// Keeps the length of an embedding away from 0, where it has no direction.
const TINY: f64 = 1e-12;

/// The point with which others are paired where the energy of one point is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// Where it is, in the plane.
    pub place: [f64; 2],
    /// Its number among the held-out images, where points are images.
    pub image: usize,
}

/// What a model of pairs offers to rules: E(x, x') = |h(x) − h(x')|²/(2τ) of an embedding h.
pub struct Pairs<'g, 'a> {
    /// h: x [n, d] → [n, size].
    pub embed: &'a dyn Fn(Tensor<'g>) -> Tensor<'g>,
    /// τ, shape [].
    pub temperature: Tensor<'g>,
}

impl<'g> Pairs<'g, '_> {
    /// Energies of each row of h [n, size] with the same row of g, [n].
    pub fn matched(&self, h: Tensor<'g>, g: Tensor<'g>) -> Tensor<'g> {
        matched(h, g, self.temperature)
    }

    /// Energies of each row of h [n, size] with each of g [m, size], [n, m].
    pub fn all(&self, h: Tensor<'g>, g: Tensor<'g>) -> Tensor<'g> {
        let [n, m] = [h, g].map(|t| t.shape()[0]);
        let lengths = h.square().sum(1).reshape(&[n, 1]) + g.square().sum(1).reshape(&[1, m]);
        (0.5 * lengths - h.matmul(g.t())) / self.temperature
    }
}

/// |h − g|²/(2τ), row by row: [n, size] and [n, size] or [1, size] → [n].
pub(super) fn matched<'g>(h: Tensor<'g>, g: Tensor<'g>, temperature: Tensor<'g>) -> Tensor<'g> {
    (h - g).square().sum(1) / (2.0 * temperature)
}

/// Rows of length 1.
pub(super) fn normalised(h: Tensor<'_>) -> Tensor<'_> {
    h / (h.square().sum(1) + TINY).sqrt().reshape(&[h.shape()[0], 1])
}
