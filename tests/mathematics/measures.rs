//! Measures of samples against ArviZ and scikit-learn (`reference/make_measures.py`), and against what theory says of them.

use crate::machine::normals;
use ebm::data;
use ebm::rng;
use ebm::schema::Section;
use ebm_metric::{
    autocorrelation, effective_sample_size, energy_distance, maximum_mean_discrepancy, occupancy, r_hat,
    sliced_wasserstein,
};
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/measures.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn pairs(value: &Value) -> Vec<[f64; 2]> {
    value.as_array().unwrap().iter().map(|p| [p[0].as_f64().unwrap(), p[1].as_f64().unwrap()]).collect()
}

fn close(got: f64, want: &Value, what: &str) {
    let want = want.as_f64().unwrap();
    assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{what}: {got} and not {want}");
}

fn gaussian(n: usize, seed: u32) -> Vec<[f64; 2]> {
    normals(2 * n, seed, 1.0).chunks_exact(2).map(|p| [p[0], p[1]]).collect()
}

fn draws(id: &str, n: usize, seed: u64) -> Vec<[f64; 2]> {
    let density = data::by_id(id).unwrap();
    let section = Section::defaults(density.id(), density.params());
    let mut rng = rng::host(seed);
    (0..n).map(|_| density.sample(&section, &mut rng).unwrap()).collect()
}

#[test]
fn r_hat_and_effective_sample_size_are_those_of_arviz() {
    for case in reference()["chains"].as_array().unwrap() {
        let chains: Vec<Vec<f64>> = case["draws"].as_array().unwrap().iter().map(numbers).collect();
        close(r_hat(&chains).unwrap(), &case["rHat"], &format!("R-hat of {}", case["name"]));
        close(effective_sample_size(&chains).unwrap(), &case["ess"], &format!("ESS of {}", case["name"]));
    }
}

#[test]
fn distances_are_those_of_scikit_learn() {
    for case in reference()["points"].as_array().unwrap() {
        let (a, b) = (pairs(&case["a"]), pairs(&case["b"]));
        close(maximum_mean_discrepancy(&a, &b), &case["mmd"], &format!("MMD of {}", case["name"]));
        close(energy_distance(&a, &b), &case["energyDistance"], &format!("energy distance of {}", case["name"]));
    }
}

#[test]
fn chains_that_say_nothing_have_no_figure() {
    for chains in [
        vec![],
        vec![vec![1.0, 2.0, 3.0]; 2],
        vec![vec![2.0; 50]; 4],
        vec![vec![1.0, 2.0, f64::NAN, 4.0]; 2],
        vec![vec![1.0, 2.0, 3.0, 4.0], vec![1.0, 2.0, 3.0]],
    ] {
        assert_eq!((r_hat(&chains), effective_sample_size(&chains)), (None, None), "{chains:?}");
    }
}

#[test]
fn an_autoregression_is_worth_what_theory_says() {
    // ρ = 0.9: (1 − ρ)/(1 + ρ) of the draws, and ρᵗ at lag t.
    let (count, n, rho) = (4, 10_000, 0.9f64);
    let noise = normals(count * n, 51, 1.0);
    let chains: Vec<Vec<f64>> = noise
        .chunks_exact(n)
        .map(|noise| {
            let mut x = noise[0];
            noise
                .iter()
                .map(|z| {
                    x = rho * x + (1.0 - rho * rho).sqrt() * z;
                    x
                })
                .collect()
        })
        .collect();
    let share = effective_sample_size(&chains).unwrap() / (count * n) as f64;
    assert!((share / 0.0526 - 1.0).abs() < 0.15, "{share}");
    for (lag, got) in autocorrelation(&chains, 6).into_iter().enumerate() {
        // Bartlett 1946: var of an estimate at small lags is below (1 + ρ²)/(1 − ρ²)/N.
        let error = 4.0 * ((1.0 + rho * rho) / (1.0 - rho * rho) / (count * n) as f64).sqrt();
        assert!((got - rho.powi(lag as i32)).abs() < error, "lag {lag}: {got}");
    }
    let apart: Vec<Vec<f64>> =
        chains.iter().enumerate().map(|(i, c)| c.iter().map(|x| x + i as f64).collect()).collect();
    assert!(r_hat(&apart).unwrap() > 1.1 && r_hat(&chains).unwrap() < 1.01);
}

#[test]
fn distances_of_shifted_sets_are_what_they_are() {
    // Eight Gaussians, 2,000 points: MATH.md's figures with their own spreads.
    let (a, b) = (draws("eight-gaussians", 2000, 52), draws("eight-gaussians", 2000, 53));
    let by = |shift: f64| b.iter().map(|x| [x[0] + shift, x[1]]).collect::<Vec<_>>();
    let all = |b: &[[f64; 2]]| [energy_distance(&a, b), maximum_mean_discrepancy(&a, b), sliced_wasserstein(&a, b)];
    let [distance, discrepancy, sliced] = all(&b);
    assert!(
        distance.abs() < 0.0048 && discrepancy.abs() < 0.00074 && sliced < 0.2,
        "{distance} {discrepancy} {sliced}"
    );
    for ((got, want), spread) in all(&by(0.5)).into_iter().zip([0.058, 0.015, 0.34]).zip([0.012, 0.003, 0.04]) {
        assert!((got - want).abs() < spread, "{got} and not {want}");
    }
}

#[test]
fn a_shift_of_a_set_is_its_sliced_wasserstein_distance_over_the_root_of_two() {
    let a = gaussian(500, 54);
    let b: Vec<_> = a.iter().map(|x| [x[0] + 0.6, x[1] - 0.8]).collect();
    // Each projection moves by cos of an angle, whose mean square is ½.
    assert!((sliced_wasserstein(&a, &b) - 0.5f64.sqrt()).abs() < 1e-9);
    assert_eq!(sliced_wasserstein(&a, &a), 0.0);
}

#[test]
fn exact_draws_hit_every_mode_by_its_weight() {
    for id in ["eight-gaussians", "two-gaussians", "twenty-five-gaussians"] {
        let density = data::by_id(id).unwrap();
        let section = Section::defaults(density.id(), density.params());
        let modes = density.modes(&section).unwrap();
        let n = 20_000;
        let found = occupancy(&draws(id, n, 55), &modes);
        // 1 − e⁻⁸ within four standard deviations of one Gaussian; binomial error.
        let want: f64 = 1.0 - (-8.0f64).exp();
        let error = 4.0 * (want * (1.0 - want) / n as f64).sqrt();
        assert!(found.hit > want - error && found.hit <= 1.0, "{id}: {}", found.hit);
        // 2n KL is about χ² with modes − 1 degrees of freedom.
        let freedom = (modes.len() - 1) as f64;
        let most = (freedom + 4.0 * (2.0 * freedom).sqrt()) / (2.0 * n as f64);
        assert!((0.0..most).contains(&found.divergence), "{id}: {}", found.divergence);
    }
    let modes = data::by_id("two-gaussians").unwrap();
    let section = Section::defaults("two-gaussians", modes.params());
    let found = occupancy(&[[2.5, 2.5], [2.4, 2.6], [0.0, 0.0]], &modes.modes(&section).unwrap());
    assert_eq!(found.weights, [1.0, 0.0]);
    assert!((found.hit - 2.0 / 3.0).abs() < 1e-12 && (found.divergence - (1.0f64 / 0.8).ln()).abs() < 1e-12);
}
