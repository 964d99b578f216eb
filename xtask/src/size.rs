//! The download budget: what a first visit fetches, compressed, against its limits.

use crate::workspace;
use anyhow::{Context, Result, bail};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

/// What a file is to the first visit, with the limit of its kind in bytes after gzip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The page: HTML, scripts and styles that its start imports.
    Shell,
    /// The compiled core.
    Wasm,
    /// The worker's script and everything else that the start may fetch.
    Other,
    /// Loaded on demand: no part of the first visit.
    Lazy,
}

const KINDS: [(Kind, &str, Option<usize>); 4] = [
    (Kind::Shell, "shell", Some(60_000)),
    (Kind::Wasm, "wasm", Some(200_000)),
    (Kind::Other, "worker and others", None),
    (Kind::Lazy, "on demand (not counted)", None),
];
const FIRST_VISIT: usize = 300_000;

struct File {
    kind: Kind,
    name: String,
    raw: usize,
    gzip: usize,
}

/// The sizes of a built site.
pub struct Report(Vec<File>);

/// Measures the site in `dist`, which Vite has written together with its manifest.
pub fn measure(dist: &Path) -> Result<Report> {
    let path = dist.join(".vite/manifest.json");
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", workspace::display(&path)))?;
    let manifest: Map<String, Value> = serde_json::from_str(&text).context("Vite's manifest is no JSON object")?;
    let (shell, lazy) = split(&manifest);
    let mut files = Vec::new();
    for name in list(dist, dist)? {
        let bytes = fs::read(dist.join(&name))?;
        files.push(File { kind: classify(&name, &shell, &lazy), raw: bytes.len(), gzip: gzipped(&bytes)?, name });
    }
    files.sort_by(|a, b| (a.kind, b.gzip).cmp(&(b.kind, a.gzip)));
    Ok(Report(files))
}

/// The scripts and styles that the page's entry imports statically, and the files that only a dynamic import reaches.
fn split(manifest: &Map<String, Value>) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let mut chunks: BTreeSet<&str> = BTreeSet::new();
    let mut waiting: Vec<&str> =
        manifest.iter().filter(|(_, chunk)| chunk["isEntry"] == true).map(|(key, _)| key.as_str()).collect();
    while let Some(key) = waiting.pop() {
        if chunks.insert(key) {
            waiting.extend(strings(&manifest[key]["imports"]));
        }
    }
    let shell = chunks.iter().flat_map(|key| code(&manifest[*key])).collect();
    let fetched: BTreeSet<&str> = chunks.iter().flat_map(|key| files(&manifest[*key])).collect();
    let lazy = manifest.values().flat_map(files).filter(|file| !fetched.contains(file)).collect();
    (shell, lazy)
}

fn code(chunk: &Value) -> impl Iterator<Item = &str> {
    chunk["file"].as_str().into_iter().chain(strings(&chunk["css"]))
}

