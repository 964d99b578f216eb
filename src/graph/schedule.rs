//! From a graph to a plan: what is computed together, in which order, and where it lies.
//!
//! Everything elementwise of one shape and one level becomes one step, where the level of an item is the longest chain
//! of steps before it. Every intermediate lives in one scratch region; a liveness pass lets them share it. Results are
//! written straight into their persistent tensors where nobody still needs the old values.

use super::lower::{self, Access, Item, ItemId, Work, contiguous};
use super::{Graph, Op, SlotId, Tensor};
#[cfg(feature = "whole")]
use crate::backend::plan::{Convolution, Corner};
use crate::backend::plan::{
    Elementwise, Gather, Instruction, Load, MatMul, Matrix, Plan, Reduce, Scatter, Step, Store,
};
use crate::sorted::sorted;
use std::ops::Range;

/// Offsets are multiples of this, so that a device may read four elements at once.
const ALIGNMENT: usize = 4;

/// A persistent tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// Name, unique in its layout.
    pub name: String,
    /// Shape.
    pub shape: Vec<usize>,
    /// First element in the arena.
    pub offset: usize,
}

impl Slot {
    /// Its elements in the arena.
    pub fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.shape.iter().product::<usize>()
    }
}

/// The persistent part of the arena: named tensors and the tables that graphs hold.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    slots: Vec<Slot>,
    literals: Vec<(usize, Vec<f64>)>,
    size: usize,
}

impl Layout {
    /// An empty layout.
    pub fn new() -> Self {
        Self::default()
    }

    fn reserve(&mut self, elements: usize) -> usize {
        let offset = self.size;
        self.size += elements.next_multiple_of(ALIGNMENT);
        offset
    }

    /// Adds a tensor. Panics on a second one of the same name.
    pub fn add(&mut self, name: impl Into<String>, shape: &[usize]) -> SlotId {
        let name = name.into();
        assert!(self.find(&name).is_none(), "a second slot {name}");
        let offset = self.reserve(shape.iter().product());
        self.slots.push(Slot { name, shape: shape.to_vec(), offset });
        self.slots.len() - 1
    }

    /// A tensor by index.
    pub fn slot(&self, id: SlotId) -> &Slot {
        &self.slots[id]
    }

    /// A tensor by name.
    pub fn find(&self, name: &str) -> Option<SlotId> {
        self.slots.iter().position(|s| s.name == name)
    }

    /// All tensors.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Elements of the persistent part.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Makes room for the tables of a graph; to be called before it is scheduled.
    pub fn admit_literals(&mut self, graph: &Graph) {
        for id in 0..graph.len() {
            if let Op::Literal(index) = graph.node(id).op {
                let values = graph.literal_values(index);
                if !self.literals.iter().any(|(_, v)| *v == values) {
                    let offset = self.reserve(values.len());
                    self.literals.push((offset, values));
                }
            }
        }
    }

    /// The tables with their offsets, to be written once the program is installed.
    pub fn literals(&self) -> &[(usize, Vec<f64>)] {
        &self.literals
    }

    pub(super) fn literal(&self, values: &[f64]) -> usize {
        let found = self.literals.iter().find(|(_, v)| v == values);
        found.expect("admit_literals comes before the schedule").0
    }
}

/// A plan and the number of arena elements that it needs (persistent part included).
#[derive(Debug, Clone)]
pub struct Scheduled {
    /// The steps.
    pub plan: Plan,
    /// Elements of the arena up to the end of this plan's scratch.
    pub arena: usize,
}

