//! Claims about a running experiment, on the CPU backend.

use super::*;
use crate::backend::cpu::Cpu;
use serde_json::json;

fn start(config: serde_json::Value) -> Session {
    Session::new(Box::new(Cpu::<f32>::new()), Config::from_value(&config).unwrap()).unwrap()
}

fn metric(session: &mut Session, name: &str) -> f64 {
    pollster::block_on(session.metrics()).unwrap()[name].as_f64().unwrap()
}

#[test]
fn training_the_default_experiment_lowers_the_exact_likelihood() {
    let mut session = start(json!({}));
    let before = metric(&mut session, "nll");
    session.train(200).unwrap();
    let after = metric(&mut session, "nll");
    let kl = metric(&mut session, "kl");
    println!("nll {before} -> {after}, kl {kl}");
    assert!(after < before - 0.05);
}

#[test]
fn persistent_contrastive_divergence_reaches_its_figure() {
    let t = std::time::Instant::now();
    let mut session =
        start(json!({"seed": 3, "objective": {"id": "persistent-contrastive-divergence"}, "sampler": {"id": "mala"}}));
    println!("start {:?}", t.elapsed());
    for _ in 0..6 {
        let t = std::time::Instant::now();
        session.train(250).unwrap();
        println!("{:?} {}", t.elapsed(), pollster::block_on(session.metrics()).unwrap());
    }
    assert!(metric(&mut session, "kl") < 0.08);
}
