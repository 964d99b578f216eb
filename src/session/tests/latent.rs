//! Variational autoencoders, in the plane and on images in black and white.

use super::machine::{D, bars, breathe};
use super::*;
use crate::data::images::Part;

/// A linear autoencoder of a normal law that is wider one way, with the fields of `more` in place of others.
fn linear(more: Value) -> Session {
    let mut config = json!({
        "data": {"id": "banana", "bend": 0, "spread": 1.5, "noise": 0.5, "count": 4096},
        "model": {"id": "vae", "latent": 1, "widths": [2], "activation": "none"},
        "objective": "evidence-lower-bound",
        "sampler": "ancestral",
        "optimizer": {"id": "adam", "learningRate": 0.01, "schedule": "cosine", "scheduleUpdates": 2000},
        "batch": 512,
        "particles": 64,
    });
    more.as_object().unwrap().iter().for_each(|(name, value)| config[name] = value.clone());
    start(config)
}

#[test]
fn the_bound_of_a_linear_autoencoder_meets_the_exact_likelihood() {
    let mut session = linear(json!({}));
    for update in [0, 100, 900, 1000] {
        session.train(update).unwrap();
        let bound = block_on(session.lower_bound(16, 1, usize::MAX, &mut breathe)).unwrap();
        let exact = bound.log_likelihood.unwrap();
        // The draws alone can lift it, 16 for each of 2,048 points: by less the closer it is, and not at all where it is tight.
        let noise = 4.0 * (2.0 * (exact - bound.elbo).max(0.0) / (16.0 * 2048.0)).sqrt() + 1e-4;
        assert!(bound.elbo <= exact + noise, "{bound:?}");
        // What more draws say lies between (Jensen's inequality holds for any draws).
        let weighted = bound.importance_weighted;
        assert!(weighted <= exact + noise && weighted >= bound.elbo, "{bound:?}");
    }
    let bound = block_on(session.lower_bound(16, 2, usize::MAX, &mut breathe)).unwrap();
    let exact = bound.log_likelihood.unwrap();
    assert!(exact - bound.elbo < 0.02, "{bound:?}");
    // With as many latent variables as principal axes less one the model is the data's own law.
    let entropy = metric(&mut session, "entropy");
    assert!((-exact - entropy).abs() < 0.05, "{exact} {entropy}");
    assert!((metric(&mut session, "nll") + exact).abs() < 1e-4);
    // What is shown with every frame says the same.
    let live = metric(&mut session, "negativeElbo");
    assert!((live + bound.elbo).abs() < 1e-3, "{live} {bound:?}");
    // Where the gap is g, 4,096 draws know it to √(2g/4096).
    assert!(live > -exact - 1e-3, "{live} {exact}");
    // A density has no partition function but 1.
    assert!(metric(&mut session, "logZ").abs() < 1e-3);
    // What is drawn through the decoder has the variances of the law.
    configure(&mut session, json!({"particles": 8192}));
    block_on(session.sample(1)).unwrap();
    let drawn = block_on(session.particles()).unwrap();
    for (axis, variance) in [(0, 2.25), (1, 0.25)] {
        let squares = drawn.iter().skip(axis).step_by(2).map(|&x| f64::from(x * x)).sum::<f64>() / 8192.0;
        // √(2/8192) of it for the draws, 5 % for what 4,096 points and the training leave.
        assert!((squares / variance - 1.0).abs() < 0.063 + 0.05, "{axis}: {squares}");
    }
}

