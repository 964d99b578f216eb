//! The clock: the same run at every speed, forwards and back.

use super::*;
use crate::session::stepping::Moves;

#[test]
fn the_same_seed_and_commands_give_the_same_bits() {
    for variety in varieties() {
        let run = |seed: u64| {
            let mut session = small(variety.clone());
            session.reseed(seed as u32).unwrap();
            session.train(4).unwrap();
            block_on(session.add_points(&[[1.0, 2.0]])).unwrap();
            block_on(session.sample(3)).unwrap();
            session.train(2).unwrap();
            (bits(&mut session), block_on(session.full_frame()).unwrap())
        };
        let (first, second, other) = (run(5), run(5), run(6));
        assert!(first == second, "{variety}");
        assert!(first.0 != other.0 && first.1.particles != other.1.particles, "{variety}");
    }
}

#[test]
fn the_three_grains_run_the_same_movie() {
    const UPDATES: u64 = 3;
    for variety in varieties() {
        let mut whole = small(variety.clone());
        whole.train(UPDATES as usize).unwrap();
        let reference = bits(&mut whole);
        for grain in [Grain::Update, Grain::Stage, Grain::Substep] {
            let mut session = small(variety.clone());
            let mut steps = 0;
            while session.clock().update < UPDATES {
                block_on(session.step(grain)).unwrap();
                steps += 1;
            }
            let chain = session.chain_steps() as u64;
            let each = match grain {
                Grain::Update => 1,
                Grain::Stage => 6,
                // The stage of the negatives in its moves, the other five whole.
                Grain::Substep => 5 + chain.max(1),
            };
            assert_eq!(steps, each * UPDATES, "{variety} {grain:?}");
            assert!(bits(&mut session) == reference, "{variety} {grain:?}");
        }
    }
}

#[test]
fn an_update_begun_by_hand_and_ended_at_full_speed_is_the_same_update() {
    for variety in varieties() {
        let mut whole = small(variety.clone());
        whole.train(3).unwrap();
        for begun in 1..9 {
            let mut session = small(variety.clone());
            for _ in 0..begun {
                block_on(session.step(Grain::Substep)).unwrap();
            }
            let left = 3 - session.clock().update as usize;
            session.train(1).unwrap();
            for _ in 1..left {
                block_on(session.step(Grain::Update)).unwrap();
            }
            assert!(bits(&mut session) == bits(&mut whole), "{variety}, {begun} steps by hand");
        }
    }
}

#[test]
fn every_step_back_returns_to_the_bits_before_it_and_forward_to_those_behind() {
    for variety in varieties() {
        for grain in [Grain::Substep, Grain::Stage, Grain::Update] {
            let mut session = small(variety.clone());
            session.train(2).unwrap();
            block_on(session.checkpoint()).unwrap();
            let mut film = vec![(session.clock(), bits(&mut session))];
            let length = if grain == Grain::Update { 3 } else { 13 };
            for _ in 0..length {
                block_on(session.step(grain)).unwrap();
                film.push((session.clock(), bits(&mut session)));
            }
            for (clock, before) in film[..length].iter().rev() {
                block_on(session.back(grain)).unwrap();
                assert_eq!(session.clock(), *clock, "{variety} {grain:?}");
                assert!(bits(&mut session) == *before, "{variety} {grain:?}, back at {clock:?}");
            }
            for (clock, behind) in &film[1..] {
                block_on(session.step(grain)).unwrap();
                assert!(bits(&mut session) == *behind, "{variety} {grain:?}, forward to {clock:?}");
            }
        }
    }
}

#[test]
fn there_is_nothing_before_the_beginning() {
    let mut session = small(json!({}));
    block_on(session.step(Grain::Update)).unwrap();
    block_on(session.back(Grain::Update)).unwrap();
    let first = bits(&mut session);
    for _ in 0..3 {
        let refusal = block_on(session.back(Grain::Update)).unwrap_err().to_string();
        assert!(refusal.starts_with("back: update 0 is not accepted"), "{refusal}");
        assert!(bits(&mut session) == first);
    }
}

