//! Experiments on images.

use super::*;
use crate::data::idx::Images;
use crate::data::images::{Part, Selected};
use crate::{objective, sampler};
use rand::RngExt;

const D: usize = 784;

/// Blots: a bright square somewhere on black, so that there is something to learn.
fn blots(n: usize) -> Images {
    let mut rng = rng::host(3);
    let mut pixels = vec![0; n * D];
    for image in pixels.chunks_exact_mut(D) {
        let corner = [0, 0].map(|_: usize| rng.random_range(4..14usize));
        for i in 0..100 {
            image[28 * (corner[1] + i / 10) + corner[0] + i % 10] = rng.random_range(128..=255);
        }
    }
    Images { pixels, labels: Some((0..n).map(|i| (i % 10) as u8).collect()) }
}

/// An experiment on blots with the fields of `more` in place of what is usual.
fn on_blots(more: Value) -> Session {
    let mut session = small(json!({}));
    block_on(session.give_images("images", blots(40))).unwrap();
    let mut config = json!({
        "data": "images",
        "model": {"id": "cnn", "size": "small"},
        "objective": {"id": "persistent-contrastive-divergence", "bufferSize": 64},
        "sampler": {"id": "clipped-langevin", "steps": 3},
        "batch": 8,
        "particles": 4,
    });
    more.as_object().unwrap().iter().for_each(|(name, value)| config[name] = value.clone());
    block_on(session.load(Config::from_value(&config).unwrap())).unwrap();
    session
}

#[test]
fn what_nobody_says_of_images_is_the_tutorials() {
    let config = Config::from_value(&json!({"seed": 9, "data": "mnist"})).unwrap();
    let json = config.to_json();
    assert_eq!((json["seed"].as_u64(), json["model"]["size"].as_str()), (Some(9), Some("tutorial")));
    assert_eq!(json["objective"]["id"].as_str(), Some("persistent-contrastive-divergence"));
    let figures = [
        (&json["objective"]["regularisation"], 0.1),
        (&json["objective"]["bufferSize"], 8192.0),
        (&json["sampler"]["stepSize"], 10.0),
        (&json["sampler"]["noise"], 0.005),
        (&json["sampler"]["gradientClip"], 0.03),
        (&json["sampler"]["steps"], 60.0),
        (&json["optimizer"]["learningRate"], 1e-4),
        (&json["optimizer"]["beta1"], 0.0),
        (&json["optimizer"]["clipNorm"], 0.1),
        (&json["batch"], 64.0),
    ];
    for (found, wanted) in figures {
        assert_eq!(found.as_f64(), Some(wanted));
    }
    // From the plane to images and back: what belongs to the other space goes, the seed stays.
    let plane = Config::from_value(&json!({"seed": 9, "data": "two-moons", "batch": 100})).unwrap();
    assert_eq!(plane.patched("{\"data\": {\"id\": \"mnist\"}}").unwrap(), config);
    let back = config.patched("{\"data\": \"two-moons\", \"batch\": 100}").unwrap();
    assert_eq!(back, plane);
    // Within a space it stays.
    let own = config.patched("{\"batch\": 32}").unwrap().patched("{\"data\": \"images\"}").unwrap();
    assert_eq!((own.batch(), own.data.id), (32, "images"));
    // A part that is named takes what is usual for the rest of it.
    let named = Config::from_value(&json!({"data": "mnist", "objective": {"id": "persistent-contrastive-divergence"}}));
    assert_eq!(named.unwrap().objective, Config::from_value(&json!({"data": "mnist"})).unwrap().objective);
}

