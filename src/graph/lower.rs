//! From graph nodes to work: movement operations (reshape, broadcast, transpose, slice, pad) dissolve into strided
//! accesses, everything else becomes an item that some step computes. Where an operand cannot be expressed as an
//! access, a copy is put in between.

use super::schedule::Layout;
use super::{Graph, NodeId, Op, Tensor};
use crate::backend::plan::{Binary, Combine, Instruction, Law, Unary};
#[cfg(feature = "whole")]
use crate::backend::plan::{Corner, Geometry};
use std::ops::Range;

/// Index of an item.
pub(super) type ItemId = usize;

/// A strided view of an item's elements; its shape is the consumer's.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Access {
    pub base: ItemId,
    pub shape: Vec<usize>,
    pub offset: usize,
    pub strides: Vec<usize>,
    pub window: Option<Vec<Range<usize>>>,
}

/// What is to be done for an item.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Work {
    /// Lies in the persistent part of the arena.
    Leaf(usize),
    /// One value: never stored unless somebody looks at it sideways.
    Constant(f64),
    Iota(usize),
    Random(Law, u32),
    Copy,
    Unary(Unary),
    Binary(Binary),
    Select,
    MatMul,
    /// Adds a product to the item, whose place it takes over.
    MatMulOnto(ItemId),
    Reduce(Combine, Range<usize>),
    Gather,
    Scatter,
    #[cfg(feature = "whole")]
    Convolve(Corner, Geometry),
    /// Its parts are written in place: (item, element offset).
    Concat(Vec<(ItemId, Placement)>),
}

/// Where a part of a concatenation lies in the whole.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placement {
    pub offset: usize,
    pub strides: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub work: Work,
    pub shape: Vec<usize>,
    pub operands: Vec<Access>,
}

/// Row-major strides.
pub(super) fn contiguous(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for i in (1..shape.len()).rev() {
        strides[i - 1] = strides[i] * shape[i];
    }
    strides
}

impl Item {
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it belongs into a fused elementwise group.
    pub fn is_elementwise(&self) -> bool {
        use Work::{Binary, Constant, Copy, Iota, Random, Select, Unary};
        matches!(self.work, Constant(_) | Iota(_) | Random(..) | Copy | Unary(_) | Binary(_) | Select)
    }

    /// Whether it costs nothing to make again wherever it is needed.
    pub fn is_free(&self) -> bool {
        matches!(self.work, Work::Constant(_))
    }

    /// The instruction of an elementwise item on registers.
    pub fn instruction(&self, registers: &[usize]) -> Option<Instruction> {
        Some(match self.work {
            Work::Constant(value) => Instruction::Constant(value),
            Work::Iota(axis) => Instruction::Iota(axis),
            Work::Random(law, stream) => Instruction::Random(law, stream),
            Work::Unary(op) => Instruction::Unary(op, registers[0]),
            Work::Binary(op) => Instruction::Binary(op, registers[0], registers[1]),
            Work::Select => Instruction::Select(registers[0], registers[1], registers[2]),
            _ => return None,
        })
    }
}

impl Access {
    fn whole(base: ItemId, shape: &[usize]) -> Self {
        Self { base, shape: shape.to_vec(), offset: 0, strides: contiguous(shape), window: None }
    }

    /// Whether it walks `count` elements one after the other from the base's first.
    pub fn is_whole(&self, count: usize) -> bool {
        self.offset == 0 && self.is_contiguous() && self.shape.iter().product::<usize>() == count
    }

    /// Whether it walks neighbouring elements in order.
    pub fn is_contiguous(&self) -> bool {
        let expected = contiguous(&self.shape);
        self.window.is_none() && (0..self.shape.len()).all(|i| self.shape[i] == 1 || self.strides[i] == expected[i])
    }

