//! What models that know noise levels share: the parameters of the two kinds of process, and the levels that are shown.

use super::{Process, Scope};
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section, numbers};
use std::f64::consts::FRAC_PI_2;

/// Whether the level that is shown is the one at which the samples are, where they go from level to level.
pub(super) const FOLLOW: Param = Param::boolean("followSamples", Group::Energy, false).primary();

/// The level that is shown, as σ.
const NOISE_LEVEL: Param = Param::number("noiseLevel", Group::Energy, 0.05, 0.01, 10.0).log().primary();
/// The smallest and the largest σ that is learned.
const SIGMA_MIN: Param = Param::number("sigmaMin", Group::Energy, 0.05, 0.01, 1.0).log();
const SIGMA_MAX: Param = Param::number("sigmaMax", Group::Energy, 4.0, 1.0, 20.0).log();
/// What a process whose variance explodes can be told.
pub(super) const EXPLODING: [Param; 4] = [NOISE_LEVEL, FOLLOW, SIGMA_MIN, SIGMA_MAX];

/// The level that is shown, as a share of the way to noise.
const TIME: Param = Param::number("time", Group::Energy, 0.0, 0.0, 1.0).primary();
/// T.
const LEVELS: Param = Param::integer("noiseSteps", Group::Energy, 100, 2, 1000).log().primary();
const SCHEDULE: Param = Param::choice("noiseSchedule", Group::Energy, "linear", &["linear", "cosine"]).primary();
/// β of the first step and of the last, where it grows evenly.
const BETA_MIN: Param = Param::number("betaMin", Group::Energy, 1e-3, 1e-5, 0.05).log().structural();
const BETA_MAX: Param = Param::number("betaMax", Group::Energy, 0.1, 0.01, 0.5).log().structural();
/// What a process that preserves the variance can be told.
pub(super) const PRESERVING: [Param; 6] = [TIME, FOLLOW, LEVELS, SCHEDULE, BETA_MIN, BETA_MAX];

/// The dials of a process whose variance explodes.
pub(super) fn exploding_dials(section: &Section) -> Vec<(&'static str, f64)> {
    numbers(&EXPLODING, section)
}

/// The process whose variance explodes.
pub(super) fn exploding<'g>(scope: &Scope<'g, '_>) -> Process<'g> {
    let [shown, smallest, largest] = [NOISE_LEVEL, SIGMA_MIN, SIGMA_MAX].map(|p| (scope.dial)(p.name));
    Process::exploding([smallest, largest], shown)
}

/// The dials of a process that preserves the variance.
pub(super) fn preserving_dials(section: &Section) -> Vec<(&'static str, f64)> {
    numbers(&PRESERVING, section)
}

/// The process that preserves the variance.
pub(super) fn preserving<'g>(section: &Section, scope: &Scope<'g, '_>) -> Process<'g> {
    let rates: Vec<f64> = kept(section).into_iter().flat_map(|kept| [kept.sqrt(), (1.0 - kept).sqrt()]).collect();
    let steps = rates.len() / 2;
    let shown = ((scope.dial)(TIME.name) * (steps - 1) as f64 + 0.5).floor();
    Process::preserving(scope.graph.literal(&rates, &[steps, 2]), shown)
}

/// ᾱ of each step: the share of the variance that is still the data's. β grows evenly (Ho et al. 2020, §4), or ᾱ falls
/// like a squared cosine (Nichol & Dhariwal 2021, eq. 17), with no β above 0.999. Where less than 10⁻¹⁰ would be left it stays at
/// that: single precision divides by its root.
fn kept(section: &Section) -> Vec<f64> {
    /// So little that nobody can tell it from nothing.
    const LEAST: f64 = 1e-10;
    let steps = section.count(LEVELS.name);
    let evenly = |k: usize| {
        let [first, last] = [BETA_MIN, BETA_MAX].map(|p| section.number(p.name));
        first + (last - first) * k as f64 / (steps - 1) as f64
    };
    let cosine = |k: usize| {
        const OFFSET: f64 = 0.008;
        let at = |k: usize| ((k as f64 / steps as f64 + OFFSET) / (1.0 + OFFSET) * FRAC_PI_2).cos().powi(2);
        (1.0 - at(k + 1) / at(k)).min(0.999)
    };
    let beta = |k| if section.choice(SCHEDULE.name) == "cosine" { cosine(k) } else { evenly(k) };
    (0..steps)
        .scan(1.0, |kept, k| {
            *kept = (*kept * (1.0 - beta(k))).max(LEAST);
            Some(*kept)
        })
        .collect()
}

impl<'g> Scope<'g, '_> {
    /// The levels of n points, [n].
    pub(super) fn levels(&self, process: &Process<'g>, n: usize) -> Tensor<'g> {
        self.level.unwrap_or_else(|| process.shown.broadcast_to(&[n]))
    }
}

/// The shares of the way to noise of steps k, (k + 1)/T.
pub(super) fn noise_time<'g>(section: &Section, step: Tensor<'g>) -> Tensor<'g> {
    (step + 1.0) * (1.0 / section.count(LEVELS.name) as f64)
}
