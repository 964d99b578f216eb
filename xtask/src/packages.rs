//! The page's npm packages, installed from the lock file when it has changed since the last time.

use crate::prerequisites;
use crate::process::{self, Show};
use crate::workspace;
use anyhow::{Context, Result};
use std::fs;

/// Installs the packages that `directory`/package-lock.json names, unless they are there already.
pub fn install(directory: &str, show: Show) -> Result<()> {
    prerequisites::node()?;
    let folder = workspace::root().join(directory);
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("{} cannot be read", workspace::display(&lock)))?;
    // npm ci empties node_modules/ first: the stamp is gone with everything else when an installation breaks off.
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("Installing the packages of {directory}/package-lock.json");
    process::run(&mut process::npm(directory, &["ci", "--no-audit", "--no-fund"]), show)
        .with_context(|| format!("npm could not install the packages of {directory}/"))?;
    fs::write(&stamp, wanted).with_context(|| format!("{} cannot be written", workspace::display(&stamp)))
}
