//! Models that have a score and no energy: what is shown of them, what is refused, and what they learn.

use super::*;

fn scored(id: &str, more: Value) -> Session {
    let mut config = json!({
        "model": {"id": id, "widths": [32, 32]},
        "objective": {"id": "noise-prediction"},
        "sampler": {"id": "ddpm", "rungs": 20},
        "optimizer": {"id": "adam", "learningRate": 3e-3},
        "batch": 128,
        "particles": 64,
    });
    more.as_object().unwrap().iter().for_each(|(name, value)| config[name] = value.clone());
    start(config)
}

const SCORED: [&str; 2] = ["diffusion-mlp", "score-mlp"];

/// A score of 0 has the error 1, and so has noise that is told as 0 the mean square 1.
#[test]
fn the_score_comes_closer_to_the_exact_one() {
    for (id, level) in [("diffusion-mlp", json!({"time": 0.3})), ("score-mlp", json!({"noiseLevel": 0.5}))] {
        let mut session = scored(id, json!({}));
        configure(&mut session, json!({"model": level}));
        let before = metric(&mut session, "scoreError");
        session.train(600).unwrap();
        let after = metric(&mut session, "scoreError");
        println!("{id}: {before:.3} → {after:.3}");
        assert!(after < 0.5 && after < 0.5 * before, "{id}: {before} → {after}");
        let losses = block_on(session.losses()).unwrap();
        assert!(losses[0] == losses[1] && losses[0] < 0.7, "{id}: {losses:?}");
    }
}

/// What the figure says, from the session's own scores and the mixture's formula: of x = a x₀ + σz the exact score at a level is that
/// of blobs of the variance a²s² + σ² around a c.
#[test]
fn the_score_error_is_that_of_the_formula() {
    let mut session =
        scored("diffusion-mlp", json!({"model": {"id": "diffusion-mlp", "widths": [32, 32], "time": 0.5}}));
    session.train(300).unwrap();
    let told = metric(&mut session, "scoreError");
    let steps = 100;
    let kept: f64 = (0..=50).map(|k| 1.0 - (1e-3 + (0.1 - 1e-3) * f64::from(k) / f64::from(steps - 1))).product();
    let (a, sigma) = (kept.sqrt(), (1.0 - kept).sqrt());
    let section = &session.config.data;
    let modes = session.parts.density.modes(section).unwrap();
    let mut rng = crate::rng::host(8);
    let points: Vec<[f64; 2]> = (0..4000)
        .map(|_| {
            let x = session.parts.density.sample(section, &mut rng).unwrap();
            x.map(|c| a * c + sigma * crate::rng::host_normal(&mut rng))
        })
        .collect();
    let exact = |x: [f64; 2]| {
        let variance = |m: &crate::data::Mode| (a * m.sd).powi(2) + sigma * sigma;
        let share = |m: &crate::data::Mode| {
            let away = (x[0] - a * m.centre[0]).powi(2) + (x[1] - a * m.centre[1]).powi(2);
            m.weight * (-0.5 * away / variance(m)).exp()
        };
        let all: f64 = modes.iter().map(share).sum();
        [0, 1].map(|i| modes.iter().map(|m| share(m) / all * (a * m.centre[i] - x[i]) / variance(m)).sum::<f64>())
    };
    let flat: Vec<f32> = points.iter().flatten().map(|&c| c as f32).collect();
    let own = block_on(session.evaluate(&flat)).unwrap().1;
    let (mut wrong, mut size) = (0.0, 0.0);
    for (x, own) in points.iter().zip(own.chunks_exact(2)) {
        let exact = exact(*x);
        wrong += (0..2).map(|i| (f64::from(own[i]) - exact[i]).powi(2)).sum::<f64>();
        size += exact.iter().map(|c| c * c).sum::<f64>();
    }
    let expected = (wrong / size).sqrt();
    // Two sets of thousands of points: their mean squares differ by a few in a hundred.
    assert!((told / expected - 1.0).abs() < 0.1, "{told} and not {expected}");
}