#[test]
fn images_are_asked_for_and_then_learned() {
    let mnist = Config::from_value(&json!({"data": "mnist"})).unwrap();
    let absent = Error::Absent { id: "mnist".into() };
    assert_eq!(Session::new(device(), mnist.clone()).err(), Some(absent.clone()));
    let mut session = small(json!({}));
    assert_eq!(block_on(session.load(mnist.clone())).err(), Some(absent.clone()));
    assert_eq!(block_on(session.configure("{\"data\": \"mnist\"}")).err(), Some(absent));
    // Nothing has changed.
    assert_eq!(session.space(), Space::Plane);
    session.train(1).unwrap();
    let refusal = |result: Result<usize>| result.unwrap_err().to_string();
    assert_eq!(
        refusal(block_on(session.give_images("digits", blots(10)))),
        "data.id: digits is not accepted; expected mnist or images."
    );
    // Of more than a device holds the first are used.
    let many = Images { pixels: vec![7; 20_050 * D], labels: Some(vec![3; 20_050]) };
    assert_eq!(block_on(session.give_images("images", many)).unwrap(), 20_000);
    let mut session = on_blots(json!({}));
    assert_eq!((session.selected(Part::HeldOut).unwrap().pixels.len(), session.points()), (4 * D, 36));
    assert_eq!(block_on(session.full_frame()).unwrap().particles.len(), 4 * D);
    let blots = session.selected(Part::Training).unwrap().pixels;
    assert_eq!(session.image_counts().unwrap(), [36, 4]);
    let (image, distance, label) = session.nearest_image(&blots[D..2 * D]).unwrap();
    assert_eq!((&image[..], distance, label), (&blots[D..2 * D], 0.0, Some(1)));
    assert!(session.nearest_image(&blots[..D - 1]).unwrap_err().to_string().contains("784 finite numbers"));
    let before = block_on(session.evaluate(&blots)).unwrap();
    assert_eq!((before.0.len(), before.1.len()), (36, 36 * D));
    session.train(4).unwrap();
    assert!(block_on(session.check()).unwrap().is_none());
    assert_ne!(block_on(session.evaluate(&blots)).unwrap().0, before.0);
    let figures = block_on(session.metrics()).unwrap();
    assert_eq!(figures["temperature"].as_f64(), Some(0.005f64.powi(2) / 20.0));
    // Chains stay within what an image can be.
    let [chains, ages] = block_on(session.buffer()).unwrap();
    assert!(chains.iter().all(|x| (-1.0..=1.0).contains(x)) && ages.iter().any(|&age| age > 0.0));
    // Other images of the same set: the run goes on with them, in a tensor that holds them.
    block_on(session.give_images("images", super::images::blots(70))).unwrap();
    assert_eq!((session.points(), session.clock().update), (63, 4));
    session.train(1).unwrap();
}

#[test]
fn slopes_of_images_are_those_of_the_energy() {
    let mut session = on_blots(json!({}));
    session.train(2).unwrap();
    let x = session.selected(Part::HeldOut).unwrap().pixels[..D].to_vec();
    let (_, score) = block_on(session.evaluate(&x)).unwrap();
    // Along the slope, where a difference of single precision says most.
    let length = score.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>().sqrt();
    const STEP: f64 = 0.05;
    let moved = |by: f64| -> Vec<f32> {
        x.iter().zip(&score).map(|(x, s)| (f64::from(*x) + by * f64::from(*s) / length) as f32).collect()
    };
    let energies = block_on(session.evaluate(&[moved(STEP), moved(-STEP)].concat())).unwrap().0;
    let slope = f64::from(energies[0] - energies[1]) / (2.0 * STEP);
    // Energies are a few tenths: rounding leaves some 1e-7 of them, over 0.1; what is cut off is of the order of STEP².
    assert!((slope + length).abs() < 5e-3 * length + 1e-5, "{slope} {length}");
}

