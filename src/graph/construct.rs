//! Constructors with their shape rules and simplifications.

use super::{Graph, Op, Tensor};
use crate::backend::plan::{Binary, Combine, Unary};
use std::ops::Range;

/// Row-major shape after numpy's broadcasting of two shapes.
pub fn broadcast_shapes(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let at = |s: &[usize], i: usize| (i + s.len()).checked_sub(rank).map_or(1, |j| s[j]);
    (0..rank)
        .map(|i| match (at(a, i), at(b, i)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect()
}

/// The scalar function behind a unary operation, in double precision.
fn fold(op: Unary, x: f64) -> f64 {
    match op {
        Unary::Neg => -x,
        Unary::Exp => x.exp(),
        Unary::Log => x.ln(),
        Unary::Tanh => x.tanh(),
        Unary::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        Unary::Sqrt => x.sqrt(),
        Unary::Recip => 1.0 / x,
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Step => f64::from(u8::from(x > 0.0)),
        Unary::Floor => x.floor(),
    }
}

impl<'g> Tensor<'g> {
    /// Applies a unary primitive.
    pub fn unary(self, op: Unary) -> Tensor<'g> {
        if let Some(x) = self.as_constant() {
            return self.graph().constant(fold(op, x), &self.shape());
        }
        let node = self.node();
        if op == Unary::Neg && node.op == Op::Unary(Unary::Neg) {
            return self.graph().tensor(node.inputs[0]);
        }
        self.graph().push(Op::Unary(op), vec![self.id()], node.shape)
    }

    /// Applies a binary primitive; shapes broadcast. Panics when they do not fit: a graph is built by the core alone.
    pub fn binary(self, op: Binary, other: Tensor<'g>) -> Tensor<'g> {
        let (a, b) = (self.shape(), other.shape());
        let shape = broadcast_shapes(&a, &b).unwrap_or_else(|| panic!("{op:?}: shapes {a:?} and {b:?} do not fit"));
        let (a, b) = (self.broadcast_to(&shape), other.broadcast_to(&shape));
        match (op, a.as_constant(), b.as_constant()) {
            (Binary::Add, Some(x), Some(y)) => return self.graph().constant(x + y, &shape),
            (Binary::Mul, Some(x), Some(y)) => return self.graph().constant(x * y, &shape),
            (Binary::Max, Some(x), Some(y)) => return self.graph().constant(x.max(y), &shape),
            (Binary::Add, Some(0.0), _) | (Binary::Mul, Some(1.0), _) => return b,
            (Binary::Add, _, Some(0.0)) | (Binary::Mul, _, Some(1.0)) => return a,
            (Binary::Mul, Some(0.0), _) | (Binary::Mul, _, Some(0.0)) => return self.graph().constant(0.0, &shape),
            (Binary::Mul, Some(-1.0), _) => return b.unary(Unary::Neg),
            (Binary::Mul, _, Some(-1.0)) => return a.unary(Unary::Neg),
            _ => {}
        }
        // All three are commutative: one order, so that equal expressions meet.
        let inputs = if a.id() <= b.id() { vec![a.id(), b.id()] } else { vec![b.id(), a.id()] };
        self.graph().push(Op::Binary(op), inputs, shape)
    }

    /// `if self > 0 { a } else { b }`; shapes broadcast.
    pub fn select(self, a: Tensor<'g>, b: Tensor<'g>) -> Tensor<'g> {
        let shape = broadcast_shapes(&a.shape(), &b.shape())
            .and_then(|s| broadcast_shapes(&self.shape(), &s))
            .unwrap_or_else(|| panic!("select: shapes {:?}, {:?}, {:?}", self.shape(), a.shape(), b.shape()));
        let (mask, a, b) = (self.broadcast_to(&shape), a.broadcast_to(&shape), b.broadcast_to(&shape));
        if a.id() == b.id() {
            return a;
        }
        match mask.as_constant() {
            Some(x) if x > 0.0 => a,
            Some(_) => b,
            None => self.graph().push(Op::Select, vec![mask.id(), a.id(), b.id()], shape),
        }
    }

    /// Repeats to `shape`: trailing axes align, axes of size 1 repeat.
    pub fn broadcast_to(self, shape: &[usize]) -> Tensor<'g> {
        let node = self.node();
        if node.shape == shape {
            return self;
        }
        let fits = broadcast_shapes(&node.shape, shape).is_some_and(|s| s == shape);
        assert!(fits, "broadcast: {:?} does not repeat to {shape:?}", node.shape);
        match node.op {
            Op::Constant(bits) => self.graph().constant(f64::from_bits(bits), shape),
            Op::Broadcast => self.graph().tensor(node.inputs[0]).broadcast_to(shape),
            _ => self.graph().push(Op::Broadcast, vec![self.id()], shape.to_vec()),
        }
    }

    /// The same elements in another shape.
    pub fn reshape(self, shape: &[usize]) -> Tensor<'g> {
        let node = self.node();
        assert_eq!(self.len(), shape.iter().product::<usize>(), "reshape: {:?} to {shape:?}", node.shape);
        match node.op {
            _ if node.shape == shape => self,
            Op::Constant(bits) => self.graph().constant(f64::from_bits(bits), shape),
            Op::Reshape => self.graph().tensor(node.inputs[0]).reshape(shape),
            _ => self.graph().push(Op::Reshape, vec![self.id()], shape.to_vec()),
        }
    }

    /// Output axis i is input axis perm[i].
    pub fn transpose(self, perm: &[usize]) -> Tensor<'g> {
        let node = self.node();
        assert_eq!(perm.len(), node.shape.len(), "transpose: {perm:?} of {:?}", node.shape);
        if perm.iter().copied().eq(0..perm.len()) {
            return self;
        }
        let shape: Vec<_> = perm.iter().map(|&p| node.shape[p]).collect();
        match node.op {
            Op::Constant(bits) => self.graph().constant(f64::from_bits(bits), &shape),
            Op::Transpose(inner) => {
                let composed: Vec<_> = perm.iter().map(|&p| inner[p]).collect();
                self.graph().tensor(node.inputs[0]).transpose(&composed)
            }
            _ => self.graph().push(Op::Transpose(perm.to_vec()), vec![self.id()], shape),
        }
    }

    /// A matrix, transposed.
    pub fn t(self) -> Tensor<'g> {
        self.transpose(&[1, 0])
    }

    /// One range an axis.
    pub fn slice(self, ranges: &[Range<usize>]) -> Tensor<'g> {
        let node = self.node();
        let inside = ranges.len() == node.shape.len() && ranges.iter().zip(&node.shape).all(|(r, &n)| r.end <= n);
        assert!(inside, "slice: {ranges:?} of {:?}", node.shape);
        if ranges.iter().zip(&node.shape).all(|(r, &n)| *r == (0..n)) {
            return self;
        }
        let shape: Vec<_> = ranges.iter().map(Range::len).collect();
        match node.op {
            Op::Constant(bits) => self.graph().constant(f64::from_bits(bits), &shape),
            _ => self.graph().push(Op::Slice(ranges.to_vec()), vec![self.id()], shape),
        }
    }

    /// A range of one axis, all of the others.
    pub fn narrow(self, axis: usize, range: Range<usize>) -> Tensor<'g> {
        let mut ranges: Vec<_> = self.shape().iter().map(|&n| 0..n).collect();
        ranges[axis] = range;
        self.slice(&ranges)
    }

    /// Column `i` of a matrix [n, c], as [n].
    pub fn column(self, i: usize) -> Tensor<'g> {
        self.narrow(1, i..i + 1).reshape(&[self.shape()[0]])
    }

    /// Zeros before and behind each axis.
    pub fn pad(self, widths: &[(usize, usize)]) -> Tensor<'g> {
        let node = self.node();
        assert_eq!(widths.len(), node.shape.len(), "pad: {widths:?} of {:?}", node.shape);
        if widths.iter().all(|&w| w == (0, 0)) {
            return self;
        }
        let shape: Vec<_> = node.shape.iter().zip(widths).map(|(n, (a, b))| a + n + b).collect();
        match self.as_constant() {
            Some(0.0) => self.graph().constant(0.0, &shape),
            _ => self.graph().push(Op::Pad(widths.to_vec()), vec![self.id()], shape),
        }
    }

    /// Reduces a range of neighbouring axes, which disappear.
    pub fn reduce(self, combine: Combine, axes: Range<usize>) -> Tensor<'g> {
        let node = self.node();
        assert!(axes.end <= node.shape.len(), "reduce: axes {axes:?} of {:?}", node.shape);
        let length: usize = node.shape[axes.clone()].iter().product();
        let shape: Vec<_> = [&node.shape[..axes.start], &node.shape[axes.end..]].concat();
        if length == 1 {
            return self.reshape(&shape);
        }
        if let Some(x) = self.as_constant() {
            let value = if combine == Combine::Sum { x * length as f64 } else { x };
            return self.graph().constant(value, &shape);
        }
        self.graph().push(Op::Reduce(combine, axes), vec![self.id()], shape)
    }

    /// [m, k] × [k, n] → [m, n].
    pub fn matmul(self, other: Tensor<'g>) -> Tensor<'g> {
        let (a, b) = (self.shape(), other.shape());
        let fits = a.len() == 2 && b.len() == 2 && a[1] == b[0];
        assert!(fits, "matmul: shapes {a:?} and {b:?} do not fit");
        let (m, k, n) = (a[0], a[1], b[1]);
        if k == 0 {
            return self.graph().constant(0.0, &[m, n]);
        }
        if k == 1 {
            return self * other;
        }
        // A factor that is one value everywhere turns the product into a sum.
        if let Some(c) = other.as_constant() {
            return (self.reduce(Combine::Sum, 1..2) * c).reshape(&[m, 1]).broadcast_to(&[m, n]);
        }
        if let Some(c) = self.as_constant() {
            return (other.reduce(Combine::Sum, 0..1) * c).reshape(&[1, n]).broadcast_to(&[m, n]);
        }
        let plain = |t: Tensor<'g>| {
            let node = t.node();
            match node.op {
                Op::Transpose(_) => (self.graph().tensor(node.inputs[0]), true),
                _ => (t, false),
            }
        };
        let ((a, transpose_a), (b, transpose_b)) = (plain(self), plain(other));
        self.graph().push(Op::MatMul { transpose_a, transpose_b }, vec![a.id(), b.id()], vec![m, n])
    }

    /// Rows by index: self [r, c], indices [n] (whole numbers) → [n, c].
    pub fn gather(self, indices: Tensor<'g>) -> Tensor<'g> {
        let (s, n) = (self.shape(), indices.shape());
        assert!(s.len() == 2 && n.len() == 1, "gather: shapes {s:?} and {n:?} do not fit");
        self.graph().push(Op::Gather, vec![self.id(), indices.id()], vec![n[0], s[1]])
    }

    /// Rows replaced by index: self [r, c], distinct indices [n], rows [n, c] → [r, c].
    pub fn scatter(self, indices: Tensor<'g>, rows: Tensor<'g>) -> Tensor<'g> {
        let (s, n, r) = (self.shape(), indices.shape(), rows.shape());
        let fits = s.len() == 2 && n.len() == 1 && r == [n[0], s[1]];
        assert!(fits, "scatter: shapes {s:?}, {n:?}, {r:?} do not fit");
        self.graph().push(Op::Scatter, vec![self.id(), indices.id(), rows.id()], s)
    }

    /// The same values, no derivative.
    pub fn stop_gradient(self) -> Tensor<'g> {
        match self.node().op {
            Op::Constant(_) | Op::StopGradient => self,
            _ => self.graph().push(Op::StopGradient, vec![self.id()], self.shape()),
        }
    }
}

impl Graph {
    /// Joins tensors along `axis`.
    pub fn concat<'g>(&'g self, parts: &[Tensor<'g>], axis: usize) -> Tensor<'g> {
        let mut shape = parts.first().expect("concat of nothing").shape();
        if parts.len() == 1 {
            return parts[0];
        }
        for part in parts {
            let mut other = part.shape();
            assert_eq!(other.len(), shape.len(), "concat: ranks of {shape:?} and {other:?}");
            other[axis] = shape[axis];
            assert_eq!(other, shape, "concat along axis {axis}");
        }
        shape[axis] = parts.iter().map(|p| p.shape()[axis]).sum();
        self.push(Op::Concat(axis), parts.iter().map(|p| p.id()).collect(), shape)
    }
}
