//! The stages of `cargo xtask test`, in the order in which they run.

use crate::process::{self, Show};
use crate::tally::Tally;
use crate::{chromium, digits, packages, prerequisites, site, size, vulkan, wasm, workspace};
use anyhow::{Context, Result, ensure};
use std::process::Command;

/// One stage: its name for `--only`, what it does in a few words, and how.
pub struct Stage {
    pub name: &'static str,
    pub about: &'static str,
    pub run: fn(Show) -> Result<Finding>,
}

/// What a stage found.
#[derive(Default)]
pub struct Finding {
    pub tally: Tally,
    /// What the failing program printed; None where all is well.
    pub failure: Option<String>,
}

/// Every stage. The quick ones come first; what a stage needs of an earlier one it sets up itself.
pub const ALL: &[Stage] = &[
    Stage { name: "format", about: "rustfmt", run: format },
    Stage { name: "lint", about: "clippy, native", run: lint },
    Stage { name: "lint-wasm", about: "clippy, wasm32", run: lint_wasm },
    Stage { name: "xtask", about: "tests of these commands", run: xtask },
    Stage { name: "core", about: "tests of the core, GPU included", run: core },
    Stage { name: "drivers", about: "GPU tests on this machine's own driver, where it has one", run: drivers },
    Stage { name: "wasm", about: "the core for the browser", run: wasm },
    Stage { name: "biome", about: "format and lint of the page", run: biome },
    Stage { name: "types", about: "types of the page", run: types },
    Stage { name: "page", about: "unit tests of the page", run: page },
    Stage { name: "bundle", about: "the static site and its size", run: bundle },
    Stage { name: "e2e", about: "the page in a real browser", run: e2e },
];

/// A program whose success is the check.
fn check(command: &mut Command, show: Show) -> Result<Finding> {
    counted(command, show, |_| Tally::default())
}

/// A program that runs tests and prints how many passed.
fn counted(command: &mut Command, show: Show, count: fn(&str) -> Tally) -> Result<Finding> {
    let outcome = process::watch(command, show)?;
    let mut tally = count(&outcome.output);
    if outcome.status.success() {
        return Ok(Finding { tally, failure: None });
    }
    // A program that fails before or beside its tests has failed all the same.
    tally.failed = tally.failed.max(1);
    let told = if show == Show::Live { String::new() } else { outcome.output };
    Ok(Finding {
        tally,
        failure: Some(format!("{told}\n`{}` failed ({}).", process::spelled(command), outcome.status)),
    })
}

fn format(show: Show) -> Result<Finding> {
    prerequisites::rust_tools(show)?;
    check(&mut process::cargo(&["fmt", "--all", "--check"]), show)
}

fn lint(show: Show) -> Result<Finding> {
    prerequisites::rust_tools(show)?;
    let everything = ["clippy", "--workspace", "--all-targets", "--features", "ebm-playground/bench"];
    check(process::cargo(&everything).args(["--", "--deny", "warnings"]), show)
}

fn lint_wasm(show: Show) -> Result<Finding> {
    prerequisites::rust_tools(show)?;
    prerequisites::wasm_target(show)?;
    let target = ["clippy", "--package", "ebm-playground", "--lib", "--target", "wasm32-unknown-unknown"];
    for core in &wasm::CORES {
        let arguments = ["--no-default-features", "--features", core.features, "--", "--deny", "warnings"];
        let finding = check(process::cargo(&target).args(arguments), show)?;
        if finding.failure.is_some() {
            return Ok(finding);
        }
    }
    Ok(Finding::default())
}

fn xtask(show: Show) -> Result<Finding> {
    counted(&mut process::cargo(&["test", "--package", "xtask", "--profile", "xtask"]), show, Tally::of_cargo)
}

fn core(show: Show) -> Result<Finding> {
    packages::install("www", show)?;
    let browser = chromium::find_or_install(show)?;
    let mut command = process::cargo(&["test", "--workspace", "--exclude", "xtask", "--no-fail-fast"]);
    command.envs(vulkan::of_browser(&browser));
    counted(&mut command, show, Tally::of_cargo)
}

/// Kernels for software adapters are left out here: their unrolled text is made for the browser's driver, and others'
/// compilers take anything from seconds to many minutes over it.
fn drivers(show: Show) -> Result<Finding> {
    let Some(environment) = vulkan::of_machine() else { return Ok(Finding::default()) };
    let mut command = process::cargo(&["test", "--package", "ebm-playground", "--test", "gpu"]);
    command.envs(environment).env("EBM_TEST_KERNELS", "hardware");
    counted(&mut command, show, Tally::of_cargo)
}

fn wasm(show: Show) -> Result<Finding> {
    wasm::build(show)?;
    Ok(Finding::default())
}

fn biome(show: Show) -> Result<Finding> {
    packages::install("www", show)?;
    let arguments = ["check", "--error-on-warnings", ".", "../tests/page", "../tests/e2e", "../tests/tsconfig.json"];
    check(&mut process::tool("@biomejs/biome/bin/biome", &arguments), show)
}

fn types(show: Show) -> Result<Finding> {
    packages::install("www", show)?;
    let mut finding = check(&mut process::tool("typescript/bin/tsc", &["--project", "."]), show)?;
    if finding.failure.is_none() {
        finding = check(&mut process::tool("typescript/bin/tsc", &["--project", "../tests"]), show)?;
    }
    Ok(finding)
}

fn page(show: Show) -> Result<Finding> {
    packages::install("www", show)?;
    node_tests(process::node("tests/page", &[]), "tests/page", show)
}

fn bundle(show: Show) -> Result<Finding> {
    packages::install("www", show)?;
    if !wasm::is_built() {
        wasm::build(show)?;
    }
    digits::write()?;
    site::bundle(show)?;
    let report = size::measure(&workspace::root().join("www/dist"))?;
    println!("{report}");
    report.within_budget()?;
    Ok(Finding::default())
}

fn e2e(show: Show) -> Result<Finding> {
    packages::install("www", show)?;
    let browser = chromium::find_or_install(show)?;
    if !workspace::root().join("www/dist/index.html").exists() {
        site::build(show)?;
    }
    let mut command = process::node("tests/e2e", &[]);
    // One browser at a time: the tests hold times and rates against limits.
    command.env("CHROME", browser).args(["--test-concurrency=1", "--test-timeout=900000"]);
    node_tests(command, "tests/e2e", show)
}

/// `node --test` over the files NAME.test.mjs of `folder`, from `command`: node there, with whatever options it needs.
fn node_tests(mut command: Command, folder: &str, show: Show) -> Result<Finding> {
    let mut files = Vec::new();
    for entry in workspace::root().join(folder).read_dir().with_context(|| format!("{folder} cannot be read"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") {
            files.push(name);
        }
    }
    files.sort();
    ensure!(!files.is_empty(), "{folder} holds no test: no file there is called NAME.test.mjs.");
    command.args(["--test", "--test-reporter=spec"]).args(files);
    counted(&mut command, show, Tally::of_node)
}
