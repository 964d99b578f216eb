//! Elementwise groups on the CPU: the program is walked once for every chunk of elements, each instruction a tight loop
//! over registers that stay in the first-level cache. The loops vectorise; the interpreter's overhead is one match a chunk.

use crate::math::Real;
use crate::plan::{Binary, Elementwise, Instruction, Law, Load, Store, Tick, Unary};
use crate::rng;

/// Elements a register holds: 1 KiB in f32, so that a few dozen fit the first-level cache.
const CHUNK: usize = 256;

/// Registers, kept between runs.
#[derive(Debug, Default)]
pub(super) struct Registers<T>(Vec<Vec<T>>);

impl<T: Real> Registers<T> {
    pub fn run(&mut self, step: &Elementwise, arena: &mut [T], tick: Tick) {
        let total: usize = step.shape.iter().product();
        if self.0.len() < step.instructions.len() {
            self.0.resize_with(step.instructions.len(), || vec![T::ZERO; CHUNK]);
        }
        for (register, instruction) in self.0.iter_mut().zip(&step.instructions) {
            if let Instruction::Constant(value) = instruction {
                register.fill(T::from_f64(*value));
            }
        }
        for start in (0..total).step_by(CHUNK) {
            let length = CHUNK.min(total - start);
            for (index, instruction) in step.instructions.iter().enumerate() {
                // The target is taken out of the list, so that it can be written while others are read.
                let mut out = std::mem::take(&mut self.0[index]);
                self.execute(instruction, &step.shape, start, &mut out[..length], arena, tick);
                self.0[index] = out;
            }
            for store in &step.stores {
                write(store, &step.shape, start, &self.0[store.register][..length], arena);
            }
        }
    }

    fn execute(
        &self,
        instruction: &Instruction,
        shape: &[usize],
        start: usize,
        out: &mut [T],
        arena: &[T],
        tick: Tick,
    ) {
        let n = out.len();
        let read = |register: usize| &self.0[register][..n];
        match instruction {
            Instruction::Constant(_) => {}
            Instruction::Load(load) => gather(load, shape, start, out, arena),
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

fn gather<T: Real>(load: &Load, shape: &[usize], start: usize, out: &mut [T], arena: &[T]) {
    let inner = load.strides[shape.len() - 1];
    if shape.len() == 1 && load.window.is_none() {
        return copy_run(&arena[load.offset..], start * inner, inner, out);
    }
    let length = out.len();
    runs(shape, start, length, |done, count, index| {
        let out = &mut out[done..done + count];
        let last = index.len() - 1;
        let Some(window) = &load.window else {
            let from: usize = index.iter().zip(&load.strides).map(|(i, s)| i * s).sum();
            return copy_run(&arena[load.offset..], from, inner, out);
        };
        out.fill(T::ZERO);
        let outside = |axis: usize| !window[axis].contains(&index[axis]);
        let (first, end) = (index[last].max(window[last].start), (index[last] + count).min(window[last].end));
        if (0..last).any(outside) || first >= end {
            return;
        }
        let from: usize = (0..last).map(|d| (index[d] - window[d].start) * load.strides[d]).sum();
        let from = from + (first - window[last].start) * inner;
        copy_run(&arena[load.offset..], from, inner, &mut out[first - index[last]..end - index[last]]);
    });
}

fn copy_run<T: Real>(source: &[T], from: usize, stride: usize, out: &mut [T]) {
    match stride {
        0 => out.fill(source[from]),
        1 => out.copy_from_slice(&source[from..from + out.len()]),
        _ => out.iter_mut().zip(source[from..].iter().step_by(stride)).for_each(|(o, &x)| *o = x),
    }
}

fn write<T: Real>(store: &Store, shape: &[usize], start: usize, values: &[T], arena: &mut [T]) {
    runs(shape, start, values.len(), |done, count, index| {
        let to = store.offset + index.iter().zip(&store.strides).map(|(i, s)| i * s).sum::<usize>();
        let values = &values[done..done + count];
        match store.strides[shape.len() - 1] {
            1 => arena[to..to + count].copy_from_slice(values),
            stride => values.iter().enumerate().for_each(|(i, &v)| arena[to + i * stride] = v),
        }
    });
}
