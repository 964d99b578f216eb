//! The table of reverse mode: for each primitive and each of its inputs, what the cotangent of the result becomes.

use crate::backend::plan::{Binary, Combine, Unary};
#[cfg(feature = "whole")]
use crate::graph::convolve;
use crate::graph::{Node, Op, Tensor};

/// The cotangent that `y = node(inputs)` with cotangent `g` passes to input number `position`; `None` where the derivative is zero.
pub(super) fn pull_back<'g>(y: Tensor<'g>, node: &Node, position: usize, g: Tensor<'g>) -> Option<Tensor<'g>> {
    let graph = y.graph();
    let input = |i: usize| graph.tensor(node.inputs[i]);
    let x = input(position);
    Some(match &node.op {
        Op::State(_) | Op::Constant(_) | Op::Literal(_) | Op::Iota(_) | Op::Random(..) => return None,
        Op::StopGradient => return None,
        Op::Unary(op) => match op {
            Unary::Neg => -g,
            Unary::Exp => g * y,
            Unary::Log => g * x.recip(),
            Unary::Tanh => g * (1.0 - y * y),
            Unary::Softplus => g * x.sigmoid(),
            Unary::Sqrt => g * 0.5 * y.recip(),
            Unary::Recip => -(g * y * y),
            Unary::Sin => g * x.cos(),
            Unary::Cos => -(g * x.sin()),
            Unary::Step | Unary::Floor => return None,
        },
        Op::Binary(Binary::Add) => g,
        Op::Binary(Binary::Mul) => g * input(1 - position),
        Op::Binary(Binary::Max) => {
            // Ties share: each side gets one half.
            let other = input(1 - position);
            g * (0.5 + 0.5 * ((x - other).step() - (other - x).step()))
        }
        Op::Select => {
            let (mask, zero) = (input(0), graph.constant(0.0, &node.shape));
            match position {
                0 => return None,
                1 => mask.select(g, zero),
                _ => mask.select(zero, g),
            }
        }
        Op::MatMul { transpose_a, transpose_b } => {
            let a = if *transpose_a { input(0).t() } else { input(0) };
            let b = if *transpose_b { input(1).t() } else { input(1) };
            match (position, transpose_a, transpose_b) {
                (0, false, _) => g.matmul(b.t()),
                (0, true, _) => b.matmul(g.t()),
                (_, _, false) => a.t().matmul(g),
                (_, _, true) => g.t().matmul(a),
            }
        }
        Op::Reduce(combine, axes) => {
            let shape = x.shape();
            let mut kept = shape.clone();
            kept[axes.clone()].fill(1);
            let g = g.reshape(&kept).broadcast_to(&shape);
            match combine {
                Combine::Sum => g,
                Combine::Max => {
                    let at_top = 1.0 - (y.reshape(&kept) - x).step();
                    g * at_top * at_top.sum_axes(axes.clone()).reshape(&kept).recip()
                }
            }
        }
        Op::Broadcast => g.sum_to(&x.shape()),
        Op::Reshape => g.reshape(&x.shape()),
        Op::Transpose(perm) => {
            let mut inverse = vec![0; perm.len()];
            perm.iter().enumerate().for_each(|(i, &p)| inverse[p] = i);
            g.transpose(&inverse)
        }
        Op::Slice(ranges) => {
            let shape = x.shape();
            g.pad(&ranges.iter().zip(shape).map(|(r, n)| (r.start, n - r.end)).collect::<Vec<_>>())
        }
        Op::Pad(widths) => {
            let shape = x.shape();
            g.slice(&widths.iter().zip(shape).map(|(w, n)| w.0..w.0 + n).collect::<Vec<_>>())
        }
        Op::Concat(axis) => {
            let before: usize = (0..position).map(|i| input(i).shape()[*axis]).sum();
            g.narrow(*axis, before..before + x.shape()[*axis])
        }
        Op::Gather => match position {
            0 => one_hot(input(1), x.shape()[0]).t().matmul(g),
            _ => return None,
        },
        #[cfg(feature = "whole")]
        Op::Convolve(corner, geometry) => convolve::pull_back(*corner, *geometry, position, g, input(1 - position)),
        Op::Scatter => match position {
            0 => g.scatter(input(1), graph.constant(0.0, &input(2).shape())),
            1 => return None,
            _ => g.gather(input(1)),
        },
    })
}

/// [n] whole numbers → [n, classes] with a 1 at each.
fn one_hot<'g>(indices: Tensor<'g>, classes: usize) -> Tensor<'g> {
    let n = indices.len();
    let distance = (indices.reshape(&[n, 1]) - indices.graph().iota(1, &[n, classes])).abs();
    (0.5 - distance).step()
}
