//! The gradient that each rule trains with, against central differences of its own loss in double precision.

use crate::machine::{Machine, normals, section};
use ebm::autodiff::grad;
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, Tensor};
use ebm::json;
use ebm::json::Value;
use ebm::model::{self, Ability, Classes, Emission, Given, Latent, LatentEnergy, Noise, Pairs, Posterior};
use ebm::objective::{self, Loss, Moments, Objective, Scope};
use ebm::schema::{Kind, Section};

/// A rule's defaults, and each of its switches and choices the other way.
fn variants(rule: &dyn Objective) -> Vec<Value> {
    let mut all = vec![json!({})];
    for param in rule.params() {
        let values: Vec<Value> = match param.kind {
            Kind::Boolean { default } => vec![(!default).into()],
            Kind::Choice { choices, default } => {
                choices.iter().filter(|c| **c != default).map(|c| Value::from(*c)).collect()
            }
            _ => vec![],
        };
        all.extend(values.into_iter().map(|value| {
            let mut given = json!({});
            given[param.name] = value;
            given
        }));
    }
    all
}

#[test]
fn every_rule_follows_the_slope_of_its_own_loss() {
    for rule in objective::ALL {
        let models: &[&'static str] = match rule.needs() {
            Some(Ability::Noise) => &["noise-conditional-mlp", "score-mlp", "diffusion-mlp"],
            Some(Ability::Classes) => &["joint-mlp"],
            Some(Ability::Latent) => &["vae"],
            Some(Ability::LatentEnergy) => &["latent-ebm"],
            Some(Ability::Pairs) => &["joint-embedding"],
            _ => &["mlp"],
        };
        for (given, model) in variants(*rule).iter().flat_map(|given| models.iter().map(move |model| (given, model))) {
            check(*rule, given, model);
        }
    }
}