/// Plans the computation of `outputs`, each written to its persistent tensor at the end.
pub fn schedule(label: &'static str, graph: &Graph, outputs: &[(Tensor<'_>, SlotId)], layout: &Layout) -> Scheduled {
    let tensors: Vec<_> = outputs.iter().map(|(t, _)| *t).collect();
    let lowered = lower::lower(graph, &tensors, layout);
    let mut scheduler = Scheduler::new(&lowered.items, &lowered.outputs);
    let targets: Vec<_> = lowered.outputs.iter().zip(outputs).map(|(&o, (_, slot))| (o, *slot)).collect();
    let copies = scheduler.pin(&targets, layout);
    let arena = scheduler.place(layout.size());
    let mut steps = scheduler.emit();
    steps.extend(copies.into_iter().map(|(item, slot)| {
        let slot = layout.slot(slot);
        let (shape, offset) = (vec![slot.shape.iter().product::<usize>().max(1)], slot.offset);
        let load = Load { offset: scheduler.offset_of(item), strides: vec![1], window: None };
        let stores = vec![Store { register: 0, offset, strides: vec![1] }];
        Step::Elementwise(Elementwise { shape, instructions: vec![Instruction::Load(load)], stores })
    }));
    Scheduled { plan: Plan { label, steps }, arena }
}

/// Where an item's elements are: inside a root's buffer.
#[derive(Debug, Clone)]
struct Home {
    root: ItemId,
    offset: usize,
    strides: Vec<usize>,
}

/// One step to be: an elementwise group or a single item.
#[derive(Debug, Clone, PartialEq)]
struct Task {
    items: Vec<ItemId>,
    elementwise: bool,
}

struct Scheduler<'a> {
    items: &'a [Item],
    outputs: &'a [ItemId],
    homes: Vec<Home>,
    tasks: Vec<Task>,
    /// The task that computes an item.
    task_of: Vec<Option<usize>>,
    /// Where a root lies in the arena, once placed.
    places: Vec<Option<usize>>,
}

/// The iteration shape of a group: axes of size 1 carry nothing.
fn squeeze(shape: &[usize]) -> Vec<usize> {
    shape.iter().copied().filter(|&n| n != 1).collect()
}

impl<'a> Scheduler<'a> {
    fn new(items: &'a [Item], outputs: &'a [ItemId]) -> Self {
        let homes = Self::homes(items);
        let needed = Self::needed(items, outputs);
        let levels = Self::levels(items);
        let mut keyed = vec![];
        for (id, item) in items.iter().enumerate() {
            if !needed[id] || item.is_free() || matches!(item.work, Work::Leaf(_) | Work::Concat(_)) {
                continue;
            }
            let (elementwise, shape) = (item.is_elementwise(), squeeze(&item.shape));
            let alone = if elementwise { 0 } else { id };
            keyed.push(((levels[id], elementwise, shape, alone), id));
        }
        let order = sorted(keyed.len(), &|a, b| keyed[a].0.cmp(&keyed[b].0));
        let groups = order.chunk_by(|&a, &b| keyed[a].0 == keyed[b].0);
        let tasks: Vec<_> = groups
            .map(|group| Task { items: group.iter().map(|&i| keyed[i].1).collect(), elementwise: keyed[group[0]].0.1 })
            .collect();
        let mut task_of = vec![None; items.len()];
        for (index, task) in tasks.iter().enumerate() {
            task.items.iter().for_each(|&i| task_of[i] = Some(index));
        }
        Self { items, outputs, homes, tasks, task_of, places: vec![None; items.len()] }
    }

    /// Everybody lives in a buffer of their own, but the parts of a concatenation and accumulated products.
    fn homes(items: &[Item]) -> Vec<Home> {
        let own = |(id, item): (ItemId, &Item)| Home { root: id, offset: 0, strides: contiguous(&item.shape) };
        let mut homes: Vec<_> = items.iter().enumerate().map(own).collect();
        for (id, item) in items.iter().enumerate() {
            if let Work::Concat(parts) = &item.work {
                for (part, place) in parts {
                    homes[*part] = Home { root: id, offset: place.offset, strides: place.strides.clone() };
                }
            }
        }
        // A product that is added onto another takes over its place; chains are walked from the last one back.
        for (id, item) in items.iter().enumerate().rev() {
            if let Work::MatMulOnto(first) = item.work {
                homes[first] = homes[id].clone();
            }
        }
        homes
    }

