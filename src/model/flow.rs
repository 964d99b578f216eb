//! The probability flow of a process (Song et al. 2021, "Score-Based Generative Modeling through Stochastic Differential Equations", eq. 13)
//! in coordinates in which nothing is large where little is left of the data. With u = x/a and τ = σ/a it reads
//! du/dτ = ε̂ = −σ s(x, λ), whatever the process; in y = x/r, r = √(a² + σ²), and v = arsinh τ it is dy/dv = ε̂ − yσ/r. All are of a
//! and σ, [n, 1] each.

use crate::graph::Tensor;

/// r.
pub fn size<'g>([a, sigma]: [Tensor<'g>; 2]) -> Tensor<'g> {
    (a.square() + sigma.square()).sqrt()
}

/// v.
pub fn place<'g>(rates: [Tensor<'g>; 2]) -> Tensor<'g> {
    let [a, sigma] = rates;
    ((sigma + size(rates)) / a).ln()
}

/// dy/dv at y [n, 2], from the score s(ry, λ) there, [n, 2].
pub fn slope<'g>(rates: [Tensor<'g>; 2], y: Tensor<'g>, score: Tensor<'g>) -> Tensor<'g> {
    let [_, sigma] = rates;
    -(sigma * score) - sigma / size(rates) * y
}
