//! Nothing resets a run but a reset: dials, structure and points change under it, copies carry it elsewhere.

use super::*;
use crate::session::tensors::Tensors;

/// A patch of live dials that must be felt, and the experiment that feels it.
fn dials() -> Vec<(usize, Value)> {
    vec![
        (0, json!({"optimizer": {"learningRate": 0.01}})),
        (0, json!({"optimizer": {"beta1": 0.5}})),
        (0, json!({"optimizer": {"epsilon": 0.01}})),
        (0, json!({"model": {"confinement": 2.0}})),
        (0, json!({"model": {"confinement": 0.0}})),
        (0, json!({"sampler": {"stepSize": 0.05}})),
        (1, json!({"sampler": {"stepSize": 0.02}})),
        (1, json!({"objective": {"regularisation": 0.5}})),
        (1, json!({"objective": {"dataNoise": 0.3}})),
        (2, json!({"sampler": {"targetAcceptance": 0.9}})),
        (2, json!({"objective": {"reinitialise": 0.9}})),
        (3, json!({"objective": {"sigma": 0.3}})),
        (3, json!({"optimizer": {"momentum": 0.1}})),
        (3, json!({"optimizer": {"averageDecay": 0.5}})),
    ]
}

#[test]
fn a_dial_leaves_the_run_as_it_is_and_is_felt_at_once() {
    for (variety, patch) in dials() {
        let (mut turned, mut left) = (small(varieties().remove(variety)), small(varieties().remove(variety)));
        turned.train(3).unwrap();
        left.train(3).unwrap();
        let before = block_on(turned.snapshot()).unwrap();
        let plans = turned.compiled.program.clone();
        configure(&mut turned, patch.clone());
        let after = block_on(turned.snapshot()).unwrap();
        for (name, values) in before.state.iter() {
            let dialled = name == slot::STEP_SIZE && patch["sampler"]["stepSize"].as_f64().is_some();
            assert!(dialled || after.state[name] == *values, "{patch} changed {name}");
        }
        assert_eq!((after.clock, after.data), (before.clock, before.data));
        assert!(turned.compiled.program == plans, "{patch} compiled new plans");
        turned.train(2).unwrap();
        left.train(2).unwrap();
        let (a, b) = (block_on(turned.snapshot()).unwrap(), block_on(left.snapshot()).unwrap());
        assert!(a.state != b.state, "{patch} changed nothing");
        assert_eq!(a.clock, b.clock);
    }
}

#[test]
fn a_null_that_comes_or_goes_keeps_the_run() {
    let mut session = small(varieties().remove(1));
    session.train(3).unwrap();
    for patch in [
        json!({"sampler": {"noise": 0.2}}),
        json!({"optimizer": {"clipNorm": 0.1}}),
        json!({"sampler": {"noise": null}, "optimizer": {"clipNorm": null}}),
    ] {
        let before = bits_of_tensors(&mut session);
        configure(&mut session, patch.clone());
        assert!(bits_of_tensors(&mut session) == before, "{patch}");
        session.train(1).unwrap();
    }
}

fn bits_of_tensors(session: &mut Session) -> Tensors {
    block_on(session.snapshot()).unwrap().state
}

#[test]
fn a_structural_change_keeps_what_fits_and_starts_the_rest() {
    let mut session = small(json!({}));
    session.train(5).unwrap();
    let (before, particles) = (parameters(&mut session), tensor(&mut session, slot::PARTICLES));
    let (first, clock) = (14 * 12 + 12, session.clock());
    configure(&mut session, json!({"model": {"widths": [12, 10]}}));
    let after = parameters(&mut session);
    assert_eq!(after[..first], before[..first], "the first layer fits");
    assert_ne!(after[first..first + 8], before[first..first + 8], "the second starts anew");
    assert_eq!(after.len(), first + 12 * 10 + 10 + 10 + 1 + 1);
    assert_eq!(after.last(), before.last(), "what the rule learned fits");
    assert_eq!(tensor(&mut session, slot::PARTICLES), particles);
    assert_eq!((session.clock(), session.data().len()), (clock, 200));
    let weights = parameters(&mut session);
    configure(&mut session, json!({"model": {"activation": "tanh"}, "batch": 16}));
    assert_eq!(parameters(&mut session), weights);
    configure(&mut session, json!({"objective": {"id": "contrastive-divergence"}, "sampler": {"id": "mala"}}));
    assert_eq!(parameters(&mut session), weights[..weights.len() - 1]);
    assert_eq!(session.clock(), clock);
    session.train(2).unwrap();
    configure(&mut session, json!({"particles": 30}));
    assert_eq!(tensor(&mut session, slot::PARTICLES).len(), 60);
    assert_eq!(session.clock().update, clock.update + 2);
}

