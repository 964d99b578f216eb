//! The fused loops of the CPU against the generic graph that defines them, for every activation.

use crate::machine::{Machine, Number, normals, section};
use ebm::autodiff::grad;
use ebm::backend::plan::{Chain, Field, Step, Transition};
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, SlotId, Tensor};
use ebm::json;
use ebm::model::{self, Given, Model};
use ebm::schema::Section;
use ebm::{data, sampler};

/// Two whole tiles of 64 rows and a part of one.
const ROWS: usize = 150;
/// Transitions of a chain.
const STEPS: usize = 6;
const STEP_SIZE: f64 = 0.02;

const ACTIVATIONS: [&str; 6] = ["silu", "softplus", "tanh", "elu", "relu", "sine"];
const FEATURES: [&str; 2] = ["none", "fourier"];

fn widths() -> [Vec<usize>; 3] {
    [vec![8], vec![16, 12], vec![5, 7, 3]]
}

/// Both ways side by side: slots of the generic ones, then of the fused ones.
struct Pair<T> {
    machine: Machine<T>,
    points: SlotId,
    generic: [SlotId; 2],
    fused: [SlotId; 2],
    /// Where a chain's particles are in the fused way.
    particles: SlotId,
}

fn mlp() -> &'static dyn Model {
    *model::ALL.iter().find(|m| m.id() == "mlp").unwrap()
}

fn configuration(activation: &str, features: &str, widths: &[usize]) -> Section {
    section("mlp", mlp().params(), json!({"activation": activation, "features": features, "widths": widths}))
}

/// Lays out a network with fixed weights; `kernel` is `None` for energy and score.
fn pair<T: Number>(config: &Section, kernel: Option<&str>) -> Pair<T> {
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let shapes: Vec<Vec<usize>> = mlp().weights(config, ebm::data::Space::Plane).into_iter().map(|w| w.shape).collect();
    let count: usize = shapes.iter().map(|s| s.iter().product::<usize>()).sum();
    let parameters = layout.add("parameters", &[count]);
    let [confinement, step_size, noise] = ["confinement", "h", "sigma"].map(|name| layout.add(name, &[1]));
    let [points, particles] = ["x", "y"].map(|name| layout.add(name, &[ROWS, 2]));
    let [energy, fused_energy, accepted, fused_accepted] = ["e", "fe", "a", "fa"].map(|name| layout.add(name, &[ROWS]));
    let [score, fused_score] = ["s", "fs"].map(|name| layout.add(name, &[ROWS, 2]));
    let flat = graph.state(parameters, &[count]);
    let mut from = 0;
    let weights: Vec<_> = shapes
        .iter()
        .map(|shape| {
            let length = shape.iter().product::<usize>();
            from += length;
            flat.narrow(0, from - length..from).reshape(shape)
        })
        .collect();
    let dial = |name: &str| match name {
        "confinement" => graph.state(confinement, &[1]).reshape(&[]),
        "noise" => graph.state(noise, &[1]).reshape(&[]),
        _ => panic!("{name} is no dial of these"),
    };
    let density = data::by_id("gaussian").unwrap();
    let given = Section::defaults("gaussian", density.params());
    let x = graph.state(points, &[ROWS, 2]);
    let energy_of = |x: Tensor<'_>| {
        let scope = model::Scope { graph: &graph, weights: weights.clone(), dial: &dial, level: None, anchor: None };
        let e = mlp().energy(config, Given { density, section: &given }, &scope, graph.tensor(x.id())).unwrap();
        graph.tensor(e.id())
    };
    let offset = |slot: SlotId| layout.slot(slot).offset;
    let network = mlp().network(config, offset(parameters), &|_| offset(confinement)).unwrap();
    let (outputs, step, generic, fused) = match kernel {
        None => {
            let e = energy_of(x);
            let outputs = vec![(e, energy), (-grad(e.sum_all(), &[x])[0], score)];
            let (energy_at, score_at) = (offset(fused_energy), Some(offset(fused_score)));
            let step = Field { network, rows: ROWS, points: offset(points), energy: energy_at, score: score_at };
            (outputs, Step::Field(step), [energy, score], [fused_energy, fused_score])
        }
        Some(id) => {
            let kernel = sampler::ALL.iter().find(|s| s.id() == id).unwrap();
            let h = graph.state(step_size, &[1]).reshape(&[]);
            let scope = sampler::Scope {
                graph: &graph,
                bounds: [-4.0, 4.0],
                step_size: h,
                dial: &dial,
                energy: &energy_of,
                slope: None,
                noise: None,
                layers: None,
                latent: None,
                latent_energy: None,
                carried: None,
            };
            let section = Section::defaults(kernel.id(), kernel.params());
            let moved = kernel.step(&section, &scope, x);
            let total = graph.state(accepted, &[ROWS]) + moved.accepted;
            let step = Chain {
                network,
                transition: kernel.transition().unwrap(),
                rows: ROWS,
                steps: STEPS,
                positions: offset(particles),
                step_size: offset(step_size),
                noise: offset(noise),
                stream: 0,
                accepted: offset(fused_accepted),
            };
            let outputs = vec![(moved.position, points), (total, accepted)];
            (outputs, Step::Chain(step), [points, accepted], [particles, fused_accepted])
        }
    };
    let mut machine = Machine::new(&graph, layout.clone(), &outputs, vec![step]);
    // Each layer's weights keep the size of what goes through them.
    let mut values = vec![];
    for (i, shape) in shapes.iter().enumerate() {
        let fan_in = shape.get(1).copied().unwrap_or(1) as f64;
        values.extend(normals(shape.iter().product(), i as u32, fan_in.sqrt().recip()));
    }
    machine.set(parameters, &values);
    machine.set(confinement, &[0.03]);
    machine.set(step_size, &[STEP_SIZE]);
    // Langevin at a temperature of its own.
    machine.set(noise, &[0.15]);
    let start = normals(2 * ROWS, 99, 1.7);
    machine.set(points, &start);
    machine.set(particles, &start);
    Pair { machine, points, generic, fused, particles }
}