    fn needed(items: &[Item], outputs: &[ItemId]) -> Vec<bool> {
        let mut needed = vec![false; items.len()];
        let mut open: Vec<ItemId> = outputs.to_vec();
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut needed[id], true) {
                continue;
            }
            open.extend(items[id].operands.iter().map(|o| o.base));
            match &items[id].work {
                Work::Concat(parts) => open.extend(parts.iter().map(|(part, _)| *part)),
                Work::MatMulOnto(first) => open.push(*first),
                _ => {}
            }
        }
        needed
    }

    /// The longest chain of steps before each item. An elementwise item joins the group of an operand that it reads
    /// element by element.
    fn levels(items: &[Item]) -> Vec<usize> {
        let mut levels = vec![0; items.len()];
        for (id, item) in items.iter().enumerate() {
            let behind = |o: &Access| {
                let base = &items[o.base];
                let joins = item.is_elementwise() && base.is_elementwise() && Self::in_register(item, o, base);
                levels[o.base] + usize::from(!joins && !base.is_free())
            };
            let level = item.operands.iter().map(behind).max().unwrap_or(1);
            levels[id] = match &item.work {
                Work::Leaf(_) | Work::Constant(_) => 0,
                Work::Concat(parts) => parts.iter().map(|(p, _)| levels[*p]).max().unwrap_or(0),
                Work::MatMulOnto(first) => level.max(levels[*first] + 1),
                _ => level.max(1),
            };
        }
        levels
    }

    /// Whether an elementwise item sees an operand of its own group in a register.
    fn in_register(item: &Item, operand: &Access, base: &Item) -> bool {
        base.is_free()
            || (operand.is_whole(base.len())
                && base.len() == item.len()
                && squeeze(&base.shape) == squeeze(&item.shape))
    }

    /// Everything that reads an item's buffer: (task, item, operand).
    fn readers(&self) -> impl Iterator<Item = (usize, ItemId, &Access)> {
        self.tasks.iter().enumerate().flat_map(move |(index, task)| {
            let operands = move |&id: &ItemId| self.items[id].operands.iter().map(move |o| (index, id, o));
            task.items.iter().flat_map(operands).filter(|&(index, id, o)| !self.sees_register(index, id, o))
        })
    }

    fn sees_register(&self, task: usize, id: ItemId, operand: &Access) -> bool {
        let base = &self.items[operand.base];
        base.is_free()
            || (self.tasks[task].elementwise
                && self.task_of[operand.base] == Some(task)
                && Self::in_register(&self.items[id], operand, base))
    }

    /// Lets results be computed in their persistent tensors where nobody reads the old values later. Returns those
    /// that have to be copied at the end.
    fn pin(&mut self, targets: &[(ItemId, SlotId)], layout: &Layout) -> Vec<(ItemId, SlotId)> {
        let mut copies = vec![];
        for &(item, slot) in targets {
            let target = layout.slot(slot).range();
            assert_eq!(self.items[item].len(), target.len(), "output of slot {}", layout.slot(slot).name);
            let root = self.homes[item].root;
            let whole =
                root == item || self.homes[item].offset == 0 && self.items[root].len() == self.items[item].len();
            let leaf = |base: ItemId| match self.items[base].work {
                Work::Leaf(offset) => target.contains(&offset),
                _ => false,
            };
            let first_write = self.first_write(root);
            let safe = whole
                && self.places[root].is_none()
                && self.readers().filter(|(.., o)| leaf(o.base)).all(|(task, id, o)| {
                    let same_element = self.items[root].is_elementwise() && o.is_whole(target.len());
                    // The rows that a scatter replaces stay where they are; what it reads else is read while it writes.
                    let scatter = id == root && self.items[id].work == Work::Scatter;
                    let replaced = scatter && std::ptr::eq(o, &self.items[id].operands[0]) && o.is_whole(target.len());
                    task < first_write || (task == first_write && (same_element || replaced))
                });
            if safe {
                self.places[root] = Some(target.start);
            } else {
                copies.push((item, slot));
            }
        }
        copies
    }

    fn first_write(&self, root: ItemId) -> usize {
        let writers = (0..self.items.len()).filter(|&i| self.homes[i].root == root);
        writers.filter_map(|i| self.task_of[i]).min().unwrap_or(0)
    }

    /// Gives every root that somebody reads a place in the scratch region; returns the end of the arena.
    fn place(&mut self, start: usize) -> usize {
        let mut last_read = vec![None; self.items.len()];
        for (task, _, operand) in self.readers() {
            let last = &mut last_read[self.homes[operand.base].root];
            *last = (*last).max(Some(task));
        }
        for &output in self.outputs {
            last_read[self.homes[output].root] = Some(self.tasks.len());
        }
        let mut births: Vec<Vec<ItemId>> = vec![vec![]; self.tasks.len() + 1];
        let mut deaths: Vec<Vec<ItemId>> = vec![vec![]; self.tasks.len() + 1];
        for id in 0..self.items.len() {
            let item = &self.items[id];
            let stored = self.task_of[id].is_some() || matches!(item.work, Work::Concat(_));
            if self.homes[id].root != id || !stored || self.places[id].is_some() {
                continue;
            }
            let written = self.first_write(id);
            // A heavy result that nobody reads still needs room to be written to.
            let kept = last_read[id].or_else(|| (!item.is_elementwise()).then_some(written));
            if let Some(last) = kept {
                births[written].push(id);
                deaths[last.max(self.last_write(id))].push(id);
            }
        }
        let mut room = Room { start, end: start, free: vec![] };
        for (born, dead) in births.into_iter().zip(deaths) {
            for id in born {
                let offset = room.take(self.items[id].len());
                self.places[id] = Some(offset);
            }
            for id in dead {
                room.give(self.place_of(id), self.items[id].len());
            }
        }
        room.end
    }

    fn last_write(&self, root: ItemId) -> usize {
        let writers = (0..self.items.len()).filter(|&i| self.homes[i].root == root);
        writers.filter_map(|i| self.task_of[i]).max().unwrap_or(0)
    }

    fn place_of(&self, root: ItemId) -> usize {
        self.places[root].expect("placed before anything is emitted")
    }

    fn offset_of(&self, id: ItemId) -> usize {
        if let Work::Leaf(offset) = self.items[id].work {
            return offset;
        }
        let home = &self.homes[id];
        self.place_of(home.root) + home.offset
    }

    fn emit(&self) -> Vec<Step> {
        let stored = self.stored();
        let mut steps = vec![];
        for (index, task) in self.tasks.iter().enumerate() {
            if task.elementwise {
                steps.push(Step::Elementwise(self.elementwise(index, task, &stored)));
            } else {
                self.heavy(task.items[0], &mut steps);
            }
        }
        steps
    }

    /// Which elementwise items leave their group.
    fn stored(&self) -> Vec<bool> {
        let mut stored = vec![false; self.items.len()];
        self.outputs.iter().for_each(|&o| stored[o] = true);
        self.readers().for_each(|(_, _, o)| stored[o.base] = true);
        for item in self.items {
            if let Work::Concat(parts) = &item.work {
                parts.iter().for_each(|(part, _)| stored[*part] = true);
            }
        }
        stored
    }

    fn elementwise(&self, index: usize, task: &Task, stored: &[bool]) -> Elementwise {
        let shape = squeeze(&self.items[task.items[0]].shape);
        let squeezed = |item_shape: &[usize], strides: &[usize]| -> Vec<usize> {
            let kept = item_shape.iter().zip(strides).filter(|&(&n, _)| n != 1);
            kept.map(|(_, &s)| s).collect()
        };
        let mut program = Program { instructions: vec![] };
        // Of the items of this task, in their order: those before the one at hand.
        let mut registers: Vec<(ItemId, usize)> = vec![];
        let mut stores = vec![];
        for &id in &task.items {
            let item = &self.items[id];
            let operands: Vec<usize> = item
                .operands
                .iter()
                .map(|o| match self.items[o.base].work {
                    Work::Constant(value) => program.constant(value),
                    _ if self.sees_register(index, id, o) => {
                        let made = registers.binary_search_by_key(&o.base, |&(id, _)| id);
                        registers[made.expect("operands come first")].1
                    }
                    // An axis of size 1 that lies in the padding: nothing but zeros.
                    _ if o.window.iter().flatten().zip(&o.shape).any(|(w, &n)| n == 1 && w.is_empty()) => {
                        program.constant(0.0)
                    }
                    _ => program.load(Load {
                        offset: self.offset_of(o.base) + o.offset,
                        strides: squeezed(&o.shape, &o.strides),
                        window: o.window.as_ref().map(|w| {
                            let kept = o.shape.iter().zip(w).filter(|&(&n, _)| n != 1);
                            kept.map(|(_, r)| r.clone()).collect()
                        }),
                    }),
                })
                .collect();
            let register = match &item.work {
                Work::Copy => operands[0],
                Work::Iota(axis) => {
                    let before = item.shape[..*axis].iter().filter(|&&n| n != 1).count();
                    let trivial = item.shape[*axis] == 1;
                    program.push(if trivial { Instruction::Constant(0.0) } else { Instruction::Iota(before) })
                }
                _ => program.push(item.instruction(&operands).expect("elementwise items are instructions")),
            };
            registers.push((id, register));
            if stored[id] {
                let strides = squeezed(&item.shape, &self.homes[id].strides);
                stores.push(Store { register, offset: self.offset_of(id), strides });
            }
        }
        collapse(Elementwise { shape, instructions: program.instructions, stores })
    }

    fn heavy(&self, id: ItemId, steps: &mut Vec<Step>) {
        let item = &self.items[id];
        let target = self.offset_of(id);
        let from = |i: usize| self.offset_of(item.operands[i].base) + item.operands[i].offset;
        let matrix = |i: usize| {
            let strides = &item.operands[i].strides;
            Matrix { offset: from(i), row_stride: strides[0], column_stride: strides[1] }
        };
        let step = match &item.work {
            Work::MatMul | Work::MatMulOnto(_) => Step::MatMul(MatMul {
                m: item.shape[0],
                n: item.shape[1],
                k: item.operands[0].shape[1],
                a: matrix(0),
                b: matrix(1),
                c: Matrix { offset: target, row_stride: item.shape[1], column_stride: 1 },
                accumulate: matches!(item.work, Work::MatMulOnto(_)),
            }),
            Work::Reduce(combine, axes) => {
                let shape = &item.operands[0].shape;
                let size = |r: &[usize]| r.iter().product();
                Step::Reduce(Reduce {
                    combine: *combine,
                    outer: size(&shape[..axes.start]),
                    length: size(&shape[axes.clone()]),
                    inner: size(&shape[axes.end..]),
                    source: from(0),
                    target,
                })
            }
            Work::Gather => {
                let source = &item.operands[0].shape;
                let (source_rows, columns, rows) = (source[0], source[1], item.shape[0]);
                Step::Gather(Gather { source_rows, rows, columns, source: from(0), indices: from(1), target })
            }
            Work::Scatter => {
                if from(0) != target {
                    let load = Load { offset: from(0), strides: vec![1], window: None };
                    let stores = vec![Store { register: 0, offset: target, strides: vec![1] }];
                    let instructions = vec![Instruction::Load(load)];
                    steps.push(Step::Elementwise(Elementwise { shape: vec![item.len()], instructions, stores }));
                }
                let (target_rows, columns, rows) = (item.shape[0], item.shape[1], item.operands[2].shape[0]);
                Step::Scatter(Scatter { target_rows, rows, columns, source: from(2), indices: from(1), target })
            }
            #[cfg(feature = "whole")]
            Work::Convolve(corner, geometry) => {
                let place = |wanted| corner.others().iter().position(|&c| c == wanted).map_or(target, from);
                let [image, kernel, result] = [Corner::Image, Corner::Kernel, Corner::Result].map(place);
                let batched = if *corner == Corner::Kernel { &item.operands[0].shape } else { &item.shape };
                let (corner, geometry, images) = (*corner, *geometry, batched[0]);
                Step::Convolution(Convolution { corner, geometry, images, image, kernel, result })
            }
            _ => unreachable!("no step of its own"),
        };
        steps.push(step);
    }
}

