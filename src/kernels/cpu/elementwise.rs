//! Elementwise groups on the CPU: the program is walked once for every chunk of elements, each instruction a tight loop
//! over registers that stay in the first-level cache. The loops vectorise; the interpreter's overhead is one match a chunk.

use crate::math::Real;
use crate::plan::{Binary, Elementwise, Instruction, Law, Load, Tick, Unary};
use crate::rng;
use std::ops::Range;

/// Elements a register holds: 1 KiB in f32, so that a few dozen fit the first-level cache.
const CHUNK: usize = 256;

/// Registers, kept between runs.
#[derive(Debug, Default)]
pub(super) struct Registers<T> {
    values: Vec<Vec<T>>,
    /// How the loads of the step lie, one an instruction, and then its stores.
    walks: Vec<Walk>,
}

impl<T: Real> Registers<T> {
    pub fn run(&mut self, step: &Elementwise, arena: &mut [T], tick: Tick) {
        let total: usize = step.shape.iter().product();
        let registers = step.instructions.len();
        if self.values.len() < registers {
            self.values.resize_with(registers, || vec![T::ZERO; CHUNK]);
        }
        self.walks.clear();
        self.walks.extend(step.instructions.iter().map(|instruction| match instruction {
            Instruction::Load(load) => Walk::of(&step.shape, &load.strides),
            _ => Walk::default(),
        }));
        self.walks.extend(step.stores.iter().map(|store| Walk::of(&step.shape, &store.strides)));
        for (register, instruction) in self.values.iter_mut().zip(&step.instructions) {
            if let Instruction::Constant(value) = instruction {
                register.fill(T::from_f64(*value));
            }
        }
        for start in (0..total).step_by(CHUNK) {
            let length = CHUNK.min(total - start);
            for (index, instruction) in step.instructions.iter().enumerate() {
                // The target is taken out of the list, so that it can be written while others are read.
                let mut out = std::mem::take(&mut self.values[index]);
                self.execute(index, instruction, &step.shape, start, &mut out[..length], arena, tick);
                self.values[index] = out;
            }
            for (store, walk) in step.stores.iter().zip(&self.walks[registers..]) {
                write(store.offset, walk, start, &self.values[store.register][..length], arena);
            }
        }
    }

    fn execute(
        &self,
        index: usize,
        instruction: &Instruction,
        shape: &[usize],
        start: usize,
        out: &mut [T],
        arena: &[T],
        tick: Tick,
    ) {
        let n = out.len();
        let read = |register: usize| &self.values[register][..n];
        match instruction {
            Instruction::Constant(_) => {}
            Instruction::Load(load) => gather(load, &self.walks[index], shape, start, out, arena),
            Instruction::Iota(axis) => {
                let inner: usize = shape[axis + 1..].iter().product();
                for (i, o) in out.iter_mut().enumerate() {
                    *o = T::from_f64(((start + i) / inner % shape[*axis]) as f64);
                }
            }
            Instruction::Random(Law::Uniform, stream) => rng::fill_uniform(out, tick, *stream, start),
            Instruction::Random(Law::Normal, stream) => rng::fill_normal(out, tick, *stream, start),
            Instruction::Unary(op, a) => unary(*op, read(*a), out),
            Instruction::Binary(op, a, b) => {
                let pairs = out.iter_mut().zip(read(*a).iter().zip(read(*b)));
                match op {
                    Binary::Add => pairs.for_each(|(o, (&a, &b))| *o = a + b),
                    Binary::Mul => pairs.for_each(|(o, (&a, &b))| *o = a * b),
                    Binary::Max => pairs.for_each(|(o, (&a, &b))| *o = a.max(b)),
                }
            }
            Instruction::Select(mask, a, b) => {
                let choices = read(*a).iter().zip(read(*b));
                for (o, (&m, (&a, &b))) in out.iter_mut().zip(read(*mask).iter().zip(choices)) {
                    *o = if m > T::ZERO { a } else { b };
                }
            }
        }
    }
}

fn unary<T: Real>(op: Unary, x: &[T], out: &mut [T]) {
    fn each<T: Real>(x: &[T], out: &mut [T], f: impl Fn(T) -> T) {
        out.iter_mut().zip(x).for_each(|(o, &x)| *o = f(x));
    }
    match op {
        Unary::Neg => each(x, out, |x| -x),
        Unary::Exp => each(x, out, T::exp),
        Unary::Log => each(x, out, T::ln),
        Unary::Tanh => each(x, out, T::tanh),
        Unary::Softplus => each(x, out, T::softplus),
        Unary::Sqrt => each(x, out, T::sqrt),
        Unary::Recip => each(x, out, T::recip),
        Unary::Sin => each(x, out, T::sin),
        Unary::Cos => each(x, out, T::cos),
        Unary::Step => each(x, out, T::step),
        Unary::Floor => each(x, out, T::floor),
    }
}

/// Most axes of a walk.
const AXES: usize = 8;

/// How a chunk of the iteration shape lies in a tensor, with as few axes as its strides allow: axes along which elements lie
/// evenly are one.
#[derive(Debug, Clone, Copy, Default)]
struct Walk {
    rank: usize,
    shape: [usize; AXES],
    strides: [usize; AXES],
}

