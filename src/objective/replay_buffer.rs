//! The replay buffer: chains that wait for their next turn. An update takes a run of neighbouring chains that begins at
//! a random place (chains are exchangeable, so this is a fair draw, and no chain is taken twice), starts each anew with
//! a small probability, and writes them back where they were.

use crate::graph::{Graph, Tensor};
use crate::schema::{Group, Param, Section};

/// Chains in the buffer.
pub(super) const SIZE: Param = Param::integer("bufferSize", Group::Training, 10_000, 64, 100_000).log();
/// Probability that a drawn chain starts anew.
pub(super) const REINITIALISE: Param = Param::number("reinitialise", Group::Training, 0.05, 0.0, 1.0).primary();
/// Where it starts: uniformly in the box around the world, or at a data point; there all chains begin then.
pub(super) const RESTART_FROM: Param = Param::choice("restartFrom", Group::Training, "uniform", &["uniform", "data"]);

/// A buffer in a graph.
pub struct ReplayBuffer<'g> {
    /// Chains [size, d].
    pub chains: Tensor<'g>,
    /// Updates since each chain's last start [size, 1].
    pub ages: Tensor<'g>,
}

/// Chains taken from the buffer.
pub struct Drawn<'g> {
    /// Where they are from, [n].
    pub indices: Tensor<'g>,
    /// Where they stand or start, [n, d].
    pub positions: Tensor<'g>,
    /// Their ages once this update is done, [n, 1].
    pub ages: Tensor<'g>,
}

impl<'g> ReplayBuffer<'g> {
    /// Takes n chains. `start` [n, d] is where those that begin anew do; with `from_start` also those that nothing has moved yet.
    /// Streams: 8 for the place, 9 for the choice.
    pub fn draw(
        &self,
        graph: &'g Graph,
        n: usize,
        probability: Tensor<'g>,
        start: Tensor<'g>,
        from_start: bool,
    ) -> Drawn<'g> {
        let size = self.chains.shape()[0];
        let first = (graph.uniform(8, &[1]) * size as f64).floor().minimum(graph.scalar(size as f64 - 1.0));
        let straight = first + graph.iota(0, &[n]);
        let wrapped = (straight - (size as f64 - 0.5)).step() * size as f64;
        let indices = straight - wrapped;
        let before = self.ages.gather(indices);
        let mut anew = probability - graph.uniform(9, &[n, 1]);
        if from_start {
            anew = anew.maximum(0.5 - before);
        }
        let positions = anew.select(start, self.chains.gather(indices));
        let ages = anew.select(graph.constant(0.0, &[n, 1]), before) + 1.0;
        Drawn { indices, positions, ages }
    }

    /// Chains a buffer of this configuration holds.
    pub fn size(section: &Section) -> usize {
        section.count("bufferSize")
    }

    /// Whether chains start anew at data points.
    pub fn restarts_at_data(section: &Section) -> bool {
        section.choice("restartFrom") == "data"
    }
}
