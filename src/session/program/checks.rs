//! What goes together: refusals before anything is built.

use super::Builder;
#[cfg(feature = "whole")]
use crate::data;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::model;
#[cfg(feature = "whole")]
use crate::model::Ability;

impl Builder<'_> {
    /// Refuses what does not combine.
    pub(super) fn check(&self) -> Result<()> {
        let graph = Graph::new();
        let point = graph.constant(0.0, &[1, 2]);
        let none = |_: &str| graph.scalar(0.0);
        let own = &self.weights[..self.model_weights()];
        let weights = own.iter().map(|w| graph.constant(0.0, &w.shape)).collect();
        let scope = model::Scope { graph: &graph, weights, dial: &none, sigma: None };
        if self.parts.model.energy(&self.config.model, self.given(), &scope, point).is_some() {
            return self.check_abilities();
        }
        let lacks =
            if self.config.model.id == "smoothed" { "is no mixture of Gaussians" } else { "has no closed-form energy" };
        let expected = format!("mlp, because {} {lacks}", self.config.data.id);
        Err(Error::value("model.id", self.config.model.id, expected))
    }

    /// Refuses a rule or a kernel that needs an energy to know what this one does not, or points to have classes.
    #[cfg(feature = "whole")]
    fn check_abilities(&self) -> Result<()> {
        let rule = self.parts.objective.needs().filter(|_| self.trains());
        let config = self.config;
        for (needed, by) in [(rule, config.objective.id), (self.parts.sampler.needs(), config.sampler.id)] {
            let Some(ability) = needed.filter(|_| needed != self.parts.model.knows()) else { continue };
            let expected = match ability {
                Ability::Noise => "noise-conditional-mlp or smoothed, because BY needs an energy of every noise level",
                Ability::Classes => "joint-mlp, because BY needs an energy of every class",
            };
            return Err(Error::value("model.id", config.model.id, expected.replace("BY", by)));
        }
        if rule == Some(Ability::Classes) {
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
