//! What holds for every density: its log-density is normalised, its sampler draws from it, its entropy is the
//! published one.

use super::quadrature::{entropy, log_integral_plane, midpoints};
use super::{ALL, Density, Space, by_id};
use crate::json;
use crate::json::Value;
use crate::schema::Section;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use std::collections::BTreeSet;

fn section(density: &dyn Density, given: Value) -> Section {
    Section::parse("data", density.id(), density.params(), given.as_object().unwrap()).unwrap()
}

fn defaults(density: &dyn Density) -> Section {
    Section::defaults(density.id(), density.params())
}

/// Densities with a formula.
fn formulas() -> impl Iterator<Item = &'static dyn Density> {
    ALL.iter().copied().filter(|d| d.space(&defaults(*d)) == Space::Plane && d.id() != "drawn")
}

fn known(id: &str, given: Value) -> (&'static dyn Density, Section) {
    let density = by_id(id).unwrap();
    (density, section(density, given))
}

#[test]
fn ids_are_sorted_unique_and_findable() {
    assert!(ALL.windows(2).all(|pair| pair[0].id() < pair[1].id()));
    for density in ALL {
        assert_eq!(by_id(density.id()).unwrap().id(), density.id());
    }
    assert!(by_id("nine-gaussians").is_none());
}

#[test]
fn parameters_are_unique_accept_their_defaults_and_count_what_can_be_sampled() {
    for density in ALL {
        let names: BTreeSet<_> = density.params().iter().map(|p| p.name).collect();
        assert_eq!(names.len(), density.params().len(), "{}", density.id());
        for param in density.params() {
            param.check(param.name, &param.default_value()).unwrap();
            assert!(!param.live, "{}.{}: the points are drawn anew, nothing is a dial", density.id(), param.name);
        }
        let sampled = density.sample(&defaults(*density), &mut Xoshiro256PlusPlus::seed_from_u64(1)).is_some();
        assert_eq!(sampled, names.contains("count"), "{}", density.id());
        assert_eq!(sampled, density.log_density(&defaults(*density)).is_some(), "{}", density.id());
    }
}

#[test]
fn the_same_seed_draws_the_same_points() {
    for density in ALL {
        let section = defaults(*density);
        let draw = || density.sample(&section, &mut Xoshiro256PlusPlus::seed_from_u64(7));
        assert_eq!(draw(), draw());
    }
}

/// The corner sets of each density's parameters that its quadratures find hardest and easiest, beside the defaults.
fn sections(density: &'static dyn Density) -> Vec<Section> {
    let mut found = vec![defaults(density)];
    for end in [|p: &Value| p["min"].clone(), |p: &Value| p["max"].clone()] {
        for param in density.params().iter().filter(|p| p.name != "count") {
            let value = end(&param.to_json());
            found.push(section(density, json!({(param.name): value})));
        }
    }
    found
}

/// Step half of the width: on Gaussian detail the midpoint rule errs by e⁻⁷⁹, so what is left is mass outside the bounds
/// (10⁻⁶) and the density's own quadrature. The funnel's scales fit no grid; its own test changes variables.
#[test]
fn every_density_integrates_to_one() {
    for density in formulas().filter(|d| d.id() != "funnel") {
        for section in sections(density) {
            let extent = density.extent(&section).unwrap();
            let cells = (extent.bounds[1] - extent.bounds[0]) * (extent.bounds[3] - extent.bounds[2]);
            if cells / extent.width.powi(2) > 3e5 {
                // A combination of extremes too fine for its reach; its formula is that of the others.
                continue;
            }
            let log_density = density.log_density(&section).unwrap();
            let log_z = log_integral_plane(log_density, extent.bounds, extent.width / 2.0);
            assert!(log_z.abs() < 1e-4, "{}: ∫p = exp({log_z})", section.to_json());
        }
    }
}

/// Entropies in nats by an independent computation; ±0.002.
#[test]
fn entropies_are_the_reference_ones() {
    for (id, given, want) in [
        ("eight-gaussians", json!({}), 2.8319),
        ("eight-gaussians", json!({"radius": 2.0, "noise": 0.02}), -2.9067),
        ("eight-gaussians", json!({"radius": 1.0, "noise": 0.15}), 1.0932),
        ("twenty-five-gaussians", json!({"noise": 0.05}), 0.0653),
        ("twenty-five-gaussians", json!({}), 2.8379),
        ("two-gaussians", json!({"distance": 5.0, "noise": 1.0}), 3.3383),
        // Half the size: 2 ln 2 less.
        ("two-gaussians", json!({}), 1.9520),
        ("rings", json!({}), 2.6232),
        ("circles", json!({}), 3.2681),
        ("two-moons", json!({}), 2.3939),
        // Radius 1 and noise 0.05 are half of this: 0.2892 + 2 ln 2.
        ("two-moons", json!({"noise": 0.1}), 1.6755),
        ("pinwheel", json!({}), 2.3178),
        ("two-spirals", json!({}), 2.6454),
        ("checkerboard", json!({}), 3.4657),
        ("swiss-roll", json!({}), 2.6696),
    ] {
        let (density, section) = known(id, given);
        let got = density.entropy(&section).unwrap();
        assert!((got - want).abs() < 0.002, "{}: {got} and not {want}", section.to_json());
    }
}

