//! Models whose latent variables have an energy, in the plane and on images.

use super::*;
use crate::data::images::Part;

fn tilted(more: Value) -> Session {
    let mut config = json!({
        "data": {"id": "eight-gaussians", "count": 2000},
        "model": {"id": "latent-ebm", "widths": [32, 32], "priorWidths": [32, 32]},
        "batch": 64,
        "particles": 64,
    });
    more.as_object().unwrap().iter().for_each(|(name, value)| config[name] = value.clone());
    start(config)
}

#[test]
fn points_of_the_plane_are_learned_and_their_density_is_one() {
    let mut session = tilted(json!({}));
    let before = metric(&mut session, "kl");
    session.train(600).unwrap();
    let after = metric(&mut session, "kl");
    assert!(after < before - 0.5, "{before} {after}");
    // The sum over z has no partition function but 1.
    assert!(metric(&mut session, "logZ").abs() < 1e-3);
    assert!(block_on(session.metrics()).unwrap()["negativeElbo"].is_null());
    // The tilt is a dial: without it the prior is the normal law, under which the data that it was learned with are less likely.
    let nll = metric(&mut session, "nll");
    configure(&mut session, json!({"model": {"tilt": 0}}));
    assert_eq!(session.clock().update, 600);
    assert!(metric(&mut session, "nll") > nll + 0.02, "{nll} {}", metric(&mut session, "nll"));
    assert!(block_on(session.tilt(&[0.3, -1.0])).unwrap() == [0.0]);
}

/// Like every other rule, by hand and at full speed; all its chains are part of an update.
#[test]
fn by_sub_steps_and_stages_it_is_the_same_run() {
    let mut whole = tilted(json!({}));
    let mut by_hand = tilted(json!({}));
    block_on(whole.step(Grain::Update)).unwrap();
    block_on(whole.step(Grain::Update)).unwrap();
    for grain in [Grain::Stage, Grain::Substep] {
        let update = by_hand.clock().update;
        while by_hand.clock().update == update {
            block_on(by_hand.step(grain)).unwrap();
        }
    }
    assert_eq!(bits(&mut whole), bits(&mut by_hand));
    // The negatives are shown as what the prior's chains mean.
    let mut session = tilted(json!({"sampler": {"steps": 3}}));
    for _ in 0..2 {
        block_on(session.step(Grain::Stage)).unwrap();
    }
    let moves = block_on(session.step(Grain::Substep)).unwrap().moves.unwrap();
    assert!(moves.position.iter().all(|x| x.is_finite()) && moves.position.iter().any(|x| x.abs() > 1e-3));
}

