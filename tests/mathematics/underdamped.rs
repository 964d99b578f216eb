//! Underdamped Langevin on a parabola, where BAOAB's law of place and momentum can be worked out.

use crate::machine::{mean, mean_square, normals};
use crate::metropolis::{chi_square, density, energy_of};
use crate::samplers::{Energy, N, configured, four_errors, normal};
use ebm::json;
use ebm::rng;

#[test]
fn the_place_has_no_bias_and_the_momentum_the_one_of_theory() {
    // Leimkuhler & Matthews 2013: var x = 1 and var p = 1 − h²/4 for E = x²/2, whatever the friction.
    for (h, friction) in [(0.5, 1.0), (1.0, 1.0), (1.5, 1.0), (1.0, 5.0)] {
        let start = normals(2 * N, 41, 1.5);
        let given = json!({"friction": friction});
        let mut run = configured::<f32>("underdamped-langevin", given, normal, [N, 2], h, &start);
        run.machine.set(run.carried, &normals(2 * N, 42, 1.0));
        (0..60).for_each(|s| run.machine.run(0, s));
        let (x, p) = (run.machine.get(run.x), run.machine.get(run.carried));
        for (what, got, want) in [("place", &x, 1.0), ("momentum", &p, 1.0 - h * h / 4.0)] {
            let ratio = mean_square(got) / want;
            assert!((ratio - 1.0).abs() < four_errors(2 * N), "h = {h}, γ = {friction}, {what}: {ratio} of {want}");
            assert!(mean(got).abs() < 4.0 * (want / (2.0 * N as f64)).sqrt(), "h = {h}, {what}: {}", mean(got));
        }
        let product = x.iter().zip(&p).map(|(x, p)| x * p).sum::<f64>() / x.len() as f64;
        assert!(product.abs() < 4.0 / (2.0 * N as f64).sqrt(), "h = {h}: place and momentum go together, {product}");
    }
}

#[test]
fn what_noise_does_to_the_energy_of_leapfrog_is_in_proportion_to_the_friction() {
    // Leapfrog conserves ½p² + ½x²(1 − h²/4). What is left of its change is the noise's, whose variance in one step is 2γh.
    let (n, h) = (20_000, 0.5);
    let change_of_energy = |friction: f64| {
        let start = normals(2 * n, 43, 1.0);
        let momentum = normals(2 * n, 44, 1.0);
        let shadow = |x: &[f64], p: &[f64]| -> Vec<f64> {
            x.iter().zip(p).map(|(x, p)| 0.5 * p * p + 0.5 * x * x * (1.0 - h * h / 4.0)).collect()
        };
        let given = json!({"friction": friction});
        let mut run = configured::<f64>("underdamped-langevin", given, normal, [n, 2], h, &start);
        run.machine.set(run.carried, &momentum);
        let before = shadow(&start, &momentum);
        run.machine.run(0, 1);
        let after = shadow(&run.machine.get(run.x), &run.machine.get(run.carried));
        mean(&before.iter().zip(&after).map(|(a, b)| (a - b).powi(2)).collect::<Vec<_>>())
    };
    let ratio = change_of_energy(0.02) / change_of_energy(0.01);
    assert!((ratio - 2.0).abs() < 0.1, "{ratio}");
}

#[test]
fn small_steps_keep_the_density() {
    const POINTS: usize = 40_000;
    let targets: [(&str, Energy); 3] = [
        ("gaussian", |x| energy_of("gaussian", x)),
        ("eight-gaussians", |x| energy_of("eight-gaussians", x)),
        ("banana", |x| energy_of("banana", x)),
    ];
    for (id, energy) in targets {
        let (density, section) = density(id);
        let mut rng = rng::host(45);
        let start: Vec<f64> = (0..POINTS).flat_map(|_| density.sample(&section, &mut rng).unwrap()).collect();
        let mut run = configured::<f32>("underdamped-langevin", json!({}), energy, [POINTS, 2], 0.03, &start);
        run.machine.set(run.carried, &normals(2 * POINTS, 46, 1.0));
        (0..60).for_each(|s| run.machine.run(0, s));
        // The bias is of the order h² times the curvature, 0.7 % of a variance at the most here (eight Gaussians, 1/σ² = 8):
        // less than what 40,000 points can show.
        let (sum, freedom) = chi_square(id, &run.machine.get(run.x));
        let off = (sum - freedom) / (2.0 * freedom).sqrt();
        assert!(off.abs() < 4.0, "{id}: {off} standard deviations off");
    }
}