/// Closed forms and special-purpose sums against the plain grid.
#[test]
fn entropy_agrees_with_the_grid() {
    for id in ["gaussian", "pinwheel", "checkerboard", "rosenbrock", "banana"] {
        let (density, section) = known(id, json!({}));
        let extent = density.extent(&section).unwrap();
        let grid = entropy(density.log_density(&section).unwrap(), extent.bounds, extent.width / 3.0);
        let got = density.entropy(&section).unwrap();
        // 10⁻⁶ of the mass outside the bounds, where −ln p is below 30.
        assert!((got - grid).abs() < 1e-4, "{id}: {got} and {grid} on the grid");
    }
}

#[test]
fn mean_negative_log_likelihood_of_samples_is_the_entropy() {
    for density in formulas() {
        let section = defaults(density);
        let log_density = density.log_density(&section).unwrap();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        // Rejection from a box keeps one proposal in 400 there.
        let count = if density.id() == "muller-brown" { 20_000 } else { 200_000 };
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..count {
            let nll = -log_density(density.sample(&section, &mut rng).unwrap());
            sum += nll;
            squares += nll * nll;
        }
        let mean = sum / f64::from(count);
        let error = ((squares / f64::from(count) - mean * mean).max(0.0) / f64::from(count)).sqrt();
        let entropy = density.entropy(&section).unwrap();
        assert!((mean - entropy).abs() < 4.0 * error + 1e-6, "{}: {mean} ± {error} and not {entropy}", density.id());
    }
}

/// Pearson's χ² over a 16 × 16 partition of the bounds; cells that expect fewer than 20 points are pooled.
/// χ² has mean k and variance 2k: five standard deviations.
#[test]
fn samples_fill_the_plane_as_the_density_says() {
    const SIDE: usize = 16;
    for density in formulas().filter(|d| d.id() != "funnel") {
        let section = defaults(density);
        let extent = density.extent(&section).unwrap();
        let [x0, x1, y0, y1] = extent.bounds;
        let (dx, dy) = ((x1 - x0) / SIDE as f64, (y1 - y0) / SIDE as f64);
        let count = if density.id() == "muller-brown" { 20_000 } else { 50_000 };
        let mut seen = [0u32; SIDE * SIDE];
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        for _ in 0..count {
            let [x, y] = density.sample(&section, &mut rng).unwrap();
            let (column, row) = (((x - x0) / dx) as usize, ((y - y0) / dy) as usize);
            seen[row.min(SIDE - 1) * SIDE + column.min(SIDE - 1)] += 1;
        }
        let log_density = density.log_density(&section).unwrap();
        let (mut chi, mut cells, mut rest) = (0.0, 0.0, (0.0, 0.0));
        for (cell, &seen) in seen.iter().enumerate() {
            let (left, low) = (x0 + dx * (cell % SIDE) as f64, y0 + dy * (cell / SIDE) as f64);
            let mut mass = 0.0;
            let area =
                midpoints([left, left + dx, low, low + dy], extent.width / 4.0, |x| mass += log_density(x).exp());
            let expected = mass * area * f64::from(count);
            if expected < 20.0 {
                rest = (rest.0 + expected, rest.1 + f64::from(seen));
            } else {
                chi += (f64::from(seen) - expected).powi(2) / expected;
                cells += 1.0;
            }
        }
        // One more cell for all that is rare, when it expects enough to be one.
        if rest.0 > 20.0 {
            chi += (rest.1 - rest.0).powi(2) / rest.0;
            cells += 1.0;
        }
        let free: f64 = cells - 1.0;
        assert!(chi < free + 5.0 * (2.0 * free).sqrt(), "{}: χ² = {chi} with {free} degrees of freedom", density.id());
    }
}

#[test]
fn log_partitions_are_the_reference_ones() {
    for (id, given, want) in [
        ("double-well", json!({"height": 1.0}), 1.35985),
        ("double-well", json!({}), 0.68848),
        ("double-well", json!({"height": 4.0}), -0.10714),
        ("rosenbrock", json!({"b": 100.0, "temperature": 1.0}), 0.314159f64.ln()),
        ("rastrigin", json!({"temperature": 1.0}), -2.96913),
        ("muller-brown", json!({}), 7.3649),
        ("muller-brown", json!({"temperature": 10.0}), 11.7296),
        ("muller-brown", json!({"temperature": 20.0}), 5.3661),
        ("funnel", json!({}), 0.0),
        ("gaussian", json!({}), 0.0),
    ] {
        let (density, section) = known(id, given);
        let got = density.log_partition(&section);
        assert!((got - want).abs() < 1e-4, "{}: {got} and not {want}", section.to_json());
    }
}

