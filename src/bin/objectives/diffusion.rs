//! How well models of scores over many noise levels sample the toy sets: two thousand samples by each kernel against as many draws of
//! the density, beside the gates that an independent implementation sets, and the error of the score at some levels.

use crate::Run;
use crate::table::{Figure, SETS};
use ebm::backend::Backend;
use ebm::backend::cpu::Cpu;
use ebm::backend::gpu::Gpu;
use ebm::error::Error;
use ebm::json;
use ebm::json::Value;
use ebm::session::{Config, Session};
use ebm::{data, rng};
use ebm_metric::{energy_distance, occupancy, sliced_wasserstein};
use pollster::block_on;
use std::time::Instant;

/// Samples, and draws that they are compared with.
const SAMPLES: usize = 2000;
/// Points that stand for the density while it is learned.
const POINTS: usize = 65_536;

/// Nineteen of twenty pairs of two thousand draws have a smaller sliced Wasserstein distance, by an independent implementation.
const NULL: [(&str, f64); 3] = [(SETS[0], 0.146), (SETS[1], 0.100), (SETS[3], 0.150)];
/// Two modes of the weights 0.8 and 0.2, of which the heavier's share is looked at.
const PAIR: &str = "two-gaussians";

/// What the samples of a kernel have to keep to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Gate {
    /// Those of the density, within what two sets of draws differ by.
    Held,
    /// Nothing.
    Free,
    /// They go astray: the noise of the last level is so near to 1 that a step without chance blows the error up.
    Breaks,
}

use Gate::{Breaks, Free, Held};

/// A model with its rule.
struct Kind {
    label: &'static str,
    model: Value,
    objective: &'static str,
    /// Kernels with their rungs.
    kernels: Vec<(Value, Gate)>,
    /// What makes the levels whose score is looked at, with the largest relative error that is accepted.
    levels: Vec<(Value, Figure)>,
}

fn kernel(id: &str, rungs: usize) -> Value {
    json!({"id": id, "rungs": rungs, "repeat": false})
}

fn kinds() -> Vec<Kind> {
    // σ of these shares of the way, with β from 1e-3 to 0.1: .10, .32, .59, .92 and 1.00.
    let of_time = |(time, most)| (json!({"time": time}), most);
    let of_sigma = |(sigma, most)| (json!({"noiseLevel": sigma}), most);
    let exploding = [
        (0.1, Figure::Unknown),
        (0.3, Figure::Within(0.0, 0.1)),
        (1.0, Figure::Within(0.0, 0.1)),
        (3.0, Figure::Within(0.0, 0.1)),
    ];
    let score_kernels = || {
        let annealed = json!({"id": "annealed-langevin", "levels": 10, "levelSteps": 100});
        vec![(kernel("ddpm", 100), Held), (kernel("probability-flow", 40), Held), (annealed, Free)]
    };
    vec![
        Kind {
            label: "Diffusion, linear",
            model: json!({"id": "diffusion-mlp"}),
            objective: "noise-prediction",
            kernels: vec![
                (kernel("ddpm", 100), Held),
                (kernel("ddim", 100), Held),
                (kernel("ddim", 20), Held),
                (kernel("probability-flow", 20), Held),
            ],
            levels: [
                (0.03, Figure::Unknown),
                (0.13, Figure::Within(0.0, 0.1)),
                (0.28, Figure::Within(0.0, 0.1)),
                (0.6, Figure::Within(0.0, 0.1)),
                (1.0, Figure::Within(0.0, 0.1)),
            ]
            .map(of_time)
            .to_vec(),
        },
        Kind {
            label: "Diffusion, cosine",
            model: json!({"id": "diffusion-mlp", "noiseSchedule": "cosine"}),
            objective: "noise-prediction",
            kernels: vec![(kernel("ddpm", 100), Free), (kernel("ddim", 20), Breaks)],
            levels: vec![],
        },
        Kind {
            label: "Score network",
            model: json!({"id": "score-mlp", "widths": [128, 128, 128], "sigmaMax": 10}),
            objective: "multiscale-denoising-score-matching",
            kernels: score_kernels(),
            levels: exploding.map(of_sigma).to_vec(),
        },
        Kind {
            label: "Noise-conditional energy",
            model: json!({"id": "noise-conditional-mlp", "sigmaMax": 10}),
            objective: "multiscale-denoising-score-matching",
            kernels: score_kernels(),
            levels: exploding.map(of_sigma).to_vec(),
        },
    ]
}

/// A kind on a set with a seed.
pub struct Diffusion {
    kind: Kind,
    set: &'static str,
    /// The largest sliced Wasserstein distance that is accepted, where it is known.
    null: Option<f64>,
    seed: u32,
}

/// Every kind on every set of which the null is known.
pub fn all(seed: u32) -> Vec<Diffusion> {
    let of_set = |(set, null)| kinds().into_iter().map(move |kind| Diffusion { kind, set, null: Some(null), seed });
    let on_pair = kinds().into_iter().filter(|kind| kind.label != "Diffusion, cosine");
    NULL.into_iter()
        .flat_map(of_set)
        .chain(on_pair.map(|kind| Diffusion { kind, set: PAIR, null: None, seed }))
        .collect()
}

