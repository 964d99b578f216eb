//! Samples that keep a coordinate, against the conditional density along the line.

use super::*;
use crate::data;
use crate::data::Density;

/// Mean and variance of y given x by the midpoint rule over [−8, 8], from the density's own formula.
fn conditional(density: &dyn Density, config: &Config, x: f64) -> (f64, f64) {
    const CELLS: usize = 4000;
    let log_density = density.log_density(&config.data).unwrap();
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for i in 0..CELLS {
        let y = -8.0 + 16.0 * (i as f64 + 0.5) / CELLS as f64;
        let p = log_density([x, y]).exp();
        mass += p;
        first += p * y;
        second += p * y * y;
    }
    let mean = first / mass;
    (mean, second / mass - mean * mean)
}

#[test]
fn a_clamped_coordinate_stays_and_the_other_follows_the_conditional_density() {
    const PARTICLES: usize = 4000;
    const AT: f64 = 1.2;
    let samplers = [
        json!({"id": "gibbs"}),
        json!({"id": "hmc", "stepSize": 0.1, "adapt": false}),
        // Unadjusted kernels with steps of which the bias, h/(2σ²) of the variance, is below the error of the mean.
        json!({"id": "langevin", "stepSize": 0.002}),
        json!({"id": "mala", "stepSize": 0.05, "adapt": false}),
        json!({"id": "parallel-tempering", "stepSize": 0.05, "adapt": false}),
        json!({"id": "random-walk-metropolis", "stepSize": 0.5, "adapt": false}),
        json!({"id": "underdamped-langevin", "stepSize": 0.1, "friction": 2.0}),
    ];
    for mut sampler in samplers {
        let id = sampler["id"].as_str().unwrap().to_string();
        sampler["clampX"] = AT.into();
        // Its grid holds the banana's curve at this x.
        let data = json!({"id": "banana", "spread": 1.0, "noise": 0.5, "count": 50});
        let mut session = start(json!({
            "seed": 3, "data": data, "model": {"id": "exact"}, "sampler": sampler, "particles": PARTICLES,
        }));
        let (mean, variance) = conditional(data::by_id("banana").unwrap(), session.config(), AT);
        block_on(session.sample(600)).unwrap();
        let places = tensor(&mut session, slot::PARTICLES);
        assert!(places.chunks_exact(2).all(|p| p[0] == AT as f32), "{id}: x stays");
        let y: Vec<f64> = places.chunks_exact(2).map(|p| f64::from(p[1])).collect();
        let n = PARTICLES as f64;
        let got = y.iter().sum::<f64>() / n;
        let spread = y.iter().map(|v| (v - got).powi(2)).sum::<f64>() / n;
        // Independent chains after many autocorrelation times: four standard errors of mean and variance.
        assert!((got - mean).abs() < 4.0 * (variance / n).sqrt(), "{id}: mean {got}, expected {mean}");
        let error = 4.0 * variance * (2.0 / n).sqrt();
        assert!((spread - variance).abs() < error, "{id}: variance {spread}, expected {variance}");
        // Free again, the samples leave the line.
        configure(&mut session, json!({"sampler": {"clampX": null}}));
        block_on(session.sample(5)).unwrap();
        let places = tensor(&mut session, slot::PARTICLES);
        assert!(places.chunks_exact(2).any(|p| p[0] != AT as f32), "{id}");
    }
}

/// The events of a step are those of the move that the samples make, and negatives are never clamped.
#[test]
fn a_clamp_holds_the_samples_alone() {
    let mut session = small(json!({
        "objective": {"id": "contrastive-divergence"},
        "sampler": {"id": "mala", "steps": 3, "clampY": -1.0},
    }));
    session.train(2).unwrap();
    assert!(tensor(&mut session, slot::PARTICLES).chunks_exact(2).all(|p| p[1] == -1.0));
    assert!(tensor(&mut session, slot::NEGATIVES).chunks_exact(2).any(|p| p[1] != -1.0));
    let preview = block_on(session.preview(4)).unwrap();
    let pair = |name: &str| preview[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>();
    assert_eq!((pair("noise")[1], pair("proposal")[1]), (0.0, -1.0));
    assert_ne!(pair("noise")[0], 0.0);
    assert!(Config::from_value(&json!({"sampler": {"id": "langevin", "clampX": 9.0}})).is_err());
}
