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

/// Twenty rounds of power iteration on at most 64 columns find σ² to 0.871 ln(64)/19 = 0.19 of itself, so that what is left of
/// a layer's norm lies between 1 and (1 − 0.19)^(−½) = 1.11; and a network without the constraint that takes the exported weights over is the same energy.
#[test]
fn spectral_normalisation_holds_every_layer_to_its_norm_and_is_exported() {
    let model = |constrained: bool| json!({"id": "mlp", "widths": [64, 48], "spectralNorm": constrained});
    let mut session = start(json!({"model": model(true), "batch": 64}));
    let before = metric(&mut session, "nll");
    session.train(200).unwrap();
    let after = metric(&mut session, "nll");
    assert!(after < before, "{before} -> {after}");
    let bytes = block_on(session.export_weights()).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    for k in 0..3 {
        let tensor = file.tensor(&format!("layers.{k}.weight")).unwrap();
        let values = tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap()));
        let matrix = nalgebra::DMatrix::from_row_iterator(tensor.shape()[0], tensor.shape()[1], values);
        let norm = matrix.singular_values()[0];
        assert!((0.9999..1.11).contains(&norm), "layer {k}: {norm}");
    }
    let mut free = start(json!({"model": model(false)}));
    block_on(free.import_weights(&bytes)).unwrap();
    let points = [[0.0, 0.0], [1.5, -2.0], [-3.0, 0.25]];
    let (a, b) = (
        block_on(session.evaluate(points.as_flattened())).unwrap().0,
        block_on(free.evaluate(points.as_flattened())).unwrap().0,
    );
    // Fused and generic sums of up to 64 terms a layer differ by roundings.
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-5 * (1.0 + a.abs())), "{a:?} and {b:?}");
}

/// Cross-entropy is of p(y | x) alone and says nothing of p(x): `cross_entropy_learns_the_classes_alone` is its test.
#[test]
fn every_rule_of_the_density_lowers_its_exact_surprise() {
    let of_density =
        |rule: &&&dyn crate::objective::Objective| rule.id() != "cross-entropy" && rule.needs() != Some(Ability::Pairs);
    for objective in crate::objective::ALL.iter().filter(of_density) {
        let sampler = json!({"id": kernel_of(*objective), "stepSize": 0.03, "steps": 10});
        let model = json!({"id": network_of(*objective), "widths": [32, 32]});
        let mut session =
            start(json!({"model": model, "objective": {"id": objective.id()}, "sampler": sampler, "batch": 128}));
        let before = metric(&mut session, "nll");
        session.train(600).unwrap();
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

/// Noise that learns beside the energy comes nearer to the data.
#[test]
fn the_mixture_of_noise_contrastive_estimation_learns() {
    let law = |law: &str| {
        let objective = json!({"id": "noise-contrastive-estimation", "noiseLaw": law});
        small(json!({"objective": objective, "optimizer": {"learningRate": 0.01}, "batch": 512}))
    };
    let surprise = |session: &mut Session| {
        let losses = block_on(session.losses()).unwrap();
        session.named_losses(&losses).get("noiseFit").and_then(Value::as_f64).unwrap()
    };
    let mut session = law("mixture");
    session.train(1).unwrap();
    let before = surprise(&mut session);
    session.train(600).unwrap();
    let after = surprise(&mut session);
    let mut fitted = law("fitted");
    fitted.train(601).unwrap();
    assert!(after < before - 0.5 && after < surprise(&mut fitted) - 0.5, "{before} → {after}");
}

/// Two moons barely touch: whoever learns them tells them apart (Grathwohl et al. 2020 learn both with one energy).
#[test]
fn a_joint_energy_learns_the_places_and_the_classes() {
    let mut session = start(json!({
        "data": {"id": "two-moons"},
        "model": {"id": "joint-mlp", "classes": 2, "widths": [64, 64]},
        "objective": {"id": "joint-energy"},
        "sampler": {"id": "mala", "steps": 10},
    }));
    let before = metric(&mut session, "kl");
    session.train(600).unwrap();
    let after = metric(&mut session, "kl");
    assert!(after < 0.3 && after < before - 1.0, "{before} -> {after}");
    let points = session.data().to_vec();
    let shares = block_on(session.classify(points.as_flattened())).unwrap();
    let labels = session.labels();
    assert_eq!((shares.len(), labels.len()), (2 * points.len(), points.len()));
    assert!(shares.chunks_exact(2).all(|row| (row[0] + row[1] - 1.0).abs() < 1e-5), "shares of a whole");
    let right =
        shares.chunks_exact(2).zip(&labels).filter(|(row, label)| f32::from(row[1] > row[0]) == **label).count();
    assert!(right as f64 >= 0.99 * points.len() as f64, "{right} of {}", points.len());
    // A point that is dragged to the other moon is one of the other moon.
    let there = points.iter().zip(&labels).find(|(_, label)| **label == 1.0).unwrap().0;
    let here = labels.iter().position(|label| *label == 0.0).unwrap();
    session.move_point(here, *there).unwrap();
    assert_eq!(session.labels()[here], 1.0);
    let stored = block_on(session.backend.read(&[session.range(slot::DATA_CLASSES)])).unwrap().remove(0);
    assert_eq!(stored[..points.len()], session.labels());
}

/// Two moons barely touch: nearly nothing is left of the surprise at a point's class.
#[test]
fn cross_entropy_learns_the_classes_alone() {
    let mut session = start(json!({
        "data": {"id": "two-moons"},
        "model": {"id": "joint-mlp", "classes": 2, "widths": [32, 32]},
        "objective": {"id": "cross-entropy"},
        "optimizer": {"id": "adam", "learningRate": 3e-3},
    }));
    session.train(1).unwrap();
    let told = |session: &mut Session, name: &str| {
        let losses = block_on(session.losses()).unwrap();
        session.named_losses(&losses).get(name).and_then(Value::as_f64).unwrap()
    };
    let before = told(&mut session, "crossEntropy");
    assert!(before > 0.4, "{before}: a coin's is 0.69");
    session.train(600).unwrap();
    let (loss, part) = (told(&mut session, "loss"), told(&mut session, "crossEntropy"));
    assert!(loss == part && loss < 0.05, "{loss}, {part}");
    // The mean of −ln of the share that the own class has, with none of the core's arithmetic.
    let (points, labels) = (session.data().to_vec(), session.labels());
    let shares = block_on(session.classify(points.as_flattened())).unwrap();
    let own = shares.chunks_exact(2).zip(&labels).map(|(row, &label)| f64::from(row[label as usize]));
    let surprise = own.map(|share| -share.ln()).sum::<f64>() / labels.len() as f64;
    assert!(surprise < 0.05, "{surprise}");
}

#[test]
fn an_update_by_hand_goes_on_with_the_classes_of_its_batch() {
    let config = json!({
        "model": {"id": "joint-mlp", "widths": [8]},
        "objective": {"id": "joint-energy", "bufferSize": 100},
        "sampler": {"id": "langevin", "steps": 2},
    });
    let (mut by_hand, mut whole) = (small(config.clone()), small(config.clone()));
    for _ in 0..3 {
        block_on(by_hand.step(Grain::Stage)).unwrap();
    }
    let copy = block_on(by_hand.snapshot()).unwrap();
    let mut restored = small(config);
    block_on(restored.restore(copy)).unwrap();
    for session in [&mut by_hand, &mut restored, &mut whole] {
        session.train(1).unwrap();
    }
    assert_eq!(parameters(&mut by_hand), parameters(&mut whole));
    assert_eq!(parameters(&mut restored), parameters(&mut whole));
}
