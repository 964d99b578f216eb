//! Launches of matrix products.

use super::launch::{Launch, Work, depth, named, words};
use super::shader::Kernel;
use crate::backend::plan::{MatMul, Matrix};

/// For GPUs. One shape of kernel serves every product, so that independent ones share a dispatch and the page waits for one
/// compilation.
pub fn parallel(product: &MatMul) -> Launch {
    const LANES: usize = 8;
    const SIDE: usize = 4;
    let kernel = Kernel {
        file: "op/matmul.wgsl",
        constants: named([("ROWS", SIDE), ("COLUMNS", SIDE)]),
        overrides: named([("PARTS", 4)]),
        splices: Vec::new(),
    };
    let groups = [product.n.div_ceil(LANES * SIDE), product.m.div_ceil(LANES * SIDE)];
    Launch { work: Work::Jobs(kernel, job(product)), groups }
}

/// For software adapters: C = A·B or Cᵀ = Bᵀ·Aᵀ, so that the longer side of C becomes the rows, of which an invocation
/// takes many.
pub fn serial(product: &MatMul) -> Launch {
    const WORKGROUP: usize = 4;
    /// Columns whose sums an invocation keeps. Most of the compiler's time goes into zeros for them.
    const COLUMNS: usize = 32;
    let product = if product.m < product.n { transposed(product) } else { *product };
    let depth = depth(&[product.k], 32);
    let rows = if product.m > 8 * WORKGROUP { 16 } else { 8 };
    let row_groups = product.m.div_ceil(rows * WORKGROUP);
    // Enough workgroups for a few cores, but no more: each of them reads its rows of A.
    let share = product.n.div_ceil(8usize.div_ceil(row_groups.max(1))).clamp(1, COLUMNS);
    let kernel = Kernel {
        file: "op/matmul_serial.wgsl",
        constants: named([
            ("ROWS", rows),
            ("STRIPS", rows / 4),
            ("DEPTH", depth),
            ("COLUMNS", COLUMNS),
            ("PADDED", usize::from(!product.k.is_multiple_of(depth))),
        ]),
        overrides: named([("WORKGROUP", WORKGROUP)]),
        splices: Vec::new(),
    };
    let mut job = job(&product);
    job[SHARE] = share as u32;
    Launch { work: Work::Jobs(kernel, job), groups: [product.n.div_ceil(share), row_groups] }
}

/// Place of the number of columns that a workgroup of the serial kernel computes.
const SHARE: usize = 7;

fn job(product: &MatMul) -> Vec<u32> {
    let MatMul { m, n, k, a, b, c, accumulate } = *product;
    words(
        [
            [m, n, k, usize::from(accumulate)],
            [a.offset, a.row_stride, a.column_stride, 0],
            [b.offset, b.row_stride, b.column_stride, 0],
            [c.offset, c.row_stride, c.column_stride, 0],
        ]
        .concat(),
    )
}

fn transposed(product: &MatMul) -> MatMul {
    let turn = |m: Matrix| Matrix { row_stride: m.column_stride, column_stride: m.row_stride, ..m };
    let MatMul { m, n, a, b, c, .. } = *product;
    MatMul { m: n, n: m, a: turn(b), b: turn(a), c: turn(c), ..*product }
}
