//! The density as a diffusion sees it, exactly: E(x, k) = −log p_k(x), where p_k is the law of a x₀ + σz with the data x₀ ~ p and the
//! a and σ of step k, and p is a mixture of Gaussians. What a diffusion model should have learned, for samplers to be studied on.

use super::levels::{PRESERVING, preserving, preserving_dials};
use super::{Ability, Given, Model, Process, Scope, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Param, Section};

/// The density itself, diffused.
pub(super) struct Diffused;

impl Model for Diffused {
    fn id(&self) -> &'static str {
        "diffused"
    }

    fn params(&self) -> &'static [Param] {
        &PRESERVING
    }

    fn formula(&self) -> &'static str {
        r"E(x, t) = -\log \int p(y)\,\mathcal{N}\bigl(x; \sqrt{\bar\alpha_t}\,y, (1 - \bar\alpha_t) I\bigr)\,\mathrm{d}y"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        preserving_dials(section)
    }

    fn knows(&self) -> Option<Ability> {
        Some(Ability::Noise)
    }

    fn process<'g>(&self, section: &Section, scope: &Scope<'g, '_>) -> Option<Process<'g>> {
        Some(preserving(section, scope))
    }

    fn weights(&self, _section: &Section, _space: Space) -> Vec<Weight> {
        vec![]
    }

    fn energy<'g>(&self, section: &Section, given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let mixture = given.density.mixture(given.section)?;
        let n = x.shape()[0];
        let process = preserving(section, scope);
        let [a, sigma] = process.rates(scope.levels(&process, n));
        // The law of a(x₀ + (σ/a) z).
        Some(mixture.smoothed_energy(x / a, (sigma / a).reshape(&[n])) + 2.0 * a.ln().reshape(&[n]))
    }
}
