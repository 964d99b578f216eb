//! Questions about the energy as it is now: at any points, and its truth by quadrature.

use super::chores::Pass;
use super::program::{Role, TRUTH, slot};
use super::{Purpose, Session};
use crate::data::Space;
use crate::error::{Error, Result};
use crate::json::{Map, Value};
use crate::model::Ability;

impl Session {
    /// Refuses numbers that make up no whole points.
    pub(super) fn check_points(&self, x: &[f32]) -> Result<()> {
        match self.space().dimension() {
            d if x.len().is_multiple_of(d) => Ok(()),
            2 => Err(Error::value("x", format!("{} numbers", x.len()), "an even number of numbers")),
            d => Err(Error::value("x", format!("{} numbers", x.len()), format!("{d} numbers a point"))),
        }
    }

    /// E [n] and −∇E [n · d] at points [n · d], under the averaged weights that the page shows; without E where the model has none.
    pub async fn evaluate(&mut self, x: &[f32]) -> Result<(Vec<f32>, Vec<f32>)> {
        self.check_points(x)?;
        let (mut energy, mut score) = (vec![], vec![]);
        let d = self.space().dimension();
        let ranges = [self.range(slot::PROBE_ENERGY), self.range(slot::PROBE_SCORE)];
        for chunk in x.chunks(self.range(slot::PROBE).len()) {
            self.write(slot::PROBE, chunk)?;
            self.run(Role::Probe, Purpose::Start, 0, 0, 1)?;
            self.backend.submit();
            let values = self.backend.read(&ranges).await?;
            if self.has_energy() {
                energy.extend_from_slice(&values[0][..chunk.len() / d]);
            }
            score.extend_from_slice(&values[1][..chunk.len()]);
        }
        Ok((energy, score))
    }

    /// What a plan makes of rows of so many columns, piece by piece; chance is another one in each, and with each seed.
    #[cfg(feature = "whole")]
    pub(super) async fn told(
        &mut self,
        role: Role,
        (from, columns): (&str, usize),
        to: &str,
        x: &[f32],
        seed: u64,
    ) -> Result<Vec<f32>> {
        let range = self.range(to);
        let rows = self.range(from).len() / columns;
        let mut all = vec![];
        for (i, chunk) in x.chunks(rows * columns).enumerate() {
            self.write(from, chunk)?;
            self.run(role, Purpose::Start, seed, i, 1)?;
            self.backend.submit();
            let read = self.backend.read(std::slice::from_ref(&range)).await?;
            all.extend_from_slice(&read[0][..range.len() / rows * (chunk.len() / columns)]);
        }
        Ok(all)
    }

    /// Whether the rule learns energies of pairs. None of the first core does.
    pub(super) fn learns_pairs(&self) -> bool {
        cfg!(feature = "whole") && self.trains() && self.parts.objective.needs() == Some(Ability::Pairs)
    }

    /// Whether the model has an energy.
    pub fn has_energy(&self) -> bool {
        self.parts.has_energy()
    }

    /// Refuses what asks for the energy of a model that has none.
    pub fn check_energy(&self) -> Result<()> {
        if self.has_energy() {
            return Ok(());
        }
        Err(Error::value("model.id", self.config.model.id, "a model with an energy: this one has a score alone"))
    }

    /// p(y | x) at points [n · d] → [n, classes], row by row, under the averaged weights; empty where no classes are learned.
    #[cfg(feature = "whole")]
    pub async fn classify(&mut self, x: &[f32]) -> Result<Vec<f32>> {
        self.check_points(x)?;
        let Some(range) = self.find_range(slot::PROBE_CLASSES) else { return Ok(vec![]) };
        let rows = self.range(slot::PROBE_ENERGY).len();
        let (classes, d) = (range.len() / rows, self.space().dimension());
        let mut shares = vec![];
        for chunk in x.chunks(rows * d) {
            self.write(slot::PROBE, chunk)?;
            self.run(Role::Classify, Purpose::Start, 0, 0, 1)?;
            self.backend.submit();
            let values = self.backend.read(std::slice::from_ref(&range)).await?;
            shares.extend_from_slice(&values[0][..classes * (chunk.len() / d)]);
        }
        Ok(shares)
    }

