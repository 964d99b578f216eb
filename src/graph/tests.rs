//! Claims about graphs and their schedules: what a constructor simplifies keeps its value, and what a plan computes is
//! what its nodes say one by one.

mod random;
mod reference;

use super::schedule::{Layout, Scheduled, schedule};
use super::{Graph, Op, SlotId, Tensor};
use crate::backend::cpu::Cpu;
use crate::backend::plan::{Combine, Program, Step, Tick, Unary};
use reference::evaluate;

/// A scheduled graph in double precision on the CPU backend.
pub(crate) struct Bench {
    pub layout: Layout,
    pub cpu: Cpu<f64>,
}

impl Bench {
    /// Schedules `outputs`. All that nobody has written is NaN, so that a plan that reads it gives itself away.
    pub fn new(graph: &Graph, mut layout: Layout, outputs: &[(Tensor<'_>, SlotId)]) -> Self {
        layout.admit_literals(graph);
        let Scheduled { plan, arena } = schedule("test", graph, outputs, &layout);
        let mut cpu = Cpu::new();
        cpu.install(Program { arena, plans: vec![plan] });
        cpu.arena_mut().fill(f64::NAN);
        for (offset, values) in layout.literals() {
            cpu.arena_mut()[*offset..offset + values.len()].copy_from_slice(values);
        }
        Self { layout, cpu }
    }

    pub fn set(&mut self, slot: SlotId, values: &[f64]) {
        self.cpu.arena_mut()[self.layout.slot(slot).range()].copy_from_slice(values);
    }

    pub fn get(&self, slot: SlotId) -> Vec<f64> {
        self.cpu.arena()[self.layout.slot(slot).range()].to_vec()
    }

    pub fn run(&mut self, tick: Tick) {
        self.cpu.run_once(0, tick);
    }
}

/// `count` numbers that look like nothing in particular, in (−1, 1): fractional parts of multiples of the golden ratio.
pub(crate) fn numbers(count: usize, seed: usize) -> Vec<f64> {
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    (0..count).map(|i| 2.0 * ((i + 1) as f64 * GOLDEN + seed as f64 * 0.377).fract() - 1.0).collect()
}

/// The value of a tensor over given states, by the schedule.
fn value(graph: &Graph, states: &[(&[usize], &[f64])], make: impl Fn(&[Tensor<'_>]) -> usize) -> Vec<f64> {
    let mut layout = Layout::new();
    let slots: Vec<_> = states.iter().enumerate().map(|(i, (s, _))| layout.add(format!("{i}"), s)).collect();
    let inputs: Vec<_> = slots.iter().zip(states).map(|(&slot, (shape, _))| graph.state(slot, shape)).collect();
    let out = graph.tensor(make(&inputs));
    let target = layout.add("out", &out.shape());
    let mut bench = Bench::new(graph, layout, &[(out, target)]);
    slots.iter().zip(states).for_each(|(&slot, (_, values))| bench.set(slot, values));
    bench.run(Tick::default());
    bench.get(target)
}

#[test]
fn neutral_elements_leave_the_tensor_itself() {
    let g = Graph::new();
    let x = g.state(0, &[2, 3]);
    for same in [x + 0.0, 0.0 + x, x * 1.0, 1.0 * x, -(-x), x - 0.0, x / 1.0] {
        assert_eq!(same.id(), x.id());
    }
    assert_eq!((x * 0.0).as_constant(), Some(0.0));
    assert_eq!((x * -1.0).id(), (-x).id());
    assert_eq!((-1.0 * x).id(), (-x).id());
    assert_eq!(g.constant(-0.0, &[2]).id(), g.constant(0.0, &[2]).id());
    assert_eq!(g.scalar(1.0).select(x, x * 2.0).id(), x.id());
    assert_eq!(g.scalar(-1.0).select(x * 2.0, x).id(), x.id());
    assert_eq!(x.step().select(x, x).id(), x.id());
}

#[test]
fn equal_expressions_are_one_node() {
    let g = Graph::new();
    let (x, y) = (g.state(0, &[4]), g.state(1, &[4]));
    assert_eq!((x * y).id(), (y * x).id());
    assert_eq!((x + y).exp().id(), (y + x).exp().id());
    assert_eq!(x.maximum(y).id(), y.maximum(x).id());
    assert_ne!(g.normal(1, &[4]).id(), g.normal(2, &[4]).id());
    assert_ne!(g.normal(1, &[4]).id(), g.uniform(1, &[4]).id());
}

#[test]
fn movements_that_move_nothing_vanish_and_others_compose() {
    let g = Graph::new();
    let x = g.state(0, &[2, 3, 4]);
    assert_eq!(x.reshape(&[2, 3, 4]).id(), x.id());
    assert_eq!(x.reshape(&[6, 4]).reshape(&[2, 3, 4]).id(), x.id());
    assert_eq!(x.transpose(&[2, 0, 1]).transpose(&[1, 2, 0]).id(), x.id());
    assert_eq!(x.transpose(&[1, 0, 2]).transpose(&[2, 1, 0]).id(), x.transpose(&[2, 0, 1]).id());
    assert_eq!(x.slice(&[0..2, 0..3, 0..4]).id(), x.id());
    assert_eq!(x.pad(&[(0, 0); 3]).id(), x.id());
    assert_eq!(x.broadcast_to(&[2, 3, 4]).id(), x.id());
    assert_eq!(
        x.broadcast_to(&[5, 2, 3, 4]).broadcast_to(&[6, 5, 2, 3, 4]).id(),
        x.broadcast_to(&[6, 5, 2, 3, 4]).id()
    );
    assert_eq!(x.sum_axes(1..1).id(), x.id());
    assert_eq!(x.narrow(1, 0..1).sum(1).id(), x.narrow(1, 0..1).reshape(&[2, 4]).id());
    assert_eq!(x.stop_gradient().stop_gradient().id(), x.stop_gradient().id());
    assert_eq!(g.concat(&[x], 1).id(), x.id());
}

#[test]
fn constants_fold_through_every_function_and_movement() {
    let g = Graph::new();
    let c = g.constant(0.7, &[2, 3]);
    for (op, want) in [
        (Unary::Neg, -0.7),
        (Unary::Exp, 0.7f64.exp()),
        (Unary::Log, 0.7f64.ln()),
        (Unary::Tanh, 0.7f64.tanh()),
        (Unary::Softplus, 0.7f64.exp().ln_1p()),
        (Unary::Sqrt, 0.7f64.sqrt()),
        (Unary::Recip, 1.0 / 0.7),
        (Unary::Sin, 0.7f64.sin()),
        (Unary::Cos, 0.7f64.cos()),
        (Unary::Step, 1.0),
        (Unary::Floor, 0.0),
    ] {
        // ln(1 + eˣ) is written in two ways here and there; everything else is the same call.
        assert!((c.unary(op).as_constant().unwrap() - want).abs() <= 2.0 * f64::EPSILON, "{op:?}");
    }
    assert_eq!(c.reshape(&[6]).as_constant(), Some(0.7));
    assert_eq!(c.t().as_constant(), Some(0.7));
    assert_eq!(c.narrow(1, 1..3).as_constant(), Some(0.7));
    assert_eq!(c.broadcast_to(&[4, 2, 3]).as_constant(), Some(0.7));
    assert_eq!(c.pad(&[(1, 0), (0, 0)]).as_constant(), None);
    assert_eq!((c * 0.0).pad(&[(1, 0), (0, 0)]).as_constant(), Some(0.0));
    assert_eq!(c.sum_all().as_constant(), Some(0.7 * 6.0));
    assert_eq!(c.reduce(Combine::Max, 0..2).as_constant(), Some(0.7));
    assert_eq!((c + c).as_constant(), Some(1.4));
    assert_eq!(c.maximum(g.scalar(0.9)).as_constant(), Some(0.9));
}

#[test]
fn a_product_with_one_value_everywhere_is_the_product_with_that_matrix() {
    let values = numbers(12, 1);
    let by = |constant: bool, left: bool| {
        let g = Graph::new();
        value(&g, &[(&[3, 4], &values)], |x| {
            let shape = if left { [5, 3] } else { [4, 5] };
            let m =
                if constant { g.constant(0.3, &shape) } else { g.literal(&[0.3; 20][..shape[0] * shape[1]], &shape) };
            if left { m.matmul(x[0]).id() } else { x[0].matmul(m).id() }
        })
    };
    for left in [true, false] {
        let (short, long) = (by(true, left), by(false, left));
        // Sums of at most four terms below 1.
        assert!(short.iter().zip(&long).all(|(a, b)| (a - b).abs() < 8.0 * f64::EPSILON), "left {left}");
    }
    let g = Graph::new();
    let (column, row) = (g.state(0, &[3, 1]), g.state(1, &[1, 4]));
    assert_eq!(column.matmul(row).id(), (column * row).id());
    let nothing = g.state(2, &[3, 0]).matmul(g.state(3, &[0, 4]));
    assert_eq!((nothing.as_constant(), nothing.shape()), (Some(0.0), vec![3, 4]));
}

#[test]
fn a_sum_of_products_is_one_accumulated_product_only_where_the_shapes_are_those_of_the_sum() {
    let (a, b) = (numbers(6, 1), numbers(6, 2));
    for shape in [vec![2, 2], vec![4], vec![4, 1], vec![1, 2, 2]] {
        let g = Graph::new();
        let got = value(&g, &[(&[2, 3], &a), (&[3, 2], &b)], |x| {
            let (p, q) = (x[0].matmul(x[1]), x[1].t().matmul(x[0].t()));
            (p.reshape(&shape) + q.reshape(&shape)).id()
        });
        let product = |i: usize, j: usize| (0..3).map(|k| a[3 * i + k] * b[2 * k + j]).sum::<f64>();
        for (e, got) in got.iter().enumerate() {
            let want = product(e / 2, e % 2) + product(e % 2, e / 2);
            assert!((got - want).abs() < 1e-14, "{shape:?}: element {e} is {got} and not {want}");
        }
    }
}

#[test]
fn products_of_other_shapes_add_up_after_a_reshape() {
    let (a, b) = (numbers(6, 3), numbers(6, 4));
    let g = Graph::new();
    let got = value(&g, &[(&[2, 3], &a), (&[3, 2], &b)], |x| {
        // [2, 2] and [1, 4], both as [4].
        let wide = x[0].reshape(&[1, 6]).matmul(x[1].reshape(&[6, 1]) * g.literal(&[1.0, 2.0, 3.0, 4.0], &[1, 4]));
        (x[0].matmul(x[1]).reshape(&[4]) + wide.reshape(&[4])).id()
    });
    let dot: f64 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
    for (e, got) in got.iter().enumerate() {
        let want = (0..3).map(|k| a[3 * (e / 2) + k] * b[2 * k + e % 2]).sum::<f64>() + dot * (e + 1) as f64;
        assert!((got - want).abs() < 1e-14, "element {e} is {got} and not {want}");
    }
}

#[test]
fn padding_that_is_repeated_stays_padding() {
    let g = Graph::new();
    let got = value(&g, &[(&[2, 1], &[3.0, 4.0])], |x| {
        // Column 1 of [3 0; 4 0], beside itself.
        x[0].pad(&[(0, 0), (0, 1)]).narrow(1, 1..2).broadcast_to(&[2, 3]).exp().id()
    });
    assert_eq!(got, [1.0; 6]);
}

#[test]
fn a_scatter_whose_rows_lie_in_its_own_target_reads_them_before_it_writes() {
    let mut layout = Layout::new();
    let (x, y) = (layout.add("x", &[4, 1]), layout.add("y", &[4, 1]));
    let g = Graph::new();
    let rows = g.state(x, &[4, 1]);
    let shifted = rows.scatter(g.literal(&[1.0, 2.0, 3.0], &[3]), rows.narrow(0, 0..3));
    let other = g.state(y, &[4, 1]).scatter(g.literal(&[3.0, 2.0, 1.0, 0.0], &[4]), rows);
    let check = |out: Tensor<'_>, want: [f64; 4]| {
        let mut bench = Bench::new(&g, layout.clone(), &[(out, x)]);
        bench.set(x, &[1.0, 2.0, 3.0, 4.0]);
        bench.set(y, &[5.0, 6.0, 7.0, 8.0]);
        bench.run(Tick::default());
        assert_eq!(bench.get(x), want);
    };
    check(shifted, [1.0, 1.0, 2.0, 3.0]);
    check(other, [4.0, 3.0, 2.0, 1.0]);
}

#[test]
fn results_that_exchange_their_inputs_places_see_the_old_values() {
    let mut layout = Layout::new();
    let (x, y) = (layout.add("x", &[3]), layout.add("y", &[3]));
    let g = Graph::new();
    let (a, b) = (g.state(x, &[3]), g.state(y, &[3]));
    let mut bench = Bench::new(&g, layout, &[(b, x), (a, y)]);
    bench.set(x, &[1.0, 2.0, 3.0]);
    bench.set(y, &[4.0, 5.0, 6.0]);
    bench.run(Tick::default());
    assert_eq!((bench.get(x), bench.get(y)), (vec![4.0, 5.0, 6.0], vec![1.0, 2.0, 3.0]));
}

#[test]
fn an_elementwise_chain_is_one_step_that_works_in_place() {
    let mut layout = Layout::new();
    let x = layout.add("x", &[64]);
    let g = Graph::new();
    let t = g.state(x, &[64]);
    let out = (t.exp() * t.sin() + 1.0).tanh().softplus() - t;
    let scheduled = schedule("test", &g, &[(out, x)], &layout);
    assert_eq!(scheduled.plan.steps.len(), 1);
    assert!(matches!(scheduled.plan.steps[0], Step::Elementwise(_)));
    assert_eq!(scheduled.arena, 64, "no scratch");
}

#[test]
fn a_long_chain_of_products_needs_room_for_two() {
    let mut layout = Layout::new();
    let (x, out) = (layout.add("x", &[8, 8]), layout.add("out", &[8, 8]));
    let g = Graph::new();
    let w = g.state(x, &[8, 8]);
    let power = (0..20).fold(w, |p, _| p.matmul(w));
    let scheduled = schedule("test", &g, &[(power, out)], &layout);
    assert!(scheduled.arena <= layout.size() + 2 * 64, "{} elements", scheduled.arena);
}

/// Every primitive that a node of the graph is, for the tests that must not leave one out.
pub(crate) fn kinds(graph: &Graph) -> impl Iterator<Item = String> + '_ {
    (0..graph.len()).map(|id| match graph.node(id).op {
        Op::State(_) => "State".into(),
        Op::Constant(_) => "Constant".into(),
        Op::Literal(_) => "Literal".into(),
        Op::Iota(_) => "Iota".into(),
        Op::Random(law, _) => format!("Random {law:?}"),
        Op::Unary(op) => format!("{op:?}"),
        Op::Binary(op) => format!("{op:?}"),
        Op::Select => "Select".into(),
        Op::MatMul { transpose_a, transpose_b } => format!("MatMul {transpose_a} {transpose_b}"),
        Op::Reduce(combine, _) => format!("Reduce {combine:?}"),
        Op::Broadcast => "Broadcast".into(),
        Op::Reshape => "Reshape".into(),
        Op::Transpose(_) => "Transpose".into(),
        Op::Slice(_) => "Slice".into(),
        Op::Pad(_) => "Pad".into(),
        Op::Concat(_) => "Concat".into(),
        Op::Gather => "Gather".into(),
        Op::Scatter => "Scatter".into(),
        Op::Convolve(corner, _) => format!("Convolve {corner:?}"),
        Op::StopGradient => "StopGradient".into(),
    })
}

/// Everything that [`kinds`] can say.
pub(crate) const KINDS: [&str; 39] = [
    "State",
    "Constant",
    "Literal",
    "Iota",
    "Random Normal",
    "Random Uniform",
    "Neg",
    "Exp",
    "Log",
    "Tanh",
    "Softplus",
    "Sqrt",
    "Recip",
    "Sin",
    "Cos",
    "Step",
    "Floor",
    "Add",
    "Mul",
    "Max",
    "Select",
    "MatMul false false",
    "MatMul false true",
    "MatMul true false",
    "MatMul true true",
    "Reduce Sum",
    "Reduce Max",
    "Broadcast",
    "Reshape",
    "Transpose",
    "Slice",
    "Pad",
    "Concat",
    "Gather",
    "Scatter",
    "Convolve Image",
    "Convolve Kernel",
    "Convolve Result",
    "StopGradient",
];