/// Assets too: images, the worker's script, the core.
fn files(chunk: &Value) -> impl Iterator<Item = &str> {
    code(chunk).chain(strings(&chunk["assets"]))
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn classify(name: &str, shell: &BTreeSet<&str>, lazy: &BTreeSet<&str>) -> Kind {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
    match extension {
        _ if lazy.contains(name) => Kind::Lazy,
        "wasm" => Kind::Wasm,
        "html" => Kind::Shell,
        "js" | "css" if shell.contains(name) => Kind::Shell,
        _ => Kind::Other,
    }
}

/// Every file below `folder`, relative to `dist` with forward slashes; Vite's own folder is no part of the site.
fn list(dist: &Path, folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with(".vite") {
                names.extend(list(dist, &path)?);
            }
        } else {
            let relative = path.strip_prefix(dist).expect("listed below it");
            names.push(relative.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"));
        }
    }
    Ok(names)
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

impl Report {
    fn total(&self, counts: impl Fn(Kind) -> bool) -> usize {
        self.0.iter().filter(|f| counts(f.kind)).map(|f| f.gzip).sum()
    }

    /// Fails where a limit is passed.
    pub fn within_budget(&self) -> Result<()> {
        let sums = KINDS.iter().map(|&(kind, label, limit)| (label, self.total(|k| k == kind), limit));
        let all = ("first visit", self.total(|k| k != Kind::Lazy), Some(FIRST_VISIT));
        for (label, size, limit) in sums.chain([all]) {
            if let Some(limit) = limit.filter(|limit| size > *limit) {
                bail!("{label}: {} KB gzip, more than the {} KB of its budget.", kilobytes(size), limit / 1000);
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "{:<44} {:>10} {:>10}", "file", "KB", "KB gzip")?;
        for (kind, label, limit) in KINDS {
            let files = self.0.iter().filter(|file| file.kind == kind);
            for file in files {
                writeln!(f, "  {:<42} {:>10} {:>10}", file.name, kilobytes(file.raw), kilobytes(file.gzip))?;
            }
            let limit = limit.map(|l| format!("  of {} KB", l / 1000)).unwrap_or_default();
            writeln!(f, "{label:<44} {:>10} {:>10}{limit}", "", kilobytes(self.total(|k| k == kind)))?;
        }
        let first = kilobytes(self.total(|k| k != Kind::Lazy));
        write!(f, "{:<44} {:>10} {first:>10}  of {} KB", "first visit", "", FIRST_VISIT / 1000)
    }
}

/// In thousands of bytes, to a tenth.
fn kilobytes(bytes: usize) -> String {
    format!("{:.1}", bytes as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn manifest() -> Map<String, Value> {
        let manifest = json!({
            "index.html": {"file": "assets/index-1.js", "isEntry": true, "imports": ["_shared.js"],
                           "dynamicImports": ["views/terrain.js"], "css": ["assets/index-2.css"], "assets": ["assets/worker-6.js"]},
            "_shared.js": {"file": "assets/shared-3.js"},
            "views/terrain.js": {"file": "assets/terrain-4.js", "isDynamicEntry": true, "imports": ["_shared.js"],
                                 "assets": ["assets/sky-5.png"]},
        });
        manifest.as_object().unwrap().clone()
    }

    #[test]
    fn only_what_a_dynamic_import_alone_reaches_is_lazy() {
        let manifest = manifest();
        let (shell, lazy) = split(&manifest);
        let kind = |name| classify(name, &shell, &lazy);
        assert_eq!(kind("index.html"), Kind::Shell);
        assert_eq!(kind("assets/index-1.js"), Kind::Shell);
        assert_eq!(kind("assets/index-2.css"), Kind::Shell);
        assert_eq!(kind("assets/shared-3.js"), Kind::Shell);
        assert_eq!(kind("assets/terrain-4.js"), Kind::Lazy);
        assert_eq!(kind("assets/sky-5.png"), Kind::Lazy);
        assert_eq!(kind("assets/worker-6.js"), Kind::Other);
        assert_eq!(kind("assets/ebm_bg-7.wasm"), Kind::Wasm);
    }

    #[test]
    fn a_passed_limit_fails_and_lazy_files_do_not_count() {
        let file = |kind, gzip| File { kind, name: "f".into(), raw: gzip, gzip };
        let fits = Report(vec![file(Kind::Shell, 60_000), file(Kind::Wasm, 200_000), file(Kind::Lazy, 900_000)]);
        assert!(fits.within_budget().is_ok());
        let shell = Report(vec![file(Kind::Shell, 60_001)]).within_budget().unwrap_err().to_string();
        assert_eq!(shell, "shell: 60.0 KB gzip, more than the 60 KB of its budget.");
        let all = Report(vec![file(Kind::Shell, 60_000), file(Kind::Wasm, 200_000), file(Kind::Other, 40_001)]);
        assert!(all.within_budget().unwrap_err().to_string().starts_with("first visit"));
    }

    #[test]
    fn repetition_compresses() {
        assert!(gzipped(&[7; 10_000]).unwrap() < 100);
    }
}
