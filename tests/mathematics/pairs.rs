//! Energies of pairs and the rules that learn them, against plain loops and against what they are on average over normal laws.

use crate::machine::{Machine, mean, normals, section};
use ebm::graph::schedule::Layout;
use ebm::graph::{Graph, Tensor};
use ebm::json;
use ebm::model::{self, Given, Model, Pairs};
use ebm::objective::{self, Loss, Objective, Scope};
use ebm::schema::Section;
use ebm::{data, json::Value};

fn model() -> &'static dyn Model {
    *model::ALL.iter().find(|m| m.id() == "joint-embedding").unwrap()
}

fn rule(id: &str) -> &'static dyn Objective {
    *objective::ALL.iter().find(|o| o.id() == id).unwrap()
}

/// Values of a tensor.
fn values(graph: &Graph, tensor: Tensor<'_>) -> Vec<f64> {
    drawn(graph, tensor, 0)
}

/// The same with other chance.
fn drawn(graph: &Graph, tensor: Tensor<'_>, seed: u32) -> Vec<f64> {
    let mut layout = Layout::new();
    let out = layout.add("out", &tensor.shape());
    let mut machine = Machine::<f64>::new(graph, layout, &[(tensor, out)], vec![]);
    machine.run(0, seed);
    machine.get(out)
}

/// Total and parts of a rule's loss of points [n, 2], whose embedding is what `embed` makes of their views.
fn loss(id: &str, given: Value, points: &[f64], seed: u32, embed: impl Fn(Tensor<'_>) -> Tensor<'_>) -> Vec<f64> {
    let (graph, rule) = (Graph::new(), rule(id));
    let config = section(rule.id(), rule.params(), given);
    let dials = rule.dials(&config, &objective::Moments { mean: [0.0; 2], covariance: [1.0, 0.0, 1.0] });
    let dial = |name: &str| graph.scalar(dials.iter().find(|(n, _)| *n == name).expect(name).1);
    let embed = |x: Tensor<'_>| graph.tensor(embed(graph.tensor(x.id())).id());
    let none = |x: Tensor<'_>| graph.tensor(x.id());
    let scope = Scope {
        graph: &graph,
        dial: &dial,
        energy: &none,
        noise: None,
        classes: None,
        latent: None,
        latent_energy: None,
        pairs: Some(Pairs { embed: &embed, temperature: graph.scalar(TEMPERATURE) }),
        found: None,
        weights: vec![],
    };
    let batch = graph.literal(points, &[points.len() / 2, 2]);
    let Loss { total, parts, .. } = rule.loss(&config, &scope, batch, batch);
    let all: Vec<_> = [total].into_iter().chain(parts).map(|t| t.reshape(&[1])).collect();
    drawn(&graph, graph.concat(&all, 0), seed)
}

const TEMPERATURE: f64 = 0.4;

/// Views that are the points themselves.
fn same(more: Value) -> Value {
    let mut all = json!({"viewNoise": 0, "viewRotation": 0});
    more.as_object().unwrap().iter().for_each(|(name, value)| all[name] = value.clone());
    all
}

/// What one point of a pair is to the other, the energies of points are to the anchor; embeddings of length 1 make it (1 − cos)/τ.
#[test]
fn the_energy_of_a_point_is_that_of_its_pair_with_the_anchor() {
    for normalise in [false, true] {
        let graph = Graph::new();
        let config = section(
            "joint-embedding",
            model().params(),
            json!({"widths": [1], "activation": "none", "normalise": normalise, "confinement": 2}),
        );
        // h(x) = (x₁ + 2x₂) (1, −1) + (½, 0) before it is normalised.
        let weights: [(&[f64], &[usize]); 4] =
            [(&[1.0, 2.0], &[1, 2]), (&[0.0], &[1]), (&[1.0, -1.0], &[2, 1]), (&[0.5, 0.0], &[2])];
        let declared = model().weights(&config, data::Space::Plane);
        assert_eq!(declared.iter().map(|w| w.shape.as_slice()).collect::<Vec<_>>(), weights.map(|(_, shape)| shape));
        let dials = model().dials(&config);
        let dial = |name: &str| graph.scalar(dials.iter().find(|(n, _)| *n == name).expect(name).1);
        let scope = |anchor: &[f64]| model::Scope {
            graph: &graph,
            weights: weights.map(|(values, shape)| graph.literal(values, shape)).to_vec(),
            dial: &dial,
            level: None,
            anchor: Some(graph.literal(anchor, &[1, 2])),
        };
        let gaussian = Section::defaults("gaussian", data::by_id("gaussian").unwrap().params());
        let given = Given { density: data::by_id("gaussian").unwrap(), section: &gaussian };
        let energy = |x: &[f64], anchor: &[f64]| {
            let e = model().energy(&config, given, &scope(anchor), graph.literal(x, &[1, 2])).unwrap();
            values(&graph, e)[0]
        };
        let h = |x: &[f64]| {
            let s = x[0] + 2.0 * x[1];
            let (a, b) = (s + 0.5, -s);
            let length = if normalise { a.hypot(b) } else { 1.0 };
            [a / length, b / length]
        };
        for (x, anchor) in [([0.5, -1.0], [1.0, 0.25]), ([2.0, 2.0], [-1.0, 0.0]), ([0.3, 0.4], [0.3, 0.4])] {
            let (a, b) = (h(&x), h(&anchor));
            let apart = match normalise {
                false => ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)) / 0.4,
                true => (1.0 - a[0] * b[0] - a[1] * b[1]) / 0.2,
            };
            let wanted = apart + (x[0] * x[0] + x[1] * x[1]) / 8.0;
            assert!((energy(&x, &anchor) - wanted).abs() < 1e-9, "{normalise} {x:?} {anchor:?}");
        }
    }
}

