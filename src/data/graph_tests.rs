//! The graph of every density against its formula, its gradient against differences, and its manners in single
//! precision.

use super::{ALL, Density, Space, by_id};
use crate::autodiff::grad;
use crate::backend::cpu::Cpu;
use crate::backend::plan::{Program, Tick};
use crate::graph::Graph;
use crate::graph::schedule::{Layout, schedule};
use crate::math::Real;
use crate::schema::Section;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// Energies [n] and gradients [n, 2] of a density's graph at some points, in f64.
fn run<T: Real>(
    run_once: fn(&mut Cpu<T>, usize, Tick),
    density: &dyn Density,
    section: &Section,
    points: &[[f64; 2]],
) -> (Vec<f64>, Vec<[f64; 2]>) {
    let mut layout = Layout::new();
    let n = points.len();
    let [x_slot, energy_slot, gradient_slot] = [("x", vec![n, 2]), ("energy", vec![n]), ("gradient", vec![n, 2])]
        .map(|(name, shape)| layout.add(name, &shape));
    let graph = Graph::new();
    let x = graph.state(x_slot, &[n, 2]);
    let energy = density.energy(section, x).unwrap();
    assert_eq!(energy.shape(), [n], "{}", density.id());
    let gradient = grad(energy.sum_all(), &[x])[0];
    layout.admit_literals(&graph);
    let scheduled = schedule("energy", &graph, &[(energy, energy_slot), (gradient, gradient_slot)], &layout);
    let mut cpu = Cpu::<T>::new();
    cpu.install(Program { arena: scheduled.arena, plans: vec![scheduled.plan] });
    let write = |arena: &mut [T], offset: usize, values: &mut dyn Iterator<Item = f64>| {
        arena[offset..].iter_mut().zip(values).for_each(|(to, v)| *to = T::from_f64(v));
    };
    for (offset, values) in layout.literals() {
        write(cpu.arena_mut(), *offset, &mut values.iter().copied());
    }
    write(cpu.arena_mut(), layout.slot(x_slot).offset, &mut points.iter().flatten().copied());
    run_once(&mut cpu, 0, Tick::default());
    let read = |slot| cpu.arena()[layout.slot(slot).range()].iter().map(|v| v.to_f64()).collect::<Vec<_>>();
    (read(energy_slot), read(gradient_slot).chunks(2).map(|g| [g[0], g[1]]).collect())
}

/// Draws, and draws moved by some widths, where the density is low.
fn places(density: &dyn Density, section: &Section, count: usize, widths: f64) -> Vec<[f64; 2]> {
    let width = density.extent(section).unwrap().width;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let mut near =
        |_| density.sample(section, &mut rng).unwrap().map(|c| c + widths * width * rng.random_range(-1.0..1.0));
    (0..count).map(&mut near).collect()
}

fn defaults(density: &dyn Density) -> Section {
    Section::defaults(density.id(), density.params())
}

fn graphs() -> impl Iterator<Item = &'static dyn Density> {
    ALL.iter().copied().filter(|d| d.space(&defaults(*d)) == Space::Plane && d.id() != "drawn")
}

/// The largest difference between the graph's energy and −ln p − ln Z over points where −ln p stays below `highest`.
fn largest_error(density: &dyn Density, section: &Section, points: Vec<[f64; 2]>, highest: f64) -> f64 {
    let log_density = density.log_density(section).unwrap();
    let log_partition = density.log_partition(section);
    let points: Vec<_> = points.into_iter().filter(|x| -log_density(*x) < highest).collect();
    assert!(points.len() > 100);
    let (energies, _) = run(Cpu::<f64>::run_once, density, section, &points);
    let errors = points.iter().zip(energies).map(|(x, e)| (e + log_density(*x) + log_partition).abs());
    errors.fold(0.0, f64::max)
}

