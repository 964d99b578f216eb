//! What is differentiated: a function of some tensors, and numbers for them away from every kink and pole.

use crate::autodiff::grad;
use crate::backend::plan::{Combine, Unary};
use crate::graph::{Graph, Tensor};

type Function = for<'g> fn(&'g Graph, &[Tensor<'g>]) -> Tensor<'g>;

/// A function to differentiate.
pub(super) struct Case {
    pub name: &'static str,
    /// Of each input.
    pub shapes: &'static [&'static [usize]],
    pub function: Function,
    /// From numbers in (−1, 1) to the function's domain.
    pub range: fn(Vec<f64>) -> Vec<f64>,
}

/// Both signs, 0.2 away from 0.
fn apart(x: Vec<f64>) -> Vec<f64> {
    x.into_iter().map(|x| x + 0.2f64.copysign(x)).collect()
}

/// From 0.5 to 2.5.
fn positive(x: Vec<f64>) -> Vec<f64> {
    x.into_iter().map(|x| 1.5 + x).collect()
}

const fn case(name: &'static str, shapes: &'static [&'static [usize]], function: Function) -> Case {
    Case { name, shapes, function, range: apart }
}

const fn positive_case(name: &'static str, shapes: &'static [&'static [usize]], function: Function) -> Case {
    Case { name, shapes, function, range: positive }
}

const SMALL: &[&[usize]] = &[&[2, 3]];
const CUBE: &[&[usize]] = &[&[2, 3, 4]];

/// Every primitive, every way in which it can be told where to act.
pub(super) fn primitives() -> Vec<Case> {
    [unary(), binary(), products(), reductions(), convolutions(), movements(), indexed()]
        .into_iter()
        .flatten()
        .collect()
}

fn unary() -> Vec<Case> {
    vec![
        case("neg", SMALL, |_, x| -(x[0].sin())),
        case("exp", SMALL, |_, x| x[0].exp()),
        positive_case("log", SMALL, |_, x| x[0].ln()),
        case("tanh", SMALL, |_, x| x[0].tanh()),
        case("softplus", SMALL, |_, x| (3.0 * x[0]).softplus()),
        positive_case("sqrt", SMALL, |_, x| x[0].sqrt()),
        case("recip", SMALL, |_, x| (2.0 * x[0]).recip()),
        case("sin", SMALL, |_, x| x[0].sin()),
        case("cos", SMALL, |_, x| x[0].cos()),
        case("step", SMALL, |_, x| x[0].step() * x[0].exp()),
        case("floor", SMALL, |_, x| (x[0] + 0.05).unary(Unary::Floor) * x[0].exp()),
        case("stop gradient", &[&[3], &[3]], |_, x| x[0].step().stop_gradient() * x[1].exp() * x[0]),
    ]
}

fn binary() -> Vec<Case> {
    const TWO: &[&[usize]] = &[&[2, 3], &[2, 3]];
    const REPEATED: &[&[usize]] = &[&[2, 3], &[3], &[2, 1], &[]];
    vec![
        case("add", TWO, |_, x| x[0] + x[1]),
        case("mul", TWO, |_, x| x[0] * x[1]),
        case("mul by itself", SMALL, |_, x| x[0] * x[0]),
        case("max", TWO, |_, x| x[0].maximum(x[1].sin())),
        case("add, repeated", REPEATED, |_, x| x[0] + x[1].sin() + x[2] + x[3]),
        case("mul, repeated", REPEATED, |_, x| x[0] * x[1] * x[2] * x[3]),
        case("max, repeated", REPEATED, |_, x| x[0].maximum(x[1] * x[3]).maximum(x[2])),
        case("select", &[&[2, 3], &[2, 3], &[2, 3]], |_, x| x[0].select(x[1].exp(), x[2] * x[0])),
        case("select, repeated", &[&[2, 1], &[3], &[2, 3]], |_, x| x[0].select(x[1] * x[0], x[2])),
    ]
}

fn products() -> Vec<Case> {
    vec![
        case("matmul", &[&[3, 4], &[4, 2]], |_, x| x[0].matmul(x[1])),
        case("matmul, first transposed", &[&[4, 3], &[4, 2]], |_, x| x[0].t().matmul(x[1])),
        case("matmul, second transposed", &[&[3, 4], &[2, 4]], |_, x| x[0].matmul(x[1].t())),
        case("matmul, both transposed", &[&[4, 3], &[2, 4]], |_, x| x[0].t().matmul(x[1].t())),
        case("matmul by itself", &[&[3, 3]], |_, x| x[0].matmul(x[0].t())),
        case("matmul of a column and a row", &[&[3, 1], &[1, 4]], |_, x| x[0].matmul(x[1])),
        case("matmul of a row and a column", &[&[1, 4], &[4, 1]], |_, x| x[0].matmul(x[1])),
        case("matmul with one value everywhere", &[&[3, 4]], |g, x| {
            x[0].matmul(g.constant(0.5, &[4, 2])) + g.constant(0.7, &[2, 3]).matmul(x[0]).sum_all()
        }),
        case("sum of three products", &[&[3, 2], &[2, 3]], |_, x| {
            x[0].matmul(x[1]) + x[1].t().matmul(x[0].t()) + x[0].matmul(x[0].t())
        }),
        case("matmul of views", &[&[2, 3, 4], &[6]], |_, x| {
            let left = x[0].narrow(1, 1..2).reshape(&[2, 4]).pad(&[(1, 0), (0, 2)]);
            left.matmul(x[1].reshape(&[6, 1]).broadcast_to(&[6, 2]))
        }),
    ]
}

fn reductions() -> Vec<Case> {
    vec![
        case("sum, first axis", CUBE, |_, x| x[0].sum(0)),
        case("sum, middle axis", CUBE, |_, x| x[0].sum(1)),
        case("sum, last axis", CUBE, |_, x| x[0].sum(2)),
        case("sum, first two axes", CUBE, |_, x| x[0].sum_axes(0..2)),
        case("sum, last two axes", CUBE, |_, x| x[0].sum_axes(1..3)),
        case("sum, all axes", CUBE, |_, x| x[0].sum_all()),
        case("max, first axis", CUBE, |_, x| x[0].reduce(Combine::Max, 0..1)),
        case("max, middle axis", CUBE, |_, x| x[0].reduce(Combine::Max, 1..2)),
        case("max, last axis", CUBE, |_, x| x[0].reduce(Combine::Max, 2..3)),
        case("max, first two axes", CUBE, |_, x| x[0].reduce(Combine::Max, 0..2)),
        case("max, last two axes", CUBE, |_, x| x[0].reduce(Combine::Max, 1..3)),
        case("max, all axes", CUBE, |_, x| x[0].reduce(Combine::Max, 0..3)),
        case("sum of a turned tensor", CUBE, |_, x| x[0].transpose(&[2, 0, 1]).sum(1)),
        case("mean", CUBE, |_, x| x[0].mean_all()),
    ]
}

fn convolutions() -> Vec<Case> {
    const ROUND: &[&[usize]] = &[&[2, 4, 5, 2], &[3, 2, 3, 2]];
    vec![
        case("convolve", ROUND, |_, x| x[0].convolve(x[1], 1, 0)),
        case("convolve, padded, every second place", ROUND, |_, x| x[0].convolve(x[1], 2, 1)),
        case("convolve, padded beyond the kernel", &[&[1, 3, 3, 1], &[5, 1, 2, 2]], |_, x| x[0].convolve(x[1], 3, 4)),
        case("convolve, places that no kernel meets", &[&[1, 5, 5, 1], &[2, 1, 1, 2]], |_, x| {
            x[0].convolve(x[1], 3, 0)
        }),
        case("convolve by its own window", &[&[1, 4, 4, 1]], |_, x| {
            x[0].convolve(x[0].transpose(&[3, 0, 1, 2]).narrow(2, 0..2), 2, 1)
        }),
        case("gradient by the images", ROUND, |_, x| grad(x[0].convolve(x[1], 2, 1).sin().sum_all(), &[x[0]])[0]),
        case("gradient by the kernels", ROUND, |_, x| grad(x[0].convolve(x[1], 2, 1).sin().sum_all(), &[x[1]])[0]),
    ]
}

fn movements() -> Vec<Case> {
    vec![
        case("broadcast, an added axis", &[&[3]], |_, x| x[0].broadcast_to(&[2, 3])),
        case("broadcast, a scalar", &[&[]], |_, x| x[0].broadcast_to(&[2, 3])),
        case("broadcast, a repeated axis", &[&[2, 1, 3]], |_, x| x[0].broadcast_to(&[2, 4, 3])),
        case("broadcast, added and repeated axes", &[&[2, 1]], |_, x| x[0].broadcast_to(&[3, 2, 4])),
        case("broadcast, first and last axis", &[&[1, 2, 1]], |_, x| x[0].broadcast_to(&[3, 2, 2])),
        case("reshape", CUBE, |_, x| x[0].reshape(&[4, 6])),
        case("reshape of a turned view", CUBE, |_, x| x[0].transpose(&[2, 0, 1]).reshape(&[8, 3])),
        case("reshape of a sliced view", CUBE, |_, x| x[0].narrow(1, 1..3).reshape(&[8, 2])),
        case("reshape of a repeated view", &[&[3]], |_, x| x[0].broadcast_to(&[4, 3]).reshape(&[2, 6])),
        case("reshape of a padded view", &[&[3]], |_, x| x[0].pad(&[(1, 2)]).reshape(&[2, 3])),
        case("transpose", SMALL, |_, x| x[0].t()),
        case("transpose, a cycle", CUBE, |_, x| x[0].transpose(&[1, 2, 0])),
        case("transpose, an exchange", CUBE, |_, x| x[0].transpose(&[0, 2, 1])),
        case("slice", CUBE, |_, x| x[0].slice(&[0..1, 1..3, 1..3])),
        case("slice of padding", SMALL, |_, x| x[0].pad(&[(1, 1), (2, 0)]).slice(&[0..3, 1..4])),
        case("column", SMALL, |_, x| x[0].column(1)),
        case("pad", SMALL, |_, x| x[0].pad(&[(1, 0), (2, 1)])),
        case("pad of a slice", CUBE, |_, x| x[0].narrow(2, 1..3).pad(&[(0, 1), (1, 0), (0, 0)])),
        case("concat, first axis", &[&[2, 3], &[1, 3]], |g, x| g.concat(&[x[0], x[1], x[0].exp()], 0)),
        case("concat, last axis", &[&[2, 3], &[2, 1]], |g, x| g.concat(&[x[1], x[0]], 1)),
        case("concat, middle axis", &[&[2, 1, 3], &[2, 2, 3]], |g, x| g.concat(&[x[0], x[1], x[0]], 1)),
        case("columns", &[&[3], &[3]], |g, x| g.columns(&[x[0], x[1].sin()])),
    ]
}

fn indexed() -> Vec<Case> {
    const ROWS: &[&[usize]] = &[&[4, 2], &[2, 2]];
    vec![
        case("gather, one row twice", &[&[4, 2]], |g, x| x[0].gather(g.literal(&[2.0, 0.0, 2.0], &[3]))),
        case("gather by random numbers", &[&[4, 2]], |g, x| {
            let noise = 0.1 * g.normal(0, &[3, 2]);
            x[0].gather((4.0 * g.uniform(1, &[3])).floor()) * (1.0 + noise)
        }),
        case("gather by counting", &[&[4, 2]], |g, x| x[0].gather(3.0 - g.iota(0, &[4]))),
        case("scatter", ROWS, |g, x| x[0].scatter(g.literal(&[3.0, 1.0], &[2]), x[1])),
        case("scatter of its own rows", &[&[4, 2]], |g, x| {
            x[0].scatter(g.literal(&[3.0, 1.0], &[2]), x[0].narrow(0, 0..2).exp())
        }),
    ]
}

/// A network with two hidden layers on three points: weights in x[1..], −∇E by the points.
fn network<'g>(x: &[Tensor<'g>], activation: fn(Tensor<'g>) -> Tensor<'g>) -> Tensor<'g> {
    let h = activation(x[0].matmul(x[1].t()) + x[2]);
    let h = activation(h.matmul(x[3].t()));
    (h.sum(1) + 0.1 * x[0].square().sum(1)).sum_all()
}

