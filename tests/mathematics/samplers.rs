//! Langevin and its Metropolis adjustment on a Gaussian, where everything about both can be worked out.

use crate::machine::{Machine, Number, mean, mean_square, normals, section};
use ebm::autodiff::grad;
use ebm::backend::plan::{Activation, Chain, Network, Step, Transition};
use ebm::data;
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, SlotId, Tensor};
use ebm::json;
use ebm::json::Value;
use ebm::sampler::{self, Move, Sampler, Scope};
use ebm::schema::Section;
use std::f64::consts::PI;

/// Particles; twice as many coordinates.
pub const N: usize = 200_000;

pub type Energy = for<'g> fn(Tensor<'g>) -> Tensor<'g>;

/// A standard normal's energy, in any dimension.
pub fn normal(x: Tensor<'_>) -> Tensor<'_> {
    0.5 * x.square().sum(1)
}

/// The registered Gaussian's energy.
fn registered(x: Tensor<'_>) -> Tensor<'_> {
    let density = data::by_id("gaussian").unwrap();
    density.energy(&Section::defaults("gaussian", density.params()), x).unwrap()
}

pub fn kernel(id: &str) -> &'static dyn Sampler {
    *sampler::ALL.iter().find(|s| s.id() == id).unwrap()
}

/// Particles under a kernel's graph, [n, d].
pub struct Particles<T> {
    pub machine: Machine<T>,
    pub x: SlotId,
    pub accepted: SlotId,
    pub probability: SlotId,
    pub proposal: SlotId,
    /// What they carry along, [n, columns]; without columns where the kernel carries nothing.
    pub carried: SlotId,
}

pub fn particles<T: Number>(id: &str, energy: Energy, shape: [usize; 2], h: f64, start: &[f64]) -> Particles<T> {
    configured(id, json!({}), energy, shape, h, start)
}

/// The same with some of the kernel's parameters given.
pub fn configured<T: Number>(
    id: &str,
    given: Value,
    energy: Energy,
    shape: [usize; 2],
    h: f64,
    start: &[f64],
) -> Particles<T> {
    let config = section(kernel(id).id(), kernel(id).params(), given);
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let [x, proposal] = ["x", "y"].map(|name| layout.add(name, &shape));
    let [accepted, probability] = ["accepted", "probability"].map(|name| layout.add(name, &[shape[0]]));
    let dials = kernel(id).dials(&config);
    let dial = |name: &str| match name {
        "noise" => graph.scalar((2.0 * h).sqrt()),
        _ => graph.scalar(dials.iter().find(|(n, _)| *n == name).unwrap().1),
    };
    let energy = |x: Tensor<'_>| graph.tensor(energy(graph.tensor(x.id())).id());
    let size = [shape[0], kernel(id).carries(&config, 0).map_or(0, |what| what.columns)];
    let carried = layout.add("carried", &size);
    let along = kernel(id).carries(&config, 0).map(|_| graph.state(carried, &size));
    let scope = Scope {
        graph: &graph,
        bounds: [-4.0, 4.0],
        step_size: graph.scalar(h),
        dial: &dial,
        energy: &energy,
        slope: None,
        noise: None,
        layers: None,
        latent: None,
        latent_energy: None,
        carried: along,
    };
    let m: Move<'_> = kernel(id).step(&config, &scope, graph.state(x, &shape));
    let mut outputs =
        vec![(m.position, x), (m.accepted, accepted), (m.probability, probability), (m.proposal, proposal)];
    outputs.extend(m.carried.map(|values| (values, carried)));
    let mut machine = Machine::new(&graph, layout, &outputs, vec![]);
    machine.set(x, start);
    Particles { machine, x, accepted, probability, proposal, carried }
}

/// Particles under the fused loop of a network of zeros, whose confinement of 1 leaves |x|²/2. Plan 1 moves them.
fn fused(transition: Transition, h: f64, start: &[f64]) -> (Machine<f32>, SlotId) {
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let sizes = vec![2, 4, 1];
    let parameters = layout.add("parameters", &[2 * 4 + 4 + 4 + 1]);
    let [half, step_size, noise] = ["confinement", "h", "sigma"].map(|name| layout.add(name, &[1]));
    let x = layout.add("x", &[N, 2]);
    let accepted = layout.add("accepted", &[N]);
    let at = |slot: SlotId| layout.slot(slot).offset;
    let network = Network {
        sizes,
        activation: Activation::Silu,
        fourier: false,
        confinement: at(half),
        parameters: at(parameters),
    };
    let chain = Chain {
        network,
        transition,
        rows: N,
        steps: 1,
        positions: at(x),
        step_size: at(step_size),
        noise: at(noise),
        stream: 0,
        accepted: at(accepted),
    };
    let mut machine = Machine::new(&graph, layout.clone(), &[], vec![Step::Chain(chain)]);
    machine.set(half, &[0.5]);
    machine.set(step_size, &[h]);
    machine.set(noise, &[(2.0 * h).sqrt()]);
    machine.set(x, start);
    (machine, x)
}

/// Four standard errors of a variance that is estimated from independent normal numbers.
pub fn four_errors(count: usize) -> f64 {
    4.0 * (2.0 / count as f64).sqrt()
}

/// E = 2|x|², whose slope 4x is clipped to 2 beyond a half: one step from 3 runs into the clip, one from 4 into the bound as
/// well, one from 0.1 into neither.
#[test]
fn clipped_langevin_clips_slopes_and_keeps_to_its_bounds() {
    const H: f64 = 0.005;
    const WIDTH: f64 = 0.1;
    const STARTS: [f64; 3] = [3.0, 4.0, 0.1];
    let start = STARTS.repeat(N);
    let steep: Energy = |x| 2.0 * x.square().sum(1);
    let given = json!({"gradientClip": 2.0});
    let mut p = configured::<f64>("clipped-langevin", given, steep, [N, 3], H, &start);
    p.machine.run(0, 1);
    let moved = p.machine.get(p.x);
    assert_eq!(moved, p.machine.get(p.proposal));
    // Of min(0, σz): −σ/√(2π), and σ²(1/2 − 1/(2π)).
    let half = WIDTH / (2.0 * PI).sqrt();
    let wanted = [
        (3.0 - 2.0 * H, WIDTH),
        (4.0 - half - 2.0 * H, WIDTH * (0.5 - 0.5 / PI).sqrt()),
        (0.1 * (1.0 - 4.0 * H), WIDTH * (1.0 - 4.0 * H)),
    ];
    for (i, (mean, sd)) in wanted.into_iter().enumerate() {
        let column: Vec<f64> = moved.iter().skip(i).step_by(3).copied().collect();
        let found = column.iter().sum::<f64>() / N as f64;
        assert!((found - mean).abs() < 4.0 * sd / (N as f64).sqrt(), "{i}: {found} {mean}");
        let variance = column.iter().map(|x| (x - found).powi(2)).sum::<f64>() / N as f64;
        // The kurtosis of min(0, z) is 5.4, not 3: its variance is estimated with √(4.4/2) of a normal number's error.
        assert!((variance / (sd * sd) - 1.0).abs() < 1.5 * four_errors(N), "{i}: {variance} {sd}");
    }
    assert!(moved.iter().skip(1).step_by(3).all(|&x| x <= 4.0 - 2.0 * H + 1e-12));
}

#[test]
fn langevin_variance_matches_discretisation_bias() {
    // (h, steps, variance at the start). x' = (1 − h)x + √(2h)z, so that from v₀ on
    // vₙ = v + (1 − h)²ⁿ (v₀ − v) with v = 1/(1 − h/2): 1.0025, 1.0667, 4/3 and 16/7 for ε = √(2h) = .1, .5, 1 and 1.5.
    for (h, steps, first, stationary) in [
        (0.005, 40, 4.0, 1.002506),
        (0.125, 40, 4.0, 1.066667),
        (0.5, 15, 0.0, 1.333333),
        (1.125, 15, 1.0, 2.285714),
        // Beyond h = 2 the chain diverges, by the same formula.
        (2.2, 12, 1.0, -10.0),
    ] {
        let limit: f64 = 1.0 / (1.0 - h / 2.0);
        assert!((limit - stationary).abs() < 1e-6);
        let want = limit + (1.0 - h).powi(2 * steps) * (first - limit);
        let start = normals(2 * N, 7, f64::sqrt(first));
        let mut generic = particles::<f32>("langevin", registered, [N, 2], h, &start);
        let (mut chain, x) = fused(Transition::Langevin, h, &start);
        for s in 0..steps {
            generic.machine.run(0, s as u32);
            chain.run(1, s as u32);
        }
        for (path, got) in [("graph", generic.machine.get(generic.x)), ("fused", chain.get(x))] {
            let ratio = mean_square(&got) / want;
            assert!((ratio - 1.0).abs() < four_errors(2 * N), "{path}, h = {h}: {ratio} of {want}");
        }
    }
}

#[test]
fn langevin_remembers_one_minus_h_of_its_last_place() {
    const LAGS: usize = 80;
    let h = 0.1;
    let n = N / 4;
    let start = normals(2 * n, 8, (1.0f64 / (1.0 - h / 2.0)).sqrt());
    let mut run = particles::<f32>("langevin", normal, [n, 2], h, &start);
    let variance = mean_square(&start);
    let mut correlations = vec![];
    for lag in 1..=LAGS {
        run.machine.run(0, lag as u32);
        let now = run.machine.get(run.x);
        let product = start.iter().zip(&now).map(|(a, b)| a * b).sum::<f64>() / now.len() as f64;
        correlations.push(product / variance);
    }
    // Of a correlation ρ from N pairs: (1 − ρ²)/√N.
    let error = (1.0 - (1.0 - h) * (1.0 - h)) / (2.0 * n as f64).sqrt();
    assert!((correlations[0] - (1.0 - h)).abs() < 4.0 * error, "{}", correlations[0]);
    let effective = 1.0 / (1.0 + 2.0 * correlations.iter().sum::<f64>());
    assert!((effective / (h / (2.0 - h)) - 1.0).abs() < 0.1, "{effective}");
}

#[test]
fn the_metropolis_ratio_on_a_gaussian_is_a_quarter_of_h_times_the_difference_of_squares() {
    fn worst<T: Number>(h: f64) -> f64 {
        let n = 4000;
        let start = normals(2 * n, 9, 1.3);
        let mut run = particles::<T>("mala", normal, [n, 2], h, &start);
        run.machine.run(0, 1);
        let (p, y) = (run.machine.get(run.probability), run.machine.get(run.proposal));
        let square = |x: &[f64]| x[0] * x[0] + x[1] * x[1];
        let rows = start.chunks_exact(2).zip(y.chunks_exact(2)).zip(&p);
        rows.map(|((x, y), p)| {
            let want = (h / 4.0 * (square(x) - square(y))).min(0.0);
            (p.ln() - want).abs()
        })
        .fold(0.0, f64::max)
    }
    for h in [0.1, 0.5, 1.0] {
        assert!(worst::<f64>(h) < 1e-13, "h = {h}");
        assert!(worst::<f32>(h) < 1e-5, "h = {h}");
    }
}

#[test]
fn mala_accepts_as_often_as_theory_says() {
    for (d, table) in [
        (1, [(0.1, 0.9929), (0.5, 0.9208), (1.0, 0.7836)].as_slice()),
        (2, &[(0.1, 0.9888), (0.2, 0.9684), (0.5, 0.8759), (1.0, 0.6667)]),
    ] {
        for &(h, want) in table {
            let n = 2 * N / d;
            let mut run = particles::<f32>("mala", normal, [n, d], h, &normals(n * d, 10, 1.0));
            let (mut expected, mut seen) = (vec![], vec![]);
            for s in 0..2 {
                run.machine.run(0, s);
                expected.extend(run.machine.get(run.probability));
                seen.extend(run.machine.get(run.accepted));
            }
            // A probability's standard deviation is below ½.
            assert!((mean(&expected) - want).abs() < 0.002, "d = {d}, h = {h}: {}", mean(&expected));
            let error = 4.0 * 0.5 / (seen.len() as f64).sqrt();
            assert!((mean(&seen) - mean(&expected)).abs() < error, "d = {d}, h = {h}: {}", mean(&seen));
        }
    }
}

#[test]
fn mala_has_no_bias() {
    let h = 0.5;
    let start = normals(2 * N, 11, 2.0);
    let mut generic = particles::<f32>("mala", registered, [N, 2], h, &start);
    let (mut chain, x) = fused(Transition::Mala, h, &start);
    for s in 0..25 {
        generic.machine.run(0, s);
        chain.run(1, s);
    }
    for (path, got) in [("graph", generic.machine.get(generic.x)), ("fused", chain.get(x))] {
        let variance = mean_square(&got);
        assert!((variance - 1.0).abs() < 0.01, "{path}: {variance}");
        assert!(mean(&got).abs() < 4.0 / (2.0 * N as f64).sqrt(), "{path}");
    }
}

#[test]
fn a_proposal_without_a_finite_energy_is_rejected_and_nothing_moves() {
    fn check<T: Number>(bad: f64) {
        let (n, h) = (3000, 0.8);
        let start: Vec<f64> = normals(2 * n, 12, 0.3).into_iter().map(|x| x.clamp(-0.99, 0.99)).collect();
        let (graph, mut layout) = (Graph::new(), Layout::new());
        let [x, y] = ["x", "y"].map(|name| layout.add(name, &[n, 2]));
        let (accepted, cliff) = (layout.add("accepted", &[n]), layout.add("cliff", &[1]));
        // A parabola inside the square |x|, |y| < 1; outside, something that is no energy.
        let energy = |x: Tensor<'_>| {
            let x = graph.tensor(x.id());
            let outside = (x.column(0).abs().maximum(x.column(1).abs()) - 1.0).step();
            outside.select(graph.state(cliff, &[1]), normal(x))
        };
        let dial = |_: &str| graph.scalar(0.0);
        let scope = Scope {
            graph: &graph,
            bounds: [-4.0, 4.0],
            step_size: graph.scalar(h),
            dial: &dial,
            energy: &energy,
            slope: None,
            noise: None,
            layers: None,
            latent: None,
            latent_energy: None,
            carried: None,
        };
        let config = Section::defaults("mala", kernel("mala").params());
        let moved = kernel("mala").step(&config, &scope, graph.state(x, &[n, 2]));
        let outputs = [(moved.position, x), (moved.proposal, y), (moved.accepted, accepted)];
        let mut machine = Machine::<T>::new(&graph, layout, &outputs, vec![]);
        machine.set(x, &start);
        machine.set(cliff, &[bad]);
        let mut thrown = 0;
        for s in 0..5 {
            let before = machine.get(x);
            machine.run(0, s);
            let (after, proposal, accepted) = (machine.get(x), machine.get(y), machine.get(accepted));
            for i in 0..n {
                let of = |v: &[f64]| [v[2 * i], v[2 * i + 1]];
                let outside = of(&proposal).iter().any(|c| c.abs() > 1.0);
                thrown += usize::from(outside);
                let stays = accepted[i] == 0.0;
                assert!(!outside || stays, "a move to {:?} with energy {bad} was accepted", of(&proposal));
                assert_eq!(of(&after), if stays { of(&before) } else { of(&proposal) });
            }
        }
        assert!(thrown > n, "only {thrown} proposals left the square");
    }
    for bad in [f64::NAN, f64::INFINITY] {
        check::<f64>(bad);
        check::<f32>(bad);
    }
}

