//! A Chromium for the end-to-end tests: found, or installed where that is possible.

use crate::process::{self, Show};
use anyhow::{Context, Result, bail};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAMES: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "google-chrome-beta", "microsoft-edge"];

const APPLICATIONS: [&str; 3] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/// The browser to test with: $CHROME, Playwright's own, or one on the PATH; installed where there is none.
/// www/node_modules must be there.
pub fn find_or_install(show: Show) -> Result<PathBuf> {
    if let Some(named) = env::var_os("CHROME") {
        let path = PathBuf::from(named);
        if runs(&path) {
            return Ok(path);
        }
        bail!("CHROME names {}, which does not answer to --version.", path.display());
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    println!("Installing Chromium");
    let attempt = install(show);
    find()
        .with_context(|| match attempt {
            Ok(()) => "the browser that was just installed does not start".to_string(),
            Err(e) => format!("{e:#}"),
        })
        .context(
            "No Chromium was found. Install one (on Debian: apt-get install chromium; elsewhere, in www/: \
         npx playwright-core install --with-deps chromium), or name one in CHROME",
        )
}

fn find() -> Option<PathBuf> {
    let playwright = playwrights_own().into_iter();
    let on_path = NAMES.iter().filter_map(|name| on_path(name));
    let mut candidates = playwright.chain(on_path).chain(APPLICATIONS.map(PathBuf::from));
    candidates.find(|path| path.exists() && runs(path))
}

/// Where Playwright's pinned Chromium is, or would be.
fn playwrights_own() -> Option<PathBuf> {
    let print = "process.stdout.write(require('playwright-core').chromium.executablePath())";
    let path = process::run(&mut process::node("www", &["--eval", print]), Show::OnFailure).ok()?;
    Some(PathBuf::from(path.trim()))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&name)).find(|path| path.is_file())
}

/// Some distributions ship a command that only says how to get the browser.
fn runs(path: &Path) -> bool {
    // On Windows --version opens a window instead of answering.
    cfg!(windows) && path.is_file()
        || process::watch(Command::new(path).arg("--version"), Show::OnFailure).is_ok_and(|o| o.status.success())
}

fn install(show: Show) -> Result<()> {
    let root = is_root();
    if root && is_debian() {
        process::run(Command::new("apt-get").args(["update", "--quiet"]), show)?;
        return process::run(
            Command::new("apt-get")
                .args(["install", "--yes", "--quiet", "chromium"])
                .env("DEBIAN_FRONTEND", "noninteractive"),
            show,
        )
        .map(drop);
    }
    // --with-deps also installs the system's libraries that the browser needs, which only root can.
    let with = if root {
        &["install", "--no-shell", "--with-deps", "chromium"][..]
    } else {
        &["install", "--no-shell", "chromium"]
    };
    process::run(&mut process::tool("playwright-core/cli.js", with), show).map(drop)
}

fn is_root() -> bool {
    cfg!(unix) && process::run(Command::new("id").arg("-u"), Show::OnFailure).is_ok_and(|id| id.trim() == "0")
}

/// Debian itself: what derives from it may offer a `chromium` package without a browser in it.
fn is_debian() -> bool {
    std::fs::read_to_string("/etc/os-release").is_ok_and(|text| text.lines().any(|line| line == "ID=debian"))
}