#[test]
fn encoders_and_decoders_answer_point_by_point() {
    let mut session = linear(json!({"model": {"id": "vae", "latent": 3, "widths": [8]}}));
    session.train(3).unwrap();
    let x: Vec<f32> = (0..2100).map(|i| (i as f32 * 0.37).sin()).collect();
    let encoded = block_on(session.encode(&x)).unwrap();
    assert_eq!(encoded.len(), 1050 * 6);
    // More points than one plan takes, and the same answers one by one.
    assert_eq!(block_on(session.encode(&x[2080..2082])).unwrap(), encoded[1040 * 6..1041 * 6]);
    let decoded = block_on(session.decode(&[0.5, -1.0, 2.0, 0.0, 0.0, 0.0])).unwrap();
    assert_eq!(decoded.len(), 4);
    assert_ne!(decoded[..2], decoded[2..]);
    // Three latent variables are not summed out on a grid.
    let bound = block_on(session.lower_bound(2, 1, usize::MAX, &mut breathe)).unwrap();
    assert_eq!((bound.log_likelihood, bound.points, bound.draws, bound.update), (None, 2048, 2, 3));
    let mut said = |draws| block_on(session.lower_bound(draws, 1, usize::MAX, &mut breathe)).unwrap_err().to_string();
    assert_eq!(said(0), "draws: 0 is not accepted; expected a whole number from 1 to 4096.");
    let refusal = block_on(session.decode(&[1.0])).unwrap_err().to_string();
    assert_eq!(refusal, "z: 1 numbers is not accepted; expected 3 numbers a point.");
    let refusal = block_on(small(json!({})).encode(&[1.0, 2.0])).unwrap_err().to_string();
    assert_eq!(refusal, "model.id: mlp is not accepted; expected a model with an encoder, such as vae.");
    let refusal = block_on(small(json!({})).decode(&[1.0, 2.0])).unwrap_err().to_string();
    assert_eq!(refusal, "model.id: mlp is not accepted; expected a model of latent variables, such as vae.");
    let refusal = block_on(small(json!({})).configure("{\"sampler\": \"ancestral\"}")).unwrap_err().to_string();
    assert_eq!(
        refusal,
        "model.id: mlp is not accepted; expected vae, because ancestral needs an encoder of latent variables."
    );
}

#[test]
fn images_in_black_and_white_are_learned_and_held() {
    let mut session = small(json!({}));
    block_on(session.give_images("images", bars(60))).unwrap();
    let config = json!({
        "data": "binary-images",
        "model": {"id": "vae", "latent": 2, "widths": [64], "activation": "relu"},
        "objective": "evidence-lower-bound",
        "sampler": "metropolis-within-gibbs",
        "optimizer": {"id": "adam", "learningRate": 0.003},
        "batch": 16,
        "particles": 8,
    });
    block_on(session.load(Config::from_value(&config).unwrap())).unwrap();
    let before = block_on(session.lower_bound(4, 1, usize::MAX, &mut breathe)).unwrap();
    session.train(400).unwrap();
    let after = block_on(session.lower_bound(16, 1, usize::MAX, &mut breathe)).unwrap();
    // Coins would say ln 2 nats a pixel.
    assert!(before.elbo < -0.9 * D as f64 * std::f64::consts::LN_2, "{before:?}");
    // Five bars, each as likely as any other: no model says less than ln 5 nats of them on average.
    assert!(after.elbo < -f64::ln(5.0) + 0.5 && after.elbo > -30.0, "{after:?}");
    assert!(after.importance_weighted >= after.elbo && after.log_likelihood.is_none());
    // Decoded means lie between the two values, and what comes of encoding an image and decoding it is like the image.
    let image = session.selected(Part::HeldOut).unwrap().pixels[..D].to_vec();
    let encoded = block_on(session.encode(&image)).unwrap();
    let rebuilt = block_on(session.decode(&encoded[..2])).unwrap();
    assert!(rebuilt.iter().all(|x| x.abs() <= 1.0));
    let agree = rebuilt.iter().zip(&image).filter(|(a, b)| (**a > 0.0) == (**b > 0.0)).count();
    assert!(agree > D * 97 / 100, "{agree}");
    // The upper half is held; the rest follows what has it.
    let free: Vec<f32> = (0..D).map(|i| if i < D / 2 { 0.0 } else { 1.0 }).collect();
    session.hold_pixels(&image, &free).unwrap();
    block_on(session.sample(30)).unwrap();
    let samples = block_on(session.particles()).unwrap();
    assert!(samples.iter().enumerate().all(|(i, x)| x.abs() == 1.0 && (free[i % D] == 1.0 || *x == image[i % D])));
    let agree = samples.iter().enumerate().filter(|(i, x)| **x == image[i % D]).count();
    assert!(agree > samples.len() * 95 / 100, "{agree} of {}", samples.len());
    // Draws that do not heed what is held hold nothing.
    configure(&mut session, json!({"sampler": "ancestral"}));
    assert_eq!(block_on(session.held_pixels()).unwrap(), 0);
    let refusal = session.hold_pixels(&image, &free).unwrap_err().to_string();
    assert!(refusal.starts_with("sampler.id: ancestral is not accepted; expected a kernel that "), "{refusal}");
    session.hold_pixels(&image, &[1.0; D]).unwrap();
}

