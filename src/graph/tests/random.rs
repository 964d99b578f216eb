//! Random small graphs: what the schedule computes is what the nodes say, whatever is fused, viewed, shared, joined,
//! accumulated or written in place.

use super::{Bench, KINDS, evaluate, kinds, numbers};
use crate::autodiff::grad;
use crate::backend::plan::{Combine, Tick, Unary};
use crate::graph::construct::broadcast_shapes;
use crate::graph::schedule::Layout;
use crate::graph::{Graph, SlotId, Tensor};
use crate::rng::host;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::{IndexedRandom, SliceRandom};
use std::collections::BTreeSet;

/// Graphs that are tried.
const GRAPHS: u64 = 2000;
/// Elements of the largest tensor.
const LARGEST: usize = 240;

struct Maker<'g> {
    graph: &'g Graph,
    rng: Xoshiro256PlusPlus,
    pool: Vec<Tensor<'g>>,
}

impl<'g> Maker<'g> {
    fn below(&mut self, n: usize) -> usize {
        self.rng.random_range(0..n)
    }

    fn any(&mut self) -> Tensor<'g> {
        *self.pool.choose(&mut self.rng).unwrap()
    }

    fn matching(&mut self, fits: impl Fn(&Tensor<'g>) -> bool) -> Option<Tensor<'g>> {
        let fitting: Vec<_> = self.pool.iter().copied().filter(|t| fits(t)).collect();
        fitting.choose(&mut self.rng).copied()
    }

    fn matrix(&mut self) -> Tensor<'g> {
        let found = self.matching(|t| t.rank() == 2);
        let shape = [1 + self.below(4), 1 + self.below(4)];
        let found = found.unwrap_or_else(|| self.table(&shape));
        if self.rng.random_bool(0.4) { found.t() } else { found }
    }

    fn table(&mut self, shape: &[usize]) -> Tensor<'g> {
        let seed = self.below(1000);
        self.graph.literal(&numbers(shape.iter().product(), seed), shape)
    }

    fn shape(&mut self) -> Vec<usize> {
        let rank = self.below(4);
        (0..rank).map(|_| 1 + self.below(4)).collect()
    }

    /// Distinct numbers of rows.
    fn rows(&mut self, of: usize, count: usize) -> Tensor<'g> {
        let mut all: Vec<f64> = (0..of).map(|i| i as f64).collect();
        all.shuffle(&mut self.rng);
        self.graph.literal(&all[..count], &[count])
    }

    fn function(&mut self) -> Tensor<'g> {
        let x = self.any();
        let positive = x.softplus() + 0.5;
        match self.below(12) {
            0 => -x,
            1 => x.tanh().exp(),
            2 => positive.ln(),
            3 => x.tanh(),
            4 => x.softplus(),
            5 => positive.sqrt(),
            6 => positive.recip(),
            7 => x.sin(),
            8 => x.cos(),
            // Away from the jump, which rounding may cross.
            9 => (1.7 * x + 0.3137).step(),
            10 => (1.7 * x + 0.3137).unary(Unary::Floor).tanh(),
            _ => x.stop_gradient(),
        }
    }

    fn pair(&mut self) -> Tensor<'g> {
        let a = self.any();
        let b = self.matching(|t| broadcast_shapes(&t.shape(), &a.shape()).is_some()).unwrap_or(a);
        match self.below(5) {
            0 => a + b,
            1 => a * b,
            2 => a.maximum(b),
            3 => a.tanh() - b,
            _ => (1.3 * a - 0.217).select(b, a),
        }
    }

    /// A product, or a sum of two or three of the same shape.
    fn product(&mut self) -> Tensor<'g> {
        let left = self.matrix();
        let (m, n) = (left.shape()[0], 1 + self.below(4));
        let factor = |maker: &mut Self, left: Tensor<'g>| {
            let k = left.shape()[1];
            let found = maker.matching(|t| t.shape() == [k, n]);
            let turned = maker.matching(|t| t.shape() == [n, k]).map(Tensor::t);
            found.or(turned).unwrap_or_else(|| maker.table(&[k, n]))
        };
        let right = factor(self, left);
        let mut sum = left.matmul(right);
        for _ in 0..self.below(3) {
            let Some(other) = self.matching(|t| t.rank() == 2 && t.shape()[0] == m) else { break };
            let right = factor(self, other);
            sum = if self.rng.random_bool(0.5) { sum + other.matmul(right) } else { other.matmul(right) + sum };
        }
        if self.rng.random_bool(0.5) { sum.tanh() } else { sum }
    }

    fn moved(&mut self) -> Tensor<'g> {
        let x = self.any();
        let shape = x.shape();
        match self.below(6) {
            0 => {
                let mut perm: Vec<_> = (0..shape.len()).collect();
                perm.shuffle(&mut self.rng);
                x.transpose(&perm)
            }
            1 => {
                // Some factorisation of the number of elements.
                let (mut rest, mut shape) = (x.len(), vec![]);
                while rest > 1 && shape.len() < 3 {
                    let divisors: Vec<_> = (1..=rest).filter(|d| rest.is_multiple_of(*d)).collect();
                    let d = *divisors.choose(&mut self.rng).unwrap();
                    shape.push(d);
                    rest /= d;
                }
                shape.push(rest);
                x.reshape(&shape)
            }
            2 => {
                let ranges: Vec<_> = shape
                    .iter()
                    .map(|&n| {
                        let from = self.rng.random_range(0..n);
                        from..self.rng.random_range(from + 1..=n)
                    })
                    .collect();
                x.slice(&ranges)
            }
            3 => {
                let widths: Vec<_> = shape.iter().map(|_| (self.below(3), self.below(3))).collect();
                x.pad(&widths)
            }
            4 => {
                let mut wide: Vec<_> = shape.iter().map(|&n| if n == 1 { 1 + self.below(3) } else { n }).collect();
                if wide.len() < 3 {
                    wide.insert(0, 1 + self.below(3));
                }
                x.broadcast_to(&wide)
            }
            _ => {
                let (a, b) = (self.below(shape.len() + 1), self.below(shape.len() + 1));
                let combine = if self.rng.random_bool(0.6) { Combine::Sum } else { Combine::Max };
                x.reduce(combine, a.min(b)..a.max(b))
            }
        }
    }

    fn joined(&mut self) -> Tensor<'g> {
        let Some(first) = self.matching(|t| t.rank() > 0) else { return self.any() };
        let axis = self.below(first.rank());
        let fits = |t: &Tensor<'g>| {
            let (mut a, mut b) = (t.shape(), first.shape());
            a.len() == b.len() && {
                (a[axis], b[axis]) = (0, 0);
                a == b
            }
        };
        let mut parts = vec![first];
        for _ in 0..self.below(3) {
            parts.extend(self.matching(fits));
        }
        self.graph.concat(&parts, axis)
    }

    fn indexed(&mut self) -> Tensor<'g> {
        let source = self.matrix();
        let (rows, columns) = (source.shape()[0], source.shape()[1]);
        let n = 1 + self.below(rows);
        if self.rng.random_bool(0.5) {
            let stream = self.below(4) as u32;
            let drawn = (self.graph.uniform(stream, &[n + 2]) * rows as f64).floor();
            return source.gather(drawn);
        }
        let found = self.matching(|t| t.shape() == [n, columns]);
        let new = found.unwrap_or_else(|| self.table(&[n, columns]));
        let indices = self.rows(rows, n);
        source.scatter(indices, new)
    }

    /// A convolution or one of its gradients, of whatever is there in the shape of an image or two.
    fn convolved(&mut self) -> Tensor<'g> {
        let (n, channels, kernels) = (1 + self.below(2), 1 + self.below(2), 1 + self.below(3));
        let size = [1 + self.below(4), 1 + self.below(4)];
        let (stride, padding) = (1 + self.below(3), self.below(3));
        let kernel = size.map(|side| 1 + self.below(side + 2 * padding).min(3));
        let (image, shape) = ([n, size[0], size[1], channels], [kernels, channels, kernel[0], kernel[1]]);
        let tensor = |maker: &mut Self, shape: &[usize]| {
            let count: usize = shape.iter().product();
            let found = maker.matching(|t| t.len() == count);
            found.map_or_else(|| maker.table(shape), |t| t.reshape(shape))
        };
        let (x, k) = (tensor(self, &image), tensor(self, &shape));
        let y = x.convolve(k, stride, padding);
        match self.below(3) {
            0 => y,
            // A sum that is not linear in what it is differentiated by, of tensors that may be one.
            position => grad(y.sin().sum_all(), &[[x, k][position - 1]])[0],
        }
    }

    fn source(&mut self) -> Tensor<'g> {
        let shape = self.shape();
        let stream = self.below(4) as u32;
        match self.below(5) {
            0 => self.graph.normal(stream, &shape),
            1 => self.graph.uniform(stream, &shape),
            2 => self.graph.constant(0.4, &shape),
            3 if !shape.is_empty() => {
                let axis = self.below(shape.len());
                self.graph.iota(axis, &shape) * 0.5
            }
            _ => self.table(&shape),
        }
    }

    fn grow(&mut self) {
        let made = match self.below(15) {
            0..=2 => self.function(),
            3..=5 => self.pair(),
            6 | 7 => self.product(),
            8..=10 => self.moved(),
            11 => self.joined(),
            12 => self.indexed(),
            13 => self.convolved(),
            _ => self.source(),
        };
        if made.len() <= LARGEST {
            self.pool.push(made);
        }
    }
}

