//! Parallel tempering: neighbours swap as often as theory says, the cold particles keep their law, and they cross barriers
//! that MALA alone does not.

use crate::machine::{Number, mean, normals};
use crate::metropolis::{chi_square, density, energy_of};
use crate::samplers::{Energy, N, Particles, configured, normal};
use ebm::data;
use ebm::graph::Tensor;
use ebm::json;
use ebm::json::Value;
use ebm::rng;
use ebm::schema::Section;
use rand::RngExt;

/// Particles of a kernel that carries replicas, which begin at `hot` [n, 2(R − 1)].
fn tempered<T: Number>(given: Value, energy: Energy, h: f64, start: &[f64], hot: &[f64]) -> Particles<T> {
    let mut run = configured("parallel-tempering", given, energy, [start.len() / 2, 2], h, start);
    run.machine.set(run.carried, hot);
    run
}

#[test]
fn gaussian_levels_swap_as_often_as_theory_says() {
    // exp(−βE) is N(0, I/β), E the half of |x|². Of two such levels 2/(1 + r) of the swaps are accepted, r = β₁/β₂; steps of
    // nearly no length leave every other motion out.
    for (ratio, want) in [(2.0, 2.0 / 3.0), (4.0, 0.4)] {
        let (start, hot) = (normals(2 * N, 21, 1.0), normals(2 * N, 22, f64::sqrt(ratio)));
        let given = json!({"replicas": 2, "hottest": ratio});
        let mut run = tempered::<f32>(given, normal, 1e-10, &start, &hot);
        run.machine.run(0, 1);
        let now = run.machine.get(run.x);
        let far = |a: &[f64], b: &[f64]| (a[0] - b[0]).hypot(a[1] - b[1]) > 1e-2;
        let swapped = start.chunks_exact(2).zip(now.chunks_exact(2)).filter(|(a, b)| far(a, b)).count();
        // By chance one step in two has no pair to swap: there are only two levels.
        let rate = 2.0 * swapped as f64 / N as f64;
        // Pairs closer than the threshold count as unmoved: less than 1e-4 of them. A share's standard deviation is below ½.
        let error = 4.0 * 2.0 * 0.5 / (N as f64).sqrt() + 1e-4;
        assert!((rate - want).abs() < error, "ratio {ratio}: {rate} and not {want}");
    }
}

#[test]
fn the_cold_level_keeps_its_density() {
    const POINTS: usize = 40_000;
    for (id, h) in [("gaussian", 0.4), ("eight-gaussians", 0.03), ("banana", 0.05)] {
        let (density, section) = density(id);
        let mut rng = rng::host(31);
        let start: Vec<f64> = (0..POINTS).flat_map(|_| density.sample(&section, &mut rng).unwrap()).collect();
        let energy: Energy = match id {
            "gaussian" => |x| energy_of("gaussian", x),
            "banana" => |x| energy_of("banana", x),
            _ => |x| energy_of("eight-gaussians", x),
        };
        // The hot levels begin with their own laws: only then does a swap leave the cold one as it is.
        let hot = settled_replicas(id, &start);
        let mut run = tempered::<f32>(json!({"replicas": 3, "hottest": 4.0}), energy, h, &start, &hot);
        (0..20).for_each(|s| run.machine.run(0, 900 + s));
        let (sum, freedom) = chi_square(id, &run.machine.get(run.x));
        let off = (sum - freedom) / (2.0 * freedom).sqrt();
        assert!(off.abs() < 4.0, "{id}: {off} standard deviations off");
        assert!(mean(&run.machine.get(run.accepted)) > 0.3);
    }
}

/// Draws from exp(−E/2) and exp(−E/4) by rejection, [n, 4]: with f the density and M its maximum, f^β from uniform points of
/// its box with probability (f/M)^β.
fn settled_replicas(id: &str, start: &[f64]) -> Vec<f64> {
    let (density, section) = density(id);
    let log_density = density.log_density(&section).unwrap();
    let [x0, x1, y0, y1] = density.extent(&section).unwrap().bounds;
    // What is 4 times as hot reaches twice as far.
    let (cx, cy, w, h) = ((x0 + x1) / 2.0, (y0 + y1) / 2.0, 2.0 * (x1 - x0), 2.0 * (y1 - y0));
    let highest = start.chunks_exact(2).map(|p| log_density([p[0], p[1]])).fold(f64::NEG_INFINITY, f64::max) + 0.1;
    let mut rng = rng::host(32);
    let mut draw = |beta: f64| loop {
        let x = [cx + w * (rng.random::<f64>() - 0.5), cy + h * (rng.random::<f64>() - 0.5)];
        if rng.random::<f64>().ln() < beta * (log_density(x) - highest) {
            return x;
        }
    };
    (0..start.len() / 2).flat_map(|_| [draw(0.5), draw(0.25)].concat()).collect()
}

#[test]
fn hot_replicas_cross_what_the_cold_cannot() {
    /// Four wells at (±1, ±1), barriers of 8 between neighbours.
    fn wells(x: Tensor<'_>) -> Tensor<'_> {
        let density = data::by_id("double-well").unwrap();
        let given = json!({"height": 8.0});
        let section = Section::parse("data", density.id(), density.params(), given.as_object().unwrap()).unwrap();
        density.energy(&section, x).unwrap()
    }
    const CHAINS: usize = 2000;
    let start = vec![-1.0; 2 * CHAINS];
    let quadrants = |x: &[f64]| {
        let mut shares = [0.0; 4];
        x.chunks_exact(2)
            .for_each(|p| shares[usize::from(p[0] > 0.0) + 2 * usize::from(p[1] > 0.0)] += 1.0 / CHAINS as f64);
        shares
    };
    let mut alone = configured::<f32>("mala", json!({}), wells, [CHAINS, 2], 0.01, &start);
    (0..400).for_each(|s| alone.machine.run(0, s));
    let stayed = quadrants(&alone.machine.get(alone.x))[0];
    assert!(stayed >= 0.97, "{stayed} of the chains of MALA alone are where they began");
    // β = 1, 0.39, 0.15.
    let hot = vec![-1.0; 4 * CHAINS];
    let mut run = tempered::<f32>(json!({"replicas": 3, "hottest": 1.0 / 0.15}), wells, 0.01, &start, &hot);
    (0..400).for_each(|s| run.machine.run(0, s));
    for share in quadrants(&run.machine.get(run.x)) {
        assert!((share - 0.25).abs() < 0.06, "{share} of the chains in a quadrant");
    }
}