/// The rows of one objective never stand under the names of another.
#[test]
fn curves_hold_rows_of_their_own_columns_alone() {
    let mut session = small(json!({}));
    session.train(4).unwrap();
    let (asked, read) = session.request_frame();
    let values = block_on(read).unwrap();
    configure(&mut session, json!({"objective": {"id": "denoising-score-matching"}}));
    // A frame that was on its way still speaks of the old objective, by its names.
    let frame = session.finish_frame(asked, values).unwrap();
    assert_eq!((frame.columns.len(), frame.curves.len()), (8, 4 * 8));
    let snapshot = block_on(session.snapshot()).unwrap();
    session.train(2).unwrap();
    let frame = block_on(session.full_frame()).unwrap();
    assert_eq!(frame.columns, ["update", "loss", "scoreError"]);
    assert_eq!(frame.curves.chunks_exact(3).map(|row| row[0]).collect::<Vec<_>>(), [5.0, 6.0]);
    block_on(session.restore(snapshot)).unwrap();
    session.train(1).unwrap();
    let frame = block_on(session.full_frame()).unwrap();
    assert_eq!(frame.curves.chunks_exact(3).map(|row| row[0]).collect::<Vec<_>>(), [5.0]);
}

/// Adam's first step is at most its rate, whatever the gradient (Kingma & Ba 2015, section 2.1); with a step count of 200 and
/// moments of zero it would be up to (1 − β₁)/√(1 − β₂) = 3.2 times that.
#[test]
fn new_weights_start_with_steps_no_longer_than_the_rate() {
    let mut session = small(json!({"optimizer": {"id": "adam", "learningRate": 0.001, "schedule": "cosine"}}));
    session.train(200).unwrap();
    configure(&mut session, json!({"model": {"widths": [16, 10]}}));
    let before = parameters(&mut session);
    session.train(1).unwrap();
    let longest = parameters(&mut session).iter().zip(&before).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    // The schedule goes on with the run: at update 201 of 3,000 the rate is 0.001 (1 + cos(0.067 π))/2.
    let rate = 0.0005 * (1.0 + (std::f32::consts::PI * 201.0 / 3000.0).cos());
    assert!(longest <= rate * 1.001 && longest > 0.5 * rate, "{longest} for {rate}");
}

#[test]
fn an_update_begun_by_hand_begins_anew_under_other_plans() {
    for patch in
        [json!({"batch": 48}), json!({"objective": {"id": "contrastive-divergence"}}), json!({"sampler": {"steps": 2}})]
    {
        let (mut session, mut whole) = (small(varieties().remove(2)), small(varieties().remove(2)));
        for session in [&mut session, &mut whole] {
            session.train(2).unwrap();
        }
        for _ in 0..4 {
            block_on(session.step(Grain::Substep)).unwrap();
        }
        for session in [&mut session, &mut whole] {
            configure(session, patch.clone());
            assert_eq!(session.clock(), Clock { update: 2, stage: None, substep: 0, steps: 2 });
            session.train(1).unwrap();
        }
        assert!(bits(&mut session) == bits(&mut whole), "{patch}");
    }
}

#[test]
fn another_kernel_starts_with_the_step_size_that_its_noise_goes_with() {
    let mut session = small(varieties().remove(2));
    session.train(20).unwrap();
    assert_ne!(tensor(&mut session, slot::STEP_SIZE), [0.05], "it has adapted itself");
    configure(&mut session, json!({"sampler": {"id": "langevin", "stepSize": 0.05}}));
    assert_eq!(tensor(&mut session, slot::STEP_SIZE), [0.05]);
}

#[test]
fn another_optimiser_starts_with_steps_no_longer_than_its_rate() {
    let mut session = small(varieties().remove(3));
    session.train(200).unwrap();
    let before = parameters(&mut session);
    configure(&mut session, json!({"optimizer": {"id": "adam", "learningRate": 0.001}}));
    assert_eq!(parameters(&mut session), before);
    session.train(1).unwrap();
    let longest = parameters(&mut session).iter().zip(&before).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    // Adam's first step is the rate times g/(|g| + ε), up to the rounding of weights below 1.
    assert!(longest <= 0.001 + f32::EPSILON, "{longest}");
}

