//! What the bias meter says where theory knows it.

use super::*;
use crate::backend::Local;

fn breathe() -> Local<()> {
    Box::pin(async {})
}

/// Exact maximum likelihood against itself: the same batches, the same shifted grids.
#[test]
fn the_exact_rule_has_no_bias() {
    let mut session = small(json!({"objective": {"id": "maximum-likelihood"}}));
    session.train(20).unwrap();
    let measured = block_on(session.gradient_bias(&[1], 3, &mut breathe)).unwrap();
    let [steps, angle, ratio] = measured[0];
    assert_eq!((measured.len(), steps), (1, 0.0));
    // acos is steep at 1: ε of single precision is 0.02°.
    assert!(angle < 0.1 && (ratio - 1.0).abs() < 1e-6, "{angle}° and {ratio}");
}

/// The longer chains from the data run, the nearer contrastive divergence comes to maximum likelihood (Hinton 2002); what is
/// left is the chance of the negatives.
#[test]
fn contrastive_divergence_is_the_less_biased_the_longer_it_runs() {
    // A confinement of 1.5 keeps the model within the quadrature's square.
    let config = json!({
        "model": {"id": "mlp", "widths": [12, 8], "confinement": 1.5},
        "objective": {"id": "contrastive-divergence", "regularisation": 0.0},
        "sampler": {"id": "mala", "steps": 5, "stepSize": 0.1, "adapt": false},
        "batch": 256,
    });
    let mut session = small(config);
    block_on(session.checkpoint()).unwrap();
    session.train(10).unwrap();
    let before = bits(&mut session);
    let measured = block_on(session.gradient_bias(&[1, 10, 200], 32, &mut breathe)).unwrap();
    assert!(bits(&mut session) == before, "the run stays as it is");
    block_on(session.back(Grain::Update)).unwrap();
    assert_eq!(session.clock().update, 9, "there is a way back");
    let angles: Vec<f64> = measured.iter().map(|m| m[1]).collect();
    assert!(angles[0] > angles[1] && angles[1] > angles[2], "{measured:?}");
    assert!(measured[0][2] < 0.5, "after one step data and negatives hardly differ: {measured:?}");
    assert!(angles[2] < 5.0 && (measured[2][2] - 1.0).abs() < 0.1, "{measured:?}");
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let mut given = small(json!({"model": {"id": "exact"}}));
    let error = block_on(given.gradient_bias(&[1], 1, &mut breathe)).unwrap_err().to_string();
    assert!(error.contains("model.id: exact"), "{error}");
    let mut session = small(json!({}));
    for (steps, draws) in [([0], 1), ([1001], 1), ([1], 0)] {
        assert!(block_on(session.gradient_bias(&steps, draws, &mut breathe)).is_err());
    }
}

/// Points of a density may lie farther out than a visitor's; the rule in between never stays.
#[test]
fn far_points_are_no_obstacle_and_the_rule_comes_back() {
    let mut session = small(json!({"data": {"id": "banana", "spread": 10, "count": 2000}}));
    assert!(session.data().iter().flatten().any(|c| c.abs() > 100.0), "some are far out");
    let before = session.config().clone();
    block_on(session.gradient_bias(&[1], 2, &mut breathe)).unwrap();
    assert_eq!(*session.config(), before);
}
