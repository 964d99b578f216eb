//! Denoising diffusion implicit models (Song, Meng & Ermon 2021, eq. 12): the same laws at every level as ancestral sampling, with as
//! much chance in each step as η says. With η = 0 the way from noise to data is certain, and few rungs suffice.

use super::Scope;
use super::descent::{self, Denoises, Descent, Rung, Step, denoised};
use crate::graph::Tensor;
use crate::schema::{Group, Param};

/// DDIM.
pub(super) struct Ddim;

/// As it is registered.
pub(super) const DDIM: Descent<Ddim> = Descent(Ddim);

/// η.
const ETA: Param = Param::number("eta", Group::Sampler, 0.0, 0.0, 1.0).primary();
const RUNGS: Param = Param::integer(descent::PARAMS[0].name, Group::Sampler, 20, 2, 1000).log().primary();
const PARAMS: &[Param] = &[RUNGS, ETA, descent::PARAMS[1], descent::PARAMS[2]];

impl Denoises for Ddim {
    fn id(&self) -> &'static str {
        "ddim"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"x_{t'} = a_{t'} \hat x_0 + \sqrt{\sigma_{t'}^2 - c^2}\,\hat\varepsilon + c z, \quad c = \eta\,\tfrac{\sigma_{t'}}{\sigma_t}\sqrt{\sigma_t^2 - \tfrac{a_t^2}{a_{t'}^2}\sigma_{t'}^2}"
    }

    fn take<'g>(&self, scope: &Scope<'g, '_>, rung: &Rung<'g>, x: Tensor<'g>) -> Step<'g> {
        denoised(scope, rung, x, (scope.dial)(ETA.name))
    }
}
