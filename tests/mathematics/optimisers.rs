//! Every optimiser against a plain loop, over twenty steps.

use crate::machine::{Machine, normals, section};
use ebm::graph::Graph;
use ebm::graph::schedule::Layout;
use ebm::json;
use ebm::json::Value;
use ebm::optim::{self, Optimizer, State};
use ebm::schema::Section;

const P: usize = 7;
const STEPS: usize = 20;

/// Parameters and average after every step, by the graph.
fn by_graph(optimizer: &dyn Optimizer, config: &Section, gradients: &[Vec<f64>]) -> Vec<[Vec<f64>; 2]> {
    let (graph, mut layout) = (Graph::new(), Layout::new());
    let gradient = layout.add("gradient", &[P]);
    let [parameters, average] = ["parameters", "average"].map(|n| layout.add(n, &[P]));
    let moments: Vec<_> = (0..optimizer.moments()).map(|i| layout.add(format!("m{i}"), &[P])).collect();
    let steps = layout.add("steps", &[1]);
    let dials = optimizer.dials(config);
    let dial = |name: &str| graph.scalar(dials.iter().find(|(n, _)| *n == name).expect(name).1);
    let vector = |slot| graph.state(slot, &[P]);
    let state = State {
        parameters: vector(parameters),
        average: vector(average),
        moments: moments.iter().map(|&m| vector(m)).collect(),
        steps: graph.state(steps, &[1]),
        updates: graph.state(steps, &[1]),
    };
    let scope = optim::Scope { graph: &graph, dial: &dial };
    let next = optim::step(optimizer, config, &scope, vector(gradient), state);
    let mut outputs = vec![(next.parameters, parameters), (next.average, average), (next.steps, steps)];
    outputs.extend(next.moments.into_iter().zip(moments));
    let mut machine = Machine::<f64>::new(&graph, layout, &outputs, vec![]);
    let start = normals(P, 1, 1.0);
    machine.set(parameters, &start);
    machine.set(average, &start);
    let one = |g: &Vec<f64>| {
        machine.set(gradient, g);
        machine.run(0, 0);
        [parameters, average].map(|slot| machine.get(slot))
    };
    gradients.iter().map(one).collect()
}

/// The same as the papers write it.
fn by_hand(id: &str, config: &Section, gradients: &[Vec<f64>]) -> Vec<[Vec<f64>; 2]> {
    let number = |name: &str| config.number(name);
    let (mut x, mut m, mut v) = (normals(P, 1, 1.0), vec![0.0; P], vec![0.0; P]);
    let mut average = x.clone();
    let mut film = vec![];
    for (t, g) in gradients.iter().enumerate() {
        let t = (t + 1) as f64;
        let norm = g.iter().map(|g| g * g).sum::<f64>().sqrt();
        let shorten = config.optional("clipNorm").map_or(1.0, |most| if norm > most { most / norm } else { 1.0 });
        let mut rate = number("learningRate");
        if config.choice("schedule") == "cosine" {
            let progress = (t / number("scheduleUpdates")).min(1.0);
            rate *= (1.0 + (std::f64::consts::PI * progress).cos()) / 2.0;
        }
        for i in 0..P {
            let g = g[i] * shorten;
            let step = if id == "adam" {
                let (b1, b2) = (number("beta1"), number("beta2"));
                m[i] = b1 * m[i] + (1.0 - b1) * g;
                v[i] = b2 * v[i] + (1.0 - b2) * g * g;
                let corrected = v[i] / (1.0 - b2.powf(t));
                m[i] / (1.0 - b1.powf(t)) / (corrected.sqrt() + number("epsilon"))
            } else {
                m[i] = number("momentum") * m[i] + g;
                m[i]
            };
            x[i] -= rate * step;
            average[i] = number("averageDecay") * average[i] + (1.0 - number("averageDecay")) * x[i];
        }
        film.push([x.clone(), average.clone()]);
    }
    film
}

#[test]
fn twenty_steps_of_every_optimiser_are_those_of_a_plain_loop() {
    let shared = [
        json!({}),
        json!({"clipNorm": 0.7}),
        json!({"clipNorm": 500.0}),
        json!({"schedule": "cosine", "scheduleUpdates": 15.0}),
        json!({"averageDecay": 0.5, "learningRate": 0.1, "clipNorm": 1.0, "schedule": "cosine"}),
        json!({"averageDecay": 0.0}),
    ];
    let own = |id: &str| -> Vec<Value> {
        match id {
            "adam" => vec![json!({}), json!({"beta1": 0.0, "beta2": 0.9, "epsilon": 1e-3}), json!({"beta2": 0.0})],
            "sgd" => vec![json!({}), json!({"momentum": 0.9})],
            _ => panic!("{id} has no plain loop here"),
        }
    };
    let mut gradients: Vec<_> = (0..STEPS).map(|t| normals(P, 50 + t as u32, 1.0)).collect();
    gradients[4] = vec![0.0; P];
    for optimizer in optim::ALL {
        for (a, b) in shared.iter().flat_map(|a| own(optimizer.id()).into_iter().map(move |b| (a.clone(), b))) {
            let mut given = a.as_object().unwrap().clone();
            given.extend(b.as_object().unwrap().clone());
            let config = section(optimizer.id(), optimizer.params(), Value::Object(given));
            let (got, want) = (by_graph(*optimizer, &config, &gradients), by_hand(optimizer.id(), &config, &gradients));
            for (t, (got, want)) in got.iter().zip(&want).enumerate() {
                for (got, want) in got.iter().flatten().zip(want.iter().flatten()) {
                    // Twenty steps of about twenty roundings of numbers near 1; Adam's quotient of small moments, √ε worse.
                    let near = (got - want).abs() <= 1e-11 * (1.0 + want.abs());
                    assert!(near, "{} {a} {b}, step {}: {got} and not {want}", optimizer.id(), t + 1);
                }
            }
        }
    }
}
