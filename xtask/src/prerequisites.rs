//! What must be on the machine, and how to get it: Rust's wasm32 target, rustfmt and clippy (rustup adds them), Node.js and npm.

use crate::process::{self, Show};
use anyhow::{Context, Result, anyhow, bail};
use std::path::Path;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// Adds Rust's wasm32 target where it is missing.
pub fn wasm_target(show: Show) -> Result<()> {
    let sysroot = process::run(Command::new("rustc").args(["--print", "sysroot"]), Show::OnFailure)
        .context("the Rust compiler must run; rustup (https://rustup.rs) installs it")?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).exists() {
        return Ok(());
    }
    println!("Adding Rust's {TARGET} target");
    rustup(&["target", "add", TARGET], show).with_context(|| format!("the core is compiled for {TARGET}"))
}

/// Adds rustfmt and clippy where they are missing.
pub fn rust_tools(show: Show) -> Result<()> {
    for component in ["rustfmt", "clippy"] {
        let subcommand = if component == "rustfmt" { "fmt" } else { component };
        if !process::watch(&mut process::cargo(&[subcommand, "--version"]), Show::OnFailure)?.status.success() {
            println!("Adding {component}");
            rustup(&["component", "add", component], show)?;
        }
    }
    Ok(())
}

fn rustup(arguments: &[&str], show: Show) -> Result<()> {
    process::run(Command::new("rustup").args(arguments), show).map(drop).with_context(|| {
        format!(
            "`rustup {}` is needed; where Rust came without rustup, install it from https://rustup.rs",
            arguments.join(" ")
        )
    })
}

/// Checks Node.js and npm: Vite needs Node.js 20.19 or later.
pub fn node() -> Result<()> {
    let remedy = "Install Node.js 20.19 or later with npm (https://nodejs.org, or your distribution's nodejs and npm).";
    let version = process::run(Command::new("node").arg("--version"), Show::OnFailure)
        .map_err(|_| anyhow!("Node.js is missing. {remedy}"))?;
    let version = version.trim();
    if !new_enough(version) {
        bail!("Node.js {version} is too old. {remedy}");
    }
    process::run(&mut process::npm("www", &["--version"]), Show::OnFailure)
        .map_err(|_| anyhow!("Node.js is here, but npm is missing. {remedy}"))?;
    Ok(())
}

fn new_enough(version: &str) -> bool {
    let mut parts = version.trim_start_matches('v').split('.').map(|p| p.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    match major {
        20 => minor >= 19,
        // 21 and the first releases of 22 were never long-term releases; Vite refuses them.
        22 => minor >= 12,
        _ => major > 22,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_that_vite_runs_on() {
        for good in ["v20.19.0", "v20.20.2", "v22.12.0", "v24.0.0"] {
            assert!(new_enough(good), "{good}");
        }
        for old in ["v18.19.0", "v20.18.1", "v21.7.3", "v22.11.0", "nonsense", ""] {
            assert!(!new_enough(old), "{old}");
        }
    }
}