#[test]
fn points_change_under_a_run_that_goes_on() {
    let mut session = small(varieties().remove(2));
    session.train(3).unwrap();
    let before = bits_of_tensors(&mut session);
    block_on(session.add_points(&[[0.5, 0.25], [1.5, -2.0]])).unwrap();
    session.move_point(3, [3.0, -3.0]).unwrap();
    block_on(session.remove_points(&[0, 5, 5])).unwrap();
    assert_eq!(session.data().len(), 200);
    assert_eq!(session.data()[2], [3.0, -3.0]);
    assert_eq!(session.data()[198..], [[0.5, 0.25], [1.5, -2.0]]);
    assert!(bits_of_tensors(&mut session) == before, "an edit touches no tensor of the run");
    session.train(1).unwrap();
    // More points than there is room for: a larger tensor, the same run.
    let before = bits_of_tensors(&mut session);
    block_on(session.add_points(&vec![[1.0, 1.0]; 400])).unwrap();
    assert!(bits_of_tensors(&mut session) == before);
    session.train(1).unwrap();
    assert_eq!(session.clock().update, 5);
    // All batches come from the only points that are left.
    block_on(session.set_data(vec![[2.0, 1.0]; 3])).unwrap();
    session.train(1).unwrap();
    assert!(tensor(&mut session, slot::BATCH).chunks(2).all(|p| p == [2.0, 1.0]));
    block_on(session.set_data(vec![])).unwrap();
    session.train(2).unwrap();
    assert!(parameters(&mut session).iter().all(|w| w.is_finite()), "a run survives an empty canvas");
}

#[test]
fn a_copy_goes_on_bit_by_bit_in_a_fresh_session() {
    for variety in varieties() {
        for (stages, elsewhere) in [(0, false), (3, false), (4, true), (9, true)] {
            let mut session = small(variety.clone());
            session.train(3).unwrap();
            block_on(session.add_points(&[[0.1, 0.2]; 90])).unwrap();
            for _ in 0..stages {
                block_on(session.step(Grain::Substep)).unwrap();
            }
            let bytes = bits(&mut session);
            let mut fresh = if elsewhere { start(json!({"particles": 8, "batch": 4})) } else { small(variety.clone()) };
            block_on(fresh.restore(Snapshot::from_bytes(&bytes).unwrap())).unwrap();
            assert!(bits(&mut fresh) == bytes, "{variety} {stages}");
            session.train(3).unwrap();
            fresh.train(3).unwrap();
            assert!(bits(&mut fresh) == bits(&mut session), "{variety} {stages}");
            let (a, b) = (block_on(session.metrics()).unwrap(), block_on(fresh.metrics()).unwrap());
            assert_eq!(a, b, "{variety} {stages}");
        }
    }
}

/// The page goes on from copies after a fault and when it fetches the whole core, whatever the density.
#[test]
fn a_copy_of_points_that_a_wide_density_drew_is_taken_back() {
    let funnel = json!({"data": {"id": "funnel", "spread": 3.0, "count": 4096}});
    let mut session = small(funnel.clone());
    let copy = block_on(session.snapshot()).unwrap();
    assert!(copy.data.iter().flatten().any(|c| c.abs() > 100.0), "farther out than a visitor may put one");
    block_on(small(funnel).restore(Snapshot::from_bytes(&copy.to_bytes()).unwrap())).unwrap();
}

#[test]
fn a_restored_run_shows_its_own_points() {
    let mut session = small(json!({"data": {"id": "drawn"}}));
    block_on(session.set_data((0..64).map(|i| [i as f32 / 32.0 - 1.0, 0.5]).collect())).unwrap();
    let copy = block_on(session.snapshot()).unwrap();
    let nll = metric(&mut session, "nll");
    let mut fresh = small(json!({"data": {"id": "drawn"}}));
    block_on(fresh.full_frame()).unwrap();
    block_on(fresh.restore(copy.clone())).unwrap();
    assert_eq!(block_on(fresh.full_frame()).unwrap().data.as_deref(), Some(copy.data.as_flattened()));
    assert_eq!(metric(&mut fresh, "nll"), nll, "measured on the points that came with the copy");
}

#[test]
fn exported_weights_import_as_they_were() {
    let mut session = small(json!({}));
    session.train(5).unwrap();
    let bytes = block_on(session.export_weights()).unwrap();
    let mut other = small(json!({"seed": 9}));
    block_on(other.import_weights(&bytes)).unwrap();
    assert_eq!(parameters(&mut other), tensor(&mut session, slot::AVERAGE));
    assert_eq!(block_on(other.export_weights()).unwrap().len(), bytes.len());
    let points = [[0.0, 0.0], [1.5, -2.0], [-3.0, 0.25]];
    assert_eq!(
        block_on(other.evaluate(points.as_flattened())).unwrap(),
        block_on(session.evaluate(points.as_flattened())).unwrap()
    );
}