const NETWORK: &[&[usize]] = &[&[3, 2], &[4, 2], &[4], &[3, 4]];

/// What models, rules and samplers are made of.
pub(super) fn compositions() -> Vec<Case> {
    vec![
        case("silu", SMALL, |_, x| (2.0 * x[0]).silu()),
        case("sigmoid", SMALL, |_, x| (2.0 * x[0]).sigmoid()),
        case("elu", SMALL, |g, x| x[0].step().select(x[0], x[0].minimum(g.scalar(0.0)).exp() - 1.0)),
        case("relu", SMALL, |g, x| x[0].step().select(x[0], g.scalar(0.0)) * x[0]),
        case("abs", SMALL, |_, x| x[0].abs() * x[0]),
        case("minimum", &[&[2, 3], &[2, 3]], |_, x| x[0].minimum(x[1].cos())),
        case("clamp", SMALL, |_, x| x[0].clamp(-0.71, 0.55) * x[0]),
        case("quotient", &[&[2, 3], &[3]], |_, x| x[0] / x[1]),
        case("difference", &[&[2, 3], &[3]], |_, x| x[0].exp() - x[1]),
        case("logsumexp, first axis", CUBE, |_, x| (3.0 * x[0]).logsumexp(0)),
        case("logsumexp, middle axis", CUBE, |_, x| (3.0 * x[0]).logsumexp(1)),
        case("logsumexp, last axis", CUBE, |_, x| (3.0 * x[0]).logsumexp(2)),
        case("sum to what was repeated", CUBE, |_, x| x[0].sum_to(&[3, 1]).exp()),
        case("a network's energy", NETWORK, |_, x| network(x, Tensor::silu)),
        case("a network's score", NETWORK, |_, x| grad(network(x, Tensor::silu), &[x[0]])[0]),
        case("a network's score, softplus", NETWORK, |_, x| grad(network(x, Tensor::softplus), &[x[0]])[0]),
        case("a network's Hessian trace", NETWORK, |_, x| {
            let score = grad(network(x, Tensor::tanh), &[x[0]])[0];
            let trace = (0..2).map(|i| grad(score.column(i).sum_all(), &[x[0]])[0].column(i));
            trace.reduce(|a, b| a + b).expect("two coordinates")
        }),
    ]
}
