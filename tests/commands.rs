//! The commands `train` and `judge`, as a program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that is gone when the test is done.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ebm-train-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let mut file = vec![0, 0, 8, 3, 0, 0, 0, 30, 0, 0, 0, 28, 0, 0, 0, 28];
        file.extend((0..30 * 784usize).map(|i| (i * i % 251) as u8));
        fs::write(path.join("images"), file).unwrap();
        let labels = [0, 0, 8, 1, 0, 0, 0, 30].into_iter().chain((0..30).map(|i| i % 10)).collect::<Vec<u8>>();
        fs::write(path.join("labels"), labels).unwrap();
        Self(path)
    }

    /// The command with these options, on this place's images and into this folder of it.
    fn train(&self, out: &str, options: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ebm"));
        command.arg("train").arg("--images").arg(self.0.join("images")).arg("--out").arg(self.0.join(out));
        command.args(options).output().unwrap()
    }

    /// The verdict on chains of these weights by those.
    fn judge(&self, weights: &str, by: &str, options: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ebm"));
        command.arg("judge").current_dir(&self.0).args(["--images", "images", "--labels", "labels"]);
        command.args(["--weights", weights, "--by", by]).args(options).output().unwrap()
    }

    fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.0.join(path)).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SMALL: &str = r#"{
    "model": {"size": "small"},
    "objective": {"id": "persistent-contrastive-divergence", "bufferSize": 64},
    "sampler": {"steps": 2},
    "batch": 4,
    "particles": 2
}"#;

fn sentence(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).trim().to_string()
}

#[test]
fn a_run_that_was_broken_off_goes_on_as_if_it_had_not_been() {
    let place = Place::new("resume");
    let whole = place.train("whole", &["--config", SMALL, "--updates", "6", "--every", "2"]);
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    assert!(place.train("parts", &["--config", SMALL, "--updates", "4", "--every", "2"]).status.success());
    // A line that a break left behind the checkpoint is written again.
    let lines = String::from_utf8(place.read("parts/metrics.jsonl")).unwrap();
    fs::write(place.0.join("parts/metrics.jsonl"), format!("{lines}{{\"update\":6}}\n{{\"upd")).unwrap();
    assert!(place.train("parts", &["--resume", "--updates", "6", "--every", "2"]).status.success());
    assert_eq!(place.read("whole/weights.safetensors"), place.read("parts/weights.safetensors"));
    assert_eq!(place.read("whole/checkpoint.safetensors"), place.read("parts/checkpoint.safetensors"));
    assert_eq!(place.read("whole/chains.png"), place.read("parts/chains.png"));
    let figures = |out: &str| -> Vec<serde_json::Value> {
        let text = String::from_utf8(place.read(&format!("{out}/metrics.jsonl"))).unwrap();
        let mut lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        // A machine is never as quick twice.
        lines.iter_mut().for_each(|line| drop(line.as_object_mut().unwrap().remove("updatesPerSecond")));
        lines
    };
    assert_eq!(figures("whole"), figures("parts"));
    let updates: Vec<_> = figures("whole").iter().map(|line| line["update"].as_u64().unwrap()).collect();
    assert_eq!(updates, [2, 4, 6]);
    let area = figures("whole")[2]["auroc"]["noise"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&area));
}

