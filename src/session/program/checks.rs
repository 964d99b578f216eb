//! What goes together: refusals before anything is built.

use super::Builder;
#[cfg(feature = "whole")]
use crate::data::{self, Space};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::model;
#[cfg(feature = "whole")]
use crate::model::Ability;

impl Builder<'_> {
    /// Refuses what does not combine.
    pub(super) fn check(&self) -> Result<()> {
        let graph = Graph::new();
        #[cfg(feature = "whole")]
        self.check_space()?;
        let point = graph.constant(0.0, &[1, self.parts.space().dimension()]);
        let none = |_: &str| graph.scalar(0.0);
        let own = &self.weights[..self.model_weights()];
        let weights = own.iter().map(|w| graph.constant(0.0, &w.shape)).collect();
        let scope = model::Scope { graph: &graph, weights, dial: &none, level: None, anchor: Some(point) };
        let model = self.parts.model;
        if !self.parts.has_energy() || model.energy(&self.config.model, self.given(), &scope, point).is_some() {
            return self.check_abilities();
        }
        let lacks = if model.knows().is_some() { "is no mixture of Gaussians" } else { "has no closed-form energy" };
        let expected = format!("mlp, because {} {lacks}", self.config.data.id);
        Err(Error::value("model.id", self.config.model.id, expected))
    }

    /// Refuses what does not work in the space of the points.
    #[cfg(feature = "whole")]
    fn check_space(&self) -> Result<()> {
        let (config, parts) = (self.config, self.parts);
        let (space, data) = (parts.space(), config.data.id);
        if !space.is_among(parts.model.spaces()) {
            let all = model::ALL.iter().filter(|m| space.is_among(m.spaces())).map(|m| m.id());
            let expected = format!("{}, because {}", all.collect::<Vec<_>>().join(" or "), points_of(space, data));
            return Err(Error::value("model.id", config.model.id, expected));
        }
        let suits = |needs: Option<Ability>| needs.is_none() || needs == parts.model.knows();
        let elsewhere = |field: &str, id: &str, all: Vec<&str>| {
            let expected = format!("{}, because {}", all.join(" or "), points_of(space, data));
            Err(Error::value(field, id, expected))
        };
        if self.trains() && !space.is_among(parts.objective.spaces()) {
            let all = crate::objective::ALL.iter().filter(|o| space.is_among(o.spaces()) && suits(o.needs()));
            let all = all.map(|o| o.id());
            return elsewhere("objective.id", config.objective.id, all.collect());
        }
        if !space.is_among(parts.sampler.spaces()) {
            let all = crate::sampler::ALL.iter().filter(|s| space.is_among(s.spaces()) && suits(s.needs()));
            return elsewhere("sampler.id", config.sampler.id, all.map(|s| s.id()).collect());
        }
        if space == Space::Plane {
            return Ok(());
        }
        match crate::sampler::clamp::dials(&config.sampler).first() {
            Some((name, value)) => {
                let expected = format!("null, because {}", points_of(space, data));
                Err(Error::value(format!("sampler.{name}"), crate::number::print(*value), expected))
            }
            None => Ok(()),
        }
    }

    /// Refuses a rule or a kernel that needs an energy to know what this one does not, or points to have classes.
    #[cfg(feature = "whole")]
    fn check_abilities(&self) -> Result<()> {
        let rule = self.parts.objective.needs().filter(|_| self.trains());
        let config = self.config;
        for (needed, by) in [(rule, config.objective.id), (self.parts.sampler.needs(), config.sampler.id)] {
            let Some(ability) = needed.filter(|_| needed != self.parts.model.knows()) else { continue };
            let knowing = || {
                let all = model::ALL.iter().filter(|m| m.knows() == Some(Ability::Noise)).map(|m| m.id());
                format!("{}, because BY needs a model of every noise level", all.collect::<Vec<_>>().join(" or "))
            };
            let expected = match ability {
                Ability::Noise => knowing(),
                Ability::Hidden => "rbm, because BY needs hidden units".into(),
                Ability::Latent => "vae, because BY needs an encoder of latent variables".into(),
                Ability::LatentEnergy => "latent-ebm, because BY needs an energy of latent variables".into(),
                Ability::Pairs => "joint-embedding, because BY needs an energy of pairs".into(),
                Ability::Classes if self.parts.space() == Space::Images => {
                    "joint-cnn, because BY needs an energy of every class".into()
                }
                Ability::Classes => "joint-mlp, because BY needs an energy of every class".into(),
            };
            return Err(Error::value("model.id", config.model.id, expected.replace("BY", by)));
        }
        // Of one number of length 1 there are two, between which no slope leads.
        let model = &config.model;
        if self.is_of_pairs() && self.parts.model.embedding(model) == 1 && model.flag("normalise") {
            return Err(Error::value("model.embedding", 1, "at least 2, because embeddings have the length 1"));
        }
        if self.infers() && self.parts.sampler.needs() != rule {
            let expected = format!("latent-langevin, because {} needs chains of latent variables", config.objective.id);
            return Err(Error::value("sampler.id", config.sampler.id, expected));
        }
        if !self.parts.has_energy() {
            let no_energy = |field: &str, id: &str, all: Vec<&str>| {
                let expected = format!("{}, because {} has a score and no energy", all.join(" or "), config.model.id);
                Err(Error::value(field, id, expected))
            };
            if self.trains() && rule != Some(Ability::Noise) {
                let all = crate::objective::ALL.iter().filter(|o| o.needs() == Some(Ability::Noise)).map(|o| o.id());
                return no_energy("objective.id", config.objective.id, all.collect());
            }
            if self.parts.sampler.needs_energy() {
                let all = crate::sampler::ALL.iter().filter(|s| !s.needs_energy()).map(|s| s.id());
                return no_energy("sampler.id", config.sampler.id, all.collect());
            }
        }
        // Of images only the session knows whether they are labelled.
        if rule == Some(Ability::Classes) && self.parts.space() == Space::Plane {
            let has = data::classes(&self.parts.density.skeleton(&self.config.data));
            let told = self.parts.model.classes(&config.model);
            if has < 2 {
                let expected =
                    format!("points with classes, such as two-moons, because {} learns them", config.objective.id);
                return Err(Error::value("data.id", config.data.id, expected));
            }
            if has > told {
                let expected = format!("at least {has}, the classes of {}", config.data.id);
                return Err(Error::value("model.classes", told, expected));
            }
        }
        Ok(())
    }

    /// No part of the first core needs anything.
    #[cfg(not(feature = "whole"))]
    fn check_abilities(&self) -> Result<()> {
        Ok(())
    }
}

/// What the points of data are, in words.
#[cfg(feature = "whole")]
fn points_of(space: Space, data: &str) -> String {
    match space {
        Space::Plane => format!("the points of {data} lie in the plane"),
        Space::Images => format!("the points of {data} are images"),
        Space::Binary(_) => format!("the points of {data} are images in black and white"),
    }
}
