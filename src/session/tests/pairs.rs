//! Sessions with a model of pairs.

use super::*;
use crate::data::idx::Images;

fn embedding(more: Value) -> Session {
    let mut config = json!({
        "seed": 3,
        "data": {"id": "eight-gaussians", "count": 400},
        "model": {"id": "joint-embedding", "widths": [32, 32]},
        "batch": 128,
        "particles": 16,
    });
    more.as_object().unwrap().iter().for_each(|(name, value)| config[name] = value.clone());
    start(config)
}

fn ids(config: &Config) -> [&'static str; 4] {
    [config.model.id, config.objective.id, config.sampler.id, config.optimizer.id]
}

#[test]
fn the_model_brings_its_rule_along_and_takes_it_away() {
    let mut session = small(json!({}));
    configure(&mut session, json!({"model": "joint-embedding"}));
    assert_eq!(ids(session.config()), ["joint-embedding", "info-nce", "langevin", "adam"]);
    configure(&mut session, json!({"objective": "vicreg"}));
    configure(&mut session, json!({"model": "mlp"}));
    assert!(crate::objective::ALL.iter().any(|o| o.id() == session.config().objective.id && o.needs().is_none()));
    let refusal = block_on(session.configure("{\"objective\": \"vicreg\"}")).unwrap_err().to_string();
    assert_eq!(
        refusal,
        "model.id: mlp is not accepted; expected joint-embedding, because vicreg needs an energy of pairs."
    );
}

/// Training pulls views together and pushes the others apart; nothing is said of how likely points are.
#[test]
fn views_come_to_be_alike() {
    for rule in ["info-nce", "vicreg"] {
        let plain = rule == "vicreg";
        let mut session = embedding(json!({
            "model": {"id": "joint-embedding", "widths": [32, 32], "normalise": !plain},
            "objective": {"id": rule},
        }));
        let points: Vec<f32> = session.data().as_flattened().to_vec();
        // Mean energies of pairs of views, and of strangers.
        let energies = |session: &mut Session| {
            let embedded = |session: &mut Session, seed| {
                let view = block_on(session.views(&points, seed)).unwrap();
                block_on(session.embed(&view)).unwrap()
            };
            let (a, b) = (embedded(session, 1), embedded(session, 2));
            let n = a.len() / 2;
            let apart =
                |i: usize, j: usize| f64::from((a[2 * i] - b[2 * j]).powi(2) + (a[2 * i + 1] - b[2 * j + 1]).powi(2));
            let views = (0..n).map(|i| apart(i, i)).sum::<f64>() / n as f64;
            let strangers = (0..n).map(|i| apart(i, (i * 7 + 13) % n)).sum::<f64>() / n as f64;
            views / strangers
        };
        let before = energies(&mut session);
        session.train(500).unwrap();
        let after = energies(&mut session);
        assert!(after < 0.6 * before, "{rule}: {before} -> {after}");
        let figures = block_on(session.metrics()).unwrap();
        assert!(figures["nll"].as_f64().is_none() && figures["kl"].as_f64().is_none(), "{rule}");
        let refusal = block_on(session.gradient_bias(&[1], 1, &mut || Box::pin(async {}))).unwrap_err().to_string();
        assert!(refusal.contains("a rule that learns how likely points are"), "{refusal}");
        assert!(figures["logZ"].as_f64().is_some_and(f64::is_finite), "{rule}");
    }
}

/// Without its variance term every point comes to the same place; with it none of the dimensions does.
#[test]
fn an_embedding_collapses_without_what_keeps_it_apart() {
    for (variance, collapsed) in [(0.0, true), (25.0, false)] {
        let mut session = embedding(json!({
            "model": {"id": "joint-embedding", "widths": [32, 32], "normalise": false},
            "objective": {"id": "vicreg", "variance": variance},
        }));
        session.train(1500).unwrap();
        let losses = block_on(session.metrics()).unwrap()["losses"].clone();
        let deviation = losses["deviation"].as_f64().unwrap();
        // A deviation is √(Var + 10⁻⁴).
        assert!(if collapsed { deviation < 0.03 } else { deviation > 0.8 }, "{variance}: {deviation}");
    }
}

/// The energy is that of the pair with the anchor, wherever that is put, and is least there but for the confinement.
#[test]
fn the_anchor_is_a_dial() {
    let mut session = embedding(json!({
        "model": {"id": "joint-embedding", "widths": [32, 32], "confinement": 0, "temperature": 0.5, "anchorX": 1, "anchorY": -2},
    }));
    session.train(20).unwrap();
    let points = [1.0, -2.0, 0.5, 3.0, -1.5, 0.25];
    let check = |session: &mut Session, anchor: [f32; 2]| {
        let (energy, _) = block_on(session.evaluate(&points)).unwrap();
        let h = block_on(session.embed(&[&points[..], &anchor].concat())).unwrap();
        for (i, energy) in energy.iter().enumerate() {
            let squared: f32 = (0..2).map(|k| (h[2 * i + k] - h[6 + k]).powi(2)).sum();
            assert!((energy - squared).abs() < 1e-5, "{energy} {squared}");
        }
        energy
    };
    assert!(check(&mut session, [1.0, -2.0])[0].abs() < 1e-6);
    let plans = session.compiled.program.clone();
    configure(&mut session, json!({"model": {"anchorX": 0.5, "anchorY": 3}}));
    assert!(session.compiled.program == plans, "no new plans");
    assert!(check(&mut session, [0.5, 3.0])[1].abs() < 1e-6);
}

