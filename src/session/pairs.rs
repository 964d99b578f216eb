//! Questions to a model of pairs: where it puts points, and what a view of a point is.

use super::Session;
use super::program::{Role, slot};
use crate::data::Space;
use crate::error::{Error, Result};

impl Session {
    /// Where the model puts points x [n · d], [n · embedding], under the averaged weights.
    pub async fn embed(&mut self, x: &[f32]) -> Result<Vec<f32>> {
        self.check_pairs(Role::Embed)?;
        self.check_points(x)?;
        let d = self.space().dimension();
        self.told(Role::Embed, (slot::PROBE, d), slot::PROBE_EMBEDDING, x, 0).await
    }

    /// A view of each point x [n · d], [n · d], as the training rule makes them. Each seed makes others.
    pub async fn views(&mut self, x: &[f32], seed: u64) -> Result<Vec<f32>> {
        self.check_pairs(Role::View)?;
        self.check_points(x)?;
        let d = self.space().dimension();
        self.told(Role::View, (slot::PROBE, d), slot::PROBE_VIEW, x, seed).await
    }

    /// Whether the model is one of pairs, and learns views.
    pub fn embeds(&self) -> bool {
        self.has(Role::View)
    }

    fn check_pairs(&self, role: Role) -> Result<()> {
        if self.has(role) {
            return Ok(());
        }
        let (model, rule) = (self.config.model.id, self.config.objective.id);
        Err(match (role, self.has(Role::Embed)) {
            (Role::View, true) => Error::value("objective.id", rule, "a rule of views, such as info-nce"),
            _ => Error::value("model.id", model, "a model of pairs, such as joint-embedding"),
        })
    }

    /// The anchor [d] where the model has one: a place in the plane, or a held-out image.
    pub(super) fn anchor(&self) -> Result<Option<Vec<f32>>> {
        let Some(anchor) = self.parts.model.anchor(&self.config.model) else { return Ok(None) };
        Ok(Some(match self.space() {
            Space::Plane => anchor.place.map(|x| x as f32).to_vec(),
            Space::Images | Space::Binary(_) => self.numbered_image(anchor.image)?,
        }))
    }

    /// Puts it where the config says.
    pub(super) fn write_anchor(&mut self) -> Result<()> {
        match self.anchor()? {
            Some(point) => self.write(slot::ANCHOR, &point),
            None => Ok(()),
        }
    }
}
