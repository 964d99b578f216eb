//! Convolution and its two gradients: three corners of one sum, closed under differentiation.

use super::{Op, Tensor};
use crate::backend::plan::{Corner, Geometry};

impl<'g> Tensor<'g> {
    /// Images [n, h, w, c] under kernels [o, c, kh, kw] → [n, h', w', o] with h' = ⌊(h + 2·padding − kh)/stride⌋ + 1. A
    /// cross-correlation, as PyTorch's `conv2d`. Panics when the shapes do not fit or are empty, or the stride is 256 or more.
    pub fn convolve(self, kernel: Tensor<'g>, stride: usize, padding: usize) -> Tensor<'g> {
        let (x, k) = (self.shape(), kernel.shape());
        let some = x.iter().chain(&k).all(|&n| n > 0);
        let fits = x.len() == 4 && k.len() == 4 && x[3] == k[1] && (1..3).all(|i| x[i] + 2 * padding >= k[i + 1]);
        // A device has a row of workgroups for each pair of remainders by the stride, and 65,535 of them.
        assert!(
            some && fits && (1..256).contains(&stride),
            "convolve: shapes {x:?} and {k:?}, stride {stride}, padding {padding}"
        );
        let geometry =
            Geometry { image: [x[1], x[2]], channels: x[3], kernel: [k[2], k[3]], kernels: k[0], stride, padding };
        corner(Corner::Result, geometry, self, kernel)
    }
}

/// A corner from the other two, in their order.
fn corner<'g>(corner: Corner, geometry: Geometry, a: Tensor<'g>, b: Tensor<'g>) -> Tensor<'g> {
    // Images or results: the other two corners are not both kernels.
    let n = if corner.others()[0] == Corner::Kernel { b.shape()[0] } else { a.shape()[0] };
    let shape = geometry.shape(corner, n);
    if [a, b].iter().any(|t| t.as_constant() == Some(0.0)) {
        return a.graph().constant(0.0, &shape);
    }
    a.graph().push(Op::Convolve(corner, geometry), vec![a.id(), b.id()], shape)
}

/// What the cotangent g of corner `of` passes to the first (`position` 0) or second of the two that it was made of: the sum
/// behind all of them is linear in each, so its derivative by one is that corner, computed from g and the one that is left.
pub(crate) fn pull_back<'g>(
    of: Corner,
    geometry: Geometry,
    position: usize,
    g: Tensor<'g>,
    left: Tensor<'g>,
) -> Tensor<'g> {
    let (by, other) = (of.others()[position], of.others()[1 - position]);
    let (a, b) = if of < other { (g, left) } else { (left, g) };
    corner(by, geometry, a, b)
}