#[test]
fn an_adapted_step_size_reaches_its_target() {
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let [h, acceptance] = ["h", "acceptance"].map(|name| layout.add(name, &[]));
    let config = Section::defaults("mala", kernel("mala").params());
    let dials = kernel("mala").dials(&config);
    let dial = |name: &str| graph.scalar(dials.iter().find(|(n, _)| *n == name).unwrap().1);
    let nothing = |x: Tensor<'_>| graph.tensor(x.id());
    let scope = Scope {
        graph: &graph,
        bounds: [-4.0, 4.0],
        step_size: graph.state(h, &[]),
        dial: &dial,
        energy: &nothing,
        slope: None,
        noise: None,
        layers: None,
        latent: None,
        latent_energy: None,
        carried: None,
    };
    let next = kernel("mala").adapt(&config, &scope, graph.state(acceptance, &[])).unwrap();
    let mut machine = Machine::<f64>::new(&graph, layout, &[(next, h)], vec![]);
    machine.set(h, &[0.01]);
    machine.set(acceptance, &[0.7]);
    machine.run(0, 0);
    // log h += 0.05 · 20 transitions · (0.7 − 0.6).
    assert!((machine.get(h)[0] / 0.01 - f64::exp(0.1)).abs() < 1e-12);
    for (rate, end) in [(0.0, 1e-5), (1.0, 1.0)] {
        machine.set(acceptance, &[rate]);
        (0..40).for_each(|_| machine.run(0, 0));
        assert_eq!(machine.get(h)[0], end, "it stays in its range");
    }
}

#[test]
fn the_score_of_the_registered_gaussian_points_home() {
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let [x, g] = ["x", "g"].map(|name| layout.add(name, &[3, 2]));
    let t = graph.state(x, &[3, 2]);
    let gradient = grad(registered(t).sum_all(), &[t])[0];
    let mut machine = Machine::<f64>::new(&graph, layout, &[(gradient, g)], vec![]);
    machine.set(x, &[1.0, 2.0, -3.0, 0.5, 0.0, -1.0]);
    machine.run(0, 0);
    assert_eq!(machine.get(g), machine.get(x));
}