/// A model that is not used with the rules and kernels of others brings its own along, and they go with it.
#[test]
fn what_nobody_says_of_an_autoencoder_is_its_own() {
    let of = |value: Value| Config::from_value(&value).unwrap();
    let ids = |c: &Config| [c.model.id, c.objective.id, c.sampler.id, c.optimizer.id];
    let own = ["vae", "evidence-lower-bound", "ancestral", "adam"];
    let plane = of(json!({"seed": 4, "data": "two-moons"}));
    let vae = plane.patched("{\"model\": {\"id\": \"vae\", \"latent\": 2}}").unwrap();
    assert_eq!((ids(&vae), vae.seed, vae.data.id, vae.model.count("latent")), (own, 4, "two-moons", 2));
    let turned = vae.patched("{\"model\": {\"latent\": 3}, \"sampler\": \"langevin\"}").unwrap();
    assert_eq!((turned.sampler.id, turned.objective.id), ("langevin", own[1]));
    assert_eq!(vae.patched("{\"model\": \"mlp\"}").unwrap(), plane);
    // What was tuned for other rules is not what its own is trained with, and what fits both stays.
    let tuned = of(json!({"optimizer": {"id": "adam", "learningRate": 0.5}, "batch": 32, "particles": 9}));
    let vae = tuned.patched("{\"model\": \"vae\"}").unwrap();
    assert_eq!((vae.optimizer.number("learningRate"), vae.batch(), vae.particles()), (1e-3, 32, 9));
    let images = of(json!({"data": "mnist", "model": "vae"}));
    assert_eq!((images.optimizer.number("beta1"), images.optimizer.optional("clipNorm")), (0.9, None));
    let moved = vae.patched("{\"sampler\": {\"id\": \"mala\", \"steps\": 7}}").unwrap();
    let back = moved.patched("{\"model\": \"mlp\"}").unwrap();
    assert_eq!((ids(&back), back.batch()), (["mlp", "noise-contrastive-estimation", "mala", "adam"], 32));
    assert_eq!(back.sampler.count("steps"), 7);
    // What is named counts.
    let named = of(json!({"model": "vae", "objective": "maximum-likelihood", "sampler": {"steps": 3}}));
    assert_eq!((named.objective.id, named.sampler.id, named.sampler.count("steps")), ("maximum-likelihood", own[2], 3));
    // From a machine in black and white and back.
    let machine = of(json!({"data": "binary-mnist"}));
    let vae = machine.patched("{\"model\": \"vae\"}").unwrap();
    assert_eq!((ids(&vae), vae.data.id), (own, "binary-mnist"));
    assert_eq!(vae.patched("{\"model\": \"rbm\"}").unwrap(), machine);
    // Of small patterns all states are counted, and its energy is none that could be.
    let config = of(json!({"data": "bars-and-stripes", "model": "vae"}));
    let refusal = Session::new(device(), config).err().unwrap().to_string();
    assert!(refusal.starts_with("model.id: vae is not accepted; expected "), "{refusal}");
}

/// Any rule of the density trains it as well, through its energy.
#[test]
fn the_exact_likelihood_trains_the_decoder_alone() {
    let optimizer = json!({"id": "adam", "learningRate": 0.03});
    let mut session = linear(json!({"objective": "maximum-likelihood", "optimizer": optimizer}));
    let before = metric(&mut session, "nll");
    session.train(60).unwrap();
    assert!(metric(&mut session, "nll") < before - 0.3, "{before}");
    let bound = block_on(session.lower_bound(4, 1, usize::MAX, &mut breathe)).unwrap();
    assert!(bound.elbo < bound.log_likelihood.unwrap() - 0.05, "an encoder that learned nothing: {bound:?}");
}
