//! A graph, its plan and an arena to run it in, in single or double precision.

use ebm::backend::cpu::Cpu;
use ebm::backend::plan::{Plan, Program, Step, Tick};
use ebm::graph::schedule::{Layout, schedule};
use ebm::graph::{Graph, SlotId, Tensor};
use ebm::json::Value;
use ebm::math::Real;
use ebm::rng;
use ebm::schema::{Param, Section};

/// A number that the CPU backend runs plans in.
pub trait Number: Real {
    fn run_once(cpu: &mut Cpu<Self>, plan: usize, tick: Tick);
}

impl Number for f32 {
    fn run_once(cpu: &mut Cpu<f32>, plan: usize, tick: Tick) {
        cpu.run_once(plan, tick);
    }
}

impl Number for f64 {
    fn run_once(cpu: &mut Cpu<f64>, plan: usize, tick: Tick) {
        cpu.run_once(plan, tick);
    }
}

/// Plan 0 computes the outputs of a graph, the others are given.
pub struct Machine<T> {
    layout: Layout,
    cpu: Cpu<T>,
}

impl<T: Number> Machine<T> {
    pub fn new(graph: &Graph, mut layout: Layout, outputs: &[(Tensor<'_>, SlotId)], others: Vec<Step>) -> Self {
        layout.admit_literals(graph);
        let scheduled = schedule("test", graph, outputs, &layout);
        let mut plans = vec![scheduled.plan];
        plans.extend(others.into_iter().map(|step| Plan { label: "step", steps: vec![step] }));
        let mut cpu = Cpu::new();
        cpu.install(Program { arena: scheduled.arena, plans });
        for (offset, values) in layout.literals() {
            cpu.arena_mut()[*offset..].iter_mut().zip(values).for_each(|(to, &v)| *to = T::from_f64(v));
        }
        Self { layout, cpu }
    }

    pub fn set(&mut self, slot: SlotId, values: &[f64]) {
        let range = self.layout.slot(slot).range();
        assert_eq!(range.len(), values.len());
        self.cpu.arena_mut()[range].iter_mut().zip(values).for_each(|(to, &v)| *to = T::from_f64(v));
    }

    pub fn get(&self, slot: SlotId) -> Vec<f64> {
        self.cpu.arena()[self.layout.slot(slot).range()].iter().map(|v| v.to_f64()).collect()
    }

    pub fn run(&mut self, plan: usize, substep: u32) {
        T::run_once(&mut self.cpu, plan, Tick { key: [17, 4], substep });
    }
}

/// Independent N(0, sd²) numbers.
pub fn normals(count: usize, seed: u32, sd: f64) -> Vec<f64> {
    let mut out = vec![0.0; count];
    rng::fill_normal(&mut out, Tick { key: [seed, 1234], substep: 0 }, 0, 0);
    out.iter_mut().for_each(|v| *v *= sd);
    out
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Mean square: the variance of what has mean zero.
pub fn mean_square(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64
}

/// A part's parameters with some of them given.
pub fn section(id: &'static str, params: &[Param], given: Value) -> Section {
    Section::parse("part", id, params, given.as_object().unwrap()).unwrap()
}
