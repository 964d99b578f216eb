//! Embeds `shaders/` in the core: writes a table of their paths and texts for `src/backend/gpu/shader.rs`. Comments and
//! indentation stay behind, because the page would download them.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs, io};

/// Kernels of the whole core alone.
const FURTHER: [&str; 4] =
    ["lib/convolution.wgsl", "op/convolution.wgsl", "op/convolution_kernels.wgsl", "op/convolution_serial.wgsl"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=shaders");
    let mut files = Vec::new();
    for folder in fs::read_dir("shaders")? {
        let folder = folder?.path();
        if folder.is_dir() {
            for file in fs::read_dir(folder)? {
                files.push(file?.path());
            }
        }
    }
    files.sort();
    let mut table = String::from("&[\n");
    // What the first core has no steps for stays out of its download.
    let whole = env::var_os("CARGO_FEATURE_WHOLE").is_some();
    for file in files.into_iter().filter(|file| whole || !FURTHER.iter().any(|further| file.ends_with(further))) {
        let path = file.strip_prefix("shaders").expect("listed below it").to_string_lossy().replace('\\', "/");
        let _ = writeln!(table, "({path:?}, {:?}),", compact(&fs::read_to_string(&file)?));
    }
    table.push_str("]\n");
    let out = env::var_os("OUT_DIR").expect("cargo names a folder for what is written here");
    fs::write(Path::new(&out).join("shaders.rs"), table)
}

/// The text without comments, indentation and empty lines. Directives (`//!`) are no comments.
fn compact(text: &str) -> String {
    let code = |line: &str| -> String {
        let line = line.trim();
        if line.starts_with("//!") { line.into() } else { line.split("//").next().unwrap_or("").trim_end().into() }
    };
    text.lines().map(code).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
