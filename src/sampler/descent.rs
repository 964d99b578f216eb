//! The way from noise to data, rung by rung: what the kernels that denoise have in common. A chain's first step draws it from what
//! data have become at the most noise; each step behind it leads one rung down, the last one to clean data. There it stays or,
//! with `repeat`, rests a while and begins anew.

use super::{Carried, Move, STEPS, Sampler, Scope};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::{Ability, Process};
use crate::schema::{Group, Param, Section};

/// Rungs of the ladder: as many levels of the process, evenly spread, the most noise and the least among them.
const RUNGS: Param = Param::integer("rungs", Group::Sampler, 100, 2, 1000).log().primary();
/// Whether chains that have arrived begin anew.
const REPEAT: Param = Param::boolean("repeat", Group::Sampler, true);
/// What every such kernel can be told.
pub(super) const PARAMS: [Param; 3] = [RUNGS, REPEAT, STEPS];

/// Of the rungs, as many more steps do chains rest before they begin anew.
const REST: f64 = 0.2;
/// The stream that chains begin from.
const START: u32 = 6;

/// One rung of the way: from one level of the process to the next one below.
pub(super) struct Rung<'g> {
    /// The level λ of each chain, [n].
    pub level: Tensor<'g>,
    /// a and σ there, each [n, 1].
    pub from: [Tensor<'g>; 2],
    /// The level below [n]; at the last rung, beyond which data are clean, the one at which chains already are.
    pub next_level: Tensor<'g>,
    /// a and σ of where the step leads, each [n, 1]: 1 and 0 from the last rung.
    pub to: [Tensor<'g>; 2],
    /// 1 on the last rung, [n, 1].
    pub last: Tensor<'g>,
}

/// What a kernel makes of a rung.
pub(super) struct Step<'g> {
    /// The score where the step began, [n, d].
    pub score: Tensor<'g>,
    /// Where it leads without chance, [n, d].
    pub mean: Tensor<'g>,
    /// What chance adds, [n, d].
    pub noise: Tensor<'g>,
}

/// What tells one kernel that denoises from another.
pub(super) trait Denoises: Sync {
    /// Registry id.
    fn id(&self) -> &'static str;

    /// What it can be told: [`PARAMS`], and its own.
    fn params(&self) -> &'static [Param];

    /// TeX of one step.
    fn formula(&self) -> &'static str;

    /// One rung of the way for chains at x [n, d].
    fn take<'g>(&self, scope: &Scope<'g, '_>, rung: &Rung<'g>, x: Tensor<'g>) -> Step<'g>;
}

/// Such a kernel, as every other.
pub(super) struct Descent<D>(pub D);

impl<D: Denoises> Sampler for Descent<D> {
    fn id(&self) -> &'static str {
        self.0.id()
    }

    fn params(&self) -> &'static [Param] {
        self.0.params()
    }

    fn formula(&self) -> &'static str {
        self.0.formula()
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Noise)
    }

    fn spaces(&self) -> &'static [Space] {
        Space::PLANE
    }

    /// How many steps of the way each chain has behind it.
    fn carries(&self, _section: &Section, _latent: usize) -> Option<Carried> {
        Some(Carried { name: "descent", columns: 1 })
    }

    fn begin<'g>(&self, _section: &Section, x: Tensor<'g>, _columns: usize) -> Tensor<'g> {
        at_rung(x, 0.0)
    }

    fn begin_negatives<'g>(&self, section: &Section, x: Tensor<'g>, _columns: usize) -> Tensor<'g> {
        at_rung(x, negatives_from(section))
    }

    fn levels<'g>(&self, section: &Section, process: &Process<'g>, carried: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(level_of(section, process, next_rung(section, carried)))
    }

    /// The first step draws the beginning.
    fn ladder(&self, section: &Section) -> usize {
        section.count(RUNGS.name) + 1
    }

    fn step<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        descend(section, scope, x, |rung| self.0.take(scope, rung, x))
    }
}

/// Steps that chains at their beginning have behind them if a rule's negatives are to end with `steps` more; those that have time left
/// wait at the beginning, where each step draws them anew.
fn negatives_from(section: &Section) -> f64 {
    1.0 + section.count(RUNGS.name) as f64 - section.count(STEPS.name) as f64
}

