//! Matrix products. Large ones go to nalgebra's gemm, whose register-blocked kernels need some extent in every direction;
//! products with a side of at most [`THIN`] (the input layer, the output layer, their gradients) have loops of their own.

use super::{Real, Strided, StridedMut};
use nalgebra::{DMatrixView, DMatrixViewMut, Dyn, RealField};

/// Up to this side nalgebra falls back to strided column updates.
const THIN: usize = 5;
/// Partial sums of a dot product; they fill vector registers and round less than a single sum.
const LANES: usize = 16;

/// See [`Real::gemm`].
pub(super) fn gemm<T: Real + RealField>(
    (m, n, k): (usize, usize, usize),
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    beta: T,
    c: StridedMut<'_, T>,
) {
    if m == 0 || n == 0 {
        return;
    }
    if m.min(n).min(k) <= THIN {
        return thin((m, n, k), a, b, beta, c);
    }
    let a = DMatrixView::from_slice_with_strides_generic(a.0, Dyn(m), Dyn(k), Dyn(a.1), Dyn(a.2));
    let b = DMatrixView::from_slice_with_strides_generic(b.0, Dyn(k), Dyn(n), Dyn(b.1), Dyn(b.2));
    DMatrixViewMut::from_slice_with_strides_generic(c.0, Dyn(m), Dyn(n), Dyn(c.1), Dyn(c.2)).gemm(
        <T as Real>::ONE,
        &a,
        &b,
        beta,
    );
}

/// Products with a short side. Cᵀ = Bᵀ Aᵀ swaps roles, so that each loop below is needed for one orientation only.
fn thin<T: Real>(
    (m, n, k): (usize, usize, usize),
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    beta: T,
    c: StridedMut<'_, T>,
) {
    let transposed = |c| thin((n, m, k), (b.0, b.2, b.1), (a.0, a.2, a.1), beta, c);
    if m.min(n) > THIN {
        // Short sums: the rows of C should be contiguous.
        if c.2 != 1 && c.1 == 1 {
            return transposed((c.0, c.2, c.1));
        }
        return short_sums((m, n, k), a, b, beta, c);
    }
    if m < n {
        return transposed((c.0, c.2, c.1));
    }
    // Few columns.
    if a.2 == 1 { dots((m, n, k), a, b, beta, c) } else { sums_of_columns((m, n, k), a, b, beta, c) }
}

/// Writes β c + value; c is not read for β = 0.
#[inline(always)]
fn put<T: Real>(c: &mut T, beta: T, value: T) {
    *c = if beta == T::ZERO { value } else { beta * *c + value };
}

/// Few columns, rows of A contiguous: one dot product an element.
fn dots<T: Real>(
    (m, n, k): (usize, usize, usize),
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    beta: T,
    c: StridedMut<'_, T>,
) {
    let mut columns = vec![T::ZERO; n * k];
    for j in 0..n {
        for l in 0..k {
            columns[j * k + l] = b.0[l * b.1 + j * b.2];
        }
    }
    for i in 0..m {
        let row = &a.0[i * a.1..][..k];
        for j in 0..n {
            put(&mut c.0[i * c.1 + j * c.2], beta, dot(row, &columns[j * k..(j + 1) * k]));
        }
    }
}

fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    let mut lanes = [T::ZERO; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let (a_rest, b_rest) = (a_chunks.remainder(), b_chunks.remainder());
    for (a, b) in a_chunks.zip(b_chunks) {
        for i in 0..LANES {
            lanes[i] += a[i] * b[i];
        }
    }
    for i in 0..a_rest.len() {
        lanes[i] += a_rest[i] * b_rest[i];
    }
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            let upper = lanes[i + half];
            lanes[i] += upper;
        }
        half /= 2;
    }
    lanes[0]
}

/// Few columns, columns of A contiguous (or neither): column j of C is a weighted sum of the columns of A.
fn sums_of_columns<T: Real>(
    (m, n, k): (usize, usize, usize),
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    beta: T,
    c: StridedMut<'_, T>,
) {
    let mut sums = vec![T::ZERO; n * m];
    for l in 0..k {
        for j in 0..n {
            add_scaled(&mut sums[j * m..(j + 1) * m], b.0[l * b.1 + j * b.2], &a.0[l * a.2..], a.1);
        }
    }
    for i in 0..m {
        for j in 0..n {
            put(&mut c.0[i * c.1 + j * c.2], beta, sums[j * m + i]);
        }
    }
}

/// target += factor · source, the source strided.
#[inline(always)]
fn add_scaled<T: Real>(target: &mut [T], factor: T, source: &[T], stride: usize) {
    if stride == 1 {
        for (t, &s) in target.iter_mut().zip(source) {
            *t += factor * s;
        }
    } else {
        for (i, t) in target.iter_mut().enumerate() {
            *t += factor * source[i * stride];
        }
    }
}