#[test]
fn steps_back_pass_copies_that_were_taken_on_the_way() {
    let mut session = small(varieties().remove(2));
    let mut film = vec![];
    for update in 0..5 {
        film.push(bits(&mut session));
        block_on(session.step(Grain::Update)).unwrap();
        if update % 2 == 0 {
            block_on(session.checkpoint()).unwrap();
        }
    }
    for before in film.iter().rev() {
        block_on(session.back(Grain::Update)).unwrap();
        assert!(bits(&mut session) == *before);
    }
}

#[test]
fn rounds_of_every_kind_step_back_one_by_one() {
    for config in [json!({}), json!({"model": {"id": "exact"}})] {
        let mut session = small(config.clone());
        block_on(session.checkpoint()).unwrap();
        let mut film = vec![];
        for round in 0..6 {
            film.push(bits(&mut session));
            match round % 3 {
                1 => assert!(block_on(session.sample(1)).unwrap().is_some()),
                _ => session.train(1).unwrap(),
            }
        }
        for before in film.iter().rev() {
            block_on(session.back(Grain::Update)).unwrap();
            assert!(bits(&mut session) == *before, "{config}");
        }
        assert!(block_on(session.back(Grain::Update)).is_err());
    }
}

#[test]
fn a_restored_run_does_not_step_back_into_the_one_that_it_replaced() {
    let mut session = small(json!({}));
    session.train(3).unwrap();
    let copy = block_on(session.snapshot()).unwrap();
    for _ in 0..3 {
        block_on(session.step(Grain::Update)).unwrap();
    }
    block_on(session.restore(copy)).unwrap();
    let restored = bits(&mut session);
    assert!(block_on(session.back(Grain::Update)).is_err());
    block_on(session.step(Grain::Update)).unwrap();
    block_on(session.back(Grain::Update)).unwrap();
    assert!(bits(&mut session) == restored);
}

#[test]
fn reset_is_the_same_movie_and_reseed_another() {
    for variety in varieties() {
        let mut session = small(variety.clone());
        session.train(4).unwrap();
        let first = bits(&mut session);
        session.reset().unwrap();
        assert_eq!(session.clock(), Clock::default());
        session.train(4).unwrap();
        assert!(bits(&mut session) == first, "{variety}");
        session.reseed(6).unwrap();
        session.train(4).unwrap();
        let other = parameters(&mut session);
        session.reseed(5).unwrap();
        session.train(4).unwrap();
        assert!(bits(&mut session) == first && parameters(&mut session) != other, "{variety}");
    }
}

/// Whoever opens the link of a reseeded run must see the same run.
#[test]
fn a_reseeded_run_is_the_run_of_its_config_unless_its_points_were_edited() {
    for reseed in [
        |session: &mut Session| session.reseed(6),
        |session: &mut Session| block_on(session.configure("{\"seed\": 6}")).and_then(|()| session.reset()),
    ] {
        let mut session = small(json!({}));
        session.train(3).unwrap();
        reseed(&mut session).unwrap();
        let mut fresh = start(session.config().to_json());
        for session in [&mut session, &mut fresh] {
            session.train(2).unwrap();
        }
        assert_eq!(session.data(), fresh.data());
        assert!(bits(&mut session) == bits(&mut fresh) && metric(&mut session, "nll") == metric(&mut fresh, "nll"));

        let mut edited = small(json!({}));
        edited.move_point(0, [1.0, 1.0]).unwrap();
        let points = edited.data().to_vec();
        reseed(&mut edited).unwrap();
        assert_eq!(edited.data(), points);
    }
}

