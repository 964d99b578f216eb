//! Ancestral sampling of a diffusion (Ho et al. 2020, algorithm 2, with the posterior's variance β̃): each step draws the level below
//! from its law given x and the clean data that the score points to. Between all levels of the process it is their algorithm;
//! with fewer rungs it is DDIM's with η = 1.

use super::descent::{self, at_rung, denoised, descend, negatives_from};
use super::{Carried, Move, Sampler, Scope};
use crate::graph::Tensor;
use crate::model::{Ability, Process};
use crate::schema::{Param, Section};

/// Ancestral sampling.
pub(super) struct Ddpm;

impl Sampler for Ddpm {
    fn id(&self) -> &'static str {
        "ddpm"
    }

    fn params(&self) -> &'static [Param] {
        &descent::PARAMS
    }

    fn formula(&self) -> &'static str {
        r"x_{t-1} \sim q\bigl(x_{t-1} \mid x_t, \hat x_0\bigr), \quad \hat x_0 = \frac{x_t + \sigma_t^2 s(x_t, t)}{a_t}"
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::Noise)
    }

    fn planar(&self) -> bool {
        true
    }

    /// How many steps of the way each chain has behind it.
    fn carries(&self, _section: &Section) -> Option<Carried> {
        Some(descent::CARRIED)
    }

    fn begin<'g>(&self, _section: &Section, x: Tensor<'g>) -> Tensor<'g> {
        at_rung(x, 0.0)
    }

    fn begin_negatives<'g>(&self, section: &Section, x: Tensor<'g>) -> Tensor<'g> {
        at_rung(x, negatives_from(section))
    }

    fn levels<'g>(&self, section: &Section, process: &Process<'g>, carried: Tensor<'g>) -> Option<Tensor<'g>> {
        Some(descent::levels(section, process, carried))
    }

    fn step<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        descend(section, scope, x, |rung| denoised(scope, rung, x, scope.graph.scalar(1.0)))
    }
}
