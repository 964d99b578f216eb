//! Noising processes: how data become noise, level by level. At the level λ a data point x₀ has become a x₀ + σz, z ~ N(0, I);
//! what a level is, and its a and σ, is the process's to say.

use crate::graph::Tensor;

/// How data become noise.
#[derive(Clone, Copy)]
pub struct Process<'g> {
    kind: Kind<'g>,
    /// The level λ that the page shows, shape [].
    pub shown: Tensor<'g>,
}

#[derive(Clone, Copy)]
enum Kind<'g> {
    Exploding([Tensor<'g>; 2]),
    Preserving(Tensor<'g>),
}

impl<'g> Process<'g> {
    /// a = 1, and λ is σ itself, between the smallest and the largest, each of shape [] (Song & Ermon 2019; the variance-exploding
    /// process of Song et al. 2021).
    pub fn exploding(range: [Tensor<'g>; 2], shown: Tensor<'g>) -> Self {
        Self { kind: Kind::Exploding(range), shown }
    }

    /// a² + σ² = 1, and λ is the number of a step, 0 to T − 1; a and σ of each, [T, 2] (Ho et al. 2020, eq. 4).
    pub fn preserving(rates: Tensor<'g>, shown: Tensor<'g>) -> Self {
        Self { kind: Kind::Preserving(rates), shown }
    }

    /// λ at t of the way down: the most noise at 0, the least at 1. Of t's shape.
    pub fn level(&self, t: Tensor<'g>) -> Tensor<'g> {
        match self.kind {
            Kind::Exploding(range) => {
                let [smallest, largest] = range.map(Tensor::ln);
                (largest + t * (smallest - largest)).exp()
            }
            Kind::Preserving(rates) => ((1.0 - t) * (rates.shape()[0] - 1) as f64 + 0.5).floor(),
        }
    }

    /// λ drawn by u, uniform on [0, 1): all levels alike, which are evenly spread in the logarithm of σ or in their number.
    pub fn draw(&self, u: Tensor<'g>) -> Tensor<'g> {
        match self.kind {
            Kind::Exploding(_) => self.level(u),
            Kind::Preserving(rates) => {
                let steps = rates.shape()[0] as f64;
                // u < 1, but uT may round up to T.
                (u * steps).floor().minimum(u.graph().scalar(steps - 1.0))
            }
        }
    }

    /// a and σ of λ [n], each [n, 1].
    pub fn rates(&self, level: Tensor<'g>) -> [Tensor<'g>; 2] {
        let n = level.len();
        match self.kind {
            Kind::Exploding(_) => [level.graph().constant(1.0, &[n, 1]), level.reshape(&[n, 1])],
            Kind::Preserving(rates) => {
                let both = rates.gather(level.reshape(&[n]));
                [0, 1].map(|i| both.narrow(1, i..i + 1))
            }
        }
    }

    /// The standard deviation from which the way down begins, shape []: N(0, σ²I) is what data have become at the top.
    pub fn widest(&self) -> Tensor<'g> {
        match self.kind {
            Kind::Exploding([_, largest]) => largest,
            Kind::Preserving(rates) => rates.graph().scalar(1.0),
        }
    }
}

/// What an energy that knows noise levels offers to rules and kernels.
pub struct Noise<'g, 'a> {
    /// What its levels are.
    pub process: Process<'g>,
    /// The score ∇ₓ log p_λ(x) = −∇ₓE(x, λ) of the data as they are at the level λ: [n, 2] and [n] → [n, 2].
    pub score: &'a dyn Fn(Tensor<'g>, Tensor<'g>) -> Tensor<'g>,
}
