//! The slow definition of every primitive: one node after the other, one element after the other, no views, no fusion.

use crate::backend::plan::{Binary, Combine, Corner, Geometry, Law, Tick, Unary};
use crate::graph::{Graph, Node, Op, SlotId};
use crate::rng;

/// Multi-index of element `i` of a row-major shape.
fn unravel(shape: &[usize], mut i: usize) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for axis in (0..shape.len()).rev() {
        index[axis] = i % shape[axis];
        i /= shape[axis];
    }
    index
}

/// Element at a multi-index.
fn ravel(shape: &[usize], index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |at, (n, i)| at * n + i)
}

fn unary(op: Unary, x: f64) -> f64 {
    match op {
        Unary::Neg => -x,
        Unary::Exp => x.exp(),
        Unary::Log => x.ln(),
        Unary::Tanh => x.tanh(),
        Unary::Softplus => {
            if x > 0.0 {
                x + (-x).exp().ln_1p()
            } else {
                x.exp().ln_1p()
            }
        }
        Unary::Sqrt => x.sqrt(),
        Unary::Recip => 1.0 / x,
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Step => {
            if x > 0.0 {
                1.0
            } else {
                0.0
            }
        }
        Unary::Floor => x.floor(),
    }
}

fn random(law: Law, stream: u32, tick: Tick, element: usize) -> f64 {
    let counter = |c: usize| [c as u32, tick.substep << 8 | stream];
    match law {
        Law::Uniform => f64::from(rng::uniform(rng::threefry2x32(tick.key, counter(element))[0])),
        Law::Normal => rng::normal_pair::<f64>(rng::threefry2x32(tick.key, counter(element / 2)))[element % 2],
    }
}

/// The values of every node of a graph.
pub(super) fn evaluate(graph: &Graph, state: &dyn Fn(SlotId) -> Vec<f64>, tick: Tick) -> Vec<Vec<f64>> {
    let mut values: Vec<Vec<f64>> = vec![];
    for id in 0..graph.len() {
        let node = graph.node(id);
        let count: usize = node.shape.iter().product();
        let shape_of = |i: usize| graph.node(node.inputs[i]).shape;
        let made = match &node.op {
            Op::State(slot) => state(*slot),
            Op::Literal(index) => graph.literal_values(*index),
            Op::Reduce(combine, axes) => {
                let (source, shape) = (&values[node.inputs[0]], shape_of(0));
                let start = if *combine == Combine::Sum { 0.0 } else { f64::NEG_INFINITY };
                let mut out = vec![start; count];
                for (i, x) in source.iter().enumerate() {
                    let index = unravel(&shape, i);
                    let kept = [&index[..axes.start], &index[axes.end..]].concat();
                    let o = &mut out[ravel(&node.shape, &kept)];
                    *o = if *combine == Combine::Sum { *o + x } else { o.max(*x) };
                }
                out
            }
            Op::Scatter => {
                let mut out = values[node.inputs[0]].clone();
                let columns = node.shape[1];
                for (r, row) in values[node.inputs[2]].chunks_exact(columns).enumerate() {
                    let to = values[node.inputs[1]][r] as usize * columns;
                    out[to..to + columns].copy_from_slice(row);
                }
                out
            }
            Op::Convolve(corner, geometry) => {
                let n = [0, 1].map(shape_of)[usize::from(corner.others()[0] == Corner::Kernel)][0];
                let n = if *corner == Corner::Kernel { shape_of(0)[0] } else { n };
                convolve(*corner, *geometry, n, node.inputs.iter().map(|&i| &values[i][..]).collect())
            }
            _ => (0..count).map(|i| element(&node, i, &values, &shape_of, tick)).collect(),
        };
        assert_eq!(made.len(), count, "{node:?}");
        values.push(made);
    }
    values
}

