//! Underdamped Langevin by the BAOAB splitting (Leimkuhler & Matthews 2013): each particle has a momentum p that slopes push
//! (B), that carries it along (A), and that friction γ damps while noise stirs it (O). The momentum goes on from step to step.
//! On a parabola the law of the place is exact whatever h < 2; the law of the momentum is a little cold, 1 − h²/4.

use super::{CLAMP_X, CLAMP_Y, Carried, Move, STEPS, Sampler, Scope, gradient};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// BAOAB.
pub(super) struct UnderdampedLangevin;

const PARAMS: &[Param] = &[
    Param::number("stepSize", Group::Sampler, 0.1, 1e-4, 2.0).log().primary(),
    Param::number("friction", Group::Sampler, 1.0, 0.01, 100.0).log().primary(),
    STEPS,
    CLAMP_X,
    CLAMP_Y,
];

impl Sampler for UnderdampedLangevin {
    fn id(&self) -> &'static str {
        "underdamped-langevin"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"\mathrm{d}x = p\,\mathrm{d}t, \quad \mathrm{d}p = -\nabla E(x)\,\mathrm{d}t - \gamma p\,\mathrm{d}t + \sqrt{2\gamma}\,\mathrm{d}W"
    }

    fn carries(&self, _section: &Section, _latent: usize) -> Option<Carried> {
        Some(Carried { name: "momentum", columns: 2 })
    }

    /// From rest nobody would start: p ~ N(0, I).
    fn begin<'g>(&self, _section: &Section, x: Tensor<'g>, _columns: usize) -> Tensor<'g> {
        x.graph().normal(6, &x.shape())
    }

    fn spaces(&self) -> &'static [Space] {
        Space::PLANE
    }

    fn needs_energy(&self) -> bool {
        false
    }

    fn step<'g>(&self, _section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let half = 0.5 * scope.step_size;
        let gradient_x = gradient(scope, x);
        let pushed = scope.carried() - half * gradient_x;
        let kept = (-(scope.step_size * (scope.dial)("friction"))).exp();
        let kick = (1.0 - kept.square()).sqrt() * scope.graph.normal(0, &x.shape());
        let stirred = kept * pushed + kick;
        let noise = half * kick;
        let drift = half * (pushed + kept * pushed);
        let y = x + drift + noise;
        let momentum = stirred - half * gradient(scope, y);
        Move { carried: Some(momentum), ..Move::proposed(gradient_x, drift, noise, y) }
    }
}
