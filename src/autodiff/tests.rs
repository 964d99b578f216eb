//! Claims about derivatives: first and second, of every primitive and of what is composed of them, against central
//! differences in double precision.

mod cases;

use super::grad;
use crate::backend::plan::Tick;
use crate::graph::schedule::Layout;
use crate::graph::tests::{Bench, KINDS, kinds, numbers};
use crate::graph::{Graph, SlotId, Tensor};
use cases::{Case, compositions, primitives};
use std::collections::BTreeSet;

/// Step of the central differences: ε^⅓, where the error of the formula, h²f‴/6, meets that of rounding, ε f/h.
const STEP: f64 = 6e-6;
/// What both leave together is (h²/6) f‴ + ε f/h ≈ 6·10⁻¹² f‴ + 4·10⁻¹¹ f; the cases keep f and f‴ below 10³.
const TOLERANCE: f64 = 5e-8;

/// A case made measurable: the loss Σ w f + ½ Σ v f², its gradient, the gradient's product with a fixed vector, and the
/// gradient of that.
struct Measured {
    bench: Bench,
    inputs: Vec<SlotId>,
    loss: SlotId,
    gradient: Vec<SlotId>,
    product: SlotId,
    second: Vec<SlotId>,
}

fn fixed<'g>(graph: &'g Graph, like: Tensor<'g>, seed: usize) -> Tensor<'g> {
    graph.literal(&numbers(like.len(), seed), &like.shape())
}

impl Measured {
    fn new(case: &Case, seen: &mut BTreeSet<String>) -> Self {
        let (graph, mut layout) = (Graph::new(), Layout::new());
        let inputs: Vec<_> =
            case.shapes.iter().enumerate().map(|(i, shape)| layout.add(format!("x{i}"), shape)).collect();
        let x: Vec<_> = inputs.iter().zip(case.shapes).map(|(&slot, shape)| graph.state(slot, shape)).collect();
        let f = (case.function)(&graph, &x);
        let (w, v) = (fixed(&graph, f, 1), fixed(&graph, f, 2));
        let loss = (w * f).sum_all() + 0.5 * (v * f.square()).sum_all();
        let first = grad(loss, &x);
        let mut product = graph.scalar(0.0);
        for (i, g) in first.iter().enumerate() {
            product = product + (fixed(&graph, *g, 3 + i) * *g).sum_all();
        }
        let second = grad(product, &x);
        seen.extend(kinds(&graph));
        let mut outputs: Vec<(Tensor<'_>, SlotId)> = vec![];
        let mut put = |name: String, t: Tensor<'_>| {
            let slot = layout.add(name, &t.shape());
            outputs.push((graph.tensor(t.id()), slot));
            slot
        };
        let (loss, product) = (put("loss".into(), loss), put("product".into(), product));
        let gradient: Vec<_> = first.iter().enumerate().map(|(i, g)| put(format!("g{i}"), *g)).collect();
        let second: Vec<_> = second.iter().enumerate().map(|(i, g)| put(format!("s{i}"), *g)).collect();
        for ((g, s), x) in gradient.iter().zip(&second).zip(&x) {
            assert_eq!((&layout.slot(*g).shape, &layout.slot(*s).shape), (&x.shape(), &x.shape()), "{}", case.name);
        }
        Self { bench: Bench::new(&graph, layout, &outputs), inputs, loss, gradient, product, second }
    }

    /// Loss and product at a point.
    fn at(&mut self, point: &[Vec<f64>]) -> [f64; 2] {
        self.inputs.iter().zip(point).for_each(|(&slot, values)| self.bench.set(slot, values));
        self.bench.run(Tick::default());
        [self.loss, self.product].map(|slot| self.bench.get(slot)[0])
    }