/// A corner of a convolution, term by term of the sum that its corners share.
fn convolve(corner: Corner, g: Geometry, n: usize, others: Vec<&[f64]>) -> Vec<f64> {
    let mut made = vec![0.0; g.shape(corner, n).iter().product()];
    let results = g.shape(Corner::Result, n);
    let kernels = g.shape(Corner::Kernel, n);
    for y in 0..results.iter().product() {
        for k in 0..kernels[1..].iter().product() {
            let ([image, i, j, o], [c, u, v]): ([usize; 4], [usize; 3]) =
                (unravel(&results, y).try_into().unwrap(), unravel(&kernels[1..], k).try_into().unwrap());
            let (row, column) =
                ((i * g.stride + u).wrapping_sub(g.padding), (j * g.stride + v).wrapping_sub(g.padding));
            if row >= g.image[0] || column >= g.image[1] {
                continue;
            }
            let x = ravel(&g.shape(Corner::Image, n), &[image, row, column, c]);
            let k = ravel(&kernels, &[o, c, u, v]);
            match corner {
                Corner::Image => made[x] += others[0][k] * others[1][y],
                Corner::Kernel => made[k] += others[0][x] * others[1][y],
                Corner::Result => made[y] += others[0][x] * others[1][k],
            }
        }
    }
    made
}

/// One element of a node that is made element by element.
fn element(node: &Node, i: usize, values: &[Vec<f64>], shape_of: &dyn Fn(usize) -> Vec<usize>, tick: Tick) -> f64 {
    let index = unravel(&node.shape, i);
    let input = |k: usize| &values[node.inputs[k]];
    let at = |k: usize, index: &[usize]| input(k)[ravel(&shape_of(k), index)];
    match &node.op {
        Op::Constant(bits) => f64::from_bits(*bits),
        Op::Iota(axis) => index[*axis] as f64,
        Op::Random(law, stream) => random(*law, *stream, tick, i),
        Op::Unary(op) => unary(*op, input(0)[i]),
        Op::Binary(Binary::Add) => input(0)[i] + input(1)[i],
        Op::Binary(Binary::Mul) => input(0)[i] * input(1)[i],
        Op::Binary(Binary::Max) => input(0)[i].max(input(1)[i]),
        Op::Select => {
            if input(0)[i] > 0.0 {
                input(1)[i]
            } else {
                input(2)[i]
            }
        }
        Op::MatMul { transpose_a, transpose_b } => {
            let (row, column) = (index[0], index[1]);
            let inner = shape_of(0)[if *transpose_a { 0 } else { 1 }];
            let a = |k: usize| at(0, &if *transpose_a { [k, row] } else { [row, k] });
            let b = |k: usize| at(1, &if *transpose_b { [column, k] } else { [k, column] });
            (0..inner).map(|k| a(k) * b(k)).sum()
        }
        Op::Broadcast => {
            let shape = shape_of(0);
            let added = node.shape.len() - shape.len();
            let from: Vec<_> = shape.iter().zip(&index[added..]).map(|(&n, &i)| if n == 1 { 0 } else { i }).collect();
            at(0, &from)
        }
        Op::Reshape | Op::StopGradient => input(0)[i],
        Op::Transpose(perm) => {
            let mut from = vec![0; perm.len()];
            perm.iter().zip(&index).for_each(|(&p, &i)| from[p] = i);
            at(0, &from)
        }
        Op::Slice(ranges) => at(0, &index.iter().zip(ranges).map(|(i, r)| i + r.start).collect::<Vec<_>>()),
        Op::Pad(widths) => {
            let from: Option<Vec<_>> =
                index.iter().zip(widths).map(|(i, (before, _))| i.checked_sub(*before)).collect();
            let inside = from.filter(|from| from.iter().zip(shape_of(0)).all(|(&i, n)| i < n));
            inside.map_or(0.0, |from| at(0, &from))
        }
        Op::Concat(axis) => {
            let (mut part, mut index) = (0, index);
            while index[*axis] >= shape_of(part)[*axis] {
                index[*axis] -= shape_of(part)[*axis];
                part += 1;
            }
            at(part, &index)
        }
        Op::Gather => {
            let row = (input(1)[index[0]] as usize).min(shape_of(0)[0] - 1);
            at(0, &[row, index[1]])
        }
        op => unreachable!("{op:?} is made as a whole"),
    }
}
