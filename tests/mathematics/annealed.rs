//! Energies of every noise level, and Langevin dynamics down the ladder of them.

use crate::machine::{Machine, mean, section};
use crate::samplers::kernel;
use ebm::autodiff::grad;
use ebm::data;
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, Tensor};
use ebm::json;
use ebm::model::{Noise, Process};
use ebm::rng;
use ebm::sampler::Scope;
use rand::RngExt;

#[test]
fn a_smoothed_energy_is_minus_the_log_of_the_convolution() {
    // ∫ p(y) N(x; y, σ²I) dy by the midpoint rule, from the density's own formula.
    for id in ["gaussian", "two-gaussians", "eight-gaussians", "two-moons"] {
        let density = data::by_id(id).unwrap();
        let config = section(density.id(), density.params(), json!({}));
        let points = [[0.3, -0.4], [2.0, 1.0], [-3.0, 2.5]];
        for sigma in [0.5, 1.5] {
            let (graph, mut layout) = (Graph::new(), Layout::new());
            let energy = layout.add("energy", &[3]);
            let x = graph.literal(points.as_flattened(), &[3, 2]);
            let smoothed = density.mixture(&config).unwrap().smoothed_energy(x, graph.constant(sigma, &[3]));
            let mut machine = Machine::<f64>::new(&graph, layout, &[(smoothed, energy)], vec![]);
            machine.run(0, 0);
            let log_density = density.log_density(&config).unwrap();
            let (half, cells) = (9.0, 600);
            let step = 2.0 * half / cells as f64;
            for (x, got) in points.iter().zip(machine.get(energy)) {
                let mut integral = 0.0;
                for i in 0..cells * cells {
                    let y = [i % cells, i / cells].map(|k| -half + step * (k as f64 + 0.5));
                    let square = (x[0] - y[0]).powi(2) + (x[1] - y[1]).powi(2);
                    integral += (log_density(y) - square / (2.0 * sigma * sigma)).exp();
                }
                let expected = -(integral * step * step / (2.0 * std::f64::consts::PI * sigma * sigma)).ln();
                // The curve of two-moons is a mixture on a coarser spacing of nodes, to 10⁻⁴.
                let tolerance = if id == "two-moons" { 1e-3 } else { 1e-9 };
                assert!((got - expected).abs() < tolerance, "{id} at {x:?}, σ = {sigma}: {got} and not {expected}");
            }
        }
    }
}

/// −ln of two points of the weights 0.8 and 0.2, smoothed: 0.8 N((5, 5), σ²I) + 0.2 N((−5, −5), σ²I). At σ = 1 that is the
/// example of Song & Ermon 2019, section 3.2.2.
fn two_modes<'g>(x: Tensor<'g>, sigma: Tensor<'g>) -> Tensor<'g> {
    let variance = sigma.square();
    let away = |centre: f64| (x - centre).square().sum(1) / (2.0 * variance);
    let [heavy, light] = [0.8f64.ln() - away(5.0), 0.2f64.ln() - away(-5.0)];
    let top = heavy.maximum(light);
    variance.ln() - top - ((heavy - top).exp() + (light - top).exp()).ln()
}

