//! The shape of the core: who may name whom, sorted registries, and every part beside every other.

use ebm::backend::cpu::Cpu;
use ebm::data::Space;
use ebm::graph::Graph;
use ebm::json;
use ebm::json::Value;
use ebm::model::Ability;
use ebm::sampler::STEP_SIZE;
use ebm::schema::{Kind, Param, Section};
use ebm::session::{Config, Session};
use ebm::{data, model, objective, optim, sampler};
use pollster::block_on;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The modules in layers: each may name those of the layers before it, and itself. What `backend` only passes on
/// (`plan`: plain data) lies in the kernels' crate, as `math` and `rng` do, below everything.
const LAYERS: &[&[&str]] = &[
    &["error", "math", "rng", "plan", "number", "sorted"],
    &["json"],
    &["safetensors"],
    &["schema"],
    &["graph"],
    &["autodiff", "backend", "optim", "data"],
    &["model"],
    &["sampler"],
    &["objective"],
    &["session"],
    // What `cargo xtask bench` measures, compiled only for it.
    &["workload"],
    &["wasm"],
];

/// Folders of `src` that are crates of their own, below the core.
const CRATES: [&str; 2] = ["kernels", "metric"];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every source file of the core with its path below `src` and its code without comments.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    rust_files(&root, &mut files);
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let code: Vec<_> = text.lines().map(|line| line.split("//").next().unwrap_or("")).collect();
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        (name, code.join("\n"))
    };
    files.into_iter().map(read).collect()
}

fn is_test(name: &str) -> bool {
    name.contains("tests")
}

fn layer(module: &str) -> usize {
    let found = LAYERS.iter().position(|layer| layer.contains(&module));
    found.unwrap_or_else(|| panic!("{module} stands in no layer: give it one in tests/layers.rs"))
}

/// The modules of the crate that code names, whatever the form: `crate::a::…` or `use crate::{a, b::…}`.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let (mut depth, mut start) = (0, 0);
            for (i, c) in list.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => {
                        names.insert(word(list[start..i].trim_start()));
                        break;
                    }
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        names.insert(word(list[start..i].trim_start()));
                        start = i + 1;
                    }
                    _ => {}
                }
            }
        } else if rest.starts_with("backend::plan") {
            names.insert("plan".into());
        } else {
            names.insert(word(rest));
        }
    }
    // Types that the root names again.
    names.into_iter().filter(|n| !n.is_empty() && n != "Error" && n != "Result").collect()
}

