//! The program of a fused elementwise group as WGSL, to be spliced into `shaders/op/elementwise.wgsl`.
//!
//! Axes that every access walks through without a jump are joined first: most groups become one long line, whose text
//! does not depend on its length, so that they share a pipeline. Offsets are parameters for the same reason.

use super::launch::WORKGROUP;
use super::shader::Kernel;
use crate::backend::plan::{Binary, Elementwise, Instruction, Law, Load, Unary};
use crate::number;
use std::fmt::Write;
use std::ops::Range;

/// A group as text and parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// The program.
    pub program: Program,
    /// Elements.
    pub elements: usize,
    /// Offsets of the loads and stores, in the order of the program.
    pub offsets: Vec<u32>,
}

/// A program's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Reads the offsets of a job.
    offsets: String,
    /// Computes element `e`.
    body: String,
}

/// Words of a job before its offsets: the number of elements and the index of the program.
const HEAD: usize = 2;

/// Bytes of the parameters of a job with so many offsets.
pub fn bytes(offsets: usize) -> usize {
    16 * (HEAD + offsets).div_ceil(4)
}

/// A kernel that runs several programs and the parameters of its jobs, each a program's index and a group of it.
pub fn kernel(programs: &[Program], jobs: &[(usize, usize, Vec<u32>)]) -> (Kernel, Vec<u32>) {
    let vectors = jobs.iter().map(|(.., offsets)| bytes(offsets.len()) / 16).max().unwrap_or(1);
    let mut words = Vec::new();
    for (i, (program, elements, offsets)) in jobs.iter().enumerate() {
        words.extend([*elements as u32, *program as u32]);
        words.extend(offsets);
        words.resize((i + 1) * vectors * 4, 0);
    }
    let (mut functions, mut calls) = (String::new(), String::new());
    for (i, Program { offsets, body }) in programs.iter().enumerate() {
        // A loop that ends with its condition: software adapters run the body of any other once more.
        let _ = writeln!(functions, "fn program{i}(job: u32, count: u32, first: u32, stride: u32) {{\n{offsets}");
        let _ = writeln!(functions, "if (first >= count) {{ return; }}\nvar e = first;\nloop {{\n{body}");
        let _ = writeln!(functions, "continuing {{ e += stride; break if e >= count; }}\n}}\n}}");
        let call = format!("program{i}(job, head.x, id.x, groups.x * WORKGROUP);");
        let _ = match programs.len() {
            1 => writeln!(calls, "{call}"),
            _ => writeln!(calls, "if (head.y == {i}u) {{ {call} }}"),
        };
    }
    let kernel = Kernel {
        file: "op/elementwise.wgsl",
        constants: vec![("JOB_VECTORS", vectors as u32)],
        splices: vec![("programs", functions), ("calls", calls)],
        overrides: vec![("WORKGROUP", WORKGROUP as u32)],
    };
    (kernel, words)
}

/// One axis of an access: its stride, and where the source has elements.
#[derive(Debug, Clone, PartialEq)]
struct Along {
    stride: usize,
    window: Option<Range<usize>>,
}

/// An axis of the iteration space with what every access does along it.
#[derive(Debug, Clone, PartialEq)]
struct Axis {
    size: usize,
    /// Number in the group's own shape, for `Iota`; `None` once joined.
    number: Option<usize>,
    accesses: Vec<Along>,
}

/// Text and parameters of a group.
pub fn generate(group: &Elementwise) -> Generated {
    let loads = group.instructions.iter().filter_map(|i| match i {
        Instruction::Load(load) => Some(load.clone()),
        _ => None,
    });
    let stores = group.stores.iter().map(|s| Load { offset: s.offset, strides: s.strides.clone(), window: None });
    let accesses: Vec<Load> = loads.chain(stores).collect();
    let axes = join(axes(group, &accesses), group);
    let mut writer = Writer { axes: &axes, text: String::new(), access: 0 };
    writer.indices(&accesses, group);
    for (register, instruction) in group.instructions.iter().enumerate() {
        writer.instruction(register, instruction);
    }
    for store in &group.stores {
        let address = writer.next_address();
        let _ = writeln!(writer.text, "arena[{address}] = r{};", store.register);
    }
    let mut offsets = String::new();
    for i in 0..accesses.len() {
        let word = HEAD + i;
        let component = ["x", "y", "z", "w"][word % 4];
        let _ = writeln!(offsets, "let offset{i} = jobs[job + {}u].{component};", word / 4);
    }
    Generated {
        program: Program { offsets, body: writer.text },
        elements: group.shape.iter().product(),
        offsets: accesses.iter().map(|a| a.offset as u32).collect(),
    }
}

