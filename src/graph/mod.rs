//! What is computed: a static tensor graph. Nodes are hash-consed as they are built, so equal expressions are one node,
//! and every constructor simplifies (constants fold, x·1 is x, a product with a constant matrix is a sum).
//!
//! Shapes are row-major and static. [`Tensor`] is a copyable handle, so formulas read as they do on paper.

mod construct;
#[cfg(feature = "whole")]
pub(crate) mod convolve;
mod interner;
mod lower;
mod operators;
mod owned;
pub mod schedule;
#[cfg(test)]
pub(crate) mod tests;

use crate::backend::plan::{Binary, Combine, Law, Unary};
#[cfg(feature = "whole")]
use crate::backend::plan::{Corner, Geometry};
use interner::Interner;
pub use owned::OwnedGraph;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Range;

/// Index of a node in its graph. Inputs have smaller indices than the nodes that use them.
pub type NodeId = usize;

/// Index of a persistent tensor in a [`schedule::Layout`].
pub type SlotId = usize;

/// A primitive. All of them are closed under differentiation: see `autodiff/rules.rs`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// A persistent tensor: parameters, data, chains, dials.
    State(SlotId),
    /// One value everywhere (the bits of an f64).
    Constant(u64),
    /// A fixed table: index into the graph's literals.
    Literal(usize),
    /// The index along an axis.
    Iota(usize),
    /// Fresh random numbers of a stream.
    Random(Law, u32),
    /// Elementwise.
    Unary(Unary),
    /// Elementwise, equal shapes.
    Binary(Binary),
    /// `if mask > 0 { a } else { b }`, equal shapes.
    Select,
    /// [m, k] × [k, n], either operand read transposed.
    MatMul {
        /// First operand is stored [k, m].
        transpose_a: bool,
        /// Second operand is stored [n, k].
        transpose_b: bool,
    },
    /// Over a range of neighbouring axes, which disappear.
    Reduce(Combine, Range<usize>),
    /// To the node's shape: trailing axes align, axes of size 1 repeat.
    Broadcast,
    /// To the node's shape.
    Reshape,
    /// Output axis i is input axis perm[i].
    Transpose(Vec<usize>),
    /// One range an axis.
    Slice(Vec<Range<usize>>),
    /// Zeros before and behind each axis.
    Pad(Vec<(usize, usize)>),
    /// Along an axis.
    Concat(usize),
    /// (source [r, c], indices [n]) → [n, c].
    Gather,
    /// (target [r, c], indices [n], rows [n, c]) → target with those rows replaced.
    Scatter,
    /// A corner of a convolution, of the other two in their order.
    #[cfg(feature = "whole")]
    Convolve(Corner, Geometry),
    /// The same values, no derivative.
    StopGradient,
}

/// A primitive applied to nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    /// What.
    pub op: Op,
    /// Of which nodes.
    pub inputs: Vec<NodeId>,
    /// Resulting shape.
    pub shape: Vec<usize>,
}

/// A graph under construction.
#[derive(Debug)]
pub struct Graph {
    slot: u32,
    nodes: RefCell<Vec<Node>>,
    known: RefCell<Interner>,
    literals: RefCell<Vec<Vec<f64>>>,
}

/// A node of a graph. It is one word, its number below that of its graph's slot: a second one would pass every result of
/// every formula through memory, which makes the formulas of the download half as long again.
#[derive(Clone, Copy)]
pub struct Tensor<'g> {
    word: u32,
    of: PhantomData<&'g Graph>,
}

/// Bits of a tensor that are its node's number.
const ID_BITS: u32 = 22;

impl std::fmt::Debug for Tensor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let node = self.node();
        write!(f, "%{} = {:?}{:?} : {:?}", self.id(), node.op, node.inputs, node.shape)
    }
}

impl Graph {
    /// An empty graph.
    #[expect(clippy::new_ret_no_self, reason = "its owner stands for it")]
    pub fn new() -> OwnedGraph {
        OwnedGraph::default()
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    /// Whether nothing has been built yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A copy of a node.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes.borrow()[id].clone()
    }

