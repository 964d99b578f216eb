//! One rung of the probability flow up to noise, with the volume that it stretches: what the exact likelihood of a model of noise levels is
//! made of (Song et al. 2021, "Score-Based Generative Modeling through Stochastic Differential Equations", eq. 39; the change of variables
//! is that of Chen et al. 2018, theorem 1).
//!
//! In the coordinates of [`crate::model::flow`] ln|∂y'/∂y| grows by ∫ div f dv, div f = −rσ tr ∂s/∂x − 2σ/r. Heun's method, as the kernel
//! `probability-flow` goes down.

use super::{Builder, Outputs, slot};
use crate::autodiff::grad;
use crate::graph::{Graph, Tensor};
use crate::model::flow::{place, size, slope};

/// Rungs from clean data to the most noise. Where a process has fewer levels, some rungs lead nowhere.
pub const RUNGS: usize = 200;

impl Builder<'_> {
    /// The places y [n, 2] one rung up, the logarithm of the volume [n], and the rungs that are done [1].
    pub(super) fn flow<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let process = self.process(graph).expect("laid out for models of noise levels");
        let weights = self.weights(graph, slot::AVERAGE);
        let (y, volume, done) =
            (self.state(graph, slot::FLOW), self.state(graph, slot::FLOW_VOLUME), self.state(graph, slot::FLOW_RUNG));
        let n = y.shape()[0];
        let (zero, one) = (graph.scalar(0.0), graph.scalar(1.0));
        let level = |rung: Tensor<'g>| process.level(1.0 - rung * (1.0 / (RUNGS - 1) as f64)).reshape(&[1]);
        let [from, to] = [level((done - 1.0).maximum(zero)), level(done)];
        // Clean data, where nothing flows yet, lie below the least noise.
        let first = (0.5 - done).step().reshape(&[1, 1]);
        let [a, sigma] = process.rates(from);
        let clean = [first.select(one, a), first.select(zero, sigma)];
        let stretching = |rates: [Tensor<'g>; 2], level: Tensor<'g>, y: Tensor<'g>| {
            let ([_, sigma], size) = (rates, size(rates));
            let x = size * y;
            let score = self.score(graph, &weights, x, Some(level.reshape(&[]).broadcast_to(&[n])));
            let trace = (0..2)
                .map(|i| grad(score.column(i).sum_all(), &[x])[0].column(i))
                .reduce(|sum, part| sum + part)
                .expect("the plane has two directions");
            let stretch = -(size * sigma).reshape(&[1]) * trace - 2.0 * (sigma / size).reshape(&[1]);
            (slope(rates, y, score), stretch)
        };
        let rates = process.rates(to);
        let far = place(rates) - place(clean);
        let (here, stretch_here) = stretching(clean, from, y);
        let (there, stretch_there) = stretching(rates, to, y + far * here);
        let half = far * 0.5;
        vec![
            (y + half * (here + there), slot::FLOW.into()),
            (volume + half.reshape(&[1]) * (stretch_here + stretch_there), slot::FLOW_VOLUME.into()),
            (done + 1.0, slot::FLOW_RUNG.into()),
        ]
    }

    /// How wide the noise is at the top, and r there: [2].
    pub(super) fn flow_top<'g>(&self, graph: &'g Graph) -> Outputs<'g> {
        let process = self.process(graph).expect("laid out for models of noise levels");
        let size = size(process.rates(process.level(graph.constant(0.0, &[1]))));
        vec![(graph.concat(&[process.widest().reshape(&[1]), size.reshape(&[1])], 0), slot::FLOW_TOP.into())]
    }
}