impl Walk {
    fn of(shape: &[usize], strides: &[usize]) -> Self {
        let mut walk = Self::default();
        for (&n, &stride) in shape.iter().zip(strides).filter(|(n, _)| **n != 1) {
            if walk.rank > 0 && walk.strides[walk.rank - 1] == n * stride {
                walk.shape[walk.rank - 1] *= n;
                walk.strides[walk.rank - 1] = stride;
            } else {
                (walk.shape[walk.rank], walk.strides[walk.rank]) = (n, stride);
                walk.rank += 1;
            }
        }
        if walk.rank == 0 {
            (walk.rank, walk.shape[0]) = (1, 1);
        }
        walk
    }

    /// Distance of neighbours along a run.
    fn stride(&self) -> usize {
        self.strides[self.rank - 1]
    }

    /// The length of a tensor that is repeated as a whole, if it is one.
    fn period(&self) -> Option<usize> {
        (self.rank == 2 && self.strides[..2] == [0, 1]).then_some(self.shape[1])
    }

    /// Walks the chunk `[start, start + length)` in runs: calls `run(position in the chunk, length, place in the tensor)`.
    fn each(&self, start: usize, length: usize, mut run: impl FnMut(usize, usize, usize)) {
        let last = self.rank - 1;
        let (mut index, mut rest, mut row) = ([0; AXES], start, 0);
        for axis in (0..self.rank).rev() {
            index[axis] = rest % self.shape[axis];
            rest /= self.shape[axis];
            row += if axis < last { index[axis] * self.strides[axis] } else { 0 };
        }
        let (mut done, mut first) = (0, index[last]);
        while done < length {
            let count = (self.shape[last] - first).min(length - done);
            run(done, count, row + first * self.strides[last]);
            done += count;
            first = 0;
            for axis in (0..last).rev() {
                index[axis] += 1;
                row += self.strides[axis];
                if index[axis] < self.shape[axis] {
                    break;
                }
                index[axis] = 0;
                row -= self.shape[axis] * self.strides[axis];
            }
        }
    }
}

fn gather<T: Real>(load: &Load, walk: &Walk, shape: &[usize], start: usize, out: &mut [T], arena: &[T]) {
    let source = &arena[load.offset..];
    if let Some(window) = &load.window {
        return gather_within(load, window, shape, start, out, source);
    }
    match walk.period() {
        Some(period) if 2 * period <= out.len() => repeat(&source[..period], start, out),
        _ => walk.each(start, out.len(), |done, count, from| {
            copy_run(source, from, walk.stride(), &mut out[done..done + count]);
        }),
    }
}

/// Elements `start` and on of what repeats again and again.
fn repeat<T: Real>(source: &[T], start: usize, out: &mut [T]) {
    let period = source.len();
    let (before, behind) = source.split_at(start % period);
    out[..behind.len()].copy_from_slice(behind);
    out[behind.len()..period].copy_from_slice(before);
    let mut known = period;
    while known < out.len() {
        let more = known.min(out.len() - known);
        out.copy_within(..more, known);
        known += more;
    }
}

/// Elements that are 0 outside a window.
fn gather_within<T: Real>(
    load: &Load,
    window: &[Range<usize>],
    shape: &[usize],
    start: usize,
    out: &mut [T],
    source: &[T],
) {
    let inner = load.strides[shape.len() - 1];
    let length = out.len();
    out.fill(T::ZERO);
    runs(shape, start, length, |done, count, index| {
        let last = index.len() - 1;
        let outside = |axis: usize| !window[axis].contains(&index[axis]);
        let (first, end) = (index[last].max(window[last].start), (index[last] + count).min(window[last].end));
        if (0..last).any(outside) || first >= end {
            return;
        }
        let from: usize = (0..last).map(|d| (index[d] - window[d].start) * load.strides[d]).sum();
        let from = from + (first - window[last].start) * inner;
        copy_run(source, from, inner, &mut out[done + first - index[last]..done + end - index[last]]);
    });
}

/// Walks the chunk `[start, start + length)` of a row-major shape in runs along the innermost axis:
/// calls `run(position in the chunk, length, multi-index of the first element)`.
fn runs(shape: &[usize], start: usize, length: usize, mut run: impl FnMut(usize, usize, &[usize])) {
    let inner = shape[shape.len() - 1];
    let mut index = vec![0; shape.len()];
    let mut rest = start;
    for axis in (0..shape.len()).rev() {
        index[axis] = rest % shape[axis];
        rest /= shape[axis];
    }
    let mut done = 0;
    while done < length {
        let last = index.len() - 1;
        let count = (inner - index[last]).min(length - done);
        run(done, count, &index);
        done += count;
        index[last] += count;
        for axis in (1..index.len()).rev() {
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
            index[axis - 1] += 1;
        }
    }
}

fn copy_run<T: Real>(source: &[T], from: usize, stride: usize, out: &mut [T]) {
    match stride {
        0 => out.fill(source[from]),
        1 => out.copy_from_slice(&source[from..from + out.len()]),
        _ => out.iter_mut().zip(source[from..].iter().step_by(stride)).for_each(|(o, &x)| *o = x),
    }
}

fn write<T: Real>(offset: usize, walk: &Walk, start: usize, values: &[T], arena: &mut [T]) {
    let target = &mut arena[offset..];
    walk.each(start, values.len(), |done, count, to| {
        let values = &values[done..done + count];
        match walk.stride() {
            1 => target[to..to + count].copy_from_slice(values),
            stride => values.iter().enumerate().for_each(|(i, &v)| target[to + i * stride] = v),
        }
    });
}