/// The landscape is a density on what is shown, and lower where the samples of the exact law are.
#[test]
fn a_score_has_a_landscape() {
    for id in SCORED {
        let mut session = scored(id, json!({"data": {"id": "gaussian"}}));
        session.train(400).unwrap();
        let frame = block_on(session.full_frame()).unwrap();
        let grid = frame.landscape.unwrap();
        let cell = (8.0 / grid.side as f64).powi(2);
        let mass: f64 = grid.values.iter().map(|&e| f64::from(-e).exp() * cell).sum();
        assert!((mass - 1.0).abs() < 1e-3, "{id}: {mass}");
        let at = |x: usize, y: usize| grid.values[y * grid.side + x];
        let (middle, last) = (grid.side / 2, grid.side - 1);
        assert!(at(middle, middle) < at(last, last) - 2.0 && at(middle, middle) < at(0, middle) - 2.0, "{id}");
        assert_eq!(frame.arrows.unwrap().values.len(), 2 * 20 * 20);
        let metrics = frame.metrics.unwrap();
        for name in ["nll", "logZ", "kl", "fisher", "borderMass", "stepSize"] {
            assert!(metrics.get(name).is_some_and(Value::is_null), "{id}: {name}");
        }
        assert!(metrics.get("entropy").unwrap().as_f64().is_some(), "the density has one all the same");
    }
}

#[test]
fn what_asks_for_an_energy_is_refused() {
    for id in SCORED {
        let mut session = scored(id, json!({}));
        session.train(2).unwrap();
        let before = bits(&mut session);
        for (patch, words) in [
            (json!({"objective": {"id": "score-matching"}}), ["objective.id", "noise-prediction"]),
            (json!({"sampler": {"id": "mala"}}), ["sampler.id", "ddim"]),
        ] {
            let refusal = block_on(session.configure(&patch.to_string())).unwrap_err().to_string();
            assert!(words.iter().all(|w| refusal.contains(w)) && refusal.contains("no energy"), "{id}: {refusal}");
        }
        assert!(session.check_energy().unwrap_err().to_string().contains("a score alone"));
        let (energy, score) = block_on(session.evaluate(&[0.0, 1.0, 2.0, 3.0])).unwrap();
        assert!(energy.is_empty() && score.len() == 4 && score.iter().all(|s| s.is_finite()));
        assert!(block_on(session.pushes(&[[0.0, 0.0]])).is_err());
        assert!(bits(&mut session) == before, "{id}: nothing changes");
        // Langevin follows slopes alone.
        configure(&mut session, json!({"sampler": {"id": "langevin"}}));
        block_on(session.sample(3)).unwrap();
    }
}

/// The six stages by hand are the update at once, although there is no energy of the data to show.
#[test]
fn stages_by_hand_are_the_same_movie() {
    for id in SCORED {
        let (mut by_hand, mut whole) = (scored(id, json!({})), scored(id, json!({})));
        for _ in 0..12 {
            block_on(by_hand.step(Grain::Stage)).unwrap();
        }
        whole.train(2).unwrap();
        assert!(parameters(&mut by_hand) == parameters(&mut whole), "{id}");
    }
}

/// One network of an energy, one of scores, one of noise: the same rule and the same sampler for each, without a reset in between.
#[test]
fn an_energy_a_score_and_a_diffusion_go_with_the_same_rule_and_sampler() {
    for model in ["noise-conditional-mlp", "score-mlp", "diffusion-mlp"] {
        for objective in ["noise-prediction", "multiscale-denoising-score-matching"] {
            for sampler in ["ddpm", "ddim", "probability-flow", "annealed-langevin"] {
                let mut session = small(json!({
                    "model": {"id": model, "widths": [8]},
                    "objective": {"id": objective},
                    "sampler": {"id": sampler},
                }));
                session.train(30).unwrap();
                let places = block_on(session.particles()).unwrap();
                assert!(places.iter().all(|x| x.is_finite()), "{model}, {objective}, {sampler}");
            }
        }
    }
}

