//! Gibbs sampling of pixels one after the other (Geman & Geman 1984; as the dynamics of spins, Glauber 1963): each is drawn from its
//! law given all the others, p(x_i = 1 | rest) = σ((E(x with x_i = −1) − E(x with x_i = 1)) / T), which two energies tell of any
//! model. p(x) ∝ exp(−E(x)/T) stays exactly invariant; towards T = 0 every pixel goes where the energy falls, which is how a Hopfield
//! network recalls (Hopfield 1982).

use super::{Move, STEPS, Sampler, Scope, gradient};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Kind, Param, Section};

/// One pixel at a time.
pub(super) struct SingleSiteGibbs;

const TEMPERATURE: Param = Param::number("temperature", Group::Sampler, 1.0, 0.0, 10.0).primary();

const PARAMS: &[Param] = &[TEMPERATURE, Param { kind: Kind::Integer { min: 1, max: 1000, default: 1 }, ..STEPS }];

/// Temperature that stands for 0: what differs by more than a hundred times as much is certain in single precision.
const COLDEST: f64 = 1e-6;

impl Sampler for SingleSiteGibbs {
    fn id(&self) -> &'static str {
        "single-site-gibbs"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"p(x_i = 1 \mid x_{-i}) = \sigma\bigl((E(x_{i \to -1}) - E(x_{i \to 1})) / T\bigr)"
    }

    fn spaces(&self) -> &'static [Space] {
        Space::PATTERNS
    }

    /// The drift leads to the means of the pixels' laws as they are drawn, the noise from there to the draws. Stream 7.
    fn step<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let (graph, d) = (scope.graph, x.shape()[1]);
        let temperature = (scope.dial)(TEMPERATURE.name).maximum(graph.scalar(COLDEST));
        let chances = graph.uniform(7, &x.shape());
        let (mut now, mut mean) = (x, graph.constant(0.0, &x.shape()));
        for i in 0..d {
            let one = (0..d).map(|j| f64::from(u8::from(i == j))).collect::<Vec<_>>();
            let here = graph.literal(&one, &[1, d]);
            let others = now * (1.0 - here);
            let [off, on] = [-1.0, 1.0].map(|value| (scope.energy)(others + value * here));
            let likely = ((off - on) / temperature).sigmoid();
            let drawn = 2.0 * (likely - (chances * here).sum(1)).step() - 1.0;
            let rows = likely.shape()[0];
            now = others + drawn.reshape(&[rows, 1]) * here;
            mean = mean + (2.0 * likely - 1.0).reshape(&[rows, 1]) * here;
        }
        Move::proposed(gradient(scope, x), mean - x, now - mean, now)
    }
}
