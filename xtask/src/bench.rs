//! `cargo xtask bench`: this project's core against other libraries in the same browser (tests/peers), and with `memory`
//! whether memory stays flat in ten minutes of training, with `scratch` how far ten minutes bring a visitor on digits, with `page` how soon and how large the page opens, with `objectives`
//! how near each training rule comes to the data, with `combinations` whether everything goes with everything.

use crate::arguments::Arguments;
use crate::comparison::{self, Line};
use crate::process::{self, Show};
use crate::{chromium, packages, site, vulkan, wasm, workspace};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

const WORKLOADS: &str = "W1,W1m,W2,W2m,W3,W3m,W4,W5";
const PEERS: &str = "ebm-wasm,ebm-webgpu,jaxjs-wasm,jaxjs-webgpu,tfjs-wasm,tfjs-webgpu";

/// Measures the workloads of tests/peers, memory, the opening of the page, or the training rules.
pub fn command(mut arguments: Arguments) -> Result<()> {
    if arguments.flag("memory") {
        return memory(arguments);
    }
    if arguments.flag("scratch") {
        return scratch(arguments);
    }
    if arguments.flag("page") {
        return opening(arguments);
    }
    if arguments.flag("objectives") {
        return objectives(arguments);
    }
    if arguments.flag("combinations") {
        return combinations(arguments);
    }
    let option = |given: Option<String>, default: &str| given.unwrap_or_else(|| default.to_string());
    let workloads = option(arguments.value("--workload")?, WORKLOADS);
    let peers = option(arguments.value("--peer")?, PEERS);
    let rounds = option(arguments.value("--rounds")?, "2");
    arguments.finish()?;

    // Playwright, which brings a browser where there is none, is among the page's packages.
    packages::install("www", Show::Live)?;
    packages::install("tests/peers", Show::Live)?;
    let browser = chromium::find_or_install(Show::Live)?;
    wasm::build_workloads(Show::Live)?;

    println!("Measuring {workloads} for {peers}, interleaved");
    let harness = ["bench.mjs", "--workload", &workloads, "--peer", &peers, "--rounds", &rounds];
    let mut command = process::node("tests/peers", &harness);
    command.env("CHROMIUM", browser);
    let lines = Mutex::new(Vec::new());
    let outcome = process::watch_lines(&mut command, &|text| match serde_json::from_str::<Line>(text) {
        Ok(line) => {
            println!("{line}");
            if let Ok(mut lines) = lines.lock() {
                lines.push(line);
            }
        }
        Err(_) => eprint!("{text}"),
    })?;
    let results = save(&outcome.output)?;
    println!("\n{}", comparison::table(&lines.into_inner().unwrap_or_default()));
    println!("Every figure, with checks and GPU calls: {}", workspace::display(&results));
    if !outcome.status.success() {
        bail!("`{}` failed ({}).", process::spelled(&command), outcome.status);
    }
    Ok(())
}

/// Keeps the harness's own lines, which hold more than the table shows.
fn save(lines: &str) -> Result<PathBuf> {
    let folder = workspace::root().join("tests/peers/results-local");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", workspace::display(&folder)))?;
    let path = folder.join("latest.jsonl");
    fs::write(&path, lines).with_context(|| format!("{} cannot be written", workspace::display(&path)))?;
    Ok(path)
}

/// Runs a script of tests/e2e on the page as it is built now.
fn on_the_page(script: &str, options: &[&str]) -> Result<()> {
    packages::install("www", Show::Live)?;
    let browser = chromium::find_or_install(Show::Live)?;
    site::build(Show::Live)?;
    let mut command = process::node("tests/e2e", &[script]);
    process::run(command.args(options).env("CHROME", browser), Show::Live).map(drop)
}

/// Trains for `--minutes` on each backend and prints heap, wasm memory and GPU buffers.
fn memory(mut arguments: Arguments) -> Result<()> {
    let minutes = arguments.value("--minutes")?.unwrap_or_else(|| "10".into());
    arguments.finish()?;
    on_the_page("memory.mjs", &["--minutes", &minutes])
}

/// Trains the small network on digits from random weights for `--minutes`, in the page, on the CPU or on `--backend`, with `--batch` digits
/// an update.
fn scratch(mut arguments: Arguments) -> Result<()> {
    let minutes = arguments.value("--minutes")?.unwrap_or_else(|| "10".into());
    let backend = arguments.value("--backend")?.unwrap_or_else(|| "wasm".into());
    let batch = arguments.value("--batch")?.unwrap_or_else(|| "64".into());
    arguments.finish()?;
    on_the_page("scratch.mjs", &["--minutes", &minutes, "--backend", &backend, "--batch", &batch])
}

/// Opens the page `--rounds` times on each backend and holds time and bytes against their budgets.
fn opening(mut arguments: Arguments) -> Result<()> {
    let rounds = arguments.value("--rounds")?.unwrap_or_else(|| "5".into());
    arguments.finish()?;
    on_the_page("opening.mjs", &["--rounds", &rounds])
}

/// Opens every objective × sampler × density in the page and runs some updates of each, on both backends or on `--backend`.
fn combinations(mut arguments: Arguments) -> Result<()> {
    let backend = arguments.value("--backend")?;
    arguments.finish()?;
    let options: Vec<_> = backend.iter().flat_map(|name| ["--backend", name]).collect();
    on_the_page("combinations.mjs", &options)
}

/// Trains every rule on every toy set and prints KL(p‖q) beside an independent implementation's: `--rule` and `--data` pick
/// some, `--seeds` defaults to 1,2,3, `--threads` to 1, and `--webgpu` takes the adapter of this machine or of the browser.
fn objectives(mut arguments: Arguments) -> Result<()> {
    let mut given = Vec::new();
    for name in ["--rule", "--data", "--seeds", "--threads"] {
        given.extend(arguments.value(name)?.into_iter().flat_map(|value| [name.to_string(), value]));
    }
    let webgpu = arguments.flag("--webgpu");
    arguments.finish()?;
    let bench = ["run", "--release", "--package", "ebm-playground", "--features", "bench", "--bin", "objectives", "--"];
    let mut command = process::cargo(&bench);
    command.args(given);
    if webgpu {
        packages::install("www", Show::Live)?;
        command.arg("--webgpu").envs(vulkan::of_browser(&chromium::find_or_install(Show::Live)?));
    }
    process::run(&mut command, Show::Live).map(drop)
}