/// What follows the samples is shown at their level, as if the dial stood there: five rungs down a hundred steps are the shares 1, ¾, ½,
/// ¼ and 0 of the way, and the first step of a chain only draws its noise.
#[test]
fn the_landscape_follows_the_samples_down_the_levels() {
    for model in ["diffused", "diffusion-mlp"] {
        let config = |follow: bool, time: f64| {
            let widths = json!({"id": model, "widths": [8], "followSamples": follow, "time": time});
            let given = json!({"id": model, "followSamples": follow, "time": time});
            scored(
                model,
                json!({
                    "model": (if model == "diffused" { given } else { widths }),
                    "sampler": {"id": "ddim", "rungs": 5, "repeat": false},
                }),
            )
        };
        let mut follows = config(true, 0.4);
        for (steps, time) in [(1, 1.0), (1, 0.75), (1, 0.5), (1, 0.25), (1, 0.0), (3, 0.0)] {
            block_on(follows.sample(steps)).unwrap();
            let mut stands = config(false, time);
            let [a, b] = [&mut follows, &mut stands].map(|session| block_on(session.full_frame()).unwrap());
            assert_eq!(a.landscape.unwrap().values, b.landscape.unwrap().values, "{model} at {time}");
            assert_eq!(a.arrows.unwrap().values, b.arrows.unwrap().values, "{model} at {time}");
            let figure = |metrics: crate::json::Map| metrics.get("scoreError").and_then(Value::as_f64);
            assert_eq!(figure(a.metrics.unwrap()), figure(b.metrics.unwrap()), "{model} at {time}");
        }
        // A kernel that leads through no levels leaves the dial alone.
        configure(&mut follows, json!({"sampler": {"id": "langevin"}}));
        let mut stands = config(false, 0.4);
        let [a, b] = [&mut follows, &mut stands].map(|session| block_on(session.full_frame()).unwrap());
        assert_eq!(a.landscape.unwrap().values, b.landscape.unwrap().values, "{model} beside langevin");
    }
}

/// Ho et al.'s thousand steps, at whose end nothing is left of the data.
fn thousand(id: &str) -> Value {
    json!({"id": id, "noiseSteps": 1000, "betaMin": 1e-4, "betaMax": 0.02})
}

fn likelihood(session: &mut Session, points: &[[f64; 2]]) -> Vec<f64> {
    let flat: Vec<f32> = points.iter().flatten().map(|&c| c as f32).collect();
    let mut breathe = || -> crate::backend::Local<()> { Box::pin(async {}) };
    let told = block_on(session.log_likelihood(&flat, &mut breathe)).unwrap();
    told.into_iter().map(f64::from).collect()
}

/// With exactly known scores the flow's likelihood is the density's, of both kinds of process.
#[test]
fn the_flow_tells_the_likelihood_of_a_density() {
    for (data, model, tolerance) in [
        (json!({"id": "gaussian", "noise": 0.5}), thousand("diffused"), 0.01),
        (json!({"id": "gaussian", "noise": 0.5}), json!({"id": "smoothed", "sigmaMax": 20, "sigmaMin": 0.01}), 0.01),
        (json!({"id": "eight-gaussians"}), thousand("diffused"), 0.01),
        (json!({"id": "two-moons"}), thousand("diffused"), 0.01),
    ] {
        let mut session = start(json!({"data": (&data), "model": model}));
        let (density, section) = (session.parts.density, session.config.data.clone());
        let log_density = density.log_density(&section).unwrap();
        let mut rng = crate::rng::host(12);
        // More points than one probe takes.
        let points: Vec<[f64; 2]> = (0..1100).map(|_| density.sample(&section, &mut rng).unwrap()).collect();
        let told = likelihood(&mut session, &points);
        assert_eq!(told.len(), points.len());
        let errors: Vec<f64> = points.iter().zip(&told).map(|(&x, told)| told - log_density(x)).collect();
        let mean = errors.iter().sum::<f64>() / errors.len() as f64;
        let worst = errors.iter().fold(0.0f64, |worst, e| worst.max(e.abs()));
        println!("{data} under {}: mean {mean:.5}, worst {worst:.4}", session.config.model.id);
        assert!(mean.abs() < tolerance && worst < 10.0 * tolerance, "{data}: {mean}, {worst}");
    }
}

