//! What comes from outside is refused in one sentence that names the place, the value and what would be accepted, and
//! leaves everything as it was.

use super::*;
use crate::error::Result;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use std::collections::{BTreeMap, HashMap};

/// Checks the refusal and that nothing has changed.
fn refused<T>(session: &mut Session, before: &[u8], what: &str, result: Result<T>, says: &[&str]) {
    let Err(error) = result else { panic!("{what} was accepted") };
    let sentence = error.to_string();
    let one = sentence.ends_with('.') && !sentence.contains('\n') && sentence.contains("expected ");
    assert!(one, "{what}: {sentence}");
    assert!(sentence.chars().count() <= 600, "{what}: {} characters", sentence.len());
    for part in says {
        assert!(sentence.contains(part), "{what}: {sentence:?} does not say {part:?}");
    }
    assert!(bits(session) == before, "{what} changed the run");
}

#[test]
fn a_damaged_config_or_patch_is_refused_and_changes_nothing() {
    let mut session = small(varieties().remove(2));
    session.train(2).unwrap();
    let before = bits(&mut session);
    let long = format!("{{\"model\": {{\"activation\": \"{}\"}}}}", "x".repeat(100_000));
    let long_key = format!("{{\"data\": {{\"id\": \"{}\"}}}}", "y".repeat(100_000));
    let table: Vec<(&str, &[&str])> = vec![
        ("", &["config", "not JSON"]),
        ("{", &["config", "not JSON"]),
        ("[1, 2]", &["config", "a JSON object"]),
        ("null", &["config", "a JSON object"]),
        ("\"mlp\"", &["config", "a JSON object"]),
        (r#"{"seed": 1, "seed": 2}"#, &["config", "seed", "twice"]),
        (r#"{"sampler": {"steps": 1, "steps": 2}}"#, &["config", "steps", "twice"]),
        (r#"{"version": 2}"#, &["version", "2", "expected 1"]),
        (r#"{"version": "1"}"#, &["version", "\"1\"", "expected 1"]),
        (r#"{"seed": -1}"#, &["seed", "-1", "from 0 to 4294967295"]),
        (r#"{"seed": 4294967296}"#, &["seed", "4294967296", "from 0 to 4294967295"]),
        (r#"{"seed": 1.5}"#, &["seed", "1.5"]),
        (r#"{"seed": 1e999}"#, &["config", "not JSON"]),
        (r#"{"seed": NaN}"#, &["config", "not JSON"]),
        (r#"{"learningRate": 0.1}"#, &["learningRate", "0.1", "optimizer"]),
        (r#"{"data": {"id": "nine-gaussians"}}"#, &["data.id", "nine-gaussians", "eight-gaussians"]),
        (
            r#"{"model": "transformer"}"#,
            &["model.id", "transformer", "exact, hopfield, joint-cnn, joint-embedding, joint-mlp, latent-ebm, mlp"],
        ),
        (
            r#"{"model": {"id": 7}}"#,
            &["model.id", "7", "exact, hopfield, joint-cnn, joint-embedding, joint-mlp, latent-ebm, mlp"],
        ),
        (r#"{"objective": []}"#, &["objective", "[]", "an object"]),
        (r#"{"sampler": null}"#, &["sampler", "null", "an object"]),
        (r#"{"sampler": {"stepSize": -0.1}}"#, &["sampler.stepSize", "-0.1", "from 0.00001 to 1"]),
        (r#"{"sampler": {"stepSize": 1e30}}"#, &["sampler.stepSize", "1e+30", "from 0.00001 to 1"]),
        (r#"{"sampler": {"stepSize": null}}"#, &["sampler.stepSize", "null", "a number"]),
        (r#"{"sampler": {"stepSize": "0.1"}}"#, &["sampler.stepSize", "\"0.1\"", "a number"]),
        (r#"{"sampler": {"steps": 2.5}}"#, &["sampler.steps", "2.5", "a whole number"]),
        (r#"{"sampler": {"steps": 1000000000000}}"#, &["sampler.steps", "1000000000000", "1 to 1000"]),
        (r#"{"sampler": {"adapt": 1}}"#, &["sampler.adapt", "1", "true or false"]),
        (r#"{"sampler": {"noise": 0.1}}"#, &["sampler.noise", "0.1", "those of mala"]),
        (r#"{"model": {"widths": []}}"#, &["model.widths", "[]", "1 to 6"]),
        (r#"{"model": {"widths": [0]}}"#, &["model.widths", "[0]", "from 1 to 512"]),
        (r#"{"model": {"widths": [8, 99999]}}"#, &["model.widths", "99999", "from 1 to 512"]),
        (r#"{"model": {"widths": [8, null]}}"#, &["model.widths", "null"]),
        (r#"{"model": {"widths": 8}}"#, &["model.widths", "8", "a list"]),
        (&long, &["model.activation", "...", "silu"]),
        (&long_key, &["data.id", "...", "drawn"]),
        (r#"{"data": {"count": 0}}"#, &["data.count", "0", "from 1 to 65536"]),
        (r#"{"batch": 0}"#, &["batch", "0", "from 1 to 8192"]),
        (r#"{"batch": true}"#, &["batch", "true", "a whole number"]),
        (r#"{"particles": 1e9}"#, &["particles", "a whole number from 0 to 16384"]),
        (r#"{"optimizer": {"id": "adam", "momentum": 0.9}}"#, &["optimizer.momentum", "0.9", "those of adam"]),
        (r#"{"seed": 3, "batch": 8, "model": {"widths": [-1]}}"#, &["model.widths", "[-1]"]),
        (r#"{"data": {"id": "drawn"}, "model": {"id": "exact"}}"#, &["model.id", "exact", "mlp"]),
    ];
    for (patch, says) in table {
        let name: String = patch.chars().take(80).collect();
        let result = block_on(session.configure(patch));
        refused(&mut session, &before, &name, result, says);
        let whole = Config::parse(patch).and_then(|config| Session::new(device(), config));
        // Some patches only fail beside this session's sampler.
        let depends = ["noise", "adapt", "those of mala"].iter().any(|w| patch.contains(w));
        assert!(depends || whole.is_err(), "{name} was accepted as a whole config");
    }
    session.train(1).unwrap();
}

/// A file of tensors, taken apart.
struct Parts {
    metadata: HashMap<String, String>,
    tensors: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>,
}

impl Parts {
    fn of(bytes: &[u8]) -> Self {
        let (_, header) = SafeTensors::read_metadata(bytes).unwrap();
        let file = SafeTensors::deserialize(bytes).unwrap();
        let tensors = file.iter().map(|(n, v)| (n.to_string(), (v.dtype(), v.shape().to_vec(), v.data().to_vec())));
        Self { metadata: header.metadata().clone().unwrap(), tensors: tensors.collect() }
    }

    fn bytes(&self) -> Vec<u8> {
        let views = self.tensors.iter().map(|(n, (d, s, b))| (n.as_str(), TensorView::new(*d, s.clone(), b).unwrap()));
        serialize(views, Some(self.metadata.clone())).unwrap()
    }

    fn put(&mut self, name: &str, values: &[f32]) {
        let bytes = bytemuck::cast_slice(values).to_vec();
        self.tensors.insert(name.into(), (Dtype::F32, vec![values.len()], bytes));
    }
}

/// Bytes that are no file of tensors, from one that is.
fn broken(good: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut huge_header = good.to_vec();
    huge_header[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut no_json = good.to_vec();
    no_json[8] = b'x';
    vec![
        ("nothing", vec![]),
        ("three bytes", vec![1, 2, 3]),
        ("half a file", good[..good.len() / 2].to_vec()),
        ("a file without its last byte", good[..good.len() - 1].to_vec()),
        ("a file with a byte too many", [good, &[0]].concat()),
        ("a header longer than the file", huge_header),
        ("a header that is no JSON", no_json),
        ("text", b"{\"version\": 1}".to_vec()),
    ]
}

#[test]
fn a_damaged_snapshot_is_refused_and_changes_nothing() {
    let mut session = small(varieties().remove(2));
    session.train(2).unwrap();
    let good = bits(&mut session);
    session.train(1).unwrap();
    let before = bits(&mut session);
    let mut table: Vec<(&str, Vec<u8>, Vec<&str>)> =
        broken(&good).into_iter().map(|(name, bytes)| (name, bytes, vec!["snapshot"])).collect();
    let mut forge = |name, change: &dyn Fn(&mut Parts), says: &[&'static str]| {
        let mut parts = Parts::of(&good);
        change(&mut parts);
        table.push((name, parts.bytes(), says.to_vec()));
    };
    let run = |change: &dyn Fn(&mut Value), p: &mut Parts| {
        let mut run: Value = json::parse(&p.metadata["run"]).unwrap();
        change(&mut run);
        p.metadata.insert("run".into(), run.to_string());
    };
    let clock =
        |field: &'static str, value: Value| move |p: &mut Parts| run(&|run| run["clock"][field] = value.clone(), p);
    let config = |patch: &'static str, with: &'static str| {
        move |p: &mut Parts| {
            let text = p.metadata["run"].replace(patch, with);
            assert!(text != p.metadata["run"], "{patch} is not in {text}");
            p.metadata.insert("run".into(), text);
        }
    };
    forge("no header", &|p| p.metadata.clear(), &["snapshot", "no run"]);
    forge("a header of text", &|p| drop(p.metadata.insert("run".into(), "noon".into())), &["snapshot", "JSON"]);
    forge("no config", &|p| run(&|run| run["config"] = Value::Null, p), &["config", "no object"]);
    forge("no clock", &|p| run(&|run| run["clock"] = Value::Null, p), &["snapshot.clock.", "null"]);
    forge("a clock of text", &|p| run(&|run| run["clock"] = "noon".into(), p), &["snapshot.clock."]);
    forge("two seeds", &config("\"seed\":5", "\"seed\":5,\"seed\":6"), &["snapshot", "seed", "twice"]);
    forge("a seventh stage", &clock("stage", json!(6)), &["snapshot.clock.stage", "6", "0 to 4"]);
    forge("a stage in words", &clock("stage", json!("update")), &["snapshot.clock.stage", "update"]);
    forge("a move in no stage", &clock("substep", json!(3)), &["snapshot.clock.substep", "3", "0 to 0"]);
    forge("an update before the first", &clock("update", json!(-1)), &["snapshot.clock.update", "-1"]);
    forge("half a step", &clock("steps", json!(0.5)), &["snapshot.clock.steps", "0.5"]);
    forge("an endless run", &clock("update", json!(u64::MAX)), &["snapshot.clock.update"]);
    forge("version 2", &config("\"version\":1", "\"version\":2"), &["version", "2", "expected 1"]);
    forge("an unknown rule", &config("persistent-", "perpetual-"), &["objective.id", "perpetual"]);
    forge("another network", &config("[12,8]", "[12,9]"), &["snapshot", "values for", "its own config"]);
    forge("more particles", &config("\"particles\":24", "\"particles\":25"), &["snapshot", "particles", "50"]);
    forge("no points", &|p| drop(p.tensors.remove("points")), &["snapshot", "points"]);
    forge("half a point", &|p| p.put("points", &[1.0, 2.0, 3.0]), &["snapshot", "points"]);
    forge("a point nowhere", &|p| p.put("points", &[1.0, f32::NAN]), &["data[0]", "NaN", "-1000000 to 1000000"]);
    forge("a point far away", &|p| p.put("points", &[0.0, 0.0, 1e30, 2.0]), &["data[1]", "-1000000 to 1000000"]);
    forge("too many points", &|p| p.put("points", &vec![0.0; 2 * 65_537]), &["data", "65537", "at most 65536"]);
    forge("no weights", &|p| drop(p.tensors.remove("parameters")), &["snapshot", "0 values for parameters"]);
    forge("a weight too few", &|p| p.put("average", &[0.0; 7]), &["snapshot", "7 values for average"]);
    forge("a tensor too many", &|p| p.put("secrets", &[1.0]), &["snapshot", "secrets"]);
    forge("a derived tensor", &|p| p.put("dials", &[1.0]), &["snapshot", "dials"]);
    forge(
        "weights in whole numbers",
        &|p| p.tensors.get_mut("parameters").unwrap().0 = Dtype::I32,
        &["snapshot", "parameters", "I32", "F32 or F16"],
    );
    for (name, bytes, says) in table {
        let result = Snapshot::from_bytes(&bytes).and_then(|snapshot| block_on(session.restore(snapshot)));
        refused(&mut session, &before, name, result, &says);
    }
    block_on(session.restore(Snapshot::from_bytes(&good).unwrap())).unwrap();
    assert!(bits(&mut session) == good, "the whole one is accepted");
}

#[test]
fn damaged_weights_are_refused_and_change_nothing() {
    let mut session = small(json!({}));
    session.train(2).unwrap();
    let good = block_on(session.export_weights()).unwrap();
    session.train(1).unwrap();
    let before = bits(&mut session);
    let mut table: Vec<(&str, Vec<u8>, Vec<&str>)> =
        broken(&good).into_iter().map(|(name, bytes)| (name, bytes, vec!["weights"])).collect();
    let mut forge = |name, change: &dyn Fn(&mut Parts), says: &[&'static str]| {
        let mut parts = Parts::of(&good);
        change(&mut parts);
        table.push((name, parts.bytes(), says.to_vec()));
    };
    let bias = "layers.1.bias";
    forge("a layer missing", &|p| drop(p.tensors.remove(bias)), &["weights", bias, "[8]"]);
    forge("a bias too short", &|p| p.put(bias, &[0.0; 7]), &["weights", bias, "[7]", "[8]"]);
    forge(
        "a matrix lying down",
        &|p| p.tensors.get_mut("layers.1.weight").unwrap().1 = vec![12, 8],
        &["weights", "layers.1.weight", "[12, 8]", "[8, 12]"],
    );
    forge("a weight that is no number", &|p| p.put(bias, &[f32::NAN; 8]), &["weights", bias, "NaN", "finite"]);
    forge("an endless weight", &|p| p.put(bias, &[f32::INFINITY; 8]), &["weights", bias, "Infinity", "finite"]);
    forge(
        "an endless half",
        &|p| drop(p.tensors.insert(bias.into(), (Dtype::F16, vec![8], [0, 0x7c].repeat(8)))),
        &["weights", bias, "Infinity", "finite"],
    );
    forge(
        "whole numbers",
        &|p| p.tensors.get_mut(bias).unwrap().0 = Dtype::I32,
        &["weights", bias, "I32", "F32 or F16"],
    );
    for (name, bytes, says) in table {
        let result = block_on(session.import_weights(&bytes));
        refused(&mut session, &before, name, result, &says);
    }
    let mut parts = Parts::of(&good);
    // 1 and −2 in binary16; and names that only another program knows.
    parts.tensors.insert(bias.into(), (Dtype::F16, vec![8], [0x00, 0x3c, 0x00, 0xc0].repeat(4)));
    parts.put("ema.decay", &[0.9]);
    block_on(session.import_weights(&parts.bytes())).unwrap();
    let at = 14 * 12 + 12 + 12 * 8;
    assert_eq!(parameters(&mut session)[at..at + 8], [1.0, -2.0, 1.0, -2.0, 1.0, -2.0, 1.0, -2.0]);
    let mut exact = small(json!({"model": {"id": "exact"}}));
    let before = bits(&mut exact);
    let result = block_on(exact.import_weights(&good));
    refused(&mut exact, &before, "weights for a density", result, &["weights", "exact", "a model that has weights"]);
}

#[test]
fn commands_with_wrong_arguments_are_refused_and_change_nothing() {
    let mut session = small(json!({}));
    let before = bits(&mut session);
    let results = [
        ("a point nowhere", block_on(session.set_data(vec![[0.0, f32::NAN]])), "data[0]"),
        ("a point too far", block_on(session.add_points(&[[0.0, 101.0]])), "data[200]"),
        ("too many points", block_on(session.set_data(vec![[0.0; 2]; 65_537])), "65537"),
        ("a point that is not there", session.move_point(200, [0.0, 0.0]), "200"),
        ("to nowhere", session.move_point(0, [f32::INFINITY, 0.0]), "Infinity"),
        ("a point less", block_on(session.remove_points(&[1, 200])), "200"),
        ("a particle too few", session.set_particles(&[0.0; 46]), "48 numbers"),
        ("a particle nowhere", session.set_particles(&[f32::NAN; 48]), "particles[0]"),
        (
            "a view of nothing",
            block_on(session.set_view(View { extent: [1.0, 1.0, 0.0, 1.0], ..View::default() })),
            "view.extent",
        ),
        (
            "a view inside out",
            block_on(session.set_view(View { extent: [1.0, -1.0, 0.0, 1.0], ..View::default() })),
            "view.extent",
        ),
        (
            "an endless view",
            block_on(session.set_view(View { extent: [0.0, f64::NAN, 0.0, 1.0], ..View::default() })),
            "view.extent",
        ),
        ("a grain of sand", Grain::parse("sand").map(drop), "substep, stage or update"),
        ("an unknown scene", scene("nowhere").map(drop), "eight-gaussians"),
        ("a particle that is not there", block_on(session.preview(24)).map(drop), "24"),
    ];
    for (name, result, says) in results {
        refused(&mut session, &before, name, result, &[says]);
    }
}