fn axes(group: &Elementwise, accesses: &[Load]) -> Vec<Axis> {
    (0..group.shape.len())
        .map(|number| {
            let size = group.shape[number];
            let along = |load: &Load| {
                let window = load.window.as_ref().map(|w| w[number].clone()).filter(|w| *w != (0..size));
                Along { stride: load.strides[number], window }
            };
            Axis { size, number: Some(number), accesses: accesses.iter().map(along).collect() }
        })
        .collect()
}

/// Leaves out axes of one element, and joins neighbours that are one longer axis to every access.
fn join(axes: Vec<Axis>, group: &Elementwise) -> Vec<Axis> {
    let counted = |axis: &Axis| axis.number.is_some_and(|n| group.instructions.contains(&Instruction::Iota(n)));
    let windowed = |axis: &Axis| axis.accesses.iter().any(|a| a.window.is_some());
    let mut joined: Vec<Axis> = Vec::new();
    for axis in axes {
        if axis.size == 1 && !windowed(&axis) {
            continue;
        }
        if let Some(outer) = joined.last_mut() {
            let free = !(counted(outer) || counted(&axis) || windowed(outer) || windowed(&axis));
            let mut pairs = outer.accesses.iter().zip(&axis.accesses);
            if free && pairs.all(|(outer, inner)| outer.stride == inner.stride * axis.size) {
                *outer = Axis { size: outer.size * axis.size, number: None, accesses: axis.accesses };
                continue;
            }
        }
        joined.push(axis);
    }
    joined
}

struct Writer<'a> {
    axes: &'a [Axis],
    text: String,
    /// Accesses written so far.
    access: usize,
}

impl Writer<'_> {
    /// `let i0 = …;` for every axis whose index is needed.
    fn indices(&mut self, accesses: &[Load], group: &Elementwise) {
        let mut inner: usize = self.axes.iter().map(|a| a.size).product();
        for (d, axis) in self.axes.iter().enumerate() {
            inner /= axis.size;
            let moves = (0..accesses.len()).any(|a| axis.accesses[a].stride > 0 || axis.accesses[a].window.is_some());
            let counted = axis.number.is_some_and(|n| group.instructions.contains(&Instruction::Iota(n)));
            if !moves && !counted {
                continue;
            }
            let mut index = quotient("e", inner);
            if d > 0 {
                index = remainder(&index, axis.size);
            }
            let _ = writeln!(self.text, "let i{d} = {index};");
        }
    }

    /// Address of the next access, its window's starts taken off.
    fn next_address(&mut self) -> String {
        let access = self.access;
        self.access += 1;
        let mut address = format!("offset{access}");
        for (d, axis) in self.axes.iter().enumerate() {
            let Along { stride, window } = &axis.accesses[access];
            let index = match window {
                Some(window) => format!("(i{d} - {}u)", window.start),
                None => format!("i{d}"),
            };
            match stride {
                0 => (),
                1 => address += &format!(" + {index}"),
                stride => address += &format!(" + {index} * {stride}u"),
            }
        }
        address
    }

    /// Condition that the next access is inside its window, if it has one. Below the start the difference wraps around.
    fn inside(&self) -> Option<String> {
        let windows = self.axes.iter().enumerate().filter_map(|(d, axis)| {
            let window = axis.accesses[self.access].window.as_ref()?;
            Some(format!("i{d} - {}u < {}u", window.start, window.len()))
        });
        let conditions: Vec<_> = windows.collect();
        (!conditions.is_empty()).then(|| conditions.join(" && "))
    }

    fn instruction(&mut self, register: usize, instruction: &Instruction) {
        let value = match instruction {
            Instruction::Load(_) => {
                let inside = self.inside();
                let address = self.next_address();
                if let Some(inside) = inside {
                    let _ = writeln!(self.text, "var r{register} = 0.0;");
                    let _ = writeln!(self.text, "if ({inside}) {{ r{register} = arena[{address}]; }}");
                    return;
                }
                format!("arena[{address}]")
            }
            Instruction::Constant(value) => literal(*value),
            Instruction::Iota(axis) => match self.axes.iter().position(|a| a.number == Some(*axis)) {
                Some(d) => format!("f32(i{d})"),
                None => "0.0".to_string(),
            },
            Instruction::Random(law, stream) => {
                let function = match law {
                    Law::Normal => "random_normal",
                    Law::Uniform => "random_uniform",
                };
                format!("{function}(tick.key, tick.substep, {stream}u, e)")
            }
            Instruction::Unary(operation, a) => unary(*operation, &format!("r{a}")),
            Instruction::Binary(operation, a, b) => match operation {
                Binary::Add => format!("r{a} + r{b}"),
                Binary::Mul => format!("r{a} * r{b}"),
                Binary::Max => format!("max(r{a}, r{b})"),
            },
            Instruction::Select(mask, a, b) => format!("select(r{b}, r{a}, r{mask} > 0.0)"),
        };
        let _ = writeln!(self.text, "let r{register} = {value};");
    }
}