/// Whatever a network has learned, what flows from noise is a density: its integral by the midpoint rule is 1.
#[test]
fn the_likelihood_of_a_learned_flow_is_a_density() {
    const SIDE: usize = 60;
    for id in SCORED {
        let mut session = scored(id, json!({"data": {"id": "gaussian"}}));
        session.train(300).unwrap();
        let at = |i: usize| -6.0 + 12.0 * (i as f64 + 0.5) / SIDE as f64;
        let points: Vec<[f64; 2]> = (0..SIDE * SIDE).map(|i| [at(i % SIDE), at(i / SIDE)]).collect();
        let mass: f64 = likelihood(&mut session, &points).iter().map(|p| p.exp() * (12.0 / SIDE as f64).powi(2)).sum();
        println!("{id}: {mass}");
        assert!((mass - 1.0).abs() < 0.02, "{id}: {mass}");
    }
    let mut breathe = || -> crate::backend::Local<()> { Box::pin(async {}) };
    let refusal = block_on(small(json!({})).log_likelihood(&[0.0, 0.0], &mut breathe)).unwrap_err().to_string();
    assert!(refusal.contains("noise level"), "{refusal}");
}

/// Of N(0, s²I) the score of a x₀ + σz is −x/(a²s² + σ²), at every level.
#[test]
fn the_arrows_of_the_truth_are_the_exact_score_at_the_level_that_is_shown() {
    let kept: f64 = (0..=50).map(|k| 1.0 - (1e-3 + (0.1 - 1e-3) * f64::from(k) / 99.0)).product();
    for (id, level, [a, sigma]) in [
        ("diffusion-mlp", json!({"time": 0.5}), [kept.sqrt(), (1.0 - kept).sqrt()]),
        ("score-mlp", json!({"noiseLevel": 0.7}), [1.0, 0.7]),
        ("noise-conditional-mlp", json!({"noiseLevel": 2}), [1.0, 2.0]),
    ] {
        let mut model = level;
        model["id"] = id.into();
        let mut session = scored(id, json!({"data": {"id": "gaussian", "noise": 0.8}, "model": model}));
        let frame = block_on(session.full_frame()).unwrap();
        let (side, extent) = frame.arrows.as_ref().map(|grid| (grid.side, grid.extent)).unwrap();
        let truth = frame.true_arrows.unwrap();
        assert_eq!(truth.len(), 2 * side * side);
        let variance = (0.8 * a).powi(2) + sigma * sigma;
        let cell = (extent[1] - extent[0]) / side as f64;
        for (i, score) in truth.chunks_exact(2).enumerate() {
            let at = [i % side, i / side].map(|k| extent[0] + cell * (k as f64 + 0.5));
            for axis in 0..2 {
                let wanted = -at[axis] / variance;
                let found = f64::from(score[axis]);
                assert!((found - wanted).abs() < 1e-4 * (1.0 + wanted.abs()), "{id}: {found} {wanted}");
            }
        }
    }
    // Where it is not known, or nothing is learned of levels, there are none.
    for more in
        [json!({"data": "two-spirals"}), json!({"model": "mlp", "objective": "score-matching", "sampler": "mala"})]
    {
        let mut session = scored("score-mlp", more);
        assert_eq!(block_on(session.full_frame()).unwrap().true_arrows, None);
    }
}

