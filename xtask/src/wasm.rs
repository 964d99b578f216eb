//! The core for the browser: compiled for wasm32, then bound to JavaScript (ebm.js, ebm_bg.wasm and their types). There is one
//! for each backend, so that nobody downloads what their browser cannot use, and the page fetches it compressed: as small
//! from a host that compresses nothing as from one that does, and smaller than what hosts compress on the fly.

use crate::process::{self, Show};
use crate::workspace;
use crate::{arrange, prerequisites};
use anyhow::{Context, Result, anyhow};
use std::path::{Path, PathBuf};
use std::{env, fs};
use wasm_bindgen_cli_support::Bindgen;

/// The features of the cores that the page chooses from, which are also their folders.
pub const BACKENDS: [&str; 2] = ["cpu", "gpu"];

/// The package of the core.
const CORE: &str = "ebm-playground";

const MODULE: &str = "ebm_bg.wasm";

/// The module as the page fetches it: raw DEFLATE (RFC 1951), under a name that no host takes for a file that it should
/// serve as encoded.
const DEFLATED: &str = "ebm_bg.wasm.deflated";

/// Compiles the cores for the page and writes www/pkg/.
pub fn build(show: Show) -> Result<()> {
    println!("Compiling the measures for WebAssembly");
    let compiled = compile("ebm-metric", &["--features", "module"], show)?;
    bind(&compiled, &workspace::root().join("www/pkg/metric"), Bindgen::new().omit_default_module_path(true))?;
    for backend in BACKENDS {
        println!("Compiling the core for WebAssembly ({backend})");
        let out = workspace::root().join("www/pkg").join(backend);
        let compiled = compile(CORE, &["--no-default-features", "--features", backend], show)?;
        bind(&compiled, &out, Bindgen::new().omit_default_module_path(true))?;
        let module = fs::read(out.join(MODULE))?;
        let mut deflated = Vec::new();
        zopfli::compress(zopfli::Options::default(), zopfli::Format::Deflate, module.as_slice(), &mut deflated)?;
        fs::write(out.join(DEFLATED), deflated)?;
    }
    Ok(())
}

/// Whether `build` has been here.
pub fn is_built() -> bool {
    BACKENDS.iter().all(|backend| workspace::root().join("www/pkg").join(backend).join(DEFLATED).exists())
}

/// Compiles the core with both backends and the workloads of tests/peers, and writes tests/peers/pkg/.
pub fn build_workloads(show: Show) -> Result<()> {
    println!("Compiling the core with its workloads for WebAssembly");
    // The glue finds the module beside itself.
    let out = workspace::root().join("tests/peers/pkg");
    bind(&compile(CORE, &["--features", "bench"], show)?, &out, Bindgen::new().omit_default_module_path(false))
}

fn compile(package: &str, features: &[&str], show: Show) -> Result<PathBuf> {
    prerequisites::wasm_target(show)?;
    let compile = ["build", "--package", package, "--lib", "--release", "--target", "wasm32-unknown-unknown"];
    process::run(process::cargo(&compile).args(features).args(["--config", &remapped()?]), show)?;
    let library = if package == CORE { "ebm".to_string() } else { package.replace('-', "_") };
    Ok(target_directory()?.join("wasm32-unknown-unknown/release").join(library).with_extension("wasm"))
}

fn bind(compiled: &Path, out: &Path, bindgen: &mut Bindgen) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("{} cannot be emptied", workspace::display(out)))?;
    }
    let mut write = || -> Result<()> {
        bindgen.input_path(compiled).web(true)?.typescript(true);
        // Names serve debuggers alone, and are a good part of the download.
        bindgen.remove_name_section(true).remove_producers_section(true);
        bindgen.generate(out)?;
        let stem = compiled.file_stem().unwrap_or_default().to_string_lossy();
        let module = out.join(format!("{stem}_bg.wasm"));
        fs::write(&module, arrange::arrange(&fs::read(&module)?)?)?;
        Ok(())
    };
    write().map_err(|e| anyhow!("wasm-bindgen could not bind {}: {e:#}", workspace::display(compiled)))
}

/// Keeps the folders of this machine out of what the page downloads: messages of panics name files, and whoever builds
/// elsewhere gets the same module.
fn remapped() -> Result<String> {
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(env::home_dir()?.join(".cargo"))).context("there is no home directory")?;
    let flag = format!("--remap-path-prefix={}=", cargo.join("registry/src").display());
    Ok(format!("target.wasm32-unknown-unknown.rustflags=[{flag:?}]"))
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