/// A batch of embeddings, and the loss by plain loops over them.
#[test]
fn info_nce_is_the_mean_likelihood_of_each_partner() {
    const N: usize = 7;
    let points = normals(2 * N, 3, 1.0);
    let found = loss("info-nce", same(json!({})), &points, 0, |x| x);
    let row = |i: usize| &points[2 * i..2 * i + 2];
    let energy =
        |i: usize, j: usize| row(i).iter().zip(row(j)).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / (2.0 * TEMPERATURE);
    // Of both views alike both directions are the same.
    let wanted = (0..N).map(|i| (0..N).map(|j| (-energy(i, j)).exp()).sum::<f64>().ln()).sum::<f64>() / N as f64;
    assert!((found[0] - wanted).abs() < 1e-12, "{found:?} {wanted}");
    assert!(found[1].abs() < 1e-12 && (found[3] - ((N as f64).ln() - wanted)).abs() < 1e-12);
    // Where the views differ, so do the directions: first views are the rows of one table, second ones those of another.
    let (first, second) = (normals(2 * N, 4, 1.0), normals(2 * N, 5, 1.5));
    let both = [&first[..], &second[..]].concat();
    let found = loss("info-nce", same(json!({})), &points, 0, |x| x.graph().literal(&both, &[2 * N, 2]));
    let energy = |i: usize, j: usize| {
        (0..2).map(|k| (first[2 * i + k] - second[2 * j + k]).powi(2)).sum::<f64>() / (2.0 * TEMPERATURE)
    };
    let told = |energy: &dyn Fn(usize, usize) -> f64| {
        (0..N).map(|i| energy(i, i) + (0..N).map(|j| (-energy(i, j)).exp()).sum::<f64>().ln()).sum::<f64>() / N as f64
    };
    let wanted = 0.5 * (told(&energy) + told(&|i, j| energy(j, i)));
    assert!((found[0] - wanted).abs() < 1e-12, "{found:?} {wanted}");
    assert!((told(&energy) - told(&|i, j| energy(j, i))).abs() > 0.1, "the directions differ");
    // All in one place know nothing of each other; far apart they know everything.
    let collapsed = loss("info-nce", same(json!({})), &points, 0, |x| 0.0 * x + 3.0);
    assert!((collapsed[0] - (N as f64).ln()).abs() < 1e-12 && collapsed[3].abs() < 1e-12, "{collapsed:?}");
    let apart = loss("info-nce", same(json!({})), &points, 0, |x| 1e3 * x);
    assert!(apart[0].abs() < 1e-9, "{apart:?}");
}

/// x ~ N(0, 1) and two views x + σε, embedded as they are: with c = 1/(2τ) and v = 1 + σ² the loss less ln N comes to
/// 2cσ² − c v/(1 + 2cv) − ½ ln(1 + 2cv) as the batch grows, and ln N less the loss stays below −½ ln(1 − ρ²), the information, ρ = 1/v.
#[test]
fn info_nce_bounds_the_information_of_normal_views() {
    const N: usize = 1000;
    const BATCHES: u32 = 12;
    let (sigma, c) = (0.5, 0.5 / TEMPERATURE);
    let v = 1.0 + sigma * sigma;
    let all: Vec<f64> = (0..BATCHES)
        .map(|seed| {
            // The second coordinate is left out; each batch has points and views of its own.
            let points = normals(2 * N, 100 + seed, 1.0);
            let found = loss("info-nce", json!({"viewNoise": sigma}), &points, seed, |x| x.narrow(1, 0..1));
            found[3]
        })
        .collect();
    let wanted = -(2.0 * c * sigma * sigma - c * v / (1.0 + 2.0 * c * v) - 0.5 * (1.0 + 2.0 * c * v).ln());
    let error = (all.iter().map(|i| (i - mean(&all)).powi(2)).sum::<f64>() / f64::from(BATCHES - 1)).sqrt();
    let error = error / f64::from(BATCHES).sqrt();
    // ln of a mean of N lies below the mean's ln by Var/(2N mean²), which is below 3/N here.
    assert!((mean(&all) - wanted).abs() < 4.0 * error + 3.0 / N as f64, "{} ± {error}, {wanted}", mean(&all));
    let information = -0.5 * (1.0 - 1.0 / (v * v)).ln();
    assert!(wanted < information && mean(&all) < information, "{wanted} {information}");
}

