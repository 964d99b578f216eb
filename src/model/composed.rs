//! Energy algebra (Hinton 2002; Du, Li & Mordatch 2020): two energies make a third. With E₁ and E₂ as −ln of densities,
//!
//! * product (AND): E = E₁ + w E₂,
//! * mixture (OR): E = −ln(e^−E₁ + w e^−E₂),
//! * negation (AND NOT): E = E₁ + w softplus(c − E₂), which is E₁ − w E₂ where E₂ is below the ceiling c, but for a constant, and
//!   E₁ where it is above: without a ceiling the law would escape to wherever the second density vanishes fastest,
//!
//! each divided by a temperature T. Either energy is a network or a registered density.

use super::mlp::{self, ACTIVATION, CONFINEMENT, FEATURES, INITIALISATION, Mlp, WIDTHS};
use super::{Given, Model, Scope, Weight};
use crate::data;
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// Two energies, composed.
pub(super) struct Composed;

const NETWORK: &str = "network";
/// The first is a network or the density of the experiment.
const FIRST: Param = Param::choice("first", Group::Energy, NETWORK, &[NETWORK, "density"]).primary();
/// The second is another network of the same kind, or a density with its defaults.
const SECOND: Param = Param::choice(
    "second",
    Group::Energy,
    "gaussian",
    &[
        NETWORK,
        "banana",
        "checkerboard",
        "circles",
        "eight-gaussians",
        "gaussian",
        "pinwheel",
        "rings",
        "twenty-five-gaussians",
        "two-gaussians",
        "two-moons",
    ],
)
.primary();
const OPERATION: Param =
    Param::choice("operation", Group::Energy, "product", &["product", "mixture", "negation"]).primary();
/// w.
const STRENGTH: Param = Param::number("strength", Group::Energy, 1.0, 0.0, 10.0).primary();
/// c, nats of −ln p₂.
const CEILING: Param = Param::number("ceiling", Group::Energy, 4.0, -10.0, 50.0);
/// T.
const TEMPERATURE: Param = Param::number("temperature", Group::Energy, 1.0, 0.05, 20.0).log().primary();
/// What is added to each energy so that it is −ln of a density: its ln Z.
const LOG_PARTITIONS: [Param; 2] = [
    Param::number("firstLogZ", Group::Energy, 0.0, -1e4, 1e4),
    Param::number("secondLogZ", Group::Energy, 0.0, -1e4, 1e4),
];

const PARAMS: &[Param] = &[
    OPERATION,
    FIRST,
    SECOND,
    STRENGTH,
    TEMPERATURE,
    CEILING,
    LOG_PARTITIONS[0],
    LOG_PARTITIONS[1],
    WIDTHS,
    ACTIVATION,
    FEATURES,
    CONFINEMENT,
    INITIALISATION,
];

/// Whether each energy is a network.
fn networks(section: &Section) -> [bool; 2] {
    [FIRST, SECOND].map(|p| section.choice(p.name) == NETWORK)
}

/// A network's energy, from its own weights.
fn network<'g>(section: &Section, scope: &Scope<'g, '_>, weights: &[Tensor<'g>], x: Tensor<'g>) -> Tensor<'g> {
    let h = mlp::forward(mlp::activation(section), weights, mlp::features(section, x));
    h.reshape(&[x.shape()[0]]) + (scope.dial)(CONFINEMENT.name) * x.square().sum(1)
}

impl Model for Composed {
    fn id(&self) -> &'static str {
        "composed"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"E = \tfrac{1}{T}\bigl(E_1 + w E_2\bigr), \quad -\tfrac{1}{T}\log\bigl(e^{-E_1} + w e^{-E_2}\bigr), \quad \tfrac{1}{T}\bigl(E_1 + w \log(1 + e^{c - E_2})\bigr)"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        let own = [STRENGTH, CEILING, TEMPERATURE, LOG_PARTITIONS[0], LOG_PARTITIONS[1]];
        let own = own.map(|p| (p.name, section.number(p.name)));
        [Mlp.dials(section), own.to_vec()].concat()
    }

    fn weights(&self, section: &Section, _space: Space) -> Vec<Weight> {
        let [first, second] = networks(section);
        let named = |prefix: &str| {
            mlp::layers(section, 0, 1)
                .into_iter()
                .map(|w| Weight { name: format!("{prefix}{}", w.name), ..w })
                .collect()
        };
        let first: Vec<Weight> = if first { named("first.") } else { vec![] };
        [first, if second { named("second.") } else { vec![] }].concat()
    }

    fn energy<'g>(&self, section: &Section, given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let each = scope.weights.len() / networks(section).iter().filter(|n| **n).count().max(1);
        let [from_network, second_too] = networks(section);
        let first = match from_network {
            true => network(section, scope, &scope.weights[..each], x),
            false => given.density.energy(given.section, x)?,
        };
        let second = match second_too {
            true => network(section, scope, &scope.weights[scope.weights.len() - each..], x),
            false => {
                let density = data::by_id(section.choice(SECOND.name))?;
                density.energy(&Section::defaults(density.id(), density.params()), x)?
            }
        };
        let dial = |p: Param| (scope.dial)(p.name);
        let first = first + dial(LOG_PARTITIONS[0]);
        let second = second + dial(LOG_PARTITIONS[1]);
        let strength = dial(STRENGTH);
        let composed = match section.choice(OPERATION.name) {
            "mixture" => {
                let n = x.shape()[0];
                // The smallest normal number keeps w = 0 a weight: ln 0 would be none.
                let scaled = (strength + f64::from(f32::MIN_POSITIVE)).ln() - second;
                -scope.graph.concat(&[(-first).reshape(&[n, 1]), scaled.reshape(&[n, 1])], 1).logsumexp(1)
            }
            "negation" => first + strength * (dial(CEILING) - second).softplus(),
            _ => first + strength * second,
        };
        Some(composed / dial(TEMPERATURE))
    }
}
