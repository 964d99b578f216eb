//! The short-run Langevin dynamics that image energies are trained with (Du & Mordatch 2019, algorithm 1, as the deep-energy
//! tutorial runs it: Lippe, UvA Deep Learning Tutorials 2022, no. 8): noise first, then a step along the slope at the noisy
//! place, each coordinate of the slope clipped; after both x is kept within its bounds.
//!
//! The noise is far smaller than √(2h): the law that it follows is exp(−E/T) at the temperature T = σ²/(2h), a millionth,
//! and no short run reaches it. What it makes are images of low energy, not draws of exp(−E).

use super::{CLAMP_X, CLAMP_Y, Move, STEPS, Sampler, Scope, gradient};
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Clipped Langevin.
pub(super) struct ClippedLangevin;

const PARAMS: &[Param] = &[
    Param::number("stepSize", Group::Sampler, 10.0, 1e-3, 100.0).log().primary(),
    Param::number("noise", Group::Sampler, 0.005, 0.0, 1.0).primary(),
    Param::number("gradientClip", Group::Sampler, 0.03, 1e-4, 10.0).log().primary(),
    Param { kind: crate::schema::Kind::Integer { min: 1, max: 1000, default: 60 }, ..STEPS },
    CLAMP_X,
    CLAMP_Y,
];

impl Sampler for ClippedLangevin {
    fn id(&self) -> &'static str {
        "clipped-langevin"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"x' = y - h\,\mathrm{clip}_c\,\nabla E(y), \quad y = x + \sigma z, \quad x', y \in [a, b]^d"
    }

    fn temperature(&self, section: &Section) -> f64 {
        section.number("noise").powi(2) / (2.0 * section.number("stepSize"))
    }

    fn step<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let within = |x: Tensor<'g>| x.clamp(scope.bounds[0], scope.bounds[1]);
        let clip = (scope.dial)("gradientClip");
        let noisy = within(x + (scope.dial)("noise") * scope.graph.normal(0, &x.shape()));
        let slope = gradient(scope, noisy).minimum(clip).maximum(-clip);
        let proposal = within(noisy - scope.step_size * slope);
        // What the bounds cut off belongs to the part of the move that ran against them.
        Move::proposed(slope, proposal - noisy, noisy - x, proposal)
    }
}