/// The left half of an image is held: the samples keep it, and fill in the right half along the slope of the whole.
#[test]
fn held_pixels_stay_and_the_others_follow_the_slope_of_the_whole_image() {
    // Without noise a step is x − h·clip(∇E), which the energy's own slope tells.
    let sampler = json!({"id": "clipped-langevin", "stepSize": 2.0, "noise": 0.0, "gradientClip": 1e-4, "steps": 2});
    let mut session = on_blots(json!({"sampler": sampler}));
    session.train(2).unwrap();
    let image = session.selected(Part::HeldOut).unwrap().pixels[..D].to_vec();
    let free: Vec<f32> = (0..D).map(|i| if i % 28 < 14 { 0.0 } else { 1.0 }).collect();
    let before = block_on(session.particles()).unwrap();
    session.hold_pixels(&image, &free).unwrap();
    assert_eq!(block_on(session.held_pixels()).unwrap(), D / 2);
    let start = block_on(session.particles()).unwrap();
    for (i, x) in start.iter().enumerate() {
        assert_eq!(*x, if free[i % D] == 0.0 { image[i % D] } else { before[i] });
    }
    let (_, score) = block_on(session.evaluate(&start)).unwrap();
    block_on(session.sample(1)).unwrap();
    let after = block_on(session.particles()).unwrap();
    for i in 0..after.len() {
        let along = 2.0 * score[i].clamp(-1e-4, 1e-4);
        let expected = if free[i % D] == 0.0 { image[i % D] } else { (start[i] + along).clamp(-1.0, 1.0) };
        assert!((after[i] - expected).abs() < 1e-6, "{i}: {} {expected}", after[i]);
    }
    assert_ne!(after, start);
    // So they do wherever they are put, and when there are more of them.
    let holds = |session: &mut Session| {
        let samples = block_on(session.particles()).unwrap();
        samples.iter().enumerate().all(|(i, x)| free[i % D] == 1.0 || *x == image[i % D])
    };
    session.set_particles(&vec![0.25; after.len()]).unwrap();
    assert!(holds(&mut session));
    configure(&mut session, json!({"particles": 6}));
    assert!(holds(&mut session));
    // Every kernel keeps them: none knows of it.
    for kernel in sampler::ALL.iter().filter(|s| Space::Images.is_among(s.spaces()) && s.needs().is_none()) {
        configure(&mut session, json!({"sampler": {"id": kernel.id(), "steps": 2}}));
        let before = block_on(session.particles()).unwrap();
        block_on(session.sample(2)).unwrap();
        assert!(holds(&mut session), "{}", kernel.id());
        assert_ne!(block_on(session.particles()).unwrap(), before, "{}", kernel.id());
        let told = block_on(session.preview(1)).unwrap();
        let noise = told["noise"].as_array().unwrap();
        assert!((0..D).all(|i| free[i] == 1.0 || noise[i].as_f64() == Some(0.0)), "{}", kernel.id());
    }
    // The rule's negatives are of the whole density, and a copy of the run holds what it held.
    session.train(1).unwrap();
    let chains = tensor(&mut session, slot::NEGATIVES);
    assert!(chains.iter().enumerate().any(|(i, x)| free[i % D] == 0.0 && *x != image[i % D]));
    let copy = block_on(session.snapshot()).unwrap();
    session.reset().unwrap();
    assert_eq!(block_on(session.held_pixels()).unwrap(), 0);
    session.train(1).unwrap();
    assert!(!holds(&mut session));
    block_on(session.restore(copy)).unwrap();
    session.train(1).unwrap();
    assert!(holds(&mut session));
    // What does not fit is refused, and changes nothing.
    let mut said = |image: &[f32], free: &[f32]| session.hold_pixels(image, free).unwrap_err().to_string();
    assert_eq!(said(&image[1..], &free), "image: 783 numbers is not accepted; expected 784 numbers.");
    assert_eq!(said(&[2.0; D], &free), "image[0]: 2 is not accepted; expected a number from -1 to 1.");
    assert_eq!(said(&image, &[0.5; D]), "free[0]: 0.5 is not accepted; expected 1 (free) or 0 (held).");
    assert_eq!(block_on(session.held_pixels()).unwrap(), D / 2);
    let sentence = small(json!({})).hold_pixels(&image, &free).unwrap_err().to_string();
    assert_eq!(sentence, "data.id: eight-gaussians is not accepted; expected a set of images.");
}

