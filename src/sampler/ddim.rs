//! Denoising diffusion implicit models (Song, Meng & Ermon 2021, eq. 12): the same laws at every level as ancestral sampling, with as
//! much chance in each step as η says. With η = 0 the way from noise to data is certain, and few rungs suffice.

use super::descent::{self, at_rung, denoised, descend, negatives_from};
use super::{Carried, Move, Sampler, Scope};
use crate::graph::Tensor;
use crate::model::{Ability, Process};
use crate::schema::{Group, Param, Section};

/// DDIM.
pub(super) struct Ddim;

/// η.
const ETA: Param = Param::number("eta", Group::Sampler, 0.0, 0.0, 1.0).primary();
const RUNGS: Param = Param::integer(descent::PARAMS[0].name, Group::Sampler, 20, 2, 1000).log().primary();
const PARAMS: &[Param] = &[RUNGS, ETA, descent::PARAMS[1], descent::PARAMS[2]];

impl Sampler for Ddim {
    fn id(&self) -> &'static str {
        "ddim"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"x_{t'} = a_{t'} \hat x_0 + \sqrt{\sigma_{t'}^2 - c^2}\,\hat\varepsilon + c z, \quad c = \eta\,\tfrac{\sigma_{t'}}{\sigma_t}\sqrt{\sigma_t^2 - \tfrac{a_t^2}{a_{t'}^2}\sigma_{t'}^2}"
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
        descend(section, scope, x, |rung| denoised(scope, rung, x, (scope.dial)(ETA.name)))
    }
}