impl Diffusion {
    fn train(&self, gpu: bool) -> ebm::Result<Session> {
        const UPDATES: usize = 8000;
        /// Updates between two sets of points, which are many times what their batches take.
        const PORTION: usize = 500;
        let config = json!({
            "seed": self.seed,
            "data": {"id": self.set, "count": POINTS},
            "model": self.kind.model.clone(),
            "objective": {"id": self.kind.objective},
            "sampler": self.kind.kernels[0].0.clone(),
            "optimizer": {"id": "adam", "learningRate": 2e-3, "schedule": "cosine", "scheduleUpdates": UPDATES, "averageDecay": 0.995},
            "batch": 512,
            "particles": SAMPLES,
        });
        let backend: Box<dyn Backend> = if gpu { Box::new(block_on(Gpu::new())?) } else { Box::new(Cpu::<f32>::new()) };
        let config = Config::from_value(&config)?;
        let mut rng = rng::host(u64::from(self.seed) << 32);
        let mut session = Session::new(backend, config)?;
        for _ in 0..UPDATES / PORTION {
            let points = self.draws(POINTS, &mut rng)?;
            block_on(session.set_data(points.into_iter().map(|p| p.map(|c| c as f32)).collect()))?;
            session.train(PORTION)?;
        }
        Ok(session)
    }

    fn draws(&self, n: usize, rng: &mut dyn rand::Rng) -> ebm::Result<Vec<[f64; 2]>> {
        let density = data::by_id(self.set).ok_or_else(|| Error::value("data.id", self.set, "a density"))?;
        let section = ebm::schema::Section::defaults(density.id(), density.params());
        Ok((0..n).map_while(|_| density.sample(&section, rng)).collect())
    }

    /// Where chains of a kernel end.
    fn ends(session: &mut Session, kernel: &Value) -> ebm::Result<Vec<[f64; 2]>> {
        block_on(session.configure(&json!({"sampler": kernel.clone()}).to_string()))?;
        let steps = match kernel["rungs"].as_u64() {
            Some(rungs) => rungs + 1,
            None => kernel["levels"].as_u64().zip(kernel["levelSteps"].as_u64()).map_or(0, |(l, s)| l * s),
        };
        // From the widest noise; kernels that draw it themselves do not care. What they carried along begins anew.
        let mut start = vec![0.0f32; 2 * SAMPLES];
        rng::fill_normal(&mut start, ebm::backend::plan::Tick { key: [5, 77], substep: 0 }, 0, 0);
        start.iter_mut().for_each(|x| *x *= 4.0);
        session.set_particles(&start)?;
        block_on(session.sample(steps as usize))?;
        let ends = block_on(session.particles())?;
        Ok(ends.chunks_exact(2).map(|p| [f64::from(p[0]), f64::from(p[1])]).collect())
    }
}

impl Run for Diffusion {
    fn label(&self) -> &'static str {
        self.kind.label
    }

    fn set(&self) -> &'static str {
        self.set
    }

    fn lines(&self, gpu: bool) -> ebm::Result<Vec<(String, bool)>> {
        let begin = Instant::now();
        let mut session = self.train(gpu)?;
        let seconds = begin.elapsed().as_secs_f64();
        let mut lines = vec![];
        let mut line = |what: String, got: f64, figure: Figure| {
            let met = figure.accepts(got);
            let (label, set, seed, verdict) = (self.kind.label, self.set, self.seed, if met { "" } else { "not met" });
            lines.push((
                format!(
                    "| {label} | {set} | {seed} | {what} | {got:.4} | {} | {seconds:.1} | {verdict} |",
                    figure.text()
                ),
                met,
            ));
        };
        for (level, figure) in &self.kind.levels {
            block_on(session.configure(&json!({"model": level.clone()}).to_string()))?;
            let error = block_on(session.metrics())?["scoreError"].as_f64().unwrap_or(f64::NAN);
            // Of a density that is no mixture the exact score is not known.
            if !error.is_nan() {
                line(format!("score error, {level}"), error, *figure);
            }
        }
        let density = data::by_id(self.set).ok_or_else(|| Error::value("data.id", self.set, "a density"))?;
        let modes = density.modes(&ebm::schema::Section::defaults(density.id(), density.params()));
        for (i, (kernel, gate)) in self.kind.kernels.iter().enumerate() {
            let breaks = *gate == Breaks;
            // Draws of its own for each kernel: an unlucky set would speak against all.
            let own = self.draws(SAMPLES, &mut rng::host(u64::from(self.seed) << 8 | i as u64))?;
            let ends = Self::ends(&mut session, kernel)?;
            let steps = if kernel["rungs"].is_null() { &kernel["levels"] } else { &kernel["rungs"] };
            let name = format!("{} {steps}", kernel["id"].as_str().unwrap_or_default());
            let (distance, wasserstein) = (energy_distance(&ends, &own), sliced_wasserstein(&ends, &own));
            let found = modes.as_ref().map(|modes| occupancy(&ends, modes));
            let gate = |figure: Figure| if *gate == Held { figure } else { Figure::Unknown };
            let Some(null) = self.null else {
                let heavier = found.map_or(f64::NAN, |found| found.weights.iter().copied().fold(0.0, f64::max));
                line(format!("heavier mode, {name}"), heavier, gate(Figure::Within(0.76, 0.82)));
                continue;
            };
            let near = if breaks {
                Figure::Within(0.05, f64::INFINITY)
            } else {
                gate(Figure::Within(f64::NEG_INFINITY, 0.006))
            };
            line(format!("energy distance, {name}"), distance, near);
            line(format!("sliced Wasserstein, {name}"), wasserstein, gate(Figure::Within(0.0, null)));
            if let Some(found) = found {
                line(format!("share at modes, {name}"), found.hit, gate(Figure::Within(0.99, f64::INFINITY)));
                line(format!("KL of the modes, {name}"), found.divergence, gate(Figure::Within(0.0, 0.01)));
            }
        }
        Ok(lines)
    }
}