#[test]
fn energies_are_the_negative_log_density_up_to_the_partition() {
    for density in graphs() {
        let section = defaults(density);
        // What the files state: near the draws, and up to two widths beside them. The others are the formula itself.
        let (near, beside) = match density.id() {
            "ackley" => (1e-6, 1e-6),
            "rings" | "circles" => (1e-6, 1e-6),
            "two-moons" | "swiss-roll" => (1e-4, 1e-4),
            "two-spirals" => (1e-3, 0.05),
            "pinwheel" => (0.1, f64::INFINITY),
            _ => (1e-11, 1e-11),
        };
        let draws = places(density, &section, 500, 0.0);
        let error = largest_error(density, &section, draws, if density.id() == "pinwheel" { 5.0 } else { 100.0 });
        assert!(error < near, "{}: {error} at draws", density.id());
        let error = largest_error(density, &section, places(density, &section, 500, 2.0), 100.0);
        assert!(error < beside, "{}: {error} beside draws", density.id());
    }
}

/// Kullback–Leibler divergence from the exact law to the mixture that the graph holds, over draws: both are normalised.
#[test]
fn pinwheel_mixture_diverges_little_from_the_exact_law() {
    let pinwheel = by_id("pinwheel").unwrap();
    for noise in [0.02, 0.05, 0.1, 0.2] {
        let mut given = crate::json::Map::new();
        given.insert("noise", noise);
        let section = Section::parse("data", "pinwheel", pinwheel.params(), &given).unwrap();
        let log_density = pinwheel.log_density(&section).unwrap();
        let points = places(pinwheel, &section, 4000, 0.0);
        let (energies, _) = run(Cpu::<f64>::run_once, pinwheel, &section, &points);
        let errors: Vec<_> = points.iter().zip(energies).map(|(x, e)| e + log_density(*x)).collect();
        let divergence = errors.iter().sum::<f64>() / 4000.0;
        // At the default and, where the arms are thinnest against the bend of a piece, ten times that.
        let most = if noise < 0.05 { 5e-3 } else { 1e-3 };
        assert!(divergence.abs() < most, "noise {noise}: {divergence} nats");
    }
}

/// Differences of fourth order with step h: error h⁴E⁽⁵⁾/30, which is 10⁻⁹ of the slope where features are wider than
/// 200 h, and rounding 10⁻¹⁶ E/h ≈ 10⁻¹⁰.
#[test]
fn gradients_equal_central_differences() {
    let h = 2e-4;
    for density in graphs() {
        let section = defaults(density);
        let mut points = places(density, &section, 100, 2.0);
        // The walls of the board are steps: keep off them.
        points.retain(|x| density.id() != "checkerboard" || x.iter().all(|c| (c / 2.0 - (c / 2.0).round()).abs() > h));
        let (_, gradients) = run(Cpu::<f64>::run_once, density, &section, &points);
        for axis in [0, 1] {
            let shifted = |steps: f64| {
                let mut moved = points.clone();
                moved.iter_mut().for_each(|x| x[axis] += steps * h);
                run(Cpu::<f64>::run_once, density, &section, &moved).0
            };
            let [low, down, up, high] = [-2.0, -1.0, 1.0, 2.0].map(shifted);
            for (i, gradient) in gradients.iter().enumerate() {
                let difference = (8.0 * (up[i] - down[i]) - (high[i] - low[i])) / (12.0 * h);
                let error = (gradient[axis] - difference).abs() / (1.0 + difference.abs());
                assert!(error < 1e-7, "{} at {:?}: {} and {difference}", density.id(), points[i], gradient[axis]);
            }
        }
    }
}

#[test]
fn single_precision_follows_double_and_stays_finite_on_the_page() {
    let page: Vec<[f64; 2]> =
        (0..625).map(|i| [f64::from(i % 25) / 2.0 - 6.0, f64::from(i / 25) / 2.0 - 6.0]).collect();
    for density in graphs() {
        let section = defaults(density);
        let (energies, gradients) = run(Cpu::<f32>::run_once, density, &section, &page);
        let finite = energies.iter().chain(gradients.iter().flatten()).all(|v| v.is_finite());
        assert!(finite, "{}", density.id());
        let points = places(density, &section, 500, 0.0);
        let (single, double) = (
            run(Cpu::<f32>::run_once, density, &section, &points).0,
            run(Cpu::<f64>::run_once, density, &section, &points).0,
        );
        for ((x, single), double) in points.iter().zip(single).zip(double) {
            // Points are rounded to 2⁻²⁴ of their size, and slopes reach a few 1/width: 10⁻⁷ · 4 · 5/0.05.
            assert!((single - double).abs() < 4e-5, "{} at {x:?}: {single} and {double}", density.id());
        }
    }
}