/// An elementwise program under construction; equal loads and constants are one instruction.
struct Program {
    instructions: Vec<Instruction>,
}

impl Program {
    fn push(&mut self, instruction: Instruction) -> usize {
        self.instructions.push(instruction);
        self.instructions.len() - 1
    }

    fn load(&mut self, load: Load) -> usize {
        let known = self.instructions.iter().position(|i| matches!(i, Instruction::Load(made) if *made == load));
        known.unwrap_or_else(|| self.push(Instruction::Load(load)))
    }

    fn constant(&mut self, value: f64) -> usize {
        let same = |made: &f64| made.to_bits() == value.to_bits();
        let known = self.instructions.iter().position(|i| matches!(i, Instruction::Constant(made) if same(made)));
        known.unwrap_or_else(|| self.push(Instruction::Constant(value)))
    }
}

/// Merges neighbouring axes that every load and store walks as one.
fn collapse(mut step: Elementwise) -> Elementwise {
    if step.shape.is_empty() {
        step.shape.push(1);
        for instruction in &mut step.instructions {
            if let Instruction::Load(load) = instruction {
                load.strides.push(0);
                load.window = load.window.take().map(|_| std::iter::once(0..1).collect());
            }
        }
        step.stores.iter_mut().for_each(|s| s.strides.push(0));
        return step;
    }
    let fixed = step.instructions.iter().any(|i| matches!(i, Instruction::Iota(_)));
    let mut axis = step.shape.len() - 1;
    while axis > 0 && !fixed {
        let n = step.shape[axis];
        let one_walk = |strides: &[usize]| strides[axis - 1] == strides[axis] * n;
        let merges = step.stores.iter().all(|s| one_walk(&s.strides))
            && step.instructions.iter().all(|i| match i {
                Instruction::Load(load) => load.window.is_none() && one_walk(&load.strides),
                _ => true,
            });
        if merges {
            step.shape[axis - 1] *= n;
            step.shape.remove(axis);
            for instruction in &mut step.instructions {
                if let Instruction::Load(load) = instruction {
                    load.strides.remove(axis - 1);
                }
            }
            step.stores.iter_mut().for_each(|s| {
                s.strides.remove(axis - 1);
            });
        }
        axis -= 1;
    }
    step
}