/// Runs one random graph three times, its own results among its inputs, and compares every persistent tensor.
fn check(seed: u64, seen: &mut BTreeSet<String>) {
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let mut maker = Maker { graph: &graph, rng: host(seed), pool: vec![] };
    let inputs: Vec<SlotId> = (0..2 + maker.below(4))
        .map(|i| {
            let shape = maker.shape();
            let slot = layout.add(format!("input {i}"), &shape);
            maker.pool.push(graph.state(slot, &shape));
            slot
        })
        .collect();
    for _ in 0..4 + maker.below(26) {
        maker.grow();
    }
    let mut outputs: Vec<(Tensor<'_>, SlotId)> = vec![];
    for i in 0..1 + maker.below(5) {
        let out = maker.any();
        let own = |s: &&SlotId| layout.slot(**s).range().len() == out.len() && outputs.iter().all(|(_, t)| t != *s);
        let place = inputs.iter().filter(own).collect::<Vec<_>>().choose(&mut maker.rng).map(|s| **s);
        let slot = place.filter(|_| maker.rng.random_bool(0.6));
        outputs.push((out, slot.unwrap_or_else(|| layout.add(format!("output {i}"), &out.shape()))));
    }
    // Rows of a tensor replaced where they are.
    let target = inputs.iter().find(|&&s| layout.slot(s).shape.len() == 2 && outputs.iter().all(|(_, t)| *t != s));
    if let Some(&slot) = target {
        let shape = layout.slot(slot).shape.clone();
        let count = 1 + maker.below(shape[0]);
        let rows =
            maker.matching(|t| t.shape() == [count, shape[1]]).unwrap_or_else(|| maker.table(&[count, shape[1]]));
        let indices = maker.rows(shape[0], count);
        outputs.push((graph.state(slot, &shape).scatter(indices, rows), slot));
    }

    let slots = layout.slots().len();
    let mut state: Vec<Vec<f64>> = (0..slots).map(|s| numbers(layout.slot(s).range().len(), s)).collect();
    let mut bench = Bench::new(&graph, layout, &outputs);
    state.iter().enumerate().for_each(|(slot, values)| bench.set(slot, values));
    seen.extend(kinds(&graph));
    for substep in 0..3 {
        let tick = Tick { key: [seed as u32, 5], substep };
        let values = evaluate(&graph, &|slot| state[slot].clone(), tick);
        let largest = values.iter().flatten().fold(1.0f64, |m, v| m.max(v.abs()));
        outputs.iter().for_each(|(out, slot)| state[*slot].clone_from(&values[out.id()]));
        bench.run(tick);
        // Sums of up to LARGEST terms in another order, carried through at most thirty operations.
        let tolerance = LARGEST as f64 * 30.0 * f64::EPSILON * largest;
        for slot in 0..slots {
            let got = bench.get(slot);
            let name = &bench.layout.slot(slot).name;
            for (got, want) in got.iter().zip(&state[slot]) {
                // Written so that NaN fails.
                let fits = (got - want).abs() <= tolerance;
                assert!(fits, "graph {seed}, run {substep}, {name}: {got} and not {want}\n{outputs:#?}");
            }
            // The next run goes on from the same bits.
            state[slot] = got;
        }
    }
}

#[test]
fn a_schedule_computes_what_its_nodes_say_one_by_one() {
    let mut seen = BTreeSet::new();
    for seed in 0..GRAPHS {
        check(seed, &mut seen);
    }
    let missing: Vec<_> = KINDS.iter().filter(|k| !seen.contains(**k)).collect();
    assert!(missing.is_empty(), "never tried: {missing:?}");
}