/// While what is shown follows the samples, so do the data: chains of annealed Langevin dynamics begin at the widest level.
#[test]
fn the_data_are_as_noisy_as_the_samples_that_are_followed() {
    let mut session = scored(
        "score-mlp",
        json!({
            "data": {"id": "gaussian", "noise": 0.5},
            "model": {"id": "score-mlp", "widths": [8], "noiseLevel": 0.05, "sigmaMax": 3, "followSamples": true},
            "sampler": "annealed-langevin",
        }),
    );
    let zeros = vec![0.0; 4000];
    let spread = |x: &[f32]| (x.iter().map(|v| f64::from(v * v)).sum::<f64>() / x.len() as f64).sqrt();
    let noised = block_on(session.noised(&zeros)).unwrap();
    // Of 4,000 numbers a deviation is known to 1/√8000 of itself.
    assert!((spread(&noised) / 3.0 - 1.0).abs() < 4.0 / 8000f64.sqrt(), "{}", spread(&noised));
    // Each point has a z of its own, which is the same every time.
    assert_eq!(block_on(session.noised(&zeros)).unwrap(), noised);
    assert_ne!(noised[..2], noised[2048..2050]);
    configure(&mut session, json!({"model": {"followSamples": false}}));
    let fixed = block_on(session.noised(&zeros)).unwrap();
    assert!(fixed.iter().zip(&noised).all(|(a, b)| (a / 0.05 - b / 3.0).abs() < 1e-4));
    let refusal = block_on(small(json!({})).noised(&zeros)).unwrap_err().to_string();
    assert!(refusal.ends_with("a model of every noise level, along whose levels points flow."), "{refusal}");
}

/// What is foreseen is what happens, number by number, and foreseeing it changes nothing.
#[test]
fn the_future_of_samples_is_what_becomes_of_them() {
    for (kernel, ladder) in [
        (json!({"id": "ddpm", "rungs": 70}), 71),
        (json!({"id": "ddim", "rungs": 20}), 21),
        (json!({"id": "annealed-langevin", "levels": 5, "levelSteps": 4}), 20),
        (json!({"id": "ddpm", "rungs": 12, "repeat": false}), 13),
    ] {
        let mut session = scored("diffusion-mlp", json!({"sampler": (kernel.clone())}));
        for done in [0, 5, ladder - 1] {
            let behind = session.clock().steps as usize;
            block_on(session.sample(done - behind)).unwrap();
            let before = bits(&mut session);
            let foreseen = block_on(session.future(1000)).unwrap();
            assert!(bits(&mut session) == before, "{kernel} after {done}: something changed");
            // Where they are comes first, once they are somewhere.
            assert_eq!(foreseen.len(), ladder - done + usize::from(done > 0), "{kernel} after {done}");
            assert_eq!(
                block_on(session.future(3)).unwrap()[..],
                foreseen[..foreseen.len().min(3 + usize::from(done > 0))]
            );
            let kept = session.clock().steps;
            let snapshot = block_on(session.snapshot()).unwrap();
            let mut happened =
                if done > 0 { vec![tensor(&mut session, slot::PARTICLES)[..64].to_vec()] } else { vec![] };
            for _ in done..ladder {
                block_on(session.sample(1)).unwrap();
                happened.push(tensor(&mut session, slot::PARTICLES)[..64].to_vec());
            }
            assert!(foreseen == happened, "{kernel} after {done}");
            block_on(session.restore(snapshot)).unwrap();
            assert_eq!(session.clock().steps, kept);
        }
        let behind = session.clock().steps as usize;
        block_on(session.sample(ladder - behind)).unwrap();
        assert_eq!(block_on(session.future(10)).unwrap(), Vec::<Vec<f32>>::new(), "{kernel}: they have arrived");
    }
    let mut plain = small(json!({}));
    assert_eq!(block_on(plain.future(10)).unwrap(), Vec::<Vec<f32>>::new());
    let refusal = block_on(plain.future(0)).unwrap_err().to_string();
    assert_eq!(refusal, "most: 0 is not accepted; expected a whole number from 1 to 2000.");
}