#[test]
fn dependencies_run_one_way() {
    let mut wrong = vec![];
    for (file, code) in sources() {
        let module = file.split(['/', '.']).next().unwrap();
        // Programs are crates of their own, above everything.
        if ["lib", "bin"].contains(&module) || CRATES.contains(&module) || is_test(&file) {
            continue;
        }
        let production = code.split("#[cfg(test)]").next().unwrap();
        for name in named(production) {
            let allowed = name == module || layer(&name) < layer(module);
            if !allowed {
                wrong.push(format!("src/{file} names crate::{name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn crates_below_the_core_name_nothing_of_it() {
    let modules: Vec<_> = LAYERS.iter().skip(1).flat_map(|l| l.iter()).collect();
    let below = |file: &str| CRATES.iter().any(|name| file.split('/').next() == Some(name));
    for (file, code) in sources().iter().filter(|(file, _)| below(file)) {
        for module in &modules {
            assert!(!code.contains(&format!("crate::{module}")), "src/{file} names {module}");
        }
        assert!(!code.contains("ebm::"), "src/{file} names the core");
    }
}

#[test]
fn devices_and_javascript_are_named_in_one_place_each() {
    let word = |code: &str, name: &str| {
        code.match_indices(name).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_') && code[at + name.len()..].starts_with("::")
        })
    };
    for (file, code) in sources() {
        let gpu = file.starts_with("backend/gpu");
        assert!(gpu || !word(&code, "wgpu"), "src/{file} names wgpu");
        for name in ["wasm_bindgen", "js_sys", "web_sys"] {
            // The latter asks for texts of numbers.
            let javascript = file == "wasm.rs"
                || file.starts_with("wasm/")
                || file == "metric/wasm.rs"
                || file == "number.rs" && name == "wasm_bindgen";
            assert!(javascript || !word(&code, name), "src/{file} names {name}");
        }
        // Time comes in as an argument, chance from a seed; what measures has a clock.
        let measures = file.starts_with("bin/");
        for name in ["Instant", "SystemTime", "thread_rng", "rand::rng"] {
            assert!(gpu || measures || !word(&code, name), "src/{file} names {name}");
        }
        // What the web's devices cannot be.
        let outside = !is_test(&file) && !file.starts_with("kernels/");
        assert!(!outside || !code.contains(": Send") && !code.contains("+ Send"), "src/{file} asks for Send");
    }
}

#[test]
fn registries_are_sorted_and_say_everything_once() {
    type Parts = Vec<(&'static str, &'static [Param])>;
    let registries: [(&str, Parts); 5] = [
        ("data", data::ALL.iter().map(|p| (p.id(), p.params())).collect()),
        ("model", model::ALL.iter().map(|p| (p.id(), p.params())).collect()),
        ("objective", objective::ALL.iter().map(|p| (p.id(), p.params())).collect()),
        ("sampler", sampler::ALL.iter().map(|p| (p.id(), p.params())).collect()),
        ("optimizer", optim::ALL.iter().map(|p| (p.id(), p.params())).collect()),
    ];
    for (kind, parts) in registries {
        assert!(parts.windows(2).all(|pair| pair[0].0 < pair[1].0), "{kind} is not sorted, or says an id twice");
        for (id, params) in parts {
            assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{kind} {id}");
            let names: BTreeSet<_> = params.iter().map(|p| p.name).collect();
            assert_eq!(names.len(), params.len(), "{kind} {id} names a parameter twice");
            for p in params {
                assert!(p.check(p.name, &p.default_value()).is_ok(), "{kind} {id}: the default of {}", p.name);
                assert!(p.name != "id" && p.name.chars().all(char::is_alphanumeric), "{kind} {id}: {}", p.name);
            }
        }
    }
    for rule in objective::ALL {
        // One ring of losses holds the loss and up to seven parts.
        assert!(rule.terms().len() <= 7 && rule.terms().iter().all(|t| t.stage < 6), "{}", rule.id());
        assert!(!rule.formula().is_empty());
    }
    for kernel in sampler::ALL {
        let names: BTreeSet<_> = kernel.params().iter().map(|p| p.name).collect();
        assert!(names.contains("steps"), "{}", kernel.id());
        // Kernels that follow a process of noise take its steps, and a draw of all coordinates at once has none; of all others the step
        // size comes first.
        let sized = kernel.params()[0].name == STEP_SIZE;
        let draws = matches!(kernel.needs(), Some(Ability::Noise | Ability::Latent));
        let without = (draws || kernel.spaces()[0] != Space::Plane) && !names.contains(STEP_SIZE);
        assert!(sized || without, "{}", kernel.id());
    }
}

/// Three updates (or moves, where there is nothing to learn) of an experiment, which must leave only numbers.
fn runs(config: &Value) {
    let mut session = Session::new(Box::new(Cpu::<f32>::new()), Config::from_value(config).unwrap()).unwrap();
    session.train(3).unwrap();
    let snapshot = block_on(session.snapshot()).unwrap();
    for (name, values) in snapshot.state.iter() {
        assert!(values.iter().all(|v| v.is_finite()), "{config}: {name} holds what is no number");
    }
    assert_eq!(snapshot.clock.update, if session.trains() { 3 } else { 0 }, "{config}");
    assert_eq!(snapshot.clock.steps, 3, "{config}");
    assert!(block_on(session.check()).unwrap().is_none(), "{config}: the guard stopped it");
}

fn small() -> Value {
    json!({"data": {"count": 64}, "batch": 16, "particles": 16, "model": {"id": "mlp", "widths": [6, 5]}})
}

#[test]
fn what_an_energy_does_not_know_is_refused_to_who_needs_it() {
    for patch in [
        json!({"objective": {"id": "multiscale-denoising-score-matching"}}),
        json!({"sampler": {"id": "annealed-langevin"}}),
        json!({"sampler": {"id": "annealed-langevin"}, "model": {"id": "exact"}}),
    ] {
        let config = Config::from_value(&patch).unwrap();
        let refusal = Session::new(Box::new(Cpu::<f32>::new()), config).err().expect("refused").to_string();
        assert!(refusal.starts_with("model.id: ") && refusal.contains("noise-conditional-mlp"), "{refusal}");
    }
    for (patch, says) in [
        (json!({"model": {"id": "mlp"}}), ["model.id: ", "joint-mlp"]),
        (json!({"data": {"id": "banana"}}), ["data.id: ", "such as two-moons"]),
        (json!({"model": {"id": "joint-mlp", "classes": 7}}), ["model.classes: 7", "at least 8"]),
    ] {
        let config = json!({"model": {"id": "joint-mlp"}, "objective": {"id": "joint-energy"}});
        let config = Config::from_value(&config).unwrap().patched(&patch.to_string()).unwrap();
        let refusal = Session::new(Box::new(Cpu::<f32>::new()), config).err().expect("refused").to_string();
        assert!(says.iter().all(|part| refusal.contains(part)), "{refusal}");
    }
    // A rule that trains nothing is no obstacle.
    let given = json!({"objective": {"id": "multiscale-denoising-score-matching"}, "model": {"id": "exact"}});
    runs(&given);
}

#[test]
fn every_rule_runs_beside_every_kernel_and_every_optimiser() {
    for rule in objective::ALL {
        for kernel in sampler::ALL.iter().filter(|k| k.spaces().contains(&Space::Plane)) {
            for optimizer in optim::ALL {
                let models: &[&str] = match (rule.needs(), kernel.needs()) {
                    // Those without an energy go with kernels that follow slopes.
                    (Some(Ability::Noise), _) if !kernel.needs_energy() => {
                        &["noise-conditional-mlp", "score-mlp", "diffusion-mlp"]
                    }
                    // No energy knows both.
                    (Some(of_rule), Some(of_kernel)) if of_rule != of_kernel => &[],
                    (Some(Ability::Noise), _) | (None, Some(Ability::Noise)) => &["noise-conditional-mlp"],
                    (Some(Ability::Latent), _) | (None, Some(Ability::Latent)) => &["vae"],
                    // Chains of latent variables are those of one kernel.
                    (Some(Ability::LatentEnergy), None) => &[],
                    (Some(Ability::LatentEnergy), _) | (None, Some(Ability::LatentEnergy)) => &["latent-ebm"],
                    (Some(Ability::Classes), _) => &["joint-mlp"],
                    (Some(Ability::Pairs), _) => &["joint-embedding"],
                    _ => &["mlp"],
                };
                for model in models {
                    let mut config = small();
                    config["objective"] = json!({"id": rule.id()});
                    config["sampler"] = json!({"id": kernel.id(), "steps": 3});
                    config["model"]["id"] = (*model).into();
                    config["optimizer"] = json!({"id": optimizer.id()});
                    runs(&config);
                }
            }
        }
    }
}

#[test]
fn every_choice_of_a_network_runs() {
    for (name, values) in [
        ("activation", vec!["silu", "softplus", "tanh", "elu", "relu", "sine"]),
        ("features", vec!["fourier", "none"]),
        ("initialisation", vec!["torch", "xavier", "he", "siren"]),
    ] {
        for value in values {
            let mut config = small();
            config["model"][name] = value.into();
            config["objective"] = "denoising-score-matching".into();
            runs(&config);
        }
    }
}

#[test]
fn every_kernel_walks_every_density_and_every_density_is_learned() {
    for density in data::ALL.iter().filter(|d| d.space(&Section::defaults(d.id(), d.params())) == Space::Plane) {
        let mut config = small();
        config["data"] = json!({"id": density.id()});
        if density.params().iter().any(|p| p.name == "count") {
            config["data"]["count"] = 64.into();
        }
        runs(&config);
        for kernel in sampler::ALL.iter().filter(|k| k.spaces().contains(&Space::Plane)) {
            let mixture = || density.mixture(&Section::defaults(density.id(), density.params())).is_some();
            let models: &[&str] = match kernel.needs() {
                Some(Ability::Latent) => &["vae"],
                Some(Ability::LatentEnergy) => &["latent-ebm"],
                Some(_) if mixture() => &["smoothed", "diffused"],
                Some(_) => &[],
                None => &["exact"],
            };
            config["sampler"] = json!({"id": kernel.id()});
            // Small enough for the steepest of the given energies.
            if let Kind::Number { min, .. } = kernel.params()[0].kind {
                config["sampler"][STEP_SIZE] = (min.max(1e-5)).into();
            }
            for model in models {
                config["model"] = (*model).into();
                if Config::from_value(&config).is_ok() && density.id() != "drawn" {
                    runs(&config);
                }
            }
        }
    }
}

/// What the first core leaves out is what is compiled for the whole one alone, so that the page knows of every part.
#[test]
fn further_parts_are_named() {
    let ids = |further: &[(&'static str, Option<Ability>)]| further.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    let registries = [
        (
            "data/mod.rs",
            data::FURTHER.iter().map(|(id, _)| *id).collect(),
            data::ALL.iter().map(|p| p.id()).collect::<Vec<_>>(),
        ),
        (
            "model/mod.rs",
            model::FURTHER.iter().map(|(id, ..)| *id).collect(),
            model::ALL.iter().map(|p| p.id()).collect(),
        ),
        ("objective/mod.rs", ids(objective::FURTHER), objective::ALL.iter().map(|p| p.id()).collect()),
        ("sampler/mod.rs", ids(sampler::FURTHER), sampler::ALL.iter().map(|p| p.id()).collect()),
    ];
    // The first core says of them that they have an energy.
    let graph = Graph::new();
    for &(id, space) in data::FURTHER {
        let density = data::by_id(id).unwrap();
        let x = graph.constant(0.0, &[1, space.dimension()]);
        let section = Section::defaults(density.id(), density.params());
        let energy = density.energy(&section, x);
        assert_eq!((density.space(&section), energy.is_some()), (space, space == Space::Plane), "{id}");
    }
    for &(id, _, space) in model::FURTHER {
        assert_eq!(model::ALL.iter().find(|m| m.id() == id).unwrap().spaces()[0], space, "{id}");
    }
    let sources = sources();
    for (file, further, all) in registries {
        let (_, code) = sources.iter().find(|(name, _)| name == file).unwrap();
        let list: Vec<_> = code
            .split(" ALL: &[&dyn ")
            .nth(1)
            .unwrap()
            .lines()
            .skip(1)
            .map(str::trim)
            .take_while(|l| *l != "];")
            .collect();
        // Whether each part is in the whole core alone, in the list's order.
        let (mut gated, mut gate) = (vec![], false);
        for line in list {
            match line == "#[cfg(feature = \"whole\")]" {
                true => gate = true,
                false => gated.push(std::mem::take(&mut gate)),
            }
        }
        assert_eq!(gated.len(), all.len(), "{file}");
        let later: Vec<_> = all.into_iter().zip(gated).filter(|(_, gated)| *gated).map(|(id, _)| id).collect();
        assert_eq!(later, further, "{file}");
    }
}
