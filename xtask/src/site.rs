//! `cargo xtask build`: the static site in www/dist/, which works from any host and any sub-path.

use crate::arguments::Arguments;
use crate::process::{self, Show};
use crate::{digits, packages, size, wasm, workspace};
use anyhow::Result;

/// Builds the site and says how it stands to its size budget; `bench page` is what fails past it.
pub fn command(arguments: Arguments) -> Result<()> {
    arguments.finish()?;
    build(Show::Live)?;
    let report = size::measure(&workspace::root().join("www/dist"))?;
    println!("\n{report}");
    if let Err(over) = report.within_budget() {
        println!("\nOver budget: {over}");
    }
    println!("\nThe site is in www/dist/: copy it to any static host.");
    Ok(())
}

/// Core and page, from source to www/dist/.
pub fn build(show: Show) -> Result<()> {
    packages::install("www", show)?;
    wasm::build(show)?;
    digits::write()?;
    bundle(show)
}

/// The page alone, around the core that lies in www/pkg/.
pub fn bundle(show: Show) -> Result<()> {
    println!("Bundling the page");
    process::run(&mut process::tool("vite/bin/vite.js", &["build", "--logLevel", "warn"]), show).map(drop)
}