    /// A literal's values.
    pub fn literal_values(&self, index: usize) -> Vec<f64> {
        self.literals.borrow()[index].clone()
    }

    /// The handle of a node.
    pub fn tensor(&self, id: NodeId) -> Tensor<'_> {
        assert!(id < 1 << ID_BITS, "a graph of {id} nodes");
        Tensor { word: self.slot << ID_BITS | id as u32, of: PhantomData }
    }

    fn push(&self, op: Op, inputs: Vec<NodeId>, shape: Vec<usize>) -> Tensor<'_> {
        let node = Node { op, inputs, shape };
        let mut nodes = self.nodes.borrow_mut();
        let mut known = self.known.borrow_mut();
        let id = known.find(&nodes, &node).unwrap_or_else(|| {
            nodes.push(node);
            known.insert_last(&nodes);
            nodes.len() - 1
        });
        self.tensor(id)
    }

    /// A persistent tensor.
    pub fn state(&self, slot: SlotId, shape: &[usize]) -> Tensor<'_> {
        self.push(Op::State(slot), vec![], shape.to_vec())
    }

    /// One value everywhere.
    pub fn constant(&self, value: f64, shape: &[usize]) -> Tensor<'_> {
        // −0 and 0 are one constant: the sign of zero carries no meaning here.
        let value = if value == 0.0 { 0.0 } else { value };
        self.push(Op::Constant(value.to_bits()), vec![], shape.to_vec())
    }

    /// A scalar constant (shape []).
    pub fn scalar(&self, value: f64) -> Tensor<'_> {
        self.constant(value, &[])
    }

    /// A fixed table of values, row-major.
    pub fn literal(&self, values: &[f64], shape: &[usize]) -> Tensor<'_> {
        assert_eq!(values.len(), shape.iter().product::<usize>(), "a literal of shape {shape:?}");
        let mut literals = self.literals.borrow_mut();
        let index = literals.iter().position(|l| l == values).unwrap_or_else(|| {
            literals.push(values.to_vec());
            literals.len() - 1
        });
        drop(literals);
        self.push(Op::Literal(index), vec![], shape.to_vec())
    }

    /// The index along `axis`, as numbers.
    pub fn iota(&self, axis: usize, shape: &[usize]) -> Tensor<'_> {
        self.push(Op::Iota(axis), vec![], shape.to_vec())
    }

    /// Standard normal numbers of a stream; fresh at every tick.
    pub fn normal(&self, stream: u32, shape: &[usize]) -> Tensor<'_> {
        self.push(Op::Random(Law::Normal, stream), vec![], shape.to_vec())
    }

    /// Uniform numbers in (0, 1) of a stream; fresh at every tick.
    pub fn uniform(&self, stream: u32, shape: &[usize]) -> Tensor<'_> {
        self.push(Op::Random(Law::Uniform, stream), vec![], shape.to_vec())
    }
}

impl<'g> Tensor<'g> {
    /// Its graph.
    #[inline(never)]
    pub fn graph(self) -> &'g Graph {
        owned::at(self.word >> ID_BITS)
    }

    /// Its node's index.
    pub fn id(self) -> NodeId {
        (self.word & ((1 << ID_BITS) - 1)) as NodeId
    }

    /// A copy of its node.
    pub fn node(self) -> Node {
        self.graph().node(self.id())
    }

    /// Its shape.
    pub fn shape(self) -> Vec<usize> {
        self.graph().nodes.borrow()[self.id()].shape.clone()
    }

    /// Number of elements.
    pub fn len(self) -> usize {
        self.graph().nodes.borrow()[self.id()].shape.iter().product()
    }

    /// Whether it has no elements.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Number of axes.
    pub fn rank(self) -> usize {
        self.graph().nodes.borrow()[self.id()].shape.len()
    }

    /// Its value if it is a constant.
    pub fn as_constant(self) -> Option<f64> {
        match self.graph().nodes.borrow()[self.id()].op {
            Op::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }
}