    /// The figures of this moment: see [`Session::figures`].
    pub async fn metrics(&mut self) -> Result<Value> {
        let mut figures = match self.space() {
            Space::Plane => {
                self.pass_now(Pass::Truth)?;
                self.backend.submit();
                let truth = self.backend.read(&[self.range(slot::TRUTH)]).await?.remove(0);
                self.figures(&truth)
            }
            Space::Images | Space::Binary(_) => self.running_figures(),
        };
        let losses = self.losses().await?;
        figures.insert("losses", self.named_losses(&losses));
        Ok(Value::Object(figures))
    }

    /// Loss and its parts at the last update.
    pub async fn losses(&mut self) -> Result<Vec<f32>> {
        match self.find_range(slot::LOSSES) {
            Some(range) => Ok(self.backend.read(&[range]).await?.remove(0)),
            None => Ok(vec![]),
        }
    }

    /// Where the chains of the replay buffer are, [n · d], and how many updates have moved each since it began, [n]; empty where
    /// there is none.
    #[cfg(feature = "whole")]
    pub async fn buffer(&mut self) -> Result<[Vec<f32>; 2]> {
        let ranges = [slot::BUFFER, slot::BUFFER_AGES].map(|name| self.find_range(name));
        let [Some(chains), Some(ages)] = ranges else { return Ok([const { vec![] }; 2]) };
        let read = self.backend.read(&[chains, ages]).await?;
        Ok(read.try_into().expect("as many as were asked for"))
    }

    /// exp(−E)/Z with the log Z that was computed last; `None` before the first.
    pub fn density(&self, energy: f32) -> Option<f64> {
        self.chores.log_partition.map(|log_partition| (-f64::from(energy) - log_partition).exp())
    }

    /// Loss and its parts by name.
    pub fn named_losses(&self, losses: &[f32]) -> Map {
        let mut named = Map::new();
        let names = ["loss"].into_iter().chain(self.parts.objective.terms().iter().map(|t| t.id));
        names.zip(losses).for_each(|(name, &value)| named.insert(name, value));
        named
    }

    /// What the quadrature says, null where it does not apply: `nll` of held-out points (of the points themselves where
    /// no density is behind them), `logZ`, `kl` = KL(p‖q), `reverseKl` = KL(q‖p) and the density's `entropy` in nats, `fisher` =
    /// ½ E_p|∇ ln p − ∇ ln q|² over the held-out points, `borderMass`, the share
    /// of the model's mass in the outermost cells of [−6, 6]², and `scoreError`, of models of many noise levels and mixtures of Gaussians,
    /// √(E|s − s*|²/E|s*|²) of the model's score s and the exact one s* at the level that is shown. Of models of latent variables
    /// `negativeElbo` is minus the evidence lower bound of held-out points.
    pub fn figures(&mut self, truth: &[f32]) -> Map {
        let get = |name: &str| TRUTH.iter().position(|t| *t == name).map_or(f64::NAN, |i| f64::from(truth[i]));
        // What the quadrature of an energy says, where there is one.
        let energy = self.has_energy();
        let log_partition = if energy { get("logZ") } else { f64::NAN };
        // The landscape of a score is a density on what is shown as it is.
        self.chores.log_partition = Some(if energy { log_partition } else { 0.0 });
        // Rules of pairs learn how alike points are, and not how likely one is.
        let likely = energy && !self.learns_pairs();
        let nll = if likely { get("testEnergy") + log_partition } else { f64::NAN };
        let known = self.chores.known.filter(|_| likely);
        let kl = known.map(|k| get("klEnergy") + log_partition * k.mass - k.entropy);
        // Where the density is 0, or too small for single precision, no model's is finite.
        let reverse = known.filter(|k| k.positive).map(|_| get("reverseKl"));
        let mut out = Map::new();
        out.insert("nll", nll);
        out.insert("logZ", log_partition);
        #[cfg(feature = "whole")]
        out.insert("negativeElbo", Some(get("negativeElbo")).filter(|_| self.has_encoder()));
        out.insert("kl", kl);
        out.insert("reverseKl", reverse);
        out.insert("fisher", known.map(|_| get("fisher")));
        out.insert("entropy", self.chores.known.map(|k| k.entropy));
        out.insert("borderMass", if energy { get("borderMass") } else { f64::NAN });
        // No learned score is without error: 0 stands for none.
        out.insert("scoreError", Some(get("scoreError")).filter(|error| *error > 0.0));
        out.extend(self.running_figures());
        out
    }

    /// What is known of a run in any space.
    fn running_figures(&self) -> Map {
        let mut out = Map::new();
        out.insert("temperature", self.parts.sampler.temperature(&self.config.sampler));
        out.insert("update", self.clock.update);
        out
    }
}
