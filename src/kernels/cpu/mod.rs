//! The CPU backend: the same plans over a plain vector. It is the specification that the GPU kernels are tested
//! against, the oracle in double precision, and the engine of every page without WebGPU.

#[cfg(feature = "whole")]
mod convolution;
mod elementwise;
mod fused;

use crate::math::Real;
use crate::plan::{Combine, Gather, MatMul, Plan, Program, Reduce, Scatter, Step, Tick};
use std::ops::Range;

/// An arena of `T` and the plans that run over it. `Cpu<f32>` is a backend of the session; `Cpu<f64>` is the oracle of the tests.
#[derive(Debug, Default)]
pub struct Cpu<T> {
    arena: Vec<T>,
    plans: Vec<Plan>,
    registers: elementwise::Registers<T>,
    fused: fused::Workspace<T>,
    #[cfg(feature = "whole")]
    convolution: convolution::Workspace<T>,
}

impl<T: Real> Cpu<T> {
    /// An empty arena.
    pub fn new() -> Self {
        Self::default()
    }

    /// The arena.
    pub fn arena(&self) -> &[T] {
        &self.arena
    }

    /// The arena, to write to.
    pub fn arena_mut(&mut self) -> &mut [T] {
        &mut self.arena
    }

    /// Replaces the program; the arena is zeros afterwards.
    pub fn install(&mut self, program: Program) {
        self.arena.clear();
        self.arena.resize(program.arena, T::ZERO);
        self.plans = program.plans;
    }

    fn steps(&mut self, plan: usize, tick: Tick) {
        let Self { arena, plans, registers, fused, .. } = self;
        for step in &plans[plan].steps {
            match step {
                Step::Elementwise(step) => registers.run(step, arena, tick),
                Step::MatMul(step) => matmul(step, arena),
                Step::Reduce(step) => reduce(step, arena),
                Step::Gather(step) => gather(step, arena),
                Step::Scatter(step) => scatter(step, arena),
                #[cfg(feature = "whole")]
                Step::Convolution(step) => self.convolution.run(step, arena),
                Step::Chain(step) => fused.chain(step, arena, tick),
                Step::Field(step) => fused.field(step, arena),
            }
        }
    }
}

// The loops are compiled where they are instantiated: here, and not in the crates that call them.
macro_rules! runs {
    ($number:ty) => {
        impl Cpu<$number> {
            /// Runs plan number `plan` once.
            pub fn run_once(&mut self, plan: usize, tick: Tick) {
                self.steps(plan, tick);
            }
        }
    };
}
runs!(f32);
runs!(f64);

/// Splits the arena into the parts before, in and behind a target, and shows a source that lies outside the target.
struct Around<'a, T> {
    before: &'a [T],
    target: &'a mut [T],
    behind: &'a [T],
    range: Range<usize>,
}

impl<'a, T> Around<'a, T> {
    fn new(arena: &'a mut [T], range: Range<usize>) -> Self {
        let (before, rest) = arena.split_at_mut(range.start);
        let (target, behind) = rest.split_at_mut(range.len());
        Self { before, target, behind, range }
    }

    /// The elements from `offset` to the next border. The schedule never lets a heavy step read what it writes.
    fn from(&self, offset: usize) -> &'a [T] {
        if offset < self.range.start { &self.before[offset..] } else { &self.behind[offset - self.range.end..] }
    }
}

fn matmul<T: Real>(step: &MatMul, arena: &mut [T]) {
    let MatMul { m, n, k, a, b, c, accumulate } = *step;
    let around = Around::new(arena, c.offset..c.offset + m * n);
    let beta = if accumulate { T::ONE } else { T::ZERO };
    let (left, right) = (around.from(a.offset), around.from(b.offset));
    T::gemm(
        (m, n, k),
        (left, a.row_stride, a.column_stride),
        (right, b.row_stride, b.column_stride),
        beta,
        (around.target, c.row_stride, c.column_stride),
    );
}

fn reduce<T: Real>(step: &Reduce, arena: &mut [T]) {
    let Reduce { combine, outer, length, inner, source, target } = *step;
    let around = Around::new(arena, target..target + outer * inner);
    let source = &around.from(source)[..outer * length * inner];
    let join = |a: T, b: T| match combine {
        Combine::Sum => a + b,
        Combine::Max => a.max(b),
    };
    if inner == 1 {
        for (out, row) in around.target.iter_mut().zip(source.chunks_exact(length)) {
            *out = along(row, combine, join);
        }
        return;
    }
    for (out, block) in around.target.chunks_exact_mut(inner).zip(source.chunks_exact(length * inner)) {
        out.fill(T::from_f64(combine.identity()));
        for row in block.chunks_exact(inner) {
            for (o, &x) in out.iter_mut().zip(row) {
                *o = join(*o, x);
            }
        }
    }
}

/// Combines a row in several lanes (they vectorise, and the partial sums round less), then the lanes.
fn along<T: Real>(row: &[T], combine: Combine, join: impl Fn(T, T) -> T) -> T {
    const LANES: usize = 16;
    let mut lanes = [T::from_f64(combine.identity()); LANES];
    let chunks = row.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = join(*lane, x);
        }
    }
    lanes.iter().chain(rest).fold(T::from_f64(combine.identity()), |a, &b| join(a, b))
}

/// A whole number that was stored as a float, kept inside `0..rows`.
fn row_index<T: Real>(x: T, rows: usize) -> usize {
    (x.to_f64() as usize).min(rows - 1)
}

fn gather<T: Real>(step: &Gather, arena: &mut [T]) {
    let Gather { source_rows, rows, columns, source, indices, target } = *step;
    for r in 0..rows {
        let from = source + row_index(arena[indices + r], source_rows) * columns;
        arena.copy_within(from..from + columns, target + r * columns);
    }
}

fn scatter<T: Real>(step: &Scatter, arena: &mut [T]) {
    let Scatter { target_rows, rows, columns, source, indices, target } = *step;
    for r in 0..rows {
        let to = target + row_index(arena[indices + r], target_rows) * columns;
        arena.copy_within(source + r * columns..source + (r + 1) * columns, to);
    }
}