fn unary(operation: Unary, a: &str) -> String {
    match operation {
        Unary::Neg => format!("-{a}"),
        Unary::Exp => format!("real_exp({a})"),
        Unary::Log => format!("real_ln({a})"),
        Unary::Tanh => format!("real_tanh({a})"),
        Unary::Softplus => format!("real_softplus({a})"),
        Unary::Sqrt => format!("real_sqrt({a})"),
        Unary::Recip => format!("real_recip({a})"),
        Unary::Sin => format!("real_sin({a})"),
        Unary::Cos => format!("real_cos({a})"),
        Unary::Step => format!("real_step({a})"),
        Unary::Floor => format!("floor({a})"),
    }
}

/// The nearest f32 that WGSL can write: it has no infinities.
fn literal(value: f64) -> String {
    let value = (value as f32).clamp(f32::MIN, f32::MAX);
    format!("({}f)", number::print(value.into()))
}

/// Software adapters divide one lane at a time; by powers of two there is no need.
fn quotient(index: &str, divisor: usize) -> String {
    match divisor {
        1 => index.to_string(),
        d if d.is_power_of_two() => format!("({index} >> {}u)", d.trailing_zeros()),
        d => format!("({index} / {d}u)"),
    }
}

fn remainder(index: &str, divisor: usize) -> String {
    if divisor.is_power_of_two() { format!("{index} & {}u", divisor - 1) } else { format!("{index} % {divisor}u") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::plan::Store;

    fn add(shape: &[usize], left: &[usize], right: &[usize]) -> Elementwise {
        let load =
            |offset, strides: &[usize]| Instruction::Load(Load { offset, strides: strides.to_vec(), window: None });
        let mut strides = vec![1; shape.len()];
        for d in (1..shape.len()).rev() {
            strides[d - 1] = strides[d] * shape[d];
        }
        Elementwise {
            shape: shape.to_vec(),
            instructions: vec![load(100, left), load(200, right), Instruction::Binary(Binary::Add, 0, 1)],
            stores: vec![Store { register: 2, offset: 300, strides }],
        }
    }

    #[test]
    fn contiguous_groups_of_any_shape_share_a_text() {
        let flat = generate(&add(&[12], &[1], &[1]));
        let square = generate(&add(&[3, 1, 4], &[4, 4, 1], &[4, 7, 1]));
        assert_eq!(flat.program, square.program);
        assert_eq!((flat.elements, flat.offsets.as_slice()), (12, &[100, 200, 300][..]));
        assert_eq!((flat.elements, flat.offsets), (square.elements, square.offsets));
    }

    #[test]
    fn a_repeated_operand_keeps_its_axis() {
        let bias = generate(&add(&[3, 4], &[4, 1], &[0, 1]));
        assert!(bias.program.body.contains("let i1 = e & 3u;"), "{}", bias.program.body);
        assert!(bias.program.body.contains("arena[offset1 + i1]"), "{}", bias.program.body);
    }

    #[test]
    fn jobs_of_several_programs_are_padded_to_the_longest() {
        let program = generate(&add(&[12], &[1], &[1])).program;
        let (kernel, words) = kernel(&[program.clone(), program], &[(0, 5, vec![7, 8]), (1, 6, vec![1, 2, 3])]);
        assert_eq!(words, [5, 0, 7, 8, 0, 0, 0, 0, 6, 1, 1, 2, 3, 0, 0, 0]);
        assert!(kernel.splices[1].1.contains("if (head.y == 1u)"), "{}", kernel.splices[1].1);
    }

    #[test]
    fn constants_are_finite_literals() {
        assert_eq!(literal(1.0), "(1f)");
        assert_eq!(literal(-0.1), "(-0.10000000149011612f)");
        assert_eq!(literal(f64::INFINITY), "(3.4028234663852886e+38f)");
    }
}