#[test]
fn sample_only_freezes_the_weights_and_learn_only_the_particles() {
    let mut session = small(json!({}));
    let (weights, particles) = (parameters(&mut session), tensor(&mut session, slot::PARTICLES));
    block_on(session.sample(3)).unwrap();
    assert_eq!(parameters(&mut session), weights);
    assert_ne!(tensor(&mut session, slot::PARTICLES), particles);
    let particles = tensor(&mut session, slot::PARTICLES);
    session.round(Mode::Learn).unwrap();
    assert_eq!(tensor(&mut session, slot::PARTICLES), particles);
    assert_ne!(parameters(&mut session), weights);
    block_on(session.step(Grain::Stage)).unwrap();
    session.round(Mode::Learn).unwrap();
    assert_eq!(tensor(&mut session, slot::PARTICLES), particles, "an update begun by hand moves no frozen particle");
}

#[test]
fn a_previewed_move_is_the_one_that_the_next_step_carries_out() {
    for variety in varieties() {
        let mut session = small(variety.clone());
        session.train(2).unwrap();
        let before = bits(&mut session);
        let preview = block_on(session.preview(7)).unwrap();
        assert!(bits(&mut session) == before, "a look moves nothing");
        let numbers = |name: &str| -> Vec<f64> {
            let list = preview[name].as_array().map(<[_]>::to_vec).unwrap_or_else(|| vec![preview[name].clone()]);
            list.iter().map(|v| v.as_f64().unwrap()).collect()
        };
        block_on(session.sample(1)).unwrap();
        let after = &block_on(session.particles()).unwrap()[14..16];
        let name = if numbers("accepted") == [1.0] { "proposal" } else { "position" };
        for (got, want) in after.iter().zip(numbers(name)) {
            // The fused step and the graph round differently: a few operations on numbers below 10.
            assert!((f64::from(*got) - want).abs() < 2e-5, "{variety}: {got} and not {want}");
        }
        let (drift, noise) = (numbers("drift"), numbers("noise"));
        for i in 0..2 {
            let sum = numbers("position")[i] + drift[i] + noise[i];
            assert!((sum - numbers("proposal")[i]).abs() < 2e-6 * (1.0 + sum.abs()), "{variety}");
        }
    }
}

#[test]
fn slices_of_time_run_the_same_movie_whatever_their_size() {
    let mut whole = small(json!({}));
    whole.train(12).unwrap();
    let mut session = small(json!({}));
    let mut rounds = 0;
    for (i, most) in [1, 3, 2, 5, 1, 9].into_iter().enumerate() {
        let most = most.min(12 - rounds);
        if most == 0 {
            break;
        }
        let (done, settled) = session.begin_slice(Mode::Run, most, i as f64 * 400.0).unwrap();
        block_on(settled);
        session.end_slice(0.01, 8.0);
        rounds += done;
    }
    session.train(12 - rounds).unwrap();
    assert!(bits(&mut session) == bits(&mut whole));
}

/// Updates that are longer than a slice are carried out in parts: the same movie, of which each part can be gone back from.
#[test]
fn long_updates_are_cut_into_parts_of_the_same_movie() {
    for variety in varieties() {
        for mode in [Mode::Run, Mode::Learn] {
            let mut whole = small(variety.clone());
            let mut parts = small(variety.clone());
            block_on(parts.checkpoint()).unwrap();
            let (mut ended, mut halfway) = (0, 0);
            while ended < 4 {
                let (done, settled) = parts.begin_slice(mode, usize::MAX, 0.0).unwrap();
                block_on(settled);
                ended += done;
                halfway += usize::from(done == 0);
                // A slow machine.
                parts.end_slice(1e6, 8.0);
            }
            assert!(halfway >= 2 && parts.clock().stage.is_none(), "{halfway}");
            for _ in 0..ended {
                whole.logged_round(mode).unwrap();
            }
            assert!(bits(&mut parts) == bits(&mut whole), "{variety}");
            block_on(parts.back(Grain::Update)).unwrap();
            let mut before = small(variety.clone());
            for _ in 1..ended {
                before.logged_round(mode).unwrap();
            }
            assert!(bits(&mut parts) == bits(&mut before), "{variety}");
        }
    }
}