    fn broadcast(&self, shape: &[usize]) -> Self {
        let added = shape.len() - self.shape.len();
        let repeated = |i: usize| i < added || self.shape[i - added] != shape[i];
        let strides = (0..shape.len()).map(|i| if repeated(i) { 0 } else { self.strides[i - added] }).collect();
        // What repeats an element repeats it everywhere, what repeats padding nowhere.
        let repeat = |i: usize, w: &[Range<usize>]| {
            let nothing = i >= added && w[i - added].is_empty();
            if nothing { 0..0 } else { 0..shape[i] }
        };
        let window = self
            .window
            .as_ref()
            .map(|w| (0..shape.len()).map(|i| if repeated(i) { repeat(i, w) } else { w[i - added].clone() }).collect());
        Self { shape: shape.to_vec(), strides, window, ..self.clone() }
    }

    fn transpose(&self, perm: &[usize]) -> Self {
        Self {
            shape: perm.iter().map(|&p| self.shape[p]).collect(),
            strides: perm.iter().map(|&p| self.strides[p]).collect(),
            window: self.window.as_ref().map(|w| perm.iter().map(|&p| w[p].clone()).collect()),
            ..self.clone()
        }
    }

    fn slice(&self, ranges: &[Range<usize>]) -> Self {
        let mut sliced = self.clone();
        for (axis, range) in ranges.iter().enumerate() {
            let valid = self.window.as_ref().map_or(0..self.shape[axis], |w| w[axis].clone());
            sliced.offset += range.start.saturating_sub(valid.start) * self.strides[axis];
            sliced.shape[axis] = range.len();
            if let Some(w) = &mut sliced.window {
                let end = valid.end.saturating_sub(range.start).min(range.len());
                w[axis] = valid.start.saturating_sub(range.start).min(end)..end;
            }
        }
        if sliced.window.as_ref().is_some_and(|w| w.iter().zip(&sliced.shape).all(|(r, &n)| *r == (0..n))) {
            sliced.window = None;
        }
        sliced
    }

    fn pad(&self, widths: &[(usize, usize)]) -> Self {
        let valid = self.window.clone().unwrap_or_else(|| self.shape.iter().map(|&n| 0..n).collect());
        Self {
            shape: self.shape.iter().zip(widths).map(|(n, (a, b))| a + n + b).collect(),
            window: Some(valid.iter().zip(widths).map(|(r, (a, _))| r.start + a..r.end + a).collect()),
            ..self.clone()
        }
    }

    /// The same walk under another shape, where strides can express it: axes are merged and split only where they are
    /// one behind the other.
    fn reshape(&self, shape: &[usize]) -> Option<Self> {
        if self.window.is_some() {
            return None;
        }
        // Axes of the walk without those of size 1, neighbours merged: (size, stride).
        let mut runs: Vec<(usize, usize)> = vec![];
        for (&n, &s) in self.shape.iter().zip(&self.strides).filter(|&(&n, _)| n != 1) {
            match runs.last_mut() {
                Some((size, stride)) if *stride == s * n => (*size, *stride) = (*size * n, s),
                _ => runs.push((n, s)),
            }
        }
        let mut strides = vec![0; shape.len()];
        let mut runs = runs.into_iter();
        let (mut left, mut stride) = (1, 0);
        // From the outermost axis in: each takes its share of the current run.
        for (axis, &n) in shape.iter().enumerate().filter(|&(_, &n)| n != 1) {
            if left == 1 {
                (left, stride) = runs.next()?;
            }
            if left % n != 0 {
                return None;
            }
            left /= n;
            strides[axis] = stride * left;
        }
        Some(Self { shape: shape.to_vec(), strides, ..self.clone() })
    }
}

/// Items for everything that `outputs` need, and the item of each output.
pub(super) struct Lowered {
    pub items: Vec<Item>,
    pub outputs: Vec<ItemId>,
}