/// First-fit allocation over a growing region.
struct Room {
    start: usize,
    end: usize,
    /// Free ranges in their order, never touching each other.
    free: Vec<Range<usize>>,
}

impl Room {
    fn take(&mut self, elements: usize) -> usize {
        let size = elements.max(1).next_multiple_of(ALIGNMENT);
        let Some(fit) = self.free.iter().position(|range| range.len() >= size) else {
            self.end += size;
            return self.end - size;
        };
        let offset = self.free[fit].start;
        self.free[fit].start += size;
        if self.free[fit].is_empty() {
            self.free.remove(fit);
        }
        offset
    }

    fn give(&mut self, offset: usize, elements: usize) {
        debug_assert!(offset >= self.start, "only scratch is given back");
        let mut given = offset..offset + elements.max(1).next_multiple_of(ALIGNMENT);
        let at = self.free.partition_point(|range| range.start < offset);
        // The neighbours that it touches become part of it.
        let mut joined = at..at;
        if let Some(behind) = self.free.get(at).filter(|behind| behind.start == given.end) {
            given.end = behind.end;
            joined.end += 1;
        }
        if let Some(before) = self.free[..at].last().filter(|before| before.end == given.start) {
            given.start = before.start;
            joined.start -= 1;
        }
        self.free.splice(joined, [given]);
    }
}