/// A trace is the way that the particles walk anyway, also beyond the length of the ring that it is noted in.
#[test]
fn a_trace_notes_every_step_of_the_walk() {
    const STEPS: usize = 70;
    let config = json!({"sampler": {"id": "mala", "stepSize": 0.5}});
    let (mut noted, mut walked) = (small(config.clone()), small(config));
    let rows = block_on(noted.trace(STEPS)).unwrap();
    let columns = 2 * 24 + 1;
    assert_eq!(rows.len(), STEPS * columns);
    let mut sum = 0.0;
    for row in rows.chunks_exact(columns) {
        let accepted = block_on(walked.sample(1)).unwrap().unwrap();
        assert_eq!(row[..columns - 1], tensor(&mut walked, slot::PARTICLES));
        assert!((row[columns - 1] - accepted).abs() < 1e-6);
        sum += row[columns - 1];
    }
    assert_eq!(noted.clock(), walked.clock());
    // All of many moves count, not the last.
    walked.reset().unwrap();
    let accepted = block_on(walked.sample(STEPS)).unwrap().unwrap();
    assert!((accepted - sum / STEPS as f32).abs() < 1e-6, "{accepted}");
    for (steps, particles) in [(0, 24), (10_001, 24), (5, 0)] {
        let mut session = small(json!({"particles": particles}));
        let error = block_on(session.trace(steps)).unwrap_err().to_string();
        assert!(error.contains("expected"), "{error}");
    }
}

/// The way of Hamiltonian dynamics is told place by place. On N(0, I), where ∇E = x, leapfrog steps obey Störmer's
/// x'' = −x as x₊ − 2x + x₋ = −h²x (Hairer, Lubich & Wanner 2003, section 1.2).
#[test]
fn the_way_of_hamiltonian_dynamics_is_told() {
    const STEPS: usize = 6;
    const H: f64 = 0.3;
    let hmc = json!({"id": "hmc", "stepSize": H, "leapfrogSteps": STEPS, "adapt": false});
    let mut session = small(json!({"data": {"id": "gaussian"}, "model": {"id": "exact"}, "sampler": hmc}));
    let event = block_on(session.step(Grain::Substep)).unwrap();
    let Moves { position, events, path } = event.moves.unwrap();
    assert_eq!(path.len(), position.len() * (STEPS - 1));
    let proposal = &events[3];
    for (i, way) in path.chunks_exact(2 * (STEPS - 1)).enumerate() {
        let way = [&position[2 * i..2 * i + 2], way, &proposal[2 * i..2 * i + 2]].concat();
        for k in 2..way.len() - 2 {
            let [before, here, after] = [way[k - 2], way[k], way[k + 2]].map(f64::from);
            // Places of the size of 4 in single precision.
            assert!((after - 2.0 * here + before + H * H * here).abs() < 5e-6, "{way:?}");
        }
    }
    let preview = block_on(session.preview(3)).unwrap();
    assert_eq!(preview["path"].as_array().unwrap().len(), 2 * (STEPS - 1));
    // One leapfrog step leads straight there, and so do other kernels.
    configure(&mut session, json!({"sampler": {"leapfrogSteps": 1}}));
    assert!(block_on(session.step(Grain::Substep)).unwrap().moves.unwrap().path.is_empty());
    configure(&mut session, json!({"sampler": {"id": "mala", "clampX": 1.0}}));
    assert!(block_on(session.preview(3)).unwrap().get("path").is_none());
    // What is held is held on the way, too.
    configure(&mut session, json!({"sampler": {"id": "hmc", "leapfrogSteps": 4, "clampX": 1.0}}));
    let path = block_on(session.step(Grain::Substep)).unwrap().moves.unwrap().path;
    assert!(!path.is_empty() && path.chunks_exact(2).all(|p| p[0] == 1.0));
}
