//! What the push ledger says, against what the gradients' lengths demand.

use super::*;

fn norm_squared(v: &[f32]) -> f64 {
    v.iter().map(|g| f64::from(*g).powi(2)).sum()
}

fn mean(v: &[f32]) -> f64 {
    v.iter().map(|&e| f64::from(e)).sum::<f64>() / v.len() as f64
}

fn pairs(flat: &[f32]) -> Vec<[f32; 2]> {
    flat.chunks_exact(2).map(|p| [p[0], p[1]]).collect()
}

/// Contrastive divergence without regularisation: L = mean E(x⁺) − mean E(x⁻), so the push at the data less the push at the
/// negatives is in the mean −η|g|², and the data's own push at the data −η|∂ mean E(x⁺)/∂θ|².
#[test]
fn a_push_is_as_long_as_the_gradient_demands() {
    let mut session = small(json!({
        "objective": {"id": "persistent-contrastive-divergence", "regularisation": 0.0, "bufferSize": 100},
        "sampler": {"id": "langevin", "steps": 4},
        "optimizer": {"id": "sgd", "learningRate": 0.01},
    }));
    session.train(7).unwrap();
    for _ in 0..4 {
        block_on(session.step(Grain::Stage)).unwrap();
    }
    assert_eq!(session.clock().stage, Some(3));
    let (batch, negatives) = (tensor(&mut session, slot::BATCH), tensor(&mut session, slot::NEGATIVES));
    let gradient = norm_squared(&tensor(&mut session, slot::GRADIENT));
    let points = [pairs(&batch), pairs(&negatives)].concat();
    let pushes = block_on(session.pushes(&points)).unwrap();
    assert_eq!((session.clock().update, session.clock().stage), (8, None));
    assert_eq!((&pushes.batch, &pushes.negatives), (&batch, &negatives));
    let data = session.range(slot::DATA_GRADIENT);
    let data = norm_squared(&block_on(session.backend.read(&[data])).unwrap()[0]);
    let n = batch.len() / 2;
    let all: Vec<f32> = pushes.data.iter().zip(&pushes.model).map(|(d, m)| d + m).collect();
    // Sums of 32 and of some 200 numbers in single precision.
    let near = |got: f64, expected: f64| assert!((got / expected - 1.0).abs() < 1e-4, "{got}, expected {expected}");
    near(mean(&all[..n]) - mean(&all[n..]), -0.01 * gradient);
    near(mean(&pushes.data[..n]), -0.01 * data);
    assert!(mean(&pushes.model[n..]) > 0.0, "the model's own samples are pushed up");
}

/// Plain gradient descent does what both pushes say, but for what is quadratic in the learning rate.
#[test]
fn plain_gradient_descent_does_what_the_pushes_say() {
    let residual = |rate: f64| {
        let mut session = small(json!({"optimizer": {"id": "sgd", "learningRate": rate}}));
        let points: Vec<_> = (0..40).map(|i| [-2.0 + 0.1 * i as f32, 1.0 - 0.07 * i as f32]).collect();
        let Pushes { data, model, change, .. } = block_on(session.pushes(&points)).unwrap();
        let off = change.iter().zip(data.iter().zip(&model)).map(|(c, (d, m))| f64::from(c - d - m).powi(2));
        (off.sum::<f64>().sqrt(), norm_squared(&change).sqrt())
    };
    let ((coarse, length), (fine, _)) = (residual(0.2), residual(0.1));
    assert!(coarse < 0.2 * length, "{coarse} of {length}");
    // A quarter, but for the third order.
    assert!((0.2..0.32).contains(&(fine / coarse)), "{fine} / {coarse}");
}

/// Also late in a schedule, and where the gradient is clipped.
#[test]
fn pushes_follow_the_schedule_and_the_clipping() {
    let optimizer = json!({
        "id": "sgd", "learningRate": 0.05, "schedule": "cosine", "scheduleUpdates": 40, "clipNorm": 0.01,
    });
    let mut session = small(json!({"optimizer": optimizer}));
    session.train(30).unwrap();
    let points: Vec<_> = (0..40).map(|i| [-2.0 + 0.1 * i as f32, 1.0 - 0.07 * i as f32]).collect();
    let Pushes { data, model, change, .. } = block_on(session.pushes(&points)).unwrap();
    let off: Vec<f32> = change.iter().zip(data.iter().zip(&model)).map(|(c, (d, m))| c - d - m).collect();
    // Steps of 7e-5 at the most: what is quadratic in them is below single precision's 1e-6 of energies of the size of 1.
    assert!(off.iter().all(|o| o.abs() < 2e-6), "{off:?}");
    assert!(norm_squared(&change).sqrt() > 1e-5, "there is something to see");
}

/// Rules that ask the data alone have no other term, and the film is the one that runs without the ledger.
#[test]
fn the_ledger_tells_and_changes_nothing() {
    for more in varieties() {
        let (mut told, mut plain) = (small(more.clone()), small(more));
        told.train(3).unwrap();
        plain.train(3).unwrap();
        let pushes = block_on(told.pushes(&[[0.5, -0.5], [2.0, 0.0]])).unwrap();
        plain.train(1).unwrap();
        assert!(bits(&mut told) == bits(&mut plain), "{}", told.config().objective.id);
        if told.config().objective.id.contains("score-matching") {
            assert_eq!(pushes.model, [0.0; 2]);
        }
    }
    let error = block_on(small(json!({"model": {"id": "exact"}})).pushes(&[])).unwrap_err().to_string();
    assert!(error.contains("model.id: exact"), "{error}");
}
