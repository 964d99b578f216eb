//! Where graphs live: in slots that are never given back but used again, so that a tensor can name its graph by a number.

use super::interner::Interner;
use super::{Graph, ID_BITS};
use std::cell::{Cell, RefCell};
use std::ops::Deref;

thread_local! {
    /// Every graph of this thread, at its slot.
    static ALL: RefCell<Vec<&'static Graph>> = const { RefCell::new(Vec::new()) };
    /// Those that nobody owns, which are empty.
    static FREE: Cell<Vec<&'static Graph>> = const { Cell::new(Vec::new()) };
}

/// The graph at a slot.
pub(super) fn at(slot: u32) -> &'static Graph {
    ALL.with_borrow(|all| all[slot as usize])
}

/// A graph's owner. Tensors live no longer than a borrow of it.
#[derive(Debug)]
pub struct OwnedGraph(&'static Graph);

impl Default for OwnedGraph {
    fn default() -> Self {
        let mut free = FREE.take();
        let graph = free.pop().unwrap_or_else(|| {
            ALL.with_borrow_mut(|all| {
                // As many as there ever are at once: dropping one makes its slot free.
                assert!(all.len() < 1 << (u32::BITS - ID_BITS), "{} graphs at once", all.len());
                let graph = Graph {
                    slot: all.len() as u32,
                    nodes: RefCell::default(),
                    known: RefCell::new(Interner::default()),
                    literals: RefCell::default(),
                };
                all.push(Box::leak(Box::new(graph)));
                all[all.len() - 1]
            })
        });
        FREE.set(free);
        Self(graph)
    }
}

impl Drop for OwnedGraph {
    fn drop(&mut self) {
        self.0.nodes.take();
        self.0.known.take();
        self.0.literals.take();
        // Where the thread ends, its slots have ended before.
        let _ = FREE.try_with(|free| {
            let mut graphs = free.take();
            graphs.push(self.0);
            free.set(graphs);
        });
    }
}

impl Deref for OwnedGraph {
    type Target = Graph;

    fn deref(&self) -> &Graph {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again_and_graphs_begin_empty() {
        let slot = {
            let graph = Graph::new();
            graph.scalar(1.0);
            graph.slot
        };
        let (again, other) = (Graph::new(), Graph::new());
        assert_eq!((again.slot, again.len()), (slot, 0));
        assert_ne!(other.slot, slot);
        let (one, two) = (again.scalar(2.0), other.scalar(3.0));
        assert_eq!((one.as_constant(), two.as_constant()), (Some(2.0), Some(3.0)));
        assert!(std::ptr::eq(one.graph(), &*again) && std::ptr::eq(two.graph(), &*other));
    }
}
