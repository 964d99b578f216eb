//! Finds the node that equals a new one, so that equal expressions are one node. A table of its own is a tenth of what the
//! standard library's maps add to the download.

use super::{Node, NodeId};
use std::hash::{Hash, Hasher};

/// Open addressing with linear probing over the numbers of nodes; the nodes themselves stay in the graph's list.
#[derive(Debug, Default)]
pub(super) struct Interner {
    /// Node + 1, or 0 where the place is free; a power of two, at least half of it free.
    places: Vec<u32>,
}

impl Interner {
    /// The number of the node that equals this one.
    pub fn find(&self, nodes: &[Node], node: &Node) -> Option<NodeId> {
        if self.places.is_empty() {
            return None;
        }
        match self.places[self.place(nodes, node)] {
            0 => None,
            number => Some(number as NodeId - 1),
        }
    }

    /// Takes in the last of the nodes, which equals no other.
    pub fn insert_last(&mut self, nodes: &[Node]) {
        if 2 * nodes.len() > self.places.len() {
            self.places = vec![0; (4 * nodes.len()).next_power_of_two()];
            for number in 1..nodes.len() {
                self.occupy(nodes, number);
            }
        }
        self.occupy(nodes, nodes.len());
    }

    fn occupy(&mut self, nodes: &[Node], number: usize) {
        let place = self.place(nodes, &nodes[number - 1]);
        self.places[place] = number as u32;
    }

    /// Where the node is, or the free place where it belongs.
    fn place(&self, nodes: &[Node], node: &Node) -> usize {
        let mut hash = Fnv(0xCBF2_9CE4_8422_2325);
        node.hash(&mut hash);
        let mask = self.places.len() - 1;
        // The multiplication carries upwards only: the high half knows more.
        let mut place = (hash.0 ^ (hash.0 >> 32)) as usize & mask;
        while self.places[place] != 0 && nodes[self.places[place] as usize - 1] != *node {
            place = (place + 1) & mask;
        }
        place
    }
}

/// The hash of Fowler, Noll and Vo (variant 1a, 64 bits).
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Op;

    #[test]
    fn finds_what_was_taken_in_and_nothing_else() {
        let node = |i: usize| Node { op: Op::Literal(i % 7), inputs: vec![i / 7], shape: vec![i % 3, 2] };
        let (mut nodes, mut interner) = (vec![], Interner::default());
        for i in 0..1000 {
            assert_eq!(interner.find(&nodes, &node(i)), None);
            nodes.push(node(i));
            interner.insert_last(&nodes);
        }
        for i in 0..1000 {
            assert_eq!(interner.find(&nodes, &node(i)), Some(i));
        }
        assert_eq!(interner.find(&nodes, &node(1000)), None);
    }
}