pub(super) fn lower(graph: &Graph, outputs: &[Tensor<'_>], layout: &Layout) -> Lowered {
    let mut lowering = Lowering { graph, layout, items: vec![], accesses: vec![None; graph.len()] };
    let needed = reachable(graph, outputs);
    for id in (0..needed.len()).filter(|&id| needed[id]) {
        lowering.visit(id);
    }
    let outputs = outputs.iter().map(|o| lowering.output(o.id())).collect();
    let mut lowered = Lowered { items: lowering.items, outputs };
    lowered.accumulate_products();
    lowered
}

fn reachable(graph: &Graph, outputs: &[Tensor<'_>]) -> Vec<bool> {
    let mut needed = vec![false; graph.len()];
    outputs.iter().for_each(|o| needed[o.id()] = true);
    for id in (0..needed.len()).rev().filter(|&id| outputs.iter().any(|o| id <= o.id())) {
        if needed[id] {
            graph.node(id).inputs.iter().for_each(|&i| needed[i] = true);
        }
    }
    needed
}

struct Lowering<'a> {
    graph: &'a Graph,
    layout: &'a Layout,
    items: Vec<Item>,
    /// How each node that is needed and visited is read.
    accesses: Vec<Option<Access>>,
}

impl Lowering<'_> {
    fn add(&mut self, work: Work, shape: &[usize], operands: Vec<Access>) -> Access {
        self.items.push(Item { work, shape: shape.to_vec(), operands });
        Access::whole(self.items.len() - 1, shape)
    }

    fn access(&self, id: NodeId) -> Access {
        self.accesses[id].clone().expect("inputs are visited first")
    }

    /// The access as a walk through neighbouring elements, copied where it is not one.
    fn materialise(&mut self, access: Access) -> Access {
        let on_its_own = !self.items[access.base].is_free();
        if access.is_contiguous() && on_its_own {
            return access;
        }
        let shape = access.shape.clone();
        self.add(Work::Copy, &shape, vec![access])
    }

    fn visit(&mut self, id: NodeId) {
        let node = self.graph.node(id);
        let shape = &node.shape;
        let input = |l: &Self, i: usize| l.access(node.inputs[i]);
        let access = match &node.op {
            Op::State(slot) => self.add(Work::Leaf(self.layout.slot(*slot).offset), shape, vec![]),
            Op::Literal(index) => {
                let offset = self.layout.literal(&self.graph.literal_values(*index));
                self.add(Work::Leaf(offset), shape, vec![])
            }
            Op::Constant(bits) => self.add(Work::Constant(f64::from_bits(*bits)), shape, vec![]),
            Op::Iota(axis) => self.add(Work::Iota(*axis), shape, vec![]),
            Op::Random(law, stream) => self.add(Work::Random(*law, *stream), shape, vec![]),
            Op::Unary(op) => self.add(Work::Unary(*op), shape, vec![input(self, 0)]),
            Op::Binary(op) => self.add(Work::Binary(*op), shape, vec![input(self, 0), input(self, 1)]),
            Op::Select => self.add(Work::Select, shape, (0..3).map(|i| input(self, i)).collect()),
            Op::MatMul { transpose_a, transpose_b } => {
                let mut operands = vec![];
                for (i, transposed) in [transpose_a, transpose_b].into_iter().enumerate() {
                    let mut access = input(self, i);
                    if access.window.is_some() || self.items[access.base].is_free() {
                        let shape = access.shape.clone();
                        access = self.add(Work::Copy, &shape, vec![access]);
                    }
                    operands.push(if *transposed { access.transpose(&[1, 0]) } else { access });
                }
                self.add(Work::MatMul, shape, operands)
            }
            Op::Reduce(combine, axes) => {
                let operand = self.materialise(input(self, 0));
                self.add(Work::Reduce(*combine, axes.clone()), shape, vec![operand])
            }
            Op::Gather => {
                let operands = (0..2).map(|i| self.materialise(input(self, i))).collect();
                self.add(Work::Gather, shape, operands)
            }
            Op::Scatter => {
                let operands = (0..3).map(|i| self.materialise(input(self, i))).collect();
                self.add(Work::Scatter, shape, operands)
            }
            #[cfg(feature = "whole")]
            Op::Convolve(corner, geometry) => {
                let operands = (0..2).map(|i| self.materialise(input(self, i))).collect();
                self.add(Work::Convolve(*corner, *geometry), shape, operands)
            }
            Op::Concat(axis) => self.concat(*axis, shape, &node.inputs),
            Op::Broadcast => input(self, 0).broadcast(shape),
            Op::Transpose(perm) => input(self, 0).transpose(perm),
            Op::Slice(ranges) => input(self, 0).slice(ranges),
            Op::Pad(widths) => {
                let mut source = input(self, 0);
                if self.items[source.base].is_free() {
                    let shape = source.shape.clone();
                    source = self.add(Work::Copy, &shape, vec![source]);
                }
                source.pad(widths)
            }
            Op::StopGradient => input(self, 0),
            Op::Reshape => match input(self, 0).reshape(shape) {
                Some(access) => access,
                None => {
                    let source = input(self, 0);
                    let size = source.shape.clone();
                    let copy = self.add(Work::Copy, &size, vec![source]);
                    Access::whole(copy.base, shape)
                }
            },
        };
        self.accesses[id] = Some(access);
    }

    fn concat(&mut self, axis: usize, shape: &[usize], inputs: &[NodeId]) -> Access {
        let strides = contiguous(shape);
        let one_behind_the_other = shape[..axis].iter().all(|&n| n == 1);
        let mut parts: Vec<(ItemId, Placement)> = vec![];
        let mut before = 0;
        for input in inputs {
            let access = self.access(*input);
            let offset = before * strides[axis];
            before += access.shape[axis];
            let base = &self.items[access.base];
            let taken = |id: ItemId| {
                let claims = |i: &Item| matches!(&i.work, Work::Concat(p) if p.iter().any(|(part, _)| *part == id));
                parts.iter().any(|(part, _)| *part == id) || self.items.iter().any(claims)
            };
            let movable = !base.is_free() && !matches!(base.work, Work::Leaf(_) | Work::Concat(_) | Work::Scatter);
            if one_behind_the_other && access.is_whole(base.len()) && movable && !taken(access.base) {
                let strides = contiguous(&self.items[access.base].shape);
                parts.push((access.base, Placement { offset, strides }));
            } else {
                let part_shape = access.shape.clone();
                let copy = self.add(Work::Copy, &part_shape, vec![access]);
                parts.push((copy.base, Placement { offset, strides: strides.clone() }));
            }
        }
        self.add(Work::Concat(parts), shape, vec![])
    }

    /// An item that computes exactly this node's elements in order.
    fn output(&mut self, id: NodeId) -> ItemId {
        let access = self.access(id);
        let base = &self.items[access.base];
        let fresh = !base.is_free() && !matches!(base.work, Work::Leaf(_));
        if fresh && access.is_whole(base.len()) {
            return access.base;
        }
        let shape = access.shape.clone();
        self.add(Work::Copy, &shape, vec![access]).base
    }
}

