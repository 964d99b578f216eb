//! Walls for graphs of densities that live in the box [−4, 4]² alone.

use crate::graph::Tensor;

/// Height of a wall: e⁻⁴⁰ ≈ 4·10⁻¹⁸ of the density, which no sampler that accepts and rejects will ever see.
const HEIGHT: f64 = 40.0;

/// Energies [n] with a step up where `inside` [n] is not positive, and behind the border of the box half a parabola
/// of curvature 20, so that samplers that only follow gradients drift back. x: [n, 2].
pub fn wall<'g>(energy: Tensor<'g>, inside: Tensor<'g>, x: Tensor<'g>) -> Tensor<'g> {
    let beyond = (x.abs() - 4.0).maximum(x.graph().scalar(0.0));
    inside.select(energy, energy + HEIGHT) + 10.0 * beyond.square().sum(1)
}

/// Positive where both coordinates lie within the box. x: [n, 2] → [n].
pub fn inside_box(x: Tensor<'_>) -> Tensor<'_> {
    4.0 - x.abs().max_axis(1)
}
