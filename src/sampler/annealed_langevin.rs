//! Annealed Langevin dynamics (Song & Ermon 2019, algorithm 1): Langevin steps on E(x, σ) down a ladder of noise levels, with
//! a step in proportion to σ²: h = ασ². Between the levels the chains cross what would hold them at the last one, and the modes get
//! their weights; where the ladder ends they go on at the smallest level or, with `repeat`, begin anew from N(0, σ₁²I).

use super::{CLAMP_X, CLAMP_Y, Carried, Move, STEPS, Sampler, Scope};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::{Ability, Process};
use crate::schema::{Group, Param, Section};

/// Annealed Langevin.
pub(super) struct AnnealedLangevin;

const PARAMS: &[Param] = &[
    Param::number("stepSize", Group::Sampler, 0.1, 1e-4, 0.5).log().primary(),
    Param::integer("levels", Group::Sampler, 10, 2, 100).primary(),
    Param::integer("levelSteps", Group::Sampler, 20, 1, 1000).log().primary(),
    Param::boolean("repeat", Group::Sampler, false),
    STEPS,
    CLAMP_X,
    CLAMP_Y,
];

/// The levels of chains with so many steps behind them, of `done`'s shape.
fn level<'g>(section: &Section, process: &Process<'g>, done: Tensor<'g>) -> Tensor<'g> {
    let [levels, steps] = ["levels", "levelSteps"].map(|name| section.count(name) as f64);
    // A half more keeps the quotient of whole numbers off the edge of its level.
    let rung = ((done + 0.5) * (1.0 / steps)).floor().clamp(0.0, levels - 1.0);
    process.level(rung * (1.0 / (levels - 1.0)))
}

impl Sampler for AnnealedLangevin {
    fn id(&self) -> &'static str {
        "annealed-langevin"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"x' = x - \alpha\sigma_i^2\,\nabla_x E(x, \sigma_i) + \sqrt{2\alpha}\,\sigma_i z, \quad \sigma_i = \sigma_1 (\sigma_L/\sigma_1)^{\frac{i-1}{L-1}}"
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Noise)
    }

    /// How many steps of the ladder each chain has behind it.
    fn carries(&self, _section: &Section, _latent: usize) -> Option<Carried> {
        Some(Carried { name: "rung", columns: 1 })
    }

    fn begin<'g>(&self, _section: &Section, x: Tensor<'g>, _columns: usize) -> Tensor<'g> {
        x.graph().constant(0.0, &[x.shape()[0], 1])
    }

    /// Negatives go down the last `steps` steps of the ladder, so that they end where it does; those with more steps stay longer at its
    /// top.
    fn begin_negatives<'g>(&self, section: &Section, x: Tensor<'g>, _columns: usize) -> Tensor<'g> {
        x.graph().constant(self.ladder(section) as f64 - section.count("steps") as f64, &[x.shape()[0], 1])
    }

    fn levels<'g>(&self, section: &Section, process: &Process<'g>, carried: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(level(section, process, carried).reshape(&[carried.len()]))
    }

    fn ladder(&self, section: &Section) -> usize {
        section.count("levels") * section.count("levelSteps")
    }

    fn spaces(&self) -> &'static [Space] {
        Space::PLANE
    }

    fn step<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let (n, levels, steps) = (x.shape()[0], section.count("levels") as f64, section.count("levelSteps") as f64);
        let noise = scope.noise.as_ref().expect("refused without");
        let done = scope.carried();
        let level = level(section, &noise.process, done);
        let [_, sigma] = noise.process.rates(level);
        let gradient = -(noise.score)(x, level.reshape(&[n]));
        let drift = -(scope.step_size * sigma.square() * gradient);
        let kick = (2.0 * scope.step_size).sqrt() * sigma * scope.graph.normal(0, &x.shape());
        // Past the ladder's end counting has no use, and in single precision an end.
        let next = (done + 1.0).minimum(scope.graph.scalar(levels * steps));
        let moved = Move { carried: Some(next), ..Move::proposed(gradient, drift, kick, x + drift + kick) };
        if !section.flag("repeat") {
            return moved;
        }
        let again = (done - (levels * steps - 0.5)).step();
        let start = noise.process.widest() * scope.graph.normal(6, &x.shape());
        let zero = scope.graph.scalar(0.0);
        let position = again.select(start, moved.position);
        Move {
            position,
            proposal: position,
            carried: Some(again.select(zero, next)),
            drift: again.select(zero, drift),
            noise: again.select(start - x, kick),
            ..moved
        }
    }
}
