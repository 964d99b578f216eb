//! Ancestral sampling of a diffusion (Ho et al. 2020, algorithm 2, with the posterior's variance β̃): each step draws the level below
//! from its law given x and the clean data that the score points to. Between all levels of the process it is their algorithm;
//! with fewer rungs it is DDIM's with η = 1.

use super::Scope;
use super::descent::{self, Denoises, Descent, Rung, Step, denoised};
use crate::graph::Tensor;
use crate::schema::Param;

/// Ancestral sampling.
pub(super) struct Ddpm;

/// As it is registered.
pub(super) const DDPM: Descent<Ddpm> = Descent(Ddpm);

impl Denoises for Ddpm {
    fn id(&self) -> &'static str {
        "ddpm"
    }

    fn params(&self) -> &'static [Param] {
        &descent::PARAMS
    }

    fn formula(&self) -> &'static str {
        r"x_{t-1} \sim q\bigl(x_{t-1} \mid x_t, \hat x_0\bigr), \quad \hat x_0 = \frac{x_t + \sigma_t^2 s(x_t, t)}{a_t}"
    }

    fn take<'g>(&self, scope: &Scope<'g, '_>, rung: &Rung<'g>, x: Tensor<'g>) -> Step<'g> {
        denoised(scope, rung, x, scope.graph.scalar(1.0))
    }
}