#[test]
fn every_rule_and_kernel_that_is_not_planar_runs_on_images() {
    let rules: Vec<_> =
        objective::ALL.iter().filter(|o| Space::Images.is_among(o.spaces()) && o.needs().is_none()).collect();
    let kernels: Vec<_> =
        sampler::ALL.iter().filter(|s| Space::Images.is_among(s.spaces()) && s.needs().is_none()).collect();
    assert!(rules.len() >= 5 && kernels.len() >= 5, "{} {}", rules.len(), kernels.len());
    for rule in &rules {
        for kernel in &kernels {
            let mut objective = json!({"id": rule.id()});
            if rule.params().iter().any(|p| p.name == "bufferSize") {
                objective["bufferSize"] = 64.into();
            }
            let sampler = json!({"id": kernel.id(), "steps": 2});
            let mut session = on_blots(json!({"objective": objective, "sampler": sampler, "batch": 4}));
            session.train(2).unwrap();
            let copy = block_on(session.snapshot()).unwrap();
            let sound = copy.state.iter().all(|(_, values)| values.iter().all(|v| v.is_finite()));
            assert!(sound, "{} {}", rule.id(), kernel.id());
        }
    }
}

#[test]
fn classes_of_images_are_learned_where_they_are_labelled() {
    let joint = json!({"id": "joint-energy", "bufferSize": 64, "classWeight": 100});
    let config = json!({
        "model": {"id": "joint-cnn", "size": "small"},
        "objective": joint.clone(),
        "optimizer": {"id": "adam", "learningRate": 3e-3, "clipNorm": null, "averageDecay": 0.9},
        "sampler": {"id": "clipped-langevin", "steps": 1},
        "batch": 16,
    });
    let mut session = on_blots(config);
    session.train(150).unwrap();
    // Labels of blots mean nothing: what is learned of them is memorised.
    let Selected { pixels, labels } = session.selected(Part::Training).unwrap();
    let shares = block_on(session.classify(&pixels)).unwrap();
    let right = |(row, label): (&[f32], u8)| (0..10).all(|y| row[y] <= row[usize::from(label)]);
    let hits = shares.chunks_exact(10).zip(labels.unwrap()).filter(|&pair| right(pair)).count();
    assert!(shares.chunks_exact(10).all(|row| (row.iter().sum::<f32>() - 1.0).abs() < 1e-5));
    assert!(hits > 30, "{hits} of 36");
    let bare = Images { labels: None, ..blots(20) };
    let refusal = block_on(session.give_images("images", bare.clone())).unwrap_err().to_string();
    assert_eq!(refusal, "images: no labels; expected labels as well, because joint-energy learns classes.");
    let mut session = on_blots(json!({}));
    let said =
        |session: &mut Session, patch: Value| block_on(session.configure(&patch.to_string())).unwrap_err().to_string();
    let expected = "joint-cnn, because joint-energy needs an energy of every class.";
    assert!(said(&mut session, json!({"objective": joint.clone()})).ends_with(expected));
    block_on(session.give_images("images", bare)).unwrap();
    let both = json!({"objective": joint, "model": {"id": "joint-cnn", "size": "small"}});
    assert_eq!(said(&mut session, both), refusal);
}