/// At most a few terms a sum: a row of C is a weighted sum of the rows of B, which are packed if they are not contiguous.
fn short_sums<T: Real>(
    (m, n, k): (usize, usize, usize),
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    beta: T,
    c: StridedMut<'_, T>,
) {
    let packed: Vec<T>;
    let (rows, distance) = if b.2 == 1 {
        (b.0, b.1)
    } else {
        packed = (0..k * n).map(|i| b.0[i / n * b.1 + i % n * b.2]).collect();
        (&packed[..], n)
    };
    let mut sum = vec![T::ZERO; n];
    for i in 0..m {
        sum.fill(T::ZERO);
        for l in 0..k {
            add_scaled(&mut sum, a.0[i * a.1 + l * a.2], &rows[l * distance..][..n], 1);
        }
        let row = &mut c.0[i * c.1..];
        if c.2 == 1 {
            row[..n].iter_mut().zip(&sum).for_each(|(c, &value)| put(c, beta, value));
        } else {
            sum.iter().enumerate().for_each(|(j, &value)| put(&mut row[j * c.2], beta, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng;
    use rand::RngExt;

    /// Every side around the borders of the thin loops and of the blocked kernel, both storage orders of each operand, and
    /// an output inside a wider matrix. Against sums in f64, |error| ≤ (k + 2) u Σ|a b| (Higham 2002, eq. 3.5, in any order
    /// of summation) with u = 2⁻²⁴.
    #[test]
    fn products_match_for_every_shape_and_layout() {
        let mut random = rng::host(1);
        let sides = [1, 2, 5, 6, 9, 33];
        for (m, n, k) in sides.iter().flat_map(|&m| sides.iter().flat_map(move |&n| sides.map(|k| (m, n, k)))) {
            let mut matrix = |len: usize| (0..len).map(|_| random.random_range(-1.0..1.0)).collect::<Vec<f32>>();
            let (a, b, old) = (matrix(m * k), matrix(k * n), matrix((m + 2) * (n + 2)));
            for layout in 0..32 {
                let strides = |bit: usize, rows: usize, columns: usize| {
                    if layout >> bit & 1 == 0 { (columns, 1) } else { (1, rows) }
                };
                let ((ra, ca), (rb, cb)) = (strides(0, m, k), strides(1, k, n));
                let margin = if layout & 16 == 0 { 0 } else { 2 };
                let (rc, cc) = strides(2, m + margin, n + margin);
                let beta = if layout & 8 == 0 { 0.0 } else { 1.0 };
                let mut c = if beta == 0.0 { vec![f32::NAN; old.len()] } else { old.clone() };
                f32::gemm((m, n, k), (&a, ra, ca), (&b, rb, cb), beta, (&mut c, rc, cc));
                let mut written = 0;
                for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
                    let at = i * rc + j * cc;
                    let (mut sum, mut size) = (0.0, 0.0);
                    if beta == 1.0 {
                        (sum, size) = (f64::from(old[at]), f64::from(old[at].abs()));
                    }
                    for l in 0..k {
                        let term = f64::from(a[i * ra + l * ca]) * f64::from(b[l * rb + j * cb]);
                        sum += term;
                        size += term.abs();
                    }
                    let error = (f64::from(c[at]) - sum).abs();
                    let bound = (k + 2) as f64 * 2f64.powi(-24) * size;
                    assert!(error <= bound, "{m}×{n}×{k}, layout {layout}: {error:e} > {bound:e} at {i}, {j}");
                    written += 1;
                }
                let kept = c.iter().zip(&old).filter(|(c, old)| c.is_nan() || (beta == 1.0 && c == old)).count();
                assert!(kept >= old.len() - written, "{m}×{n}×{k}, layout {layout}: elements outside C were written");
            }
        }
    }

    #[test]
    fn a_product_over_nothing_is_zero_or_what_was_there() {
        let mut c = [1.0, 2.0, 3.0, 4.0];
        f64::gemm((2, 2, 0), (&[], 0, 1), (&[], 2, 1), 1.0, (&mut c, 2, 1));
        assert_eq!(c, [1.0, 2.0, 3.0, 4.0]);
        f64::gemm((2, 2, 0), (&[], 0, 1), (&[], 2, 1), 0.0, (&mut c, 2, 1));
        assert_eq!(c, [0.0; 4]);
        f64::gemm((0, 2, 1), (&[], 1, 1), (&[1.0, 1.0], 2, 1), 0.0, (&mut [], 2, 1));
    }

    #[test]
    fn double_precision_products_use_double_precision() {
        let a: Vec<f64> = (0..64).map(|i| 1.0 + f64::EPSILON * f64::from(i)).collect();
        let mut identity = vec![0.0; 64];
        (0..8).for_each(|i| identity[9 * i] = 1.0);
        let mut c = vec![0.0; 64];
        f64::gemm((8, 8, 8), (&a, 8, 1), (&identity, 8, 1), 0.0, (&mut c, 8, 1));
        assert_eq!(a, c);
    }
}