fn compare(what: &str, got: &[f64], want: &[f64], tolerance: f64) {
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let near = (got - want).abs() <= tolerance * (1.0 + want.abs());
        assert!(near, "{what}: element {i} is {got} and not {want}");
    }
}

fn each(mut check: impl FnMut(&str, &Section)) {
    for activation in ACTIVATIONS {
        for features in FEATURES {
            for widths in widths() {
                check(&format!("{activation}, {features}, {widths:?}"), &configuration(activation, features, &widths));
            }
        }
    }
}

/// In double precision the two orders of summation differ by some 10⁻¹⁵ of sums of a few dozen numbers near 1.
const DOUBLE: f64 = 1e-12;

#[test]
fn the_fused_field_is_energy_and_score_of_the_graph() {
    each(|name, config| {
        let mut pair = pair::<f64>(config, None);
        pair.machine.run(0, 0);
        pair.machine.run(1, 0);
        for (part, what) in ["energy", "score"].into_iter().enumerate() {
            let (got, want) = (pair.machine.get(pair.fused[part]), pair.machine.get(pair.generic[part]));
            compare(&format!("{name}, {what}"), &got, &want, DOUBLE);
        }
    });
}

#[test]
fn the_fused_score_is_the_slope_of_the_fused_energy() {
    // ε^⅓: what is left is 6·10⁻¹² of the third derivative, here below 10³, and 4·10⁻¹¹ of the energy.
    const STEP: f64 = 6e-6;
    each(|name, config| {
        let mut pair = pair::<f64>(config, None);
        let points = pair.machine.get(pair.points);
        pair.machine.run(1, 0);
        let score = pair.machine.get(pair.fused[1]);
        for axis in 0..2 {
            let ends = [1.0, -1.0].map(|sign| {
                let moved = |(i, x): (usize, &f64)| if i % 2 == axis { x + sign * STEP } else { *x };
                pair.machine.set(pair.points, &points.iter().enumerate().map(moved).collect::<Vec<_>>());
                pair.machine.run(1, 0);
                pair.machine.get(pair.fused[0])
            });
            let slopes: Vec<f64> =
                ends[0].iter().zip(&ends[1]).map(|(above, below)| -(above - below) / (2.0 * STEP)).collect();
            let column: Vec<f64> = score.iter().skip(axis).step_by(2).copied().collect();
            compare(&format!("{name}, axis {axis}"), &column, &slopes, 1e-8);
        }
    });
}

/// Runs a chain both ways; (fused, generic) particles and acceptances.
fn chains<T: Number>(config: &Section, kernel: &str) -> [[Vec<f64>; 2]; 2] {
    let mut pair = pair::<T>(config, Some(kernel));
    assert_eq!(pair.particles, pair.fused[0]);
    for s in 0..STEPS {
        pair.machine.run(0, 3 + s as u32);
    }
    pair.machine.run(1, 3);
    [pair.fused, pair.generic].map(|slots| slots.map(|slot| pair.machine.get(slot)))
}

#[test]
fn fused_chains_are_the_transitions_of_the_graph() {
    for kernel in ["langevin", "mala"] {
        each(|name, config| {
            let [fused, generic] = chains::<f64>(config, kernel);
            // Every step multiplies what the one before differs by with 1 + h|∇²E|, here below 3.
            compare(&format!("{kernel}, {name}, particles"), &fused[0], &generic[0], DOUBLE * 3f64.powi(STEPS as i32));
            assert_eq!(fused[1], generic[1], "{kernel}, {name}, accepted");
            let moves: f64 = fused[1].iter().sum();
            let all = (ROWS * STEPS) as f64;
            assert!(if kernel == "mala" { moves > 0.5 * all } else { moves == all }, "{moves} of {all}");
        });
    }
}

#[test]
fn in_single_precision_the_fused_loops_round_as_sums_of_that_length_do() {
    each(|name, config| {
        // A layer adds n products and rounds a few times more; each rounding is 2⁻²⁴ of numbers near 1, and the layers
        // behind pass it on about as large as it is.
        let sizes: Vec<usize> = mlp()
            .weights(config, ebm::data::Space::Plane)
            .iter()
            .filter(|w| w.shape.len() == 2)
            .map(|w| w.shape[1])
            .collect();
        let roundings: usize = sizes.iter().map(|n| n + 8).sum();
        let tolerance = roundings as f64 * 4.0 / f64::from(1 << 24);
        let (mut single, mut double) = (pair::<f32>(config, None), pair::<f64>(config, None));
        single.machine.run(1, 0);
        double.machine.run(1, 0);
        for part in 0..2 {
            let (got, want) = (single.machine.get(single.fused[part]), double.machine.get(double.fused[part]));
            compare(&format!("{name}, part {part}"), &got, &want, tolerance);
        }
        let [single, double] = [chains::<f32>(config, "langevin"), chains::<f64>(config, "langevin")];
        compare(&format!("{name}, particles"), &single[0][0], &double[0][0], tolerance);
    });
}

#[test]
fn kernels_say_which_fused_transition_they_are() {
    let of = |id: &str| sampler::ALL.iter().find(|s| s.id() == id).unwrap().transition();
    assert_eq!((of("langevin"), of("mala")), (Some(Transition::Langevin), Some(Transition::Mala)));
}
