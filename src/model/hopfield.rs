//! Hopfield networks: memories ξ¹ … ξᴹ among the data's patterns are the minima of an energy that nobody trains. The classical one
//! (Hopfield 1982) has Hebb's couplings, E(x) = −½ xᵀ J x with J = (1/d) Σ ξ ξᵀ without its diagonal; with more than some 0.14 d
//! memories they spoil each other (Amit, Gutfreund & Sompolinsky 1985). The modern one (Ramsauer et al. 2021, eq. 2, of which the
//! terms that are constant for x ∈ {−1, 1}^d are left out) is E(x) = −(1/β) ln Σ exp(β ξᵀx), and keeps exponentially many.

use super::boltzmann_machine::of_pairs;
use super::{Given, Model, Scope, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Memories of the data's patterns.
pub(super) struct Hopfield;

const MEMORIES: Param = Param::integer("memories", Group::Energy, 2, 1, 30).structural().primary();
const FORM: Param = Param::choice("form", Group::Energy, "classical", &["classical", "modern"]).structural().primary();
/// β.
const SHARPNESS: Param = Param::number("sharpness", Group::Energy, 1.0, 0.05, 10.0).log();

/// The memories ξ [m, d], each once, at the most all of the patterns: far apart in their list, so that the first ones have little in
/// common.
fn memories(section: &Section, given: Given, d: usize) -> Option<Vec<f64>> {
    let pixels = given.density.patterns(given.section)?.pixels;
    let mut patterns: Vec<&[u8]> = vec![];
    for pattern in pixels.chunks_exact(d) {
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    // 11 has no divisor in common with the 6, 14 or 30 that there are.
    let chosen = (0..section.count(MEMORIES.name).min(patterns.len())).map(|k| patterns[(11 * k + 9) % patterns.len()]);
    Some(chosen.flatten().map(|&byte| if byte < 128 { -1.0 } else { 1.0 }).collect())
}

impl Model for Hopfield {
    fn id(&self) -> &'static str {
        "hopfield"
    }

    fn params(&self) -> &'static [Param] {
        &[MEMORIES, FORM, SHARPNESS]
    }

    fn formula(&self) -> &'static str {
        r"E(x) = -\tfrac1d \sum_{i < j} \sum_\mu \xi^\mu_i \xi^\mu_j x_i x_j \quad\text{or}\quad -\tfrac1\beta \log \sum_\mu e^{\beta \xi^\mu \cdot x}"
    }

    fn spaces(&self) -> &'static [Space] {
        Space::PATTERNS
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        vec![(SHARPNESS.name, section.number(SHARPNESS.name))]
    }

    fn weights(&self, _section: &Section, _space: Space) -> Vec<Weight> {
        vec![]
    }

    fn energy<'g>(&self, section: &Section, given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let d = x.shape()[1];
        let memories = memories(section, given, d)?;
        let memories = scope.graph.literal(&memories, &[memories.len() / d, d]);
        Some(match section.choice(FORM.name) {
            "modern" => {
                let sharpness = (scope.dial)(SHARPNESS.name);
                -(sharpness * x.matmul(memories.t())).logsumexp(1) / sharpness
            }
            _ => of_pairs(scope.graph, x, memories.t().matmul(memories) / d as f64),
        })
    }
}