/// What chains carry along goes with them; what they never had begins where they are.
#[test]
fn what_chains_carry_along_is_kept_or_begun() {
    let mut session = small(json!({"sampler": {"id": "underdamped-langevin"}}));
    block_on(session.sample(3)).unwrap();
    let momentum = tensor(&mut session, "particles.carried.momentum");
    assert!(momentum.iter().any(|p| *p != 0.0));
    configure(&mut session, json!({"sampler": {"stepSize": 0.3, "steps": 7}, "model": {"widths": [6]}}));
    assert_eq!(tensor(&mut session, "particles.carried.momentum"), momentum, "a change elsewhere keeps it");
    let places = tensor(&mut session, slot::PARTICLES);
    configure(&mut session, json!({"sampler": {"id": "parallel-tempering", "replicas": 3}}));
    let replicas = tensor(&mut session, "particles.carried.replicas");
    assert_eq!(tensor(&mut session, slot::PARTICLES), places);
    for (place, replicas) in places.chunks_exact(2).zip(replicas.chunks_exact(4)) {
        assert_eq!([place, place].concat(), replicas, "replicas begin where their particle is");
    }
    configure(&mut session, json!({"sampler": {"replicas": 2}}));
    assert_eq!(tensor(&mut session, "particles.carried.replicas"), places);
    let elsewhere = vec![0.5; places.len()];
    session.set_particles(&elsewhere).unwrap();
    assert_eq!(tensor(&mut session, "particles.carried.replicas"), elsewhere, "none is left where they were");
}

/// Every scene opens, says nothing that is not read, and is mended by a change of it that is accepted.
#[test]
fn every_scene_opens_and_every_exhibit_can_be_mended() {
    let all = scenes();
    let all = all.as_array().unwrap();
    let exhibits = all.iter().filter(|scene| !scene["mend"].is_null()).count();
    assert!(exhibits >= 6 && all.len() > exhibits, "{exhibits} of {}", all.len());
    for listed in all {
        let id = listed["id"].as_str().unwrap();
        let fields = listed.as_object().unwrap();
        assert!(fields.iter().all(|(name, _)| ["id", "config", "mend", "speed"].contains(&name)), "{listed}");
        let config = Config::from_value(&listed["config"]).unwrap();
        assert_eq!(scene(id).unwrap(), config, "{id}");
        // Images come with the page, not with the core.
        match crate::data::images::name_of(config.data.id) {
            None => drop(start(config.to_json())),
            Some(name) => assert_eq!(name, "mnist"),
        }
        if !listed["mend"].is_null() {
            assert_ne!(config.patched(&listed["mend"].to_string()).unwrap(), config, "{id}");
        }
    }
    assert!(scene("nowhere").unwrap_err().to_string().contains("scenes() lists, such as eight-gaussians"));
}

#[test]
fn an_experiment_that_no_tab_could_hold_is_refused_and_changes_nothing() {
    let mut session = small(json!({}));
    session.train(2).unwrap();
    let before = bits(&mut session);
    let patch =
        json!({"sampler": {"id": "gibbs", "stepSize": 0.05}, "particles": 16384, "model": {"widths": [512, 512]}});
    let refusal = block_on(session.configure(&patch.to_string())).unwrap_err().to_string();
    assert!(refusal.starts_with("experiment: needs more than a gigabyte") && refusal.contains("fewer"), "{refusal}");
    assert!(bits(&mut session) == before);
    session.train(1).unwrap();
}

#[test]
fn annealed_negatives_end_where_the_ladder_does() {
    let mut session = small(json!({
        "model": {"id": "noise-conditional-mlp", "widths": [8]},
        "objective": {"id": "contrastive-divergence"},
        "sampler": {"id": "annealed-langevin", "levels": 2, "levelSteps": 4, "steps": 5},
    }));
    let rungs = "negatives.carried.rung";
    block_on(session.step(Grain::Stage)).unwrap();
    assert!(tensor(&mut session, rungs).iter().all(|rung| *rung == 3.0));
    session.train(1).unwrap();
    assert!(tensor(&mut session, rungs).iter().all(|rung| *rung == 8.0));
    assert!(
        tensor(&mut session, "particles.carried.rung").iter().all(|rung| *rung == 1.0),
        "those on display begin at the top"
    );
    // With more steps than the way down has they wait at its top, and never begin anew within an update.
    for (sampler, carried, end) in [
        (json!({"id": "annealed-langevin", "levels": 2, "levelSteps": 4, "repeat": true, "steps": 30}), "rung", 8.0),
        (json!({"id": "ddim", "rungs": 8, "steps": 30}), "descent", 9.0),
    ] {
        configure(&mut session, json!({"sampler": sampler}));
        session.train(1).unwrap();
        let done = tensor(&mut session, &format!("negatives.carried.{carried}"));
        assert!(done.iter().all(|done| *done == end), "{carried}: {done:?}");
    }
}
