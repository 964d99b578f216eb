//! Reverse mode as graph → graph: the gradient is made of ordinary nodes, so gradients of gradients need nothing else.
//! The rules are one table (`rules.rs`), this file is the walk.

mod rules;
#[cfg(test)]
mod tests;

use crate::graph::{NodeId, Tensor};

/// Gradients of a scalar with respect to `wrt`, each of its node's shape. What the scalar does not depend on gets zeros; so
/// does a reshape or a transpose for those of its uses that reshape or transpose again, since these read its input directly.
///
/// # Panics
/// When `of` has more than one element: a slip in the core, not in the input.
pub fn grad<'g>(of: Tensor<'g>, wrt: &[Tensor<'g>]) -> Vec<Tensor<'g>> {
    assert_eq!(of.len(), 1, "the gradient of a shape {:?}: only scalars have one", of.shape());
    let graph = of.graph();
    let reaches = reaching(of, wrt);
    let mut cotangents: Vec<Option<Tensor<'g>>> = vec![None; of.id() + 1];
    cotangents[of.id()] = Some(graph.constant(1.0, &of.shape()));
    for id in (0..=of.id()).rev() {
        let (true, Some(cotangent)) = (reaches[id], cotangents[id]) else { continue };
        let node = graph.node(id);
        for (position, &input) in node.inputs.iter().enumerate() {
            if !reaches[input] {
                continue;
            }
            if let Some(part) = rules::pull_back(graph.tensor(id), &node, position, cotangent) {
                cotangents[input] = Some(cotangents[input].map_or(part, |sum| sum + part));
            }
        }
    }
    let zero = |w: &Tensor<'g>| graph.constant(0.0, &w.shape());
    wrt.iter().map(|w| cotangents.get(w.id()).copied().flatten().unwrap_or_else(|| zero(w))).collect()
}

/// Which nodes up to `of` depend on any of `wrt`.
fn reaching(of: Tensor<'_>, wrt: &[Tensor<'_>]) -> Vec<bool> {
    let mut reaches = vec![false; of.id() + 1];
    for w in wrt.iter().filter(|w| w.id() <= of.id()) {
        reaches[w.id()] = true;
    }
    for id in 0..reaches.len() {
        let inputs: Vec<NodeId> = of.graph().node(id).inputs;
        reaches[id] |= inputs.iter().any(|&i| reaches[i]);
    }
    reaches
}