    /// Compares both derivatives by every element of every input.
    fn check(&mut self, case: &Case) {
        let mut point: Vec<Vec<f64>> =
            case.shapes.iter().enumerate().map(|(i, s)| (case.range)(numbers(s.iter().product(), 11 + i))).collect();
        self.at(&point);
        let first: Vec<_> = self.gradient.iter().map(|&slot| self.bench.get(slot)).collect();
        let second: Vec<_> = self.second.iter().map(|&slot| self.bench.get(slot)).collect();
        for i in 0..point.len() {
            for e in 0..point[i].len() {
                let x = point[i][e];
                point[i][e] = x + STEP;
                let above = self.at(&point);
                point[i][e] = x - STEP;
                let below = self.at(&point);
                point[i][e] = x;
                for (order, derivative) in [(0, first[i][e]), (1, second[i][e])] {
                    let difference = (above[order] - below[order]) / (2.0 * STEP);
                    let near = (derivative - difference).abs() <= TOLERANCE * (1.0 + difference.abs());
                    let (name, order) = (case.name, order + 1);
                    assert!(
                        near,
                        "{name}, order {order}, input {i}[{e}] = {x}: {derivative}, differences {difference}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_primitive_has_the_first_and_second_derivative_of_central_differences() {
    let mut seen = BTreeSet::new();
    for case in primitives() {
        Measured::new(&case, &mut seen).check(&case);
    }
    let missing: Vec<_> = KINDS.iter().filter(|k| !seen.contains(**k)).collect();
    assert!(missing.is_empty(), "never differentiated: {missing:?}");
}

#[test]
fn compositions_have_the_first_and_second_derivative_of_central_differences() {
    let mut seen = BTreeSet::new();
    for case in compositions() {
        Measured::new(&case, &mut seen).check(&case);
    }
}

/// ∂Σf/∂x at given values.
fn gradient_at(values: &[f64], shape: &[usize], f: impl for<'g> Fn(Tensor<'g>) -> Tensor<'g>) -> Vec<f64> {
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let (slot, out) = (layout.add("x", shape), layout.add("g", shape));
    let x = graph.state(slot, shape);
    let g = grad(f(x).sum_all(), &[x])[0];
    let mut bench = Bench::new(&graph, layout, &[(g, out)]);
    bench.set(slot, values);
    bench.run(Tick::default());
    bench.get(out)
}

#[test]
fn ties_share_the_derivative_of_a_maximum() {
    // max(x, 2x): at 0 both are largest, and the rule gives the mean of the two slopes.
    assert_eq!(gradient_at(&[-1.0, 0.0, 1.0], &[3], |x| x.maximum(2.0 * x)), [1.0, 1.5, 2.0]);
    assert_eq!(gradient_at(&[-1.0, 0.0, 1.0], &[3], |x| x.abs()), [-1.0, 0.0, 1.0]);
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let (slot, out) = (layout.add("x", &[2, 4]), layout.add("g", &[2, 4]));
    let x = graph.state(slot, &[2, 4]);
    let g = grad(x.max_axis(1).sum_all(), &[x])[0];
    let mut bench = Bench::new(&graph, layout, &[(g, out)]);
    bench.set(slot, &[3.0, 1.0, 3.0, 2.0, 5.0, 5.0, 5.0, 5.0]);
    bench.run(Tick::default());
    assert_eq!(bench.get(out), [0.5, 0.0, 0.5, 0.0, 0.25, 0.25, 0.25, 0.25]);
}

#[test]
fn steps_are_flat_and_what_is_stopped_has_no_derivative() {
    assert_eq!(gradient_at(&[-0.5, 0.0, 0.5], &[3], |x| x.step()), [0.0; 3]);
    assert_eq!(gradient_at(&[-0.5, 0.0, 0.5], &[3], |x| x.floor()), [0.0; 3]);
    assert_eq!(gradient_at(&[2.0, 3.0], &[2], |x| x.stop_gradient() * x), [2.0, 3.0]);
    assert_eq!(gradient_at(&[2.0, 3.0], &[2], |x| x.step().select(x * x, x)), [4.0, 6.0]);
}

#[test]
fn what_a_scalar_does_not_depend_on_gets_zeros_of_its_shape() {
    let graph = Graph::new();
    let (x, y) = (graph.state(0, &[3]), graph.state(1, &[2, 2]));
    let gradients = grad(x.square().sum_all(), &[y, x]);
    assert_eq!((gradients[0].as_constant(), gradients[0].shape()), (Some(0.0), vec![2, 2]));
    assert_eq!(gradients[1].shape(), [3]);
}

#[test]
fn a_gradient_by_an_intermediate_value_holds_everything_before_it_fixed() {
    let g = gradient_at(&[0.3, -0.7], &[2], |x| {
        let y = x.sin();
        // ∂(y²x)/∂y = 2yx, as a function of x; its derivative is 2(cos x · x + sin x).
        grad((y.square() * x).sum_all(), &[y])[0]
    });
    for (g, x) in g.iter().zip([0.3f64, -0.7]) {
        assert!((g - 2.0 * (x.cos() * x + x.sin())).abs() < 1e-15);
    }
}

#[test]
fn the_laplacian_of_a_quartic_is_that_of_calculus() {
    // f = (x² + 3y²)².
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let (slot, out) = (layout.add("x", &[5, 2]), layout.add("laplacian", &[5]));
    let x = graph.state(slot, &[5, 2]);
    let f = (x.column(0).square() + 3.0 * x.column(1).square()).square();
    let first = grad(f.sum_all(), &[x])[0];
    let trace = (0..2).map(|i| grad(first.column(i).sum_all(), &[x])[0].column(i)).reduce(|a, b| a + b).unwrap();
    let mut bench = Bench::new(&graph, layout, &[(trace, out)]);
    let points = numbers(10, 4);
    bench.set(slot, &points);
    bench.run(Tick::default());
    for (got, p) in bench.get(out).iter().zip(points.chunks_exact(2)) {
        // f_xx = 12x² + 12y², f_yy = 12x² + 108y².
        let want = 24.0 * p[0] * p[0] + 120.0 * p[1] * p[1];
        assert!((got - want).abs() < 1e-12 * (1.0 + want), "{got} and not {want}");
    }
}
