//! The proof panel holds for every rule and every energy, and would notice where it does not.

use super::*;
use crate::objective;
use crate::session::program::proof::PLACES;

fn places() -> Vec<[f32; 2]> {
    (0..PLACES).map(|i| [-3.0 + 6.0 * (i % 16) as f32 / 15.0, -2.9 + 6.0 * (i / 16) as f32 / 15.0]).collect()
}

#[test]
fn every_rule_has_the_gradient_of_its_loss() {
    for rule in objective::ALL {
        let model = network_of(*rule);
        let mut session = small(json!({
            "data": {"id": "two-moons", "count": 100},
            "model": {"id": model, "widths": [8, 6]},
            "objective": {"id": rule.id()},
            "sampler": {"id": kernel_of(*rule), "steps": 3},
        }));
        session.train(3).unwrap();
        let before = bits(&mut session);
        let proof = block_on(session.proof(&places())).unwrap();
        assert!(bits(&mut session) == before, "{}: nothing changes", rule.id());
        let worst = |errors: &[f64]| errors.iter().fold(0.0f64, |worst, &e| worst.max(e));
        // A step of 1e-5 cuts off 1e-10 of a third derivative of the size of 1, and rounding adds about as much.
        assert!(worst(&proof.slope_errors) < 1e-7, "{}: {:e}", rule.id(), worst(&proof.slope_errors));
        assert_eq!(proof.loss_errors.len(), 4);
        assert!(worst(&proof.loss_errors) < 1e-6, "{}: {:?}", rule.id(), proof.loss_errors);
        // Single precision says the same to its own precision.
        let (energy, score) = block_on(session.evaluate(places().as_flattened())).unwrap();
        let off =
            |a: &[f32], b: &[f64]| a.iter().zip(b).fold(0.0f64, |most, (a, b)| most.max((f64::from(*a) - b).abs()));
        let size = |b: &[f64]| b.iter().fold(1.0f64, |most, b| most.max(b.abs()));
        assert!(off(&energy, &proof.energy) < 1e-5 * size(&proof.energy), "{}", rule.id());
        assert!(off(&score, &proof.score) < 1e-5 * size(&proof.score), "{}", rule.id());
    }
}

/// What is no number is no proof, wherever it stands.
#[test]
fn no_number_holds_for_nothing() {
    let mut session = small(json!({}));
    session.train(2).unwrap();
    let mut snapshot = block_on(session.snapshot()).unwrap();
    let mut flat = snapshot.state[slot::AVERAGE].clone();
    flat[0] = f32::NAN;
    snapshot.state.insert(slot::AVERAGE.into(), flat);
    block_on(session.restore(snapshot)).unwrap();
    let proof = block_on(session.proof(&places())).unwrap();
    assert!(proof.slope_errors.iter().all(|e| e.is_nan()), "{:?}", proof.slope_errors);
}

/// A network of kinks has no slope at them: the difference across one says so.
#[test]
fn a_kink_is_noticed() {
    let mut session = small(json!({"model": {"id": "mlp", "widths": [400], "activation": "relu", "features": "none"}}));
    session.train(2).unwrap();
    let kinked = |session: &mut Session| {
        let proof = block_on(session.proof(&places())).unwrap();
        proof.slope_errors.iter().filter(|e| **e > 1e-6).count()
    };
    // A point right on a kink: the bias of the first unit is turned until its kink goes through it.
    let mut snapshot = block_on(session.snapshot()).unwrap();
    let mut flat = snapshot.state[slot::AVERAGE].clone();
    let [x, y] = places()[40];
    flat[800] = -(flat[0] * x + flat[1] * y);
    snapshot.state.insert(slot::AVERAGE.into(), flat);
    let before = kinked(&mut session);
    block_on(session.restore(snapshot)).unwrap();
    assert!(kinked(&mut session) > before);
}

#[test]
fn what_cannot_be_proved_is_refused() {
    let mut session = small(json!({}));
    let early = block_on(session.proof(&places())).unwrap();
    assert!(early.loss_errors.is_empty() && early.slope_errors.len() == PLACES, "there is no batch yet");
    assert!(block_on(session.proof(&[[0.0, 0.0]])).unwrap_err().to_string().contains("1 points"));
    let given = block_on(small(json!({"model": {"id": "exact"}})).proof(&places())).unwrap();
    assert!(given.loss_errors.is_empty() && given.slope_errors.iter().all(|e| *e < 1e-7));
}