/// E[f] under a density, on the grid.
fn expectation(id: &str, given: Value, f: impl Fn([f64; 2]) -> f64) -> f64 {
    let (density, section) = known(id, given);
    let extent = density.extent(&section).unwrap();
    let log_density = density.log_density(&section).unwrap();
    let mut sum = 0.0;
    let area = midpoints(extent.bounds, extent.width / 3.0, |x| sum += log_density(x).exp() * f(x));
    sum * area
}

#[test]
fn moments_of_the_given_energies_are_the_reference_ones() {
    for (height, second) in [(1.0, 0.83275), (2.0, 0.85214), (4.0, 0.91767)] {
        let got = expectation("double-well", json!({"height": height}), |x| x[0] * x[0]);
        assert!((got - second).abs() < 1e-4, "double well, h = {height}: E[x²] = {got}");
    }
    let (well, section) = known("double-well", json!({}));
    // E = −ln p − ln Z, so its mean is the entropy less ln Z.
    let energy = well.entropy(&section).unwrap() - well.log_partition(&section);
    assert!((energy - 1.0915).abs() < 1e-4, "double well: E[E] = {energy}");
    let variance = expectation("rastrigin", json!({"temperature": 1.0}), |x| x[0] * x[0]);
    assert!((variance - 0.49903).abs() < 1e-4, "Rastrigin: Var x = {variance}");
    let canonical = json!({"b": 100.0, "temperature": 1.0});
    let y = expectation("rosenbrock", canonical.clone(), |x| x[1]);
    let variance = expectation("rosenbrock", canonical, |x| (x[1] - 1.5).powi(2));
    assert!((y - 1.5).abs() < 1e-4 && (variance - 2.505).abs() < 1e-3, "Rosenbrock: E[y] = {y}, Var y = {variance}");
}

#[test]
fn log_densities_stay_finite_far_outside_the_world() {
    for density in formulas().filter(|d| !["checkerboard", "ackley"].contains(&d.id())) {
        let log_density = density.log_density(&defaults(density)).unwrap();
        for x in [[0.0, 0.0], [6.0, -6.0], [-20.0, 3.0], [12.0, 12.0]] {
            let value = log_density(x);
            assert!(value.is_finite(), "{} at {x:?}: {value}", density.id());
        }
    }
}

#[test]
fn modes_share_the_mass_and_are_peaks() {
    let mut found = 0;
    for density in ALL {
        let section = defaults(*density);
        let Some(modes) = density.modes(&section) else { continue };
        found += 1;
        let total: f64 = modes.iter().map(|m| m.weight).sum();
        assert!((total - 1.0).abs() < 1e-12, "{}", density.id());
        let log_density = density.log_density(&section).unwrap();
        for mode in modes {
            let [x, y] = mode.centre;
            let top = log_density(mode.centre);
            for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                assert!(
                    log_density([x + mode.sd * dx, y + mode.sd * dy]) < top,
                    "{} at {:?}",
                    density.id(),
                    mode.centre
                );
            }
        }
    }
    assert_eq!(found, 5);
}

/// Classes are the parts that a density was made of: as many draws have each as its weight says.
#[test]
fn classes_are_the_parts_of_a_density() {
    const DRAWS: usize = 20_000;
    for (id, weights) in [
        ("two-gaussians", vec![0.8, 0.2]),
        ("eight-gaussians", vec![0.125; 8]),
        ("twenty-five-gaussians", vec![0.04; 25]),
        ("two-moons", vec![0.5; 2]),
        ("circles", vec![0.5; 2]),
        ("rings", vec![0.25; 4]),
        ("two-spirals", vec![0.5; 2]),
        ("pinwheel", vec![0.2; 5]),
    ] {
        let density = by_id(id).unwrap();
        let section = Section::defaults(density.id(), density.params());
        let skeleton = density.skeleton(&section);
        assert_eq!(super::classes(&skeleton), weights.len(), "{id}");
        let mut rng = crate::rng::host(5);
        let mut counts = vec![0usize; weights.len()];
        for _ in 0..DRAWS {
            counts[super::class_of(&skeleton, density.sample(&section, &mut rng).unwrap())] += 1;
        }
        for (count, weight) in counts.iter().zip(&weights) {
            let share = *count as f64 / DRAWS as f64;
            // Four standard errors, and a hundredth for parts that overlap.
            let error = 4.0 * (weight * (1.0 - weight) / DRAWS as f64).sqrt() + 0.01;
            assert!((share - weight).abs() < error, "{id}: {counts:?}");
        }
        let log_density = density.log_density(&section).unwrap();
        let highest = skeleton.iter().map(|(place, _)| log_density(*place)).fold(f64::NEG_INFINITY, f64::max);
        let on_it = skeleton.iter().filter(|(place, _)| log_density(*place) > highest - 3.0).count();
        assert!(on_it * 2 > skeleton.len(), "{id}: {on_it} of {} places are where points are", skeleton.len());
    }
    for id in ["banana", "checkerboard", "drawn", "gaussian", "swiss-roll"] {
        let density = by_id(id).unwrap();
        assert!(density.skeleton(&Section::defaults(density.id(), density.params())).is_empty(), "{id}");
    }
}