/// On average over normal points and views the terms of a linear embedding Wx are known: with S = C + σ²I they are λσ² Σ W²,
/// the hinges at √((W S Wᵀ)_kk + ε), and the squares of what lies beside the diagonal of W S Wᵀ.
#[test]
fn vicreg_of_linear_embeddings_is_what_covariances_say() {
    const N: usize = 200_000;
    let (sigma, deviations) = (0.6, [2.0, 0.5]);
    let points: Vec<f64> = normals(2 * N, 5, 1.0).iter().enumerate().map(|(i, v)| v * deviations[i % 2]).collect();
    let s = deviations.map(|d| d * d + sigma * sigma);
    for w in [[[0.2, 0.1], [0.05, -0.3]], [[0.9, 0.0], [0.5, 0.8]], [[0.0, 0.0], [0.1, 0.0]]] {
        let given = json!({"viewNoise": sigma, "invariance": 3, "variance": 5, "covariance": 2});
        let found = loss("vicreg", given, &points, 0, |x| {
            x.graph().columns(&w.map(|row| row[0] * x.column(0) + row[1] * x.column(1)))
        });
        let cov = |k: usize, l: usize| w[k][0] * s[0] * w[l][0] + w[k][1] * s[1] * w[l][1];
        let length: f64 = w.as_flattened().iter().map(|w| w * w).sum();
        let hinge = |k: usize| (1.0 - (cov(k, k) + 1e-4).sqrt()).max(0.0);
        let wanted = [
            0.5 * 3.0 * 2.0 * sigma * sigma * length,
            5.0 * 2.0 * 0.5 * (hinge(0) + hinge(1)),
            2.0 * 2.0 * 0.5 * 2.0 * cov(0, 1).powi(2),
            0.5 * ((cov(0, 0) + 1e-4).sqrt() + (cov(1, 1) + 1e-4).sqrt()),
        ];
        // A variance is known to √(2/N) of itself, a root of it to half of that, a covariance to √((c₀₀c₁₁ + c₀₁²)/N).
        let relative = 4.0 * (2.0 / N as f64).sqrt();
        let covariance = 4.0 * ((cov(0, 0) * cov(1, 1) + cov(0, 1).powi(2)) / N as f64).sqrt();
        let allowed = [
            wanted[0] * relative,
            5.0 * 2.0 * 0.5 * (cov(0, 0).sqrt() + cov(1, 1).sqrt()) * relative / 2.0,
            4.0 * (2.0 * cov(0, 1).abs() * covariance + covariance * covariance),
            wanted[3] * relative / 2.0,
        ];
        for (i, ((found, wanted), allowed)) in found[1..].iter().zip(wanted).zip(allowed).enumerate() {
            assert!((found - wanted).abs() <= allowed + 1e-12, "{w:?} term {i}: {found}, {wanted} ± {allowed}");
        }
        assert!((found[0] - found[1..4].iter().sum::<f64>()).abs() < 1e-9);
    }
}

/// In the plane a view is the point turned about the origin, with noise: its mean square distance from the origin tells of both, and turns
/// alone keep it.
#[test]
fn views_in_the_plane_turn_and_shake() {
    const N: usize = 50_000;
    let (graph, points) = (Graph::new(), normals(2 * N, 8, 1.0));
    let x = graph.literal(&points, &[N, 2]);
    let view = |noise: f64, rotation: f64, which: u32| {
        let dial = |name: &str| match name {
            "viewNoise" => graph.scalar(noise),
            "viewRotation" => graph.scalar(rotation),
            _ => graph.scalar(0.0),
        };
        values(&graph, rule("vicreg").view(&dial, x, which).unwrap())
    };
    let apart = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / N as f64;
    let (turned, other) = (view(0.0, 30.0, 0), view(0.0, 30.0, 1));
    let angle = |a: &[f64], b: &[f64]| (a[0] * b[1] - a[1] * b[0]).atan2(a[0] * b[0] + a[1] * b[1]).to_degrees();
    let angles: Vec<f64> = points.chunks(2).zip(turned.chunks(2)).map(|(a, b)| angle(a, b)).collect();
    for (a, b) in points.chunks(2).zip(turned.chunks(2)) {
        assert!((a[0].hypot(a[1]) - b[0].hypot(b[1])).abs() < 1e-9);
    }
    // Even draws from −30° to 30°: variance 300, known to √(0.8/N) of itself.
    assert!(angles.iter().all(|a| a.abs() <= 30.0 + 1e-6));
    assert!(mean(&angles).abs() < 4.0 * (300.0 / N as f64).sqrt(), "{}", mean(&angles));
    let variance = angles.iter().map(|a| a * a).sum::<f64>() / N as f64;
    assert!((variance / 300.0 - 1.0).abs() < 4.0 * (0.8 / N as f64).sqrt(), "{variance}");
    assert!(apart(&turned, &other) > 0.1, "both views are the same one");
    // σ²d, known to √(2/(Nd)) of itself.
    let noisy = apart(&points, &view(0.5, 0.0, 0));
    assert!((noisy / 0.5 - 1.0).abs() < 4.0 * (1.0 / N as f64).sqrt(), "{noisy}");
    assert_eq!(view(0.0, 0.0, 1), points);
}
