//! What training reaches, in the figures that the page shows.

use super::*;

#[test]
fn training_the_default_experiment_lowers_the_exact_likelihood() {
    let mut session = start(json!({}));
    let before = metric(&mut session, "nll");
    session.train(200).unwrap();
    let after = metric(&mut session, "nll");
    // The untrained energy is about |x|²/32, whose exp(−E) is far wider than eight modes on a circle of radius 2.8.
    assert!(after < before - 0.5, "{before} -> {after}");
}

/// The default of the deep energy-based model on eight Gaussians after 1,500 updates.
fn persistent(seed: u32) -> f64 {
    let objective = json!({"id": "persistent-contrastive-divergence"});
    let mut session = start(json!({"seed": seed, "objective": objective, "sampler": {"id": "mala"}}));
    session.train(1500).unwrap();
    metric(&mut session, "kl")
}

#[test]
fn persistent_contrastive_divergence_reaches_its_figure() {
    let kl = persistent(3);
    println!("seed 3: KL {kl:.4}");
    assert!(kl < 0.08, "{kl}");
}

#[test]
fn every_rule_lowers_the_exact_likelihood() {
    for objective in crate::objective::ALL {
        let sampler = json!({"id": "langevin", "stepSize": 0.03, "steps": 10});
        let model = json!({"id": "mlp", "widths": [32, 32]});
        let mut session =
            start(json!({"model": model, "objective": {"id": objective.id()}, "sampler": sampler, "batch": 128}));
        let before = metric(&mut session, "nll");
        session.train(400).unwrap();
        let after = metric(&mut session, "nll");
        assert!(after < before - 0.3, "{}: {before} -> {after}", objective.id());
    }
}

#[test]
fn only_the_last_update_of_a_cosine_schedule_stands_still() {
    let mut session = small(json!({"optimizer": {"id": "adam", "schedule": "cosine", "scheduleUpdates": 10}}));
    session.train(9).unwrap();
    let before = parameters(&mut session);
    session.train(1).unwrap();
    let there = parameters(&mut session);
    session.train(5).unwrap();
    assert_eq!(parameters(&mut session), there);
    assert_eq!(there, before, "the rate of the tenth of ten updates is ½ + ½ cos π = 0");
}
