//! Operators and the functions composed of primitives: their derivatives come for free.

use super::{Graph, Tensor};
use crate::backend::plan::{Binary, Combine, Unary};
use std::ops::{Add, Div, Mul, Neg, Range, Sub};

impl<'g> Add for Tensor<'g> {
    type Output = Tensor<'g>;
    fn add(self, other: Tensor<'g>) -> Tensor<'g> {
        self.binary(Binary::Add, other)
    }
}

impl<'g> Mul for Tensor<'g> {
    type Output = Tensor<'g>;
    fn mul(self, other: Tensor<'g>) -> Tensor<'g> {
        self.binary(Binary::Mul, other)
    }
}

impl<'g> Sub for Tensor<'g> {
    type Output = Tensor<'g>;
    fn sub(self, other: Tensor<'g>) -> Tensor<'g> {
        self + -other
    }
}

impl<'g> Div for Tensor<'g> {
    type Output = Tensor<'g>;
    #[expect(
        clippy::suspicious_arithmetic_impl,
        reason = "a quotient is a product with a reciprocal: one primitive less"
    )]
    fn div(self, other: Tensor<'g>) -> Tensor<'g> {
        self * other.recip()
    }
}

impl<'g> Neg for Tensor<'g> {
    type Output = Tensor<'g>;
    fn neg(self) -> Tensor<'g> {
        self.unary(Unary::Neg)
    }
}

macro_rules! with_numbers {
    ($($trait:ident $method:ident),*) => {$(
        impl<'g> $trait<f64> for Tensor<'g> {
            type Output = Tensor<'g>;
            fn $method(self, other: f64) -> Tensor<'g> {
                $trait::$method(self, self.graph().scalar(other))
            }
        }
        impl<'g> $trait<Tensor<'g>> for f64 {
            type Output = Tensor<'g>;
            fn $method(self, other: Tensor<'g>) -> Tensor<'g> {
                $trait::$method(other.graph().scalar(self), other)
            }
        }
    )*};
}
with_numbers!(Add add, Sub sub, Mul mul, Div div);

macro_rules! unary_methods {
    ($($(#[$doc:meta])* $method:ident $op:ident),* $(,)?) => {
        impl<'g> Tensor<'g> {$(
            $(#[$doc])*
            pub fn $method(self) -> Tensor<'g> {
                self.unary(Unary::$op)
            }
        )*}
    };
}
unary_methods! {
    /// eˣ.
    exp Exp,
    /// ln x.
    ln Log,
    /// tanh x.
    tanh Tanh,
    /// ln(1 + eˣ).
    softplus Softplus,
    /// √x.
    sqrt Sqrt,
    /// 1/x.
    recip Recip,
    /// sin x.
    sin Sin,
    /// cos x.
    cos Cos,
    /// 1 where x > 0, else 0.
    step Step,
    /// Largest whole number ≤ x.
    floor Floor,
}

impl<'g> Tensor<'g> {
    /// The larger of two, elementwise.
    pub fn maximum(self, other: Tensor<'g>) -> Tensor<'g> {
        self.binary(Binary::Max, other)
    }

    /// The smaller of two, elementwise.
    pub fn minimum(self, other: Tensor<'g>) -> Tensor<'g> {
        -(-self).maximum(-other)
    }

    /// Between two numbers.
    pub fn clamp(self, low: f64, high: f64) -> Tensor<'g> {
        self.maximum(self.graph().scalar(low)).minimum(self.graph().scalar(high))
    }

    /// |x|.
    pub fn abs(self) -> Tensor<'g> {
        self.maximum(-self)
    }

    /// x².
    pub fn square(self) -> Tensor<'g> {
        self * self
    }

    /// 1/(1 + e⁻ˣ) = ½ + ½ tanh(x/2): one bounded primitive, safe where eˣ is not.
    pub fn sigmoid(self) -> Tensor<'g> {
        0.5 + 0.5 * (0.5 * self).tanh()
    }

    /// x σ(x) (Elfwing et al. 2018).
    pub fn silu(self) -> Tensor<'g> {
        self * self.sigmoid()
    }

    /// Sum over neighbouring axes, which disappear.
    pub fn sum_axes(self, axes: Range<usize>) -> Tensor<'g> {
        self.reduce(Combine::Sum, axes)
    }

    /// Sum over one axis, which disappears.
    pub fn sum(self, axis: usize) -> Tensor<'g> {
        self.sum_axes(axis..axis + 1)
    }

    /// Sum of all elements: shape [].
    pub fn sum_all(self) -> Tensor<'g> {
        self.sum_axes(0..self.rank())
    }

    /// Mean of all elements: shape [].
    pub fn mean_all(self) -> Tensor<'g> {
        self.sum_all() * (1.0 / self.len() as f64)
    }

    /// Maximum over one axis, which disappears.
    pub fn max_axis(self, axis: usize) -> Tensor<'g> {
        self.reduce(Combine::Max, axis..axis + 1)
    }

    /// ln Σ eˣ over one axis, stable: the maximum is taken out first and carries no derivative.
    pub fn logsumexp(self, axis: usize) -> Tensor<'g> {
        let top = self.max_axis(axis).stop_gradient();
        let mut kept = self.shape();
        kept[axis] = 1;
        (self - top.reshape(&kept)).exp().sum(axis).ln() + top
    }

    /// Sums out what a broadcast from `shape` repeated: the adjoint of [`Tensor::broadcast_to`].
    pub fn sum_to(self, shape: &[usize]) -> Tensor<'g> {
        let mut sum = self.sum_axes(0..self.rank() - shape.len());
        for (axis, &n) in shape.iter().enumerate() {
            let current = sum.shape();
            if n == 1 && current[axis] != 1 {
                let mut kept = current;
                kept[axis] = 1;
                sum = sum.sum(axis).reshape(&kept);
            }
        }
        sum
    }
}

impl Graph {
    /// Tensors side by side as columns: k tensors [n] → [n, k].
    pub fn columns<'g>(&'g self, parts: &[Tensor<'g>]) -> Tensor<'g> {
        let columns: Vec<_> = parts.iter().map(|p| p.reshape(&[p.len(), 1])).collect();
        self.concat(&columns, 1)
    }
}
