//! Spectral normalisation (Miyato et al. 2018, eq. 8): W/σ(W), so that no layer stretches its input more than once over, and
//! with a 1-Lipschitz activation the energy is no steeper than its features and its confinement.

use crate::graph::Tensor;

/// Rounds of the power iteration. It begins anew every time, so that a network has no state beside its weights. σ² then comes
/// out too small by 0.871 ln(n)/(rounds − 1) of itself on average at the worst, whatever the singular values of a matrix of
/// n columns (Kuczyński & Woźniakowski 1992, theorem 3.1).
const ROUNDS: usize = 20;

/// W/σ(W) of a weight [out, in]. σ = uᵀWv with the leading singular vectors held fixed while it is differentiated, which is
/// its exact derivative uvᵀ once they have converged (Miyato et al. 2018, section 2.1).
pub(super) fn normalised(weight: Tensor<'_>) -> Tensor<'_> {
    let (graph, inputs) = (weight.graph(), weight.shape()[1]);
    let fixed = weight.stop_gradient();
    // Any start does that is orthogonal to nothing in particular.
    let mut v = (graph.iota(0, &[inputs, 1]) * 2.4 + 0.7).cos();
    let mut u = unit(fixed.matmul(v));
    for _ in 1..ROUNDS {
        v = unit(fixed.t().matmul(u));
        u = unit(fixed.matmul(v));
    }
    v = unit(fixed.t().matmul(u));
    let sigma = (u * weight.matmul(v)).sum_all();
    // A matrix of zeros has no norm to be held to; near it the gradient stays within what single precision squares.
    weight / (sigma + 1e-6)
}

/// x/|x|; zeros stay zeros.
fn unit(x: Tensor<'_>) -> Tensor<'_> {
    x / (x.square().sum_all().sqrt() + f64::from(f32::MIN_POSITIVE))
}