#[test]
fn chains_of_prior_and_posterior_are_told_on_their_way() {
    let mut session = tilted(json!({"sampler": {"steps": 10}, "model": {
        "id": "latent-ebm", "widths": [32, 32], "latent": 3, "posteriorSteps": 7,
    }}));
    session.train(2).unwrap();
    let x: Vec<f32> = (0..2100).map(|i| (i as f32 * 0.37).sin()).collect();
    let chains = block_on(session.latent_chains(&x, 4, 1)).unwrap();
    assert_eq!(chains.steps, [7, 10]);
    for told in [&chains.posterior, &chains.prior] {
        assert_eq!(told.iter().map(Vec::len).collect::<Vec<_>>(), [1050 * 3; 5]);
        assert!(told.windows(2).all(|pair| pair[0] != pair[1]));
        // The chance of a second piece of so many points is another.
        assert_ne!(told[0][..3], told[0][1024 * 3..1025 * 3]);
        let spread = told[0].iter().map(|z| f64::from(z * z)).sum::<f64>() / 3150.0;
        assert!((spread - 1.0).abs() < 4.0 * (2.0 / 3150.0_f64).sqrt(), "{spread}");
    }
    // What a chain begins at says nothing of its first step: of N(0, 1) it is N(0, (1 − h)² + 2h).
    configure(&mut session, json!({"model": {"tilt": 0}, "sampler": {"steps": 1, "stepSize": 0.3}}));
    let step = block_on(session.latent_chains(&x, 1, 1)).unwrap().prior;
    let spread = step[1].iter().map(|z| f64::from(z * z)).sum::<f64>() / 3150.0;
    let wanted = 0.7 * 0.7 + 0.6;
    assert!((spread - wanted).abs() < 4.0 * wanted * (2.0 / 3150.0_f64).sqrt(), "{spread} {wanted}");
    configure(&mut session, json!({"model": {"tilt": 1}, "sampler": {"steps": 10, "stepSize": 0.03}}));
    // A look changes nothing, the same seed shows the same, in finer pieces as well.
    let again = block_on(session.latent_chains(&x, 2, 1)).unwrap();
    assert_eq!((&again.prior[1], &again.posterior[2]), (&chains.prior[2], &chains.posterior[4]));
    assert_ne!(block_on(session.latent_chains(&x, 2, 2)).unwrap().prior[0], chains.prior[0]);
    assert_eq!(block_on(session.decode(&chains.prior[4][..6])).unwrap().len(), 4);
    assert_eq!(session.clock().update, 2);
    // A kernel of another kind has no step size for the prior's.
    configure(&mut session, json!({"objective": "maximum-likelihood", "sampler": "langevin"}));
    let chains = block_on(session.latent_chains(&x[..20], 4, 1)).unwrap();
    assert_eq!((chains.posterior.len(), chains.prior.len(), chains.steps), (5, 0, [7, 0]));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let mut session = tilted(json!({}));
    let said = |result: crate::error::Result<Vec<f32>>| result.unwrap_err().to_string();
    let refusal = said(block_on(session.encode(&[0.0, 0.0])));
    assert_eq!(refusal, "model.id: latent-ebm is not accepted; expected a model with an encoder, such as vae.");
    assert_eq!(said(block_on(session.tilt(&[0.0]))), "z: 1 numbers is not accepted; expected 2 numbers a point.");
    let refusal = block_on(session.latent_chains(&[0.0, 0.0], 0, 1)).unwrap_err().to_string();
    assert_eq!(refusal, "pieces: 0 is not accepted; expected a whole number from 1 to 100.");
    let refusal = block_on(session.configure("{\"sampler\": \"mala\"}")).unwrap_err().to_string();
    let expected = "expected latent-langevin, because latent-maximum-likelihood needs chains of latent variables.";
    assert_eq!(refusal, format!("sampler.id: mala is not accepted; {expected}"));
    let mut plain = small(json!({}));
    let refusal = said(block_on(plain.tilt(&[0.0, 0.0])));
    let expected = "expected a model whose latent variables have an energy, such as latent-ebm.";
    assert_eq!(refusal, format!("model.id: mlp is not accepted; {expected}"));
    let refusal = block_on(plain.configure("{\"sampler\": \"latent-langevin\"}")).unwrap_err().to_string();
    let expected = "expected latent-ebm, because latent-langevin needs an energy of latent variables.";
    assert_eq!(refusal, format!("model.id: mlp is not accepted; {expected}"));
    // Its company comes and goes with it.
    let ids = |c: &Config| [c.model.id, c.objective.id, c.sampler.id];
    assert_eq!(ids(session.config()), ["latent-ebm", "latent-maximum-likelihood", "latent-langevin"]);
    let other = session.config().patched("{\"model\": \"vae\"}").unwrap();
    assert_eq!(ids(&other), ["vae", "evidence-lower-bound", "ancestral"]);
    let other = session.config().patched("{\"model\": \"mlp\"}").unwrap();
    assert_eq!(ids(&other), ["mlp", "noise-contrastive-estimation", "langevin"]);
}

/// Five bars, and what stands out against them.
#[test]
fn images_are_learned_and_strange_ones_have_a_higher_energy() {
    let mut session = small(json!({}));
    block_on(session.give_images("images", machine::bars(60))).unwrap();
    let config = json!({
        "data": "images",
        "model": {"id": "latent-ebm", "latent": 4, "widths": [64], "posteriorStepSize": 0.0005},
        "batch": 16,
        "particles": 8,
        "sampler": {"observationNoise": false},
    });
    block_on(session.load(Config::from_value(&config).unwrap())).unwrap();
    session.train(150).unwrap();
    let known = session.selected(Part::HeldOut).unwrap().pixels[..784].to_vec();
    // The same pixels in another order.
    let strange: Vec<f32> = (0..784).map(|i| known[i * 29 % 784]).collect();
    let (energy, score) = block_on(session.evaluate(&[known.clone(), strange].concat())).unwrap();
    assert!(energy[0] + 100.0 < energy[1], "{energy:?}");
    // The slope is that of the misfit: from a pixel towards what the decoder makes of z.
    assert!(score.iter().all(|s| s.is_finite()) && score[784..].iter().any(|s| s.abs() > 1.0));
    block_on(session.sample(5)).unwrap();
    let samples = block_on(session.particles()).unwrap();
    assert!(samples.iter().all(|x| x.is_finite()));
    // The slip is one of the chains: the energy stays what it was.
    configure(&mut session, json!({"model": {"reciprocalSlope": true}}));
    assert_eq!(block_on(session.evaluate(&known)).unwrap().0, energy[..1]);
    let chains = block_on(session.latent_chains(&known, 1, 3)).unwrap();
    assert_eq!(chains.posterior[1].len(), 4);
}
