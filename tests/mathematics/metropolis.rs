//! Kernels that accept or refuse: the exact density stays as it is, and Hamiltonian Monte Carlo conserves what it should.

use crate::machine::{Number, mean, mean_square, normals};
use crate::samplers::{Energy, N, configured, four_errors, normal, particles};
use ebm::data::{self, Density};
use ebm::graph::Tensor;
use ebm::json;
use ebm::rng;
use ebm::schema::Section;

/// Kernels with nothing to forgive.
const EXACT: [&str; 4] = ["hmc", "mala", "random-walk-metropolis", "gibbs"];

pub fn density(id: &str) -> (&'static dyn Density, Section) {
    let density = data::by_id(id).unwrap();
    (density, Section::defaults(density.id(), density.params()))
}

pub fn energy_of<'g>(id: &str, x: Tensor<'g>) -> Tensor<'g> {
    let (density, section) = density(id);
    density.energy(&section, x).unwrap()
}

/// χ² of points against the cells of a density, and the degrees of freedom. Cells of fewer than 20 expected points count
/// as one together.
pub fn chi_square(id: &str, points: &[f64]) -> (f64, f64) {
    /// Cells of a side, and midpoints of a side of each.
    const CELLS: usize = 16;
    const FINE: usize = 24;
    let (density, section) = density(id);
    let log_density = density.log_density(&section).unwrap();
    let [x0, x1, y0, y1] = density.extent(&section).unwrap().bounds;
    let (width, height) = ((x1 - x0) / CELLS as f64, (y1 - y0) / CELLS as f64);
    let area = width * height / (FINE * FINE) as f64;
    let count = (points.len() / 2) as f64;
    let mut expected = vec![0.0; CELLS * CELLS];
    for (cell, expected) in expected.iter_mut().enumerate() {
        for fine in 0..FINE * FINE {
            let at = |from: f64, size: f64, cell: usize, i: usize| {
                from + size * (cell as f64 + (i as f64 + 0.5) / FINE as f64)
            };
            let x = [at(x0, width, cell % CELLS, fine % FINE), at(y0, height, cell / CELLS, fine / FINE)];
            *expected += count * area * log_density(x).exp();
        }
    }
    let mut seen = vec![0.0; CELLS * CELLS];
    let mut outside = 0.0;
    for p in points.chunks_exact(2) {
        let (i, j) = ((p[0] - x0) / width, (p[1] - y0) / height);
        let inside = i >= 0.0 && j >= 0.0 && i < CELLS as f64 && j < CELLS as f64;
        *if inside { &mut seen[j as usize * CELLS + i as usize] } else { &mut outside } += 1.0;
    }
    let (mut sum, mut cells) = (0.0, 0.0);
    let mut rest = [outside, count - expected.iter().sum::<f64>()];
    for (seen, expected) in seen.iter().zip(&expected) {
        if *expected < 20.0 {
            rest = [rest[0] + seen, rest[1] + expected];
        } else {
            sum += (seen - expected).powi(2) / expected;
            cells += 1.0;
        }
    }
    if rest[1] >= 20.0 {
        sum += (rest[0] - rest[1]).powi(2) / rest[1];
        cells += 1.0;
    }
    (sum, cells - 1.0)
}

#[test]
fn exact_kernels_leave_the_density_as_it_is() {
    const POINTS: usize = 40_000;
    // Of Gibbs the step is the width of a cell: wide ones leave the Metropolis test something to set right. The banana reaches
    // out of its square, which it does not leave.
    for (id, steps) in [
        ("gaussian", [0.5, 0.4, 1.0, 1.0]),
        ("eight-gaussians", [0.2, 0.03, 0.5, 0.5]),
        ("banana", [0.3, 0.05, 0.5, 0.0]),
    ] {
        let (density, section) = density(id);
        let mut rng = rng::host(11);
        let start: Vec<f64> = (0..POINTS).flat_map(|_| density.sample(&section, &mut rng).unwrap()).collect();
        // For many degrees of freedom k, χ² has the mean k and the standard deviation √(2k).
        let far = |(sum, freedom): (f64, f64)| (sum - freedom) / (2.0 * freedom).sqrt();
        let at_first = far(chi_square(id, &start));
        assert!(at_first.abs() < 4.0, "{id}: the draws themselves are {at_first} standard deviations off");
        for (kernel, h) in EXACT.into_iter().zip(steps).filter(|(_, h)| *h > 0.0) {
            let energy: Energy = match id {
                "gaussian" => |x| energy_of("gaussian", x),
                "banana" => |x| energy_of("banana", x),
                _ => |x| energy_of("eight-gaussians", x),
            };
            let mut run = configured::<f32>(kernel, json!({"stepSize": h}), energy, [POINTS, 2], h, &start);
            let mut moved = 0.0;
            for s in 0..20 {
                run.machine.run(0, s);
                moved += mean(&run.machine.get(run.accepted)) / 20.0;
            }
            assert!(moved > 0.3 && moved < 0.995, "{id}, {kernel}: {moved} of the moves were accepted");
            let off = far(chi_square(id, &run.machine.get(run.x)));
            assert!(off.abs() < 4.0, "{id}, {kernel}: {off} standard deviations off");
        }
    }
}

#[test]
fn a_biased_kernel_fails_the_same_test() {
    const POINTS: usize = 40_000;
    let start = normals(2 * POINTS, 13, 1.0);
    let mut run = particles::<f32>("langevin", normal, [POINTS, 2], 0.3, &start);
    (0..20).for_each(|s| run.machine.run(0, s));
    let (sum, freedom) = chi_square("gaussian", &run.machine.get(run.x));
    assert!((sum - freedom) / (2.0 * freedom).sqrt() > 20.0, "χ² {sum} of {freedom} degrees of freedom");
}

