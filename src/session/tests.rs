//! Claims about a running experiment, on the CPU backend.

mod bias;
mod changes;
mod clamping;
mod clock;
mod diffusion;
mod guard;
mod hostile;
mod images;
mod latent;
mod latent_energy;
mod learning;
mod machine;
mod pairs;
mod proof;
mod pushes;
mod truth;

use super::*;
use crate::backend::cpu::Cpu;
use crate::backend::plan::Program;
use crate::json;
use crate::json::Value;
use crate::model::Ability;
use pollster::block_on;

/// A backend that has nothing.
fn device() -> Box<dyn Backend> {
    let mut cpu = Cpu::<f32>::new();
    Cpu::install(&mut cpu, Program::default());
    Box::new(cpu)
}

fn start(config: Value) -> Session {
    Session::new(device(), Config::from_value(&config).unwrap()).unwrap()
}

/// A small experiment with the fields of `more` in place of its own.
fn small(more: Value) -> Session {
    let mut config = json!({
        "seed": 5,
        "data": {"id": "eight-gaussians", "count": 200},
        "model": {"id": "mlp", "widths": [12, 8]},
        "batch": 32,
        "particles": 24,
    });
    more.as_object().unwrap().iter().for_each(|(name, value)| config[name] = value.clone());
    start(config)
}

/// One small experiment for each way in which an update gets its negatives.
fn varieties() -> Vec<Value> {
    let langevin = json!({"id": "langevin", "steps": 4});
    let mala = json!({"id": "mala", "steps": 5, "stepSize": 0.05});
    vec![
        json!({}),
        json!({"objective": {"id": "contrastive-divergence", "dataNoise": 0.1}, "sampler": langevin}),
        json!({"objective": {"id": "persistent-contrastive-divergence", "bufferSize": 100}, "sampler": mala}),
        json!({"objective": {"id": "denoising-score-matching"}, "optimizer": {"id": "sgd", "momentum": 0.9}}),
        json!({
            "objective": {"id": "persistent-contrastive-divergence", "bufferSize": 100},
            "sampler": {"id": "underdamped-langevin", "steps": 3},
        }),
        json!({
            "objective": {"id": "contrastive-divergence"},
            "sampler": {"id": "parallel-tempering", "steps": 2, "replicas": 4},
        }),
        json!({
            "model": {"id": "latent-ebm", "widths": [8], "priorWidths": [8], "posteriorSteps": 3},
            "sampler": {"id": "latent-langevin", "steps": 4},
        }),
    ]
}

/// A network of the plane that knows what a rule needs.
fn network_of(rule: &dyn crate::objective::Objective) -> &'static str {
    match rule.needs() {
        Some(Ability::Noise) => "noise-conditional-mlp",
        Some(Ability::Classes) => "joint-mlp",
        Some(Ability::Latent) => "vae",
        Some(Ability::LatentEnergy) => "latent-ebm",
        Some(Ability::Pairs) => "joint-embedding",
        _ => "mlp",
    }
}

/// A kernel whose chains a rule can learn from.
fn kernel_of(rule: &dyn crate::objective::Objective) -> &'static str {
    if rule.needs() == Some(Ability::LatentEnergy) { "latent-langevin" } else { "langevin" }
}

/// Everything that makes up the run, to be compared bit by bit.
fn bits(session: &mut Session) -> Vec<u8> {
    block_on(session.snapshot()).unwrap().to_bytes()
}

fn tensor(session: &mut Session, name: &str) -> Vec<f32> {
    block_on(session.snapshot()).unwrap().state[name].clone()
}

fn parameters(session: &mut Session) -> Vec<f32> {
    tensor(session, slot::PARAMETERS)
}

fn configure(session: &mut Session, patch: Value) {
    block_on(session.configure(&patch.to_string())).unwrap();
}

fn metric(session: &mut Session, name: &str) -> f64 {
    block_on(session.metrics()).unwrap()[name].as_f64().unwrap()
}
