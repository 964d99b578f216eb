//! A joint embedding: one network h maps both points of a pair, and their energy is how far apart it puts them,
//! E(x, x') = |h(x) − h(x')|²/(2τ) (Bromley et al. 1993; Hadsell, Chopra & LeCun 2006). With embeddings of length 1 that is
//! (1 − cos)/τ, the similarity of contrastive learning (Chen et al. 2020) upside down.
//!
//! As an energy of points it is that of x and the anchor, a point that is chosen, and a confinement |x|²/(2c²): far places may be alike
//! to h, and exp(−E) would not be normalisable without.

use super::initialise::NAMES;
use super::latent::{activations, through};
use super::mlp::{CONFINEMENT, of_sizes};
use super::pairs::{matched, normalised};
use super::{Ability, Anchor, Given, Model, Scope, Weight};
use crate::data::Space;
use crate::graph::Tensor;
use crate::schema::{Group, Param, Section};

/// An embedding.
pub(super) struct JointEmbedding;

const SIZE: Param = Param::integer("embedding", Group::Energy, 2, 1, 64).log().primary();
const WIDTHS: Param = Param::widths("widths", Group::Energy, &[64, 64], 512, 6).primary();
/// Whether embeddings have the length 1.
const NORMALISE: Param = Param::boolean("normalise", Group::Energy, true).primary();
/// τ.
const TEMPERATURE: Param = Param::number("temperature", Group::Energy, 0.2, 0.01, 10.0).log().primary();
/// The anchor in the plane.
pub(super) const ANCHOR: [Param; 2] =
    [Param::number("anchorX", Group::Energy, 2.8, -4.0, 4.0), Param::number("anchorY", Group::Energy, 0.0, -4.0, 4.0)];
/// Its number among the held-out images, from 0, where points are images: beyond the last one it counts from the first again.
pub(super) const ANCHOR_IMAGE: Param = Param { live: true, ..Param::integer("anchor", Group::Energy, 0, 0, 9999) };

const PARAMS: &[Param] = &[
    SIZE,
    WIDTHS,
    activations("silu"),
    NORMALISE,
    TEMPERATURE,
    CONFINEMENT,
    ANCHOR[0],
    ANCHOR[1],
    ANCHOR_IMAGE,
    Param::choice("initialisation", Group::Energy, "torch", NAMES),
];

impl Model for JointEmbedding {
    fn id(&self) -> &'static str {
        "joint-embedding"
    }

    fn params(&self) -> &'static [Param] {
        PARAMS
    }

    fn formula(&self) -> &'static str {
        r"E_\theta(x) = \frac{|h_\theta(x) - h_\theta(a)|^2}{2\tau} + \frac{|x|^2}{2c^2}"
    }

    fn dials(&self, section: &Section) -> Vec<(&'static str, f64)> {
        let c = section.number(CONFINEMENT.name);
        // 0 switches the term off.
        let confinement = if c > 0.0 { 0.5 / (c * c) } else { 0.0 };
        vec![(TEMPERATURE.name, section.number(TEMPERATURE.name)), (CONFINEMENT.name, confinement)]
    }

    fn spaces(&self) -> &'static [Space] {
        Space::CONTINUOUS
    }

    fn knows(&self) -> Option<Ability> {
        Some(Ability::Pairs)
    }

    fn company(&self) -> Option<[&'static str; 3]> {
        Some(["info-nce", "langevin", "adam"])
    }

    fn embedding(&self, section: &Section) -> usize {
        section.count(SIZE.name)
    }

    fn anchor(&self, section: &Section) -> Option<Anchor> {
        let [x, y] = ANCHOR.map(|p| section.number(p.name));
        Some(Anchor { place: [x, y], image: section.count(ANCHOR_IMAGE.name) })
    }

    fn temperature<'g>(&self, scope: &Scope<'g, '_>) -> Option<Tensor<'g>> {
        Some((scope.dial)(TEMPERATURE.name))
    }

    fn weights(&self, section: &Section, space: Space) -> Vec<Weight> {
        let sizes = [vec![space.dimension()], section.list(WIDTHS.name), vec![self.embedding(section)]].concat();
        of_sizes(section, "embedding", &sizes)
    }

    fn embed<'g>(&self, section: &Section, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let h = through(section, &scope.weights, x);
        Some(if section.flag(NORMALISE.name) { normalised(h) } else { h })
    }

    fn energy<'g>(&self, section: &Section, _given: Given, scope: &Scope<'g, '_>, x: Tensor<'g>) -> Option<Tensor<'g>> {
        let [here, anchor] = [x, scope.anchor?].map(|x| self.embed(section, scope, x));
        let confined = (scope.dial)(CONFINEMENT.name) * x.square().sum(1);
        Some(matched(here?, anchor?, (scope.dial)(TEMPERATURE.name)) + confined)
    }
}
