//! Scalar functions shared by the CPU kernels and, formula by formula, by `shaders/lib/math.wgsl`.
//!
//! [`Real`] is what the kernels are generic over. For f32 the functions are those of [`elementary`]; for f64, which serves
//! as oracle, they are the standard library's. The two differ where f64 has no finite answer: ln 0, 1/0, √ of a negative
//! number and the overflow of eˣ saturate in f32 and do not in f64.

pub mod elementary;
mod product;

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A strided matrix for [`Real::gemm`]: its elements, the distance of rows, the distance of columns.
pub type Strided<'a, T> = (&'a [T], usize, usize);

/// As [`Strided`], to write to.
pub type StridedMut<'a, T> = (&'a mut [T], usize, usize);

/// A number that the CPU backend computes in.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;

    /// Rounded to the nearest.
    fn from_f64(x: f64) -> Self;
    /// Exact.
    fn to_f64(self) -> f64;
    /// Rounded to the nearest.
    fn from_u32(x: u32) -> Self;
    /// Rounded to the nearest.
    fn from_usize(x: usize) -> Self;

    /// eˣ.
    fn exp(self) -> Self;
    /// ln x.
    fn ln(self) -> Self;
    /// tanh x.
    fn tanh(self) -> Self;
    /// ln(1 + eˣ), stable for both signs.
    fn softplus(self) -> Self;
    /// √x.
    fn sqrt(self) -> Self;
    /// 1/x.
    fn recip(self) -> Self;
    /// sin x.
    fn sin(self) -> Self;
    /// cos x.
    fn cos(self) -> Self;
    /// (sin 2πu, cos 2πu) of u turns in [0, 1].
    fn sin_cos_turns(self) -> (Self, Self);
    /// Largest whole number ≤ x.
    fn floor(self) -> Self;
    /// |x|.
    fn abs(self) -> Self;

    /// The larger of two; one instruction a vector, unlike the standard library's, as it need not handle NaN.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self < other { other } else { self }
    }

    /// The smaller of two.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// 1 where x > 0, else 0.
    #[inline(always)]
    fn step(self) -> Self {
        if self > Self::ZERO { Self::ONE } else { Self::ZERO }
    }

    /// C[m, n] = A[m, k] · B[k, n] + β C for `size` = (m, n, k). Every operand is read where it lies, a transpose by its
    /// strides. For β = 0, C is written without being read. Panics if a slice is too short for its strides.
    fn gemm(
        size: (usize, usize, usize),
        a: Strided<'_, Self>,
        b: Strided<'_, Self>,
        beta: Self,
        c: StridedMut<'_, Self>,
    );
}

macro_rules! conversions_and_product {
    ($type:ty) => {
        const ZERO: Self = 0.0;
        const ONE: Self = 1.0;

        #[inline(always)]
        fn from_f64(x: f64) -> Self {
            x as $type
        }
        #[inline(always)]
        fn to_f64(self) -> f64 {
            self as f64
        }
        #[inline(always)]
        fn from_u32(x: u32) -> Self {
            x as $type
        }
        #[inline(always)]
        fn from_usize(x: usize) -> Self {
            x as $type
        }
        #[inline(always)]
        fn floor(self) -> Self {
            <$type>::floor(self)
        }
        #[inline(always)]
        fn abs(self) -> Self {
            <$type>::abs(self)
        }
        fn gemm(
            size: (usize, usize, usize),
            a: Strided<'_, Self>,
            b: Strided<'_, Self>,
            beta: Self,
            c: StridedMut<'_, Self>,
        ) {
            product::gemm(size, a, b, beta, c);
        }
    };
}

macro_rules! functions_from {
    ($($name:ident: $path:path),+ $(,)?) => {
        $(#[inline(always)]
        fn $name(self) -> Self {
            $path(self)
        })+
    };
}

impl Real for f32 {
    conversions_and_product!(f32);
    functions_from!(
        exp: elementary::exp,
        ln: elementary::ln,
        tanh: elementary::tanh,
        softplus: elementary::softplus,
        sqrt: elementary::sqrt,
        recip: elementary::recip,
        sin: elementary::sin,
        cos: elementary::cos,
    );

    #[inline(always)]
    fn sin_cos_turns(self) -> (Self, Self) {
        elementary::sin_cos_turns(self)
    }
}

impl Real for f64 {
    conversions_and_product!(f64);
    functions_from!(
        exp: f64::exp,
        ln: f64::ln,
        tanh: f64::tanh,
        sqrt: f64::sqrt,
        recip: f64::recip,
        sin: f64::sin,
        cos: f64::cos,
    );

    fn softplus(self) -> Self {
        Real::max(self, 0.0) + (-self.abs()).exp().ln_1p()
    }

    fn sin_cos_turns(self) -> (Self, Self) {
        (std::f64::consts::TAU * self).sin_cos()
    }
}