#[test]
fn an_experiment_may_be_of_some_classes_alone() {
    let mut session = on_blots(json!({"data": {"id": "images", "classes": [3, 8, 9]}}));
    // Of forty images every tenth is held out, which are those of class 9.
    assert_eq!((session.image_counts().unwrap(), session.points()), ([8, 4], 8));
    let Selected { pixels, labels } = session.selected(Part::Training).unwrap();
    assert_eq!(labels.unwrap(), [3, 8, 3, 8, 3, 8, 3, 8]);
    assert_eq!(session.selected(Part::HeldOut).unwrap().labels.unwrap(), [9; 4]);
    session.train(1).unwrap();
    let range = session.range(slot::DATA);
    let learned = block_on(session.backend.read(&[range])).unwrap().remove(0);
    assert_eq!(learned, pixels, "these alone are on the device");
    // What is nearest to an image of another class is of these.
    let all = blots(40).pixels[5 * D..6 * D].iter().map(|&b| f32::from(b) / 127.5 - 1.0).collect::<Vec<_>>();
    let (_, distance, label) = session.nearest_image(&all).unwrap();
    assert!(distance > 0.0 && [3, 8].contains(&label.unwrap()));
    // The run goes on with others, as many as they may be.
    configure(&mut session, json!({"data": {"classes": [0, 1, 2, 3, 4]}}));
    assert_eq!((session.points(), session.clock().update), (20, 1));
    session.train(1).unwrap();
    let mut said = |classes: Value| {
        let patch = json!({"data": {"classes": classes}});
        block_on(session.configure(&patch.to_string())).unwrap_err().to_string()
    };
    let nine = "data.classes: [9] is not accepted; expected a class of which there are images to learn.";
    assert_eq!(said(json!([9])), nine);
    assert!(said(json!([])).contains("different whole numbers from 0 to 9"));
    let bare = Images { labels: None, ..blots(20) };
    let refusal = block_on(session.give_images("images", bare)).unwrap_err().to_string();
    let unknown = "expected all ten, because nobody says the classes of these images.";
    assert!(refusal.ends_with(unknown), "{refusal}");
    assert_eq!(session.points(), 20, "nothing has changed");
}

/// A run that explodes goes back to its last good weights; what the samples hold is the visitor's.
#[test]
fn the_guard_leaves_what_is_held() {
    let wild = json!({"id": "sgd", "learningRate": 1.0, "momentum": 0.99, "clipNorm": null});
    let mut session = on_blots(json!({"optimizer": wild}));
    block_on(session.checkpoint()).unwrap();
    let free: Vec<f32> = (0..D).map(|i| if i < 28 { 0.0 } else { 1.0 }).collect();
    session.hold_pixels(&[0.5; D], &free).unwrap();
    let mut fired = None;
    for _ in 0..100 {
        session.train(1).unwrap();
        fired = block_on(session.check()).unwrap();
        if fired.is_some() {
            break;
        }
    }
    assert!(fired.is_some(), "it explodes");
    assert_eq!(block_on(session.held_pixels()).unwrap(), 28);
    assert!(block_on(session.particles()).unwrap().chunks_exact(D).all(|sample| sample[..28] == [0.5; 28]));
}

#[test]
fn a_joint_energy_begins_with_the_weights_of_one_without_classes() {
    let mut plain = on_blots(json!({}));
    plain.train(3).unwrap();
    let images = plain.selected(Part::HeldOut).unwrap().pixels;
    let (energy, score) = block_on(plain.evaluate(&images)).unwrap();
    let bytes = block_on(plain.export_weights()).unwrap();
    let mut joint = on_blots(json!({
        "model": {"id": "joint-cnn", "size": "small"},
        "objective": {"id": "joint-energy", "bufferSize": 64},
    }));
    block_on(joint.import_weights(&bytes)).unwrap();
    let (same, slope) = block_on(joint.evaluate(&images)).unwrap();
    // A sum of ten equal terms and its logarithm are rounded; the energies are of the order of 1.
    assert!(energy.iter().zip(&same).all(|(a, b)| (a - b).abs() < 2e-6), "{energy:?} {same:?}");
    assert!(score.iter().zip(&slope).all(|(a, b)| (a - b).abs() < 1e-5 * (1.0 + a.abs())));
    assert!(block_on(joint.classify(&images)).unwrap().iter().all(|share| (share - 0.1).abs() < 1e-6));
    // The way back would forget classes.
    let bytes = block_on(joint.export_weights()).unwrap();
    let refusal = block_on(plain.import_weights(&bytes)).unwrap_err().to_string();
    assert!(refusal.contains("has shape [10, "), "{refusal}");
}

