//! The core for the browser: compiled for wasm32, then bound to JavaScript (ebm.js, ebm_bg.wasm and their types).

use crate::process::{self, Show};
use crate::workspace;
use crate::{arrange, prerequisites};
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

/// Compiles the core for the page and writes www/pkg/.
pub fn build(show: Show) -> Result<()> {
    println!("Compiling the core for WebAssembly");
    build_into("www/pkg", &[], show)
}

/// Compiles the core with the workloads of tests/peers and writes tests/peers/pkg/.
pub fn build_workloads(show: Show) -> Result<()> {
    println!("Compiling the core with its workloads for WebAssembly");
    build_into("tests/peers/pkg", &["--features", "bench"], show)
}

fn build_into(folder: &str, features: &[&str], show: Show) -> Result<()> {
    prerequisites::wasm_target(show)?;
    let compile = ["build", "--package", "ebm-playground", "--lib", "--release", "--target", "wasm32-unknown-unknown"];
    process::run(process::cargo(&compile).args(features), show)?;
    let compiled = target_directory()?.join("wasm32-unknown-unknown/release/ebm.wasm");
    let out = workspace::root().join(folder);
    if out.exists() {
        fs::remove_dir_all(&out).with_context(|| format!("{} cannot be emptied", workspace::display(&out)))?;
    }
    bind(&compiled, &out).map_err(|e| anyhow!("wasm-bindgen could not bind {}: {e:#}", workspace::display(&compiled)))
}

fn bind(compiled: &PathBuf, out: &PathBuf) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).web(true)?.typescript(true);
    // The glue finds the .wasm beside itself, by an address that Vite follows.
    bindgen.omit_default_module_path(false);
    // Names serve debuggers alone, and are a good part of the download.
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(out)?;
    let module = out.join("ebm_bg.wasm");
    fs::write(&module, arrange::arrange(&fs::read(&module)?)?)?;
    Ok(())
}

/// Where cargo puts what it builds: CARGO_TARGET_DIR and cargo's configuration may have moved it.
fn target_directory() -> Result<PathBuf> {
    let metadata = process::run(
        &mut process::cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]),
        Show::OnFailure,
    )?;
    let metadata: serde_json::Value = serde_json::from_str(metadata.trim()).context("`cargo metadata` is no JSON")?;
    let directory = metadata["target_directory"].as_str().context("`cargo metadata` names no target directory")?;
    Ok(directory.into())
}
