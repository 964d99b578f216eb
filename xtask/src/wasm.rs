//! The core for the browser: compiled for wasm32, then bound to JavaScript (ebm.js, ebm_bg.wasm and their types). There are two
//! for each backend: the first one, with which a page opens, and the whole one, with every part, which comes when somebody asks
//! for a part of it. So nobody downloads what their browser cannot use, nor waits for what they may never open. The page fetches
//! them compressed: as small from a host that compresses nothing as from one that does, and smaller than what hosts compress on
//! the fly.

use crate::process::{self, Show};
use crate::workspace;
use crate::{arrange, prerequisites};
use anyhow::{Context, Result, anyhow};
use std::path::{Path, PathBuf};
use std::{env, fs};
use wasm_bindgen_cli_support::Bindgen;

/// A core that the page chooses from.
pub struct Core {
    /// Its folder in www/pkg/.
    folder: &'static str,
    /// What the names of its files begin with.
    stem: &'static str,
    /// What it is compiled with.
    pub features: &'static str,
}

/// The first cores and the whole ones.
pub const CORES: [Core; 4] = [
    Core { folder: "cpu", stem: "ebm", features: "cpu" },
    Core { folder: "gpu", stem: "ebm", features: "gpu" },
    Core { folder: "cpu-whole", stem: "whole", features: "cpu,whole" },
    Core { folder: "gpu-whole", stem: "whole", features: "gpu,whole" },
];

impl Core {
    fn out(&self) -> PathBuf {
        workspace::root().join("www/pkg").join(self.folder)
    }

    /// The module as the page fetches it: raw DEFLATE (RFC 1951), under a name that no host takes for a file that it should
    /// serve as encoded.
    fn deflated(&self) -> PathBuf {
        self.out().join(format!("{}_bg.wasm.deflated", self.stem))
    }

    fn build(&self, show: Show) -> Result<()> {
        println!("Compiling the core for WebAssembly ({})", self.features);
        let compiled = compile(CORE, &["--no-default-features", "--features", self.features], show)?;
        bind(&compiled, &self.out(), self.stem, false)?;
        let module = fs::read(self.out().join(format!("{}_bg.wasm", self.stem)))?;
        let mut deflated = Vec::new();
        zopfli::compress(zopfli::Options::default(), zopfli::Format::Deflate, module.as_slice(), &mut deflated)?;
        fs::write(self.deflated(), deflated).map_err(Into::into)
    }
}

/// The package of the core.
const CORE: &str = "ebm-playground";

/// Compiles the cores for the page and writes www/pkg/.
pub fn build(show: Show) -> Result<()> {
    println!("Compiling the measures for WebAssembly");
    let compiled = compile("ebm-metric", &["--features", "module"], show)?;
    bind(&compiled, &workspace::root().join("www/pkg/metric"), "ebm_metric", false)?;
    CORES.iter().try_for_each(|core| core.build(show))
}

/// Whether `build` has been here.
pub fn is_built() -> bool {
    CORES.iter().all(|core| core.deflated().exists())
}

/// Compiles the core with both backends and the workloads of tests/peers, and writes tests/peers/pkg/.
pub fn build_workloads(show: Show) -> Result<()> {
    println!("Compiling the core with its workloads for WebAssembly");
    let out = workspace::root().join("tests/peers/pkg");
    bind(&compile(CORE, &["--features", "bench"], show)?, &out, "ebm", true)
}

fn compile(package: &str, features: &[&str], show: Show) -> Result<PathBuf> {
    prerequisites::wasm_target(show)?;
    let compile = ["build", "--package", package, "--lib", "--profile", "page", "--target", "wasm32-unknown-unknown"];
    process::run(process::cargo(&compile).args(features).args(["--config", &remapped()?]), show)?;
    let library = if package == CORE { "ebm".to_string() } else { package.replace('-', "_") };
    Ok(target_directory()?.join("wasm32-unknown-unknown/page").join(library).with_extension("wasm"))
}

/// Writes a module's binding to `out`: `stem`.js and its like. The script finds the module beside itself, or is told where.
fn bind(compiled: &Path, out: &Path, stem: &str, beside: bool) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("{} cannot be emptied", workspace::display(out)))?;
    }
    let write = || -> Result<()> {
        let mut bindgen = Bindgen::new();
        bindgen.input_path(compiled).out_name(stem).web(true)?.typescript(true).omit_default_module_path(!beside);
        // Names serve debuggers alone, and are a good part of the download.
        bindgen.remove_name_section(true).remove_producers_section(true);
        bindgen.generate(out)?;
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
