//! The proof panel's reference: this run's energy and this run's rule once more, in double precision on the CPU, where each
//! derivative stands beside a central difference.

use super::program::proof::{self, DIRECTIONS, PLACES, names};
use super::program::{Role, slot};
use super::{Purpose, Session};
use crate::backend::cpu::Cpu;
use crate::backend::plan::Tick;
use crate::error::{Error, Result};
use crate::rng;
use rand::RngExt;

/// What the reference says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Proof {
    /// E at the points, [n].
    pub energy: Vec<f64>,
    /// −∇E, [2n].
    pub score: Vec<f64>,
    /// The largest error of each point's slope against a central difference of E, of the largest slope: [n].
    pub slope_errors: Vec<f64>,
    /// The same of the loss along some random directions through the model's weights; empty for a model that does not learn, and
    /// before the first update has drawn a batch.
    pub loss_errors: Vec<f64>,
}

impl Session {
    /// Compares derivatives with differences at [`PLACES`] points, and for the rule on the batch of the last update.
    pub async fn proof(&mut self, points: &[[f32; 2]]) -> Result<Proof> {
        self.in_the_plane()?;
        self.check_energy()?;
        if points.len() != PLACES {
            return Err(Error::value("x", format!("{} points", points.len()), format!("{PLACES} points")));
        }
        let compiled = proof::compile(&self.config, self.sizes, self.compiled.dials.clone())?;
        let plan = compiled.plan(Role::Proof).expect("it is the one that was compiled");
        let layout = &compiled.layout;
        let range = |name: &str| layout.find(name).map(|id| layout.slot(id).range());
        let mut cpu = Cpu::<f64>::new();
        cpu.install(compiled.program.clone());
        let mut put = |from: usize, values: &mut dyn Iterator<Item = f64>| {
            cpu.arena_mut()[from..].iter_mut().zip(values).for_each(|(to, v)| *to = v);
        };
        for (offset, values) in layout.literals() {
            put(*offset, &mut values.iter().copied());
        }
        let dials = self.parts.dials(&self.config, &self.moments, self.points());
        put(range(slot::DIALS).expect("there are dials").start, &mut dials.iter().map(|(_, value)| *value));
        if let Some((range, point)) = range(slot::ANCHOR).zip(self.anchor()?) {
            put(range.start, &mut point.into_iter().map(f64::from));
        }
        for (name, values) in self.snapshot().await?.state.iter() {
            if let Some(range) = range(name) {
                put(range.start, &mut values.iter().map(|&v| f64::from(v)));
            }
        }
        let places = range(names::PLACES).expect("laid out");
        put(places.start, &mut points.as_flattened().iter().map(|&v| f64::from(v)));
        if let Some(directions) = range(names::DIRECTIONS) {
            let directions_of = self.directions(directions.len() / DIRECTIONS);
            put(directions.start, &mut directions_of.into_iter());
        }
        // The update that the batch belongs to.
        let key = self.key(Purpose::Gradient, self.clock.update.saturating_sub(1));
        cpu.run_once(plan, Tick { key, substep: 0 });
        let get = |name: &str| range(name).map_or(vec![], |range| cpu.arena()[range].to_vec());
        let slope = get(names::SLOPE);
        let slope_errors = errors(&slope, &get(names::SLOPE_DIFFERENCE));
        Ok(Proof {
            energy: get(names::ENERGY),
            slope_errors: slope_errors.chunks_exact(2).map(|pair| larger(pair[0], pair[1])).collect(),
            score: slope.into_iter().map(|g| -g).collect(),
            loss_errors: match self.clock.update {
                0 => vec![],
                _ => errors(&get(names::LOSS), &get(names::LOSS_DIFFERENCE)),
            },
        })
    }

    /// Random signs over the model's own weights, [DIRECTIONS · p], each direction of length 1: what a rule learns beside the model
    /// may be kept from moving parts of its loss.
    fn directions(&self, parameters: usize) -> Vec<f64> {
        let own: usize =
            self.parts.model.weights(&self.config.model, self.space()).iter().map(crate::model::Weight::len).sum();
        let mut rng = rng::host(u64::from(self.config.seed) << 8 | Purpose::Gradient as u64);
        let length = 1.0 / (own as f64).sqrt();
        let mut sign = || if rng.random::<bool>() { length } else { -length };
        (0..DIRECTIONS)
            .flat_map(|_| (0..parameters).map(|i| if i < own { sign() } else { 0.0 }).collect::<Vec<_>>())
            .collect()
    }
}

/// The larger of two errors; no number is larger than any.
fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b <= a { a } else { b }
}

/// |a − b| over the largest |a|.
fn errors(a: &[f64], b: &[f64]) -> Vec<f64> {
    let most = a.iter().fold(0.0, |most, v| larger(most, v.abs()));
    a.iter().zip(b).map(|(a, b)| if a == b { 0.0 } else { (a - b).abs() / most }).collect()
}