/// A step without noise goes along the slopes of the classes, weighed: of the class energies ln p(y | x) = E(x) − E(x, y) tells
/// the differences, and central differences their slopes.
#[test]
fn samples_follow_the_energies_of_classes_as_they_are_weighed() {
    let mut session = on_blots(json!({
        "model": {"id": "joint-cnn", "size": "small"},
        "objective": {"id": "joint-energy", "bufferSize": 64},
        "sampler": {"id": "langevin", "stepSize": 1.0, "noise": 0.0, "steps": 1},
    }));
    session.train(3).unwrap();
    let start = session.selected(Part::HeldOut).unwrap().pixels;
    let mut walked = |mix: &[f32]| {
        session.set_particles(&start).unwrap();
        session.mix_classes(mix).unwrap();
        block_on(session.sample(1)).unwrap();
        let moved = block_on(session.particles()).unwrap();
        moved.iter().zip(&start).map(|(a, b)| f64::from(*a) - f64::from(*b)).collect::<Vec<_>>()
    };
    let mix = |own: f32, classes: &[(usize, f32)]| {
        let mut weights = vec![0.0; 11];
        weights[0] = own;
        classes.iter().for_each(|&(y, w)| weights[1 + y] = w);
        weights
    };
    let plain = walked(&mix(1.0, &[]));
    let [three, eight] = [3, 8].map(|y| walked(&mix(0.0, &[(y, 1.0)])));
    let both = walked(&mix(0.0, &[(3, 1.0), (8, 1.0)]));
    let minus = walked(&mix(0.5, &[(3, 1.0), (8, -0.5)]));
    let size = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let apart =
        |a: &[f64], b: &dyn Fn(usize) -> f64| size(&a.iter().enumerate().map(|(i, x)| x - b(i)).collect::<Vec<_>>());
    // Places near 1 are kept to 6e-8, some three thousand of them, and slopes of a sum of layers to about as much of themselves.
    let rounding = 4.0 * 6e-8 * (start.len() as f64).sqrt() + 1e-5 * size(&three);
    assert!(size(&plain) > 20.0 * rounding && apart(&three, &|i| eight[i]) > 20.0 * rounding);
    assert!(apart(&both, &|i| three[i] + eight[i]) < rounding);
    assert!(apart(&minus, &|i| 0.5 * plain[i] + three[i] - 0.5 * eight[i]) < rounding);
    // The difference of two moves is h ∇(E(x, 8) − E(x, 3)) = h ∇(ln p(3 | x) − ln p(8 | x)): along itself it is as steep as the shares say.
    let odds = |session: &mut Session, x: &[f32]| {
        let shares = block_on(session.classify(x)).unwrap();
        f64::from(shares[3]).ln() - f64::from(shares[8]).ln()
    };
    let direction: Vec<f64> = (0..D).map(|i| three[i] - eight[i]).collect();
    let length = size(&direction);
    const STEP: f64 = 0.1;
    let at =
        |by: f64| -> Vec<f32> { (0..D).map(|i| (f64::from(start[i]) + by * direction[i] / length) as f32).collect() };
    let slope = (odds(&mut session, &at(STEP)) - odds(&mut session, &at(-STEP))) / (2.0 * STEP);
    // Shares of single precision leave 1e-6 of their logarithms, over 0.2; what is cut off is of the order of STEP².
    assert!((slope - length).abs() < 5e-3 * length + 1e-5, "{slope} {length}");
    // A copy of the run keeps the weights, a start anew does not.
    let copy = block_on(session.snapshot()).unwrap();
    session.reset().unwrap();
    assert_eq!(block_on(session.mix()).unwrap(), mix(1.0, &[]));
    block_on(session.restore(copy)).unwrap();
    assert_eq!(block_on(session.mix()).unwrap(), mix(0.5, &[(3, 1.0), (8, -0.5)]));
    let mut said = |weights: &[f32]| session.mix_classes(weights).unwrap_err().to_string();
    assert_eq!(said(&[1.0; 10]), "weights: 10 numbers is not accepted; expected 11 numbers.");
    assert_eq!(said(&mix(11.0, &[])), "weights[0]: 11 is not accepted; expected a number from -10 to 10.");
    let sentence = on_blots(json!({})).mix_classes(&[1.0; 11]).unwrap_err().to_string();
    assert!(sentence.starts_with("model.id: cnn is not accepted; expected joint-cnn"), "{sentence}");
}