#[test]
fn what_cannot_be_done_is_said_and_changes_nothing() {
    let place = Place::new("refusals");
    let exists = |path: &Path| place.0.join(path).exists();
    assert!(sentence(&place.train("a", &["--resume"])).contains("checkpoint.safetensors cannot be read"));
    assert!(
        sentence(&place.train("a", &["--config", "{\"model\": \"mlp\"}"])).starts_with("model.id: mlp is not accepted")
    );
    assert!(sentence(&place.train("a", &["--backend", "abacus"])).contains("expected cpu or gpu"));
    assert!(sentence(&place.train("a", &["--labels", "nowhere"])).starts_with("nowhere cannot be read"));
    assert!(sentence(&place.train("a", &["--speed", "3"])).contains("--speed"));
    assert!(!exists(Path::new("a")));
    assert!(place.train("a", &["--config", SMALL, "--updates", "1"]).status.success());
    // With the weights of another run, and no update of its own.
    let weights = place.0.join("a/weights.safetensors");
    let options = ["--config", SMALL, "--updates", "0", "--weights", weights.to_str().unwrap()];
    assert!(place.train("b", &options).status.success());
    let options = ["--config", r#"{"model": {"size": "tutorial"}}"#, "--weights", weights.to_str().unwrap()];
    assert!(sentence(&place.train("c", &options)).starts_with("weights: layers.0.weight has shape"));
    assert!(!exists(Path::new("c")));
    let before = place.read("a/checkpoint.safetensors");
    assert!(sentence(&place.train("a", &["--config", SMALL])).contains("--resume goes on with it"));
    assert!(
        sentence(&place.train("a", &["--config", SMALL, "--resume"]))
            .starts_with("--config and --weights belong to a new run")
    );
    assert_eq!(before, place.read("a/checkpoint.safetensors"));
    let unknown = Command::new(env!("CARGO_BIN_EXE_ebm")).arg("teach").output().unwrap();
    assert!(sentence(&unknown).starts_with("usage: "));
}

#[test]
fn a_classifier_judges_the_ends_of_chains() {
    let place = Place::new("judge");
    let classes =
        r#"{"model": {"id": "joint-cnn", "size": "small"}, "objective": {"id": "cross-entropy"}, "batch": 8}"#;
    let labels = place.0.join("labels");
    let options = ["--labels", labels.to_str().unwrap(), "--config", classes, "--updates", "200", "--every", "200"];
    assert!(place.train("by", &options).status.success());
    assert!(place.train("energy", &["--config", SMALL, "--updates", "1"]).status.success());
    let [energy, by] = ["energy/weights.safetensors", "by/weights.safetensors"];
    let options = ["--chains", "7", "--steps", "5", "--every", "3", "--picture", "ends.png"];
    let output = place.judge(energy, by, &options);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["step"].as_u64().unwrap()).collect::<Vec<_>>(), [3, 5]);
    let learned = String::from_utf8(place.read("by/metrics.jsonl")).unwrap();
    let learned: serde_json::Value = serde_json::from_str(learned.lines().last().unwrap()).unwrap();
    for line in &lines {
        let counts: Vec<u64> = line["chainsOfClass"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
        assert_eq!((counts.len(), counts.iter().sum()), (10, 7));
        let confidence = line["meanConfidence"].as_f64().unwrap();
        assert!((0.1..=1.0).contains(&confidence), "the likeliest of ten has a tenth at least: {confidence}");
        assert_eq!(line["accuracyHeldOut"], learned["accuracyHeldOut"], "what its training said");
    }
    assert!(place.read("ends.png").starts_with(b"\x89PNG"));
    assert_eq!(place.judge(energy, by, &options).stdout, output.stdout, "a seed is a verdict");
    // Of an energy that knows classes, one alone may be followed; of another there is none.
    let eight = ["--chains", "4", "--steps", "2", "--mix", "0,0,0,0,0,0,0,0,0,1,0"];
    assert!(place.judge(by, by, &eight).status.success());
    assert_ne!(place.judge(by, by, &eight).stdout, place.judge(by, by, &eight[..4]).stdout);
    assert!(sentence(&place.judge(energy, by, &eight)).starts_with("model.id: cnn is not accepted"));
    assert!(sentence(&place.judge(by, by, &["--mix", "1,much"])).starts_with("--mix: 1,much is no list of numbers"));
    assert!(sentence(&place.judge(energy, energy, &[])).ends_with("knows no classes."));
    assert!(sentence(&place.judge("labels", by, &[])).starts_with("weights: "));
    assert!(sentence(&place.judge(energy, "nowhere", &[])).starts_with("nowhere cannot be read"));
}