/// Where chains from the uniform law on [−8, 8]² are after `steps` of a kernel.
fn ends(id: &'static str, given: json::Value, h: f64, steps: u32) -> Vec<f64> {
    const CHAINS: usize = 20_000;
    let sampler = kernel(id);
    let config = section(id, sampler.params(), given);
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let x = layout.add("x", &[CHAINS, 2]);
    let rung = layout.add("rung", &[CHAINS, 1]);
    let position = graph.state(x, &[CHAINS, 2]);
    let at_level = |x: Tensor<'_>, sigma: Tensor<'_>| {
        let (x, sigma) = (graph.tensor(x.id()), graph.tensor(sigma.id()));
        graph.tensor((-grad(two_modes(x, sigma).sum_all(), &[x])[0]).id())
    };
    let clean = |x: Tensor<'_>| {
        let x = graph.tensor(x.id());
        graph.tensor(two_modes(x, graph.constant(1.0, &[CHAINS])).id())
    };
    let dial = |name: &str| graph.scalar(if name == "noise" { (2.0 * h).sqrt() } else { panic!("{name}") });
    let range = [1.0, 20.0].map(|sigma| graph.scalar(sigma));
    let noise = Noise { process: Process::exploding(range, range[0]), score: &at_level };
    let carried = sampler.carries(&config, 0).map(|_| graph.state(rung, &[CHAINS, 1]));
    let scope = Scope {
        graph: &graph,
        bounds: [-4.0, 4.0],
        step_size: graph.scalar(h),
        dial: &dial,
        energy: &clean,
        slope: None,
        noise: Some(noise),
        layers: None,
        latent: None,
        latent_energy: None,
        carried,
    };
    let moved = sampler.step(&config, &scope, position);
    let outputs: Vec<_> =
        [(moved.position, x)].into_iter().chain(moved.carried.map(|carried| (carried, rung))).collect();
    let mut machine = Machine::<f32>::new(&graph, layout, &outputs, vec![]);
    let mut rng = rng::host(77);
    machine.set(x, &(0..2 * CHAINS).map(|_| rng.random_range(-8.0..8.0)).collect::<Vec<_>>());
    for step in 0..steps {
        machine.run(0, step);
    }
    if sampler.carries(&config, 0).is_some() {
        let rungs = if steps == 13 { 0.0 } else { f64::from(steps) };
        assert!(machine.get(rung).iter().all(|&rung| rung == rungs), "every chain is where the ladder ends, or begins");
    }
    machine.get(x)
}

#[test]
fn annealing_finds_the_weights_of_modes_and_langevin_alone_does_not() {
    let heavy = |x: &[f64]| mean(&x.chunks_exact(2).map(|p| f64::from(p[0] + p[1] > 0.0)).collect::<Vec<_>>());
    // From −8 to 8 evenly, each mode gets what starts on its side: half.
    let alone = heavy(&ends("langevin", json!({}), 0.1, 1000));
    assert!((alone - 0.5).abs() < 0.02, "{alone}");
    let annealed = ends("annealed-langevin", json!({"levels": 10, "levelSteps": 100}), 0.1, 1000);
    let weight = heavy(&annealed);
    assert!((weight - 0.78).abs() < 0.02, "{weight}");
    // At the last level, σ = 1, Langevin steps of h = 0.1 make the variance of a mode 1/(1 − h/2).
    let within: Vec<f64> =
        annealed.chunks_exact(2).filter(|p| p[0] + p[1] > 0.0).map(|p| (p[0] - 5.0).powi(2)).collect();
    let variance = mean(&within);
    let expected = 1.0 / (1.0 - 0.1 / 2.0);
    // Squares of a normal have √2 times its variance for a standard deviation.
    let error = 4.0 * 2f64.sqrt() * expected / (within.len() as f64).sqrt();
    assert!((variance - expected).abs() < error, "{variance} and not {expected} ± {error}");
}

#[test]
fn a_ladder_that_repeats_begins_anew_from_the_widest_noise() {
    let given = || json!({"levels": 3, "levelSteps": 4, "repeat": true});
    // Twelve steps lead to its end; the thirteenth is N(0, 20² I), wherever the chain was.
    let anew = ends("annealed-langevin", given(), 0.1, 13);
    let squares: Vec<f64> = anew.iter().map(|x| x * x / 400.0).collect();
    assert!((mean(&squares) - 1.0).abs() < 4.0 * (2.0 / squares.len() as f64).sqrt(), "{}", mean(&squares));
    let before = ends("annealed-langevin", given(), 0.1, 12);
    let along: Vec<f64> = anew.iter().zip(&before).map(|(a, b)| a * b / 20.0).collect();
    let spread = mean(&along.iter().map(|a| a * a).collect::<Vec<_>>()).sqrt();
    assert!(mean(&along).abs() < 4.0 * spread / (along.len() as f64).sqrt(), "nothing is left of where it was");
}