#[test]
fn what_belongs_to_the_plane_is_refused_for_images() {
    let mut session = on_blots(json!({}));
    let mut said = |patch: &str| block_on(session.configure(patch)).unwrap_err().to_string();
    let images = "the points of images are images.";
    for (patch, begins) in [
        (
            "{\"model\": \"mlp\"}",
            "model.id: mlp is not accepted; expected cnn or joint-cnn or joint-embedding or latent-ebm or vae, because ",
        ),
        ("{\"objective\": \"score-matching\"}", "objective.id: score-matching is not accepted; expected "),
        ("{\"sampler\": \"gibbs\"}", "sampler.id: gibbs is not accepted; expected "),
        ("{\"sampler\": {\"clampX\": 1}}", "sampler.clampX: 1 is not accepted; expected null, because "),
    ] {
        let sentence = said(patch);
        assert!(sentence.starts_with(begins) && sentence.ends_with(images), "{sentence}");
    }
    let plane = Config::from_value(&json!({"model": "cnn"})).unwrap();
    let sentence = Session::new(device(), plane).err().unwrap().to_string();
    assert!(sentence.ends_with("because the points of eight-gaussians lie in the plane."), "{sentence}");
    let in_the_plane = "data.id: images is not accepted; expected points in the plane, not images.";
    assert_eq!(block_on(session.set_data(vec![[0.0; 2]])).unwrap_err().to_string(), in_the_plane);
    assert_eq!(block_on(session.trace(3)).unwrap_err().to_string(), in_the_plane);
    assert_eq!(block_on(session.pushes(&[[0.0; 2]])).unwrap_err().to_string(), in_the_plane);
    assert_eq!(block_on(session.proof(&[[0.0; 2]])).unwrap_err().to_string(), in_the_plane);
    let wrong = "x: 2 numbers is not accepted; expected 784 numbers a point.";
    assert_eq!(block_on(session.evaluate(&[0.0; 2])).unwrap_err().to_string(), wrong);
}

#[test]
fn a_run_on_images_is_the_same_movie_at_every_grain_and_after_a_copy() {
    let mut whole = on_blots(json!({}));
    let mut stages = on_blots(json!({}));
    whole.train(2).unwrap();
    for grain in [Grain::Stage, Grain::Substep] {
        let update = stages.clock().update;
        while stages.clock().update == update {
            block_on(stages.step(grain)).unwrap();
        }
    }
    let state = |session: &mut Session| block_on(session.snapshot()).unwrap();
    let (a, b) = (state(&mut whole), state(&mut stages));
    assert!(a.clock == b.clock && a.state == b.state);
    // The next move of a chain, pixel by pixel.
    let next = block_on(whole.preview(1)).unwrap();
    assert_eq!(next["gradient"].as_array().map(<[_]>::len), Some(D));
    // Through bytes, into a session that learned something else and has the images.
    let copy = Snapshot::from_bytes(&a.to_bytes()).unwrap();
    assert!(copy == a && copy.data.is_empty());
    let mut other = small(json!({}));
    let absent = Error::Absent { id: "images".into() };
    assert_eq!(block_on(other.restore(copy.clone())).err(), Some(absent));
    block_on(other.give_images("images", blots(40))).unwrap();
    block_on(other.restore(copy)).unwrap();
    whole.train(1).unwrap();
    other.train(1).unwrap();
    assert!(state(&mut whole).state == state(&mut other).state);
    // Back in the plane everything of the plane is there again.
    block_on(other.load(Config::from_value(&json!({"data": "two-moons"})).unwrap())).unwrap();
    other.train(1).unwrap();
    assert!(block_on(other.metrics()).unwrap()["nll"].as_f64().unwrap().is_finite());
    assert_eq!(other.data().len(), 2048);
}