fn check(rule: &dyn Objective, given: &Value, id: &'static str) {
    const POINTS: usize = 6;
    let label = format!("{} {given} of {id}", rule.id());
    let config = section(rule.id(), rule.params(), given.clone());
    let network = model::ALL.iter().find(|m| m.id() == id).unwrap();
    let shape = section(id, network.params(), json!({"widths": [5, 4]}));
    let model_weights = network.weights(&shape, ebm::data::Space::Plane);
    let count = model_weights.len();
    let all_weights: Vec<_> = model_weights.into_iter().chain(rule.weights(&config)).collect();
    let shapes: Vec<_> = all_weights.iter().map(|w| w.shape.clone()).collect();
    let size: usize = all_weights.iter().map(|w| w.len()).sum();
    // Learned noise follows its own likelihood alone, not the classifier that tells it from data.
    let noise_from = size - all_weights.iter().filter(|w| w.name.starts_with("noise.")).map(|w| w.len()).sum::<usize>();

    let (graph, mut layout) = (Graph::new(), Layout::new());
    let negatives = POINTS * rule.ratio(&config);
    let [flat, loss, fit, slope] =
        [("flat", size), ("loss", 1), ("fit", 1), ("slope", size)].map(|(n, s)| layout.add(n, &[s]));
    let all = graph.state(flat, &[size]);
    let mut from = 0;
    let weights: Vec<_> = shapes
        .iter()
        .map(|shape| {
            let length: usize = shape.iter().product();
            from += length;
            all.narrow(0, from - length..from).reshape(shape)
        })
        .collect();
    let moments = Moments { mean: [0.1, -0.2], covariance: [1.2, 0.3, 0.9] };
    let dials = rule.dials(&config, &moments);
    let dial = |name: &str| graph.scalar(dials.iter().find(|(n, _)| *n == name).expect(name).1);
    let settings = network.dials(&shape);
    let setting = |name: &str| graph.scalar(settings.iter().find(|(n, _)| *n == name).expect(name).1);
    let density = ebm::data::by_id("gaussian").unwrap();
    let gaussian = Section::defaults("gaussian", density.params());
    let scope_at = |level: Option<Tensor<'_>>| model::Scope {
        graph: &graph,
        weights: weights[..count].to_vec(),
        dial: &setting,
        level: level.map(|level| graph.tensor(level.id())),
        anchor: Some(graph.literal(&[0.5, -0.25], &[1, 2])),
    };
    let given_density = Given { density, section: &gaussian };
    let at_level = |x: Tensor<'_>, level: Option<Tensor<'_>>| {
        let energy = network.energy(&shape, given_density, &scope_at(level), graph.tensor(x.id()));
        graph.tensor(energy.unwrap().id())
    };
    let energy = |x: Tensor<'_>| graph.tensor(at_level(graph.tensor(x.id()), None).id());
    let score = |x: Tensor<'_>, level: Tensor<'_>| {
        let (x, level) = (graph.tensor(x.id()), graph.tensor(level.id()));
        let score = network.score(&shape, &scope_at(Some(level)), x);
        score.unwrap_or_else(|| -grad(at_level(x, Some(level)).sum_all(), &[x])[0])
    };
    let noise = network.process(&shape, &scope_at(None)).map(|process| Noise { process, score: &score });
    let joint = |x: Tensor<'_>| {
        let scope = model::Scope {
            graph: &graph,
            weights: weights[..count].to_vec(),
            dial: &setting,
            level: None,
            anchor: None,
        };
        graph.tensor(network.class_energies(&shape, &scope, graph.tensor(x.id())).unwrap().id())
    };
    let encode = |x: Tensor<'_>| {
        let Posterior { mean, log_deviation } = network.encode(&shape, &scope_at(None), graph.tensor(x.id())).unwrap();
        Posterior { mean: graph.tensor(mean.id()), log_deviation: graph.tensor(log_deviation.id()) }
    };
    let decode = |z: Tensor<'_>| match network.decode(&shape, &scope_at(None), graph.tensor(z.id())).unwrap() {
        Emission::Normal(mean, deviation) => Emission::Normal(graph.tensor(mean.id()), graph.tensor(deviation.id())),
        Emission::Bernoulli(log_odds) => Emission::Bernoulli(graph.tensor(log_odds.id())),
    };
    let size_of_latent = network.latent(&shape);
    let encodes = rule.needs() == Some(Ability::Latent);
    let latent = encodes.then_some(Latent { size: size_of_latent, encode: &encode, decode: &decode });
    let tilt = |z: Tensor<'_>| graph.tensor(network.tilt(&shape, &scope_at(None), graph.tensor(z.id())).unwrap().id());
    let inference = network.inference(&shape, &scope_at(None));
    let latent_energy =
        inference.map(|inference| LatentEnergy { size: size_of_latent, energy: &tilt, decode: &decode, inference });
    let embed =
        |x: Tensor<'_>| graph.tensor(network.embed(&shape, &scope_at(None), graph.tensor(x.id())).unwrap().id());
    let pairs = network.temperature(&scope_at(None)).map(|temperature| Pairs { embed: &embed, temperature });
    let found = |seed| graph.literal(&normals(POINTS * size_of_latent, seed, 1.0), &[POINTS, size_of_latent]);
    let found = latent_energy.is_some().then(|| [found(63), found(64)]);
    let labels = graph.literal(&[0.0, 7.0, 3.0, 1.0, 1.0, 5.0], &[POINTS]);
    let classes = (rule.needs() == Some(Ability::Classes)).then_some(Classes { labels, energies: &joint });
    let scope = Scope {
        graph: &graph,
        dial: &dial,
        energy: &energy,
        noise,
        classes,
        latent,
        latent_energy,
        pairs,
        found,
        weights: weights[count..].to_vec(),
    };
    let points = |n: usize, seed| graph.literal(&normals(2 * n, seed, 1.1), &[n, 2]);
    let Loss { total, parts, .. } = rule.loss(&config, &scope, points(POINTS, 60), points(negatives, 61));
    let noise_fit = rule.terms().iter().position(|term| term.id == "noiseFit").map_or(total, |i| parts[i]);
    let outputs = [(total.reshape(&[1]), loss), (noise_fit.reshape(&[1]), fit), (grad(total, &[all])[0], slope)];
    let mut machine = Machine::<f64>::new(&graph, layout, &outputs, vec![]);

    let at = normals(size, 62, 0.6);
    machine.set(flat, &at);
    machine.run(0, 0);
    let gradient = machine.get(slope);
    let largest = gradient.iter().fold(0.0f64, |m, g| m.max(g.abs()));
    assert!(largest > 1e-3, "{label}: the gradient is none");
    // Fourth order: its error, h⁴ times a fifth derivative, and the rounding, 10⁻¹⁶ |L|/h, both stay below 10⁻⁹.
    let h = 1e-3;
    let mut value = |i: usize, by: f64| {
        let mut moved = at.clone();
        moved[i] += by * h;
        machine.set(flat, &moved);
        machine.run(0, 0);
        machine.get(if i < noise_from { loss } else { fit })[0]
    };
    for (i, g) in gradient.iter().enumerate() {
        let difference = (8.0 * (value(i, 1.0) - value(i, -1.0)) - (value(i, 2.0) - value(i, -2.0))) / (12.0 * h);
        assert!((g - difference).abs() < 1e-6 * largest, "{label}: weight {i}: {g} and not {difference}");
    }
}