impl Lowered {
    /// Turns `A·B + C·D` into a product and a product added onto it, where nobody else looks at the two.
    fn accumulate_products(&mut self) {
        let mut uses = vec![0; self.items.len()];
        for item in &self.items {
            item.operands.iter().for_each(|o| uses[o.base] += 1);
            if let Work::Concat(parts) = &item.work {
                parts.iter().for_each(|(part, _)| uses[*part] += 1);
            }
        }
        self.outputs.iter().for_each(|&o| uses[o] += 1);
        for id in 0..self.items.len() {
            let item = &self.items[id];
            if item.work != Work::Binary(Binary::Add) {
                continue;
            }
            let (a, b) = (&item.operands[0], &item.operands[1]);
            let product = |o: &Access, works: fn(&Work) -> bool| {
                let base = &self.items[o.base];
                // A product has rows and columns: one that a reshape stands before is added element by element.
                works(&base.work) && uses[o.base] == 1 && o.is_whole(base.len()) && base.shape == item.shape
            };
            let is_product = |w: &Work| *w == Work::MatMul;
            let is_any_product = |w: &Work| matches!(w, Work::MatMul | Work::MatMulOnto(_));
            let (first, second) = if product(b, is_product) && product(a, is_any_product) {
                (a.base, b.base)
            } else if product(a, is_product) && product(b, is_any_product) {
                (b.base, a.base)
            } else {
                continue;
            };
            let operands = std::mem::take(&mut self.items[second].operands);
            // Nobody reads the second product any more: it has become this item.
            self.items[second].work = Work::Constant(0.0);
            self.items[id] = Item { work: Work::MatMulOnto(first), shape: self.items[id].shape.clone(), operands };
        }
    }
}