#[test]
fn exact_kernels_find_the_variance_from_a_wrong_start() {
    let start = normals(2 * N, 14, 2.0);
    // A glide of a quarter of the period, 10 steps of 0.157, forgets where it began.
    for (kernel, h, steps) in [("hmc", 0.157, 8), ("random-walk-metropolis", 1.5, 60)] {
        let mut run = particles::<f32>(kernel, normal, [N, 2], h, &start);
        (0..steps).for_each(|s| run.machine.run(0, s));
        let got = run.machine.get(run.x);
        assert!((mean_square(&got) - 1.0).abs() < four_errors(2 * N), "{kernel}: {}", mean_square(&got));
        assert!(mean(&got).abs() < 4.0 / (2.0 * N as f64).sqrt(), "{kernel}: {}", mean(&got));
    }
}

#[test]
fn hamiltonian_moves_are_accepted_as_often_as_theory_says() {
    for (h, leapfrog, want) in [(0.25, 6, 0.992), (0.5, 10, 0.970), (1.0, 5, 0.876), (1.5, 5, 0.674)] {
        let given = json!({"leapfrogSteps": leapfrog});
        let mut run = configured::<f32>("hmc", given, normal, [N, 2], h, &normals(2 * N, 15, 1.0));
        run.machine.run(0, 1);
        let got = mean(&run.machine.get(run.probability));
        assert!((got - want).abs() < 0.004, "h = {h}, L = {leapfrog}: {got} and not {want}");
    }
}

#[test]
fn the_energy_error_of_leapfrog_is_of_the_second_order() {
    // The same starts, momenta and way, in twice as many steps of half the length.
    let worst = |h: f64, leapfrog: i64| {
        let given = json!({"leapfrogSteps": leapfrog});
        let mut run = configured::<f64>("hmc", given, normal, [2000, 2], h, &normals(4000, 16, 1.0));
        run.machine.run(0, 1);
        run.machine.get(run.probability).iter().map(|p| -p.ln()).fold(0.0, f64::max)
    };
    let ratio = worst(0.2, 8) / worst(0.1, 16);
    assert!((ratio - 4.0).abs() < 0.3, "{ratio}");
}

#[test]
fn hamiltonian_moves_without_a_finite_energy_are_refused() {
    /// A parabola with a hole of no number beyond |x| = 2.
    fn cliff(x: Tensor<'_>) -> Tensor<'_> {
        let beyond = (x.square().sum(1) - 4.0).step();
        beyond.select((x.square().sum(1) * 0.0).ln() - (x.square().sum(1) * 0.0).ln(), normal(x))
    }
    fn check<T: Number>(kernel: &str) {
        let n = 4000;
        let start: Vec<f64> = normals(2 * n, 17, 0.5).into_iter().map(|x| x.clamp(-1.0, 1.0)).collect();
        let mut run = particles::<T>(kernel, cliff, [n, 2], 0.3, &start);
        for s in 0..10 {
            run.machine.run(0, s);
            let x = run.machine.get(run.x);
            assert!(x.chunks_exact(2).all(|p| p[0] * p[0] + p[1] * p[1] <= 4.0), "{kernel} left the valley");
        }
        assert!(run.machine.get(run.accepted).contains(&0.0), "{kernel}: nothing was refused");
    }
    for kernel in ["hmc", "random-walk-metropolis"] {
        check::<f32>(kernel);
        check::<f64>(kernel);
    }
}

#[test]
fn gibbs_forgets_as_fast_as_its_conditionals_say() {
    /// Covariance [[1, ρ], [ρ, 1]].
    const RHO: f64 = 0.8;
    fn leaning(x: Tensor<'_>) -> Tensor<'_> {
        let (a, b) = (x.column(0), x.column(1));
        (a.square() + b.square() - 2.0 * RHO * a * b) * (0.5 / (1.0 - RHO * RHO))
    }
    let z = normals(2 * N, 19, 1.0);
    let start: Vec<f64> =
        z.chunks_exact(2).flat_map(|z| [z[0], RHO * z[0] + (1.0 - RHO * RHO).sqrt() * z[1]]).collect();
    let given = json!({"stepSize": 0.1});
    let few = 20_000;
    let start = &start[..2 * few];
    let mut run = configured::<f32>("gibbs", given, leaning, [few, 2], 0.1, start);
    run.machine.run(0, 1);
    let accepted = mean(&run.machine.get(run.accepted));
    assert!(accepted > 0.97, "{accepted}");
    let after = run.machine.get(run.x);
    // Of each pair one coordinate stays, and the other is drawn around ρ times it.
    let stays = |a: f64, b: f64| a as f32 == b as f32;
    let both = start.chunks_exact(2).zip(after.chunks_exact(2));
    assert!(both.into_iter().all(|(a, b)| stays(a[0], b[0]) || stays(a[1], b[1])));
    // So a coordinate's correlation with its last value is (1 + ρ²)/2; products of normals vary by less than 2.
    let products: Vec<f64> = start.iter().zip(&after).map(|(a, b)| a * b).collect();
    let error = 4.0 * (2.0 / products.len() as f64).sqrt() + (1.0 - accepted);
    assert!((mean(&products) - (1.0 + RHO * RHO) / 2.0).abs() < error, "{}", mean(&products));
}

#[test]
fn gibbs_brings_in_what_is_outside_its_square() {
    let start: Vec<f64> = (0..400).flat_map(|i| [9.0 + i as f64, -50.0]).collect();
    let mut run = particles::<f32>("gibbs", normal, [400, 2], 0.25, &start);
    (0..60).for_each(|s| run.machine.run(0, s));
    assert!(run.machine.get(run.x).iter().all(|x| x.abs() < 6.0));
}