#[test]
fn questions_of_pairs_are_refused_where_there_are_none() {
    let mut session = small(json!({}));
    let refused = |result: Result<Vec<f32>>| result.unwrap_err().to_string();
    let expected = "model.id: mlp is not accepted; expected a model of pairs, such as joint-embedding.";
    assert_eq!(refused(block_on(session.embed(&[0.0, 1.0]))), expected);
    assert_eq!(refused(block_on(session.views(&[0.0, 1.0], 1))), expected);
    let mut session = embedding(json!({"objective": {"id": "maximum-likelihood"}}));
    assert_eq!(block_on(session.embed(&[0.0, 1.0])).unwrap().len(), 2);
    let expected = "objective.id: maximum-likelihood is not accepted; expected a rule of views, such as info-nce.";
    assert_eq!(refused(block_on(session.views(&[0.0, 1.0], 1))), expected);
    assert_eq!(
        refused(block_on(session.embed(&[0.0]))),
        "x: 1 numbers is not accepted; expected an even number of numbers."
    );
}

/// Of images the anchor is a held-out one, counted on from the first behind the last, of those that are there now.
#[test]
fn the_anchor_of_images_is_a_held_out_one() {
    const D: usize = 784;
    let image = |i: usize| (0..D).map(|p| ((p * (i + 3) + 7 * i) % 251) as u8).collect::<Vec<u8>>();
    let images = |n: usize| Images { pixels: (0..n).flat_map(image).collect(), labels: None };
    let mut session = small(json!({}));
    block_on(session.give_images("images", images(45))).unwrap();
    let model = json!({"id": "joint-embedding", "widths": [8], "confinement": 0, "anchor": 6});
    let objective = json!({"id": "info-nce", "viewNoise": 2, "viewErased": 0.5, "viewRotation": 40});
    let config = json!({"data": "images", "model": model, "objective": objective, "batch": 16, "particles": 0});
    block_on(session.load(Config::from_value(&config).unwrap())).unwrap();
    session.train(3).unwrap();
    let nearest = |session: &mut Session| {
        let all: Vec<f32> = (0..45).flat_map(image).map(|byte| f32::from(byte) / 127.5 - 1.0).collect();
        let (energy, _) = block_on(session.evaluate(&all)).unwrap();
        let least = (0..45).min_by(|&a, &b| energy[a].total_cmp(&energy[b])).unwrap();
        assert!(energy[least].abs() < 1e-5, "{}", energy[least]);
        least
    };
    // Four are held out, 9, 19, 29 and 39, and the seventh of them is the third.
    assert_eq!(nearest(&mut session), 29);
    configure(&mut session, json!({"model": {"anchor": 1}}));
    assert_eq!(nearest(&mut session), 19);
    let snapshot = block_on(session.snapshot()).unwrap();
    configure(&mut session, json!({"model": {"anchor": 3}}));
    session.reset().unwrap();
    assert_eq!(nearest(&mut session), 39);
    block_on(session.restore(snapshot)).unwrap();
    assert_eq!(nearest(&mut session), 19);
    // Views are images: no pixel is darker than black.
    let views = block_on(session.views(&vec![0.5; 3 * D], 1)).unwrap();
    assert!(views.len() == 3 * D && views.iter().all(|v| (-1.0..=1.0).contains(v)));
    configure(&mut session, json!({"objective": {"viewNoise": 0, "viewRotation": 0, "viewShift": 0}}));
    for view in block_on(session.views(&vec![0.5; 3 * D], 1)).unwrap().chunks_exact(D) {
        // A square of 14 × 14 is background, the rest as it was.
        assert_eq!(view.iter().filter(|&&v| v == -1.0).count(), 196);
        assert!(view.iter().all(|&v| v == -1.0 || (v - 0.5).abs() < 1e-6));
    }
    // Where none is held out it is one of those that are learned.
    block_on(session.give_images("images", images(5))).unwrap();
    assert_eq!(nearest(&mut session), 1);
}

#[test]
fn a_single_number_of_length_one_is_refused() {
    let mut session = embedding(json!({}));
    let refusal = block_on(session.configure("{\"model\": {\"embedding\": 1}}")).unwrap_err().to_string();
    assert_eq!(
        refusal,
        "model.embedding: 1 is not accepted; expected at least 2, because embeddings have the length 1."
    );
    configure(&mut session, json!({"model": {"embedding": 1, "normalise": false}}));
}
