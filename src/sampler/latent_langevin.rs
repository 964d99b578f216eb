//! Langevin dynamics of the latent variables of a model whose prior an energy f tilts (Pang et al. 2020, eq. 3):
//! z' = z − h∇(f(z) + ½|z|²) + √(2h) ε, which is the paper's with s² = 2h, then x ~ p(x | z). A chain begins at a draw of N(0, I),
//! wherever its x is. For small steps the law of z and x together is the model's.

use super::ancestral::emitted;
use super::{Carried, LATENT, Move, STEPS, Sampler, Scope};
use crate::data::Space;
use crate::graph::Tensor;
use crate::model::Ability;
use crate::schema::{Group, Kind, Param, Section};

/// Moves z, shows x.
pub(super) struct LatentLangevin;

const PARAMS: &[Param] = &[
    Param::number("stepSize", Group::Sampler, 0.03, 1e-5, 1.0).log().primary(),
    Param { kind: Kind::Integer { min: 1, max: 1000, default: 60 }, ..STEPS },
    DRAWS,
];
/// Whether x is a draw of p(x | z) or its mean.
const DRAWS: Param = Param::boolean("observationNoise", Group::Sampler, true);

impl Sampler for LatentLangevin {
    fn id(&self) -> &'static str {
        "latent-langevin"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"z' = z - h\,\nabla\bigl(f_\theta(z) + \tfrac{1}{2} |z|^2\bigr) + \sqrt{2h}\,\varepsilon, \quad x' \sim p_\theta(x \mid z')"
    }

    fn needs(&self) -> Option<Ability> {
        Some(Ability::LatentEnergy)
    }

    fn spaces(&self) -> &'static [Space] {
        Space::CONTINUOUS
    }

    /// z moves whatever is held.
    fn conditions(&self) -> bool {
        false
    }

    fn carries(&self, _section: &Section, latent: usize) -> Option<Carried> {
        Some(Carried { name: LATENT, columns: latent })
    }

    /// Stream 7.
    fn begin<'g>(&self, _section: &Section, x: Tensor<'g>, columns: usize) -> Tensor<'g> {
        x.graph().normal(7, &[x.shape()[0], columns])
    }

    /// Stream 7 for z.
    fn step<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Move<'g> {
        let model = scope.latent_energy.as_ref().expect("refused without");
        let z = model.dream(scope.carried(), scope.step_size, 7);
        let mut moved = emitted(scope, x, (model.decode)(z));
        if !section.flag(DRAWS.name) {
            moved.noise = scope.graph.constant(0.0, &x.shape());
            moved.proposal = x + moved.drift;
            moved.position = moved.proposal;
        }
        Move { carried: Some(z), ..moved }
    }
}