/// What chains that begin carry along.
fn at_rung(x: Tensor<'_>, done: f64) -> Tensor<'_> {
    x.graph().constant(done, &[x.shape()[0], 1])
}

/// Which rung is next for chains with so many steps behind them, kept within the ladder for those above or below it.
fn next_rung<'g>(section: &Section, done: Tensor<'g>) -> Tensor<'g> {
    (done - 1.0).clamp(0.0, section.count(RUNGS.name) as f64 - 1.0)
}

/// λ of rungs, [n].
fn level_of<'g>(section: &Section, process: &Process<'g>, rung: Tensor<'g>) -> Tensor<'g> {
    process.level(rung * (1.0 / (section.count(RUNGS.name) as f64 - 1.0))).reshape(&[rung.len()])
}

/// One step of chains at x [n, d]: the beginning, a rung as the kernel takes it, or rest.
fn descend<'g>(
    section: &Section,
    scope: &Scope<'g, '_>,
    x: Tensor<'g>,
    take: impl FnOnce(&Rung<'g>) -> Step<'g>,
) -> Move<'g> {
    let graph = scope.graph;
    let rungs = section.count(RUNGS.name) as f64;
    let (zero, one) = (graph.scalar(0.0), graph.scalar(1.0));
    let process = &scope.noise.as_ref().expect("refused without").process;
    let done = scope.carried();
    let rung = next_rung(section, done);
    let level = |rung| level_of(section, process, rung);
    let [here, below] = [level(rung), level((rung + 1.0).minimum(graph.scalar(rungs - 1.0)))];
    let last = (rung - (rungs - 1.5)).step();
    let [a, sigma] = process.rates(below);
    let to = [last.select(one, a), last.select(zero, sigma)];
    let step = take(&Rung { level: here, from: process.rates(here), next_level: below, to, last });

    let begins = (0.5 - done).step();
    let rests = (done - (rungs + 0.5)).step();
    let start = process.widest() * graph.normal(START, &x.shape());
    let drift = begins.select(zero, rests.select(zero, step.mean - x));
    let noise = begins.select(start - x, rests.select(zero, step.noise));
    let position = begins.select(start, rests.select(x, step.mean + step.noise));
    let end = if section.flag(REPEAT.name) { rungs + (REST * rungs).ceil() } else { rungs + 1.0 };
    let next = match section.flag(REPEAT.name) {
        true => (done - (end - 0.5)).step().select(zero, done + 1.0),
        // Past the ladder's end counting has no use, and in single precision an end.
        false => (done + 1.0).minimum(graph.scalar(end)),
    };
    Move { carried: Some(next), ..Move::proposed(-step.score, drift, noise, position) }
}

/// The step to the next rung that keeps the process's law if the score does (Song et al. 2021, "Denoising Diffusion Implicit Models", eq. 12,
/// for any a and σ): with x̂₀ = (x + σ²s)/a and ε̂ = −σs, x' = a'x̂₀ + √(σ'² − c²) ε̂ + cz and c = η(σ'/σ)√(σ² − (a/a')²σ'²), η of shape [].
/// With η = 1 it is the posterior of Ho et al. 2020, eqs. 6–7; with η = 0 nothing is left to chance. Stream: 0.
pub(super) fn denoised<'g>(scope: &Scope<'g, '_>, rung: &Rung<'g>, x: Tensor<'g>, eta: Tensor<'g>) -> Step<'g> {
    let noise = scope.noise.as_ref().expect("refused without");
    let score = (noise.score)(x, rung.level);
    let ([a, sigma], [a_below, sigma_below]) = (rung.from, rung.to);
    let clean = (x + sigma.square() * score) / a;
    // Of the variance at a rung, what the one below does not explain. Rounding may make it a little less than nothing.
    let fresh = (sigma.square() - (a / a_below * sigma_below).square()).maximum(scope.graph.scalar(0.0));
    let kick = eta * sigma_below / sigma * fresh.sqrt();
    let kept = (sigma_below.square() - kick.square()).maximum(scope.graph.scalar(0.0)).sqrt();
    let mean = a_below * clean - kept * sigma * score;
    Step { score, mean, noise: kick * scope.graph.normal(0, &x.shape()) }
}
