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

/// What a file is to the first visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The page: HTML, scripts and styles that its start imports.
    Shell,
    /// A compiled core. A visitor fetches one.
    Core,
    /// The script that binds a core: one comes with it.
    Glue,
    /// The texts of a language: one of them is fetched.
    Texts,
    /// What the live scene imports once it stands, the worker's script and everything else.
    Other,
    /// Loaded on demand: no part of the first visit.
    Lazy,
}

/// The kinds in the order of the report: their names, the limits of what of them is fetched in bytes after gzip, and whether
/// a visitor fetches one of them, of which the largest counts.
const KINDS: [(Kind, &str, Option<usize>, bool); 6] = [
    (Kind::Shell, "shell", Some(60_000), false),
    (Kind::Core, "core, the largest", Some(200_000), true),
    (Kind::Glue, "glue, the largest", None, true),
    (Kind::Texts, "texts, the largest", None, true),
    (Kind::Other, "worker and others", None, false),
    (Kind::Lazy, "on demand (not counted)", None, false),
];
const FIRST_VISIT: usize = 300_000;

/// What the page imports dynamically and at once.
const AT_START: [&str; 2] = ["views/ages.js", "views/chart.js"];

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
    let parts = Parts::of(&manifest);
    let mut files = Vec::new();
    for name in list(dist, dist)? {
        let bytes = fs::read(dist.join(&name))?;
        files.push(File { kind: parts.classify(&name), raw: bytes.len(), gzip: gzipped(&bytes)?, name });
    }
    files.sort_by(|a, b| (a.kind, b.gzip).cmp(&(b.kind, a.gzip)));
    Ok(Report(files))
}

/// The files of a site by how the page comes to them.
struct Parts<'a> {
    /// Scripts and styles that the page's entry imports statically.
    shell: BTreeSet<&'a str>,
    texts: BTreeSet<&'a str>,
    /// What only a dynamic import reaches that the start does not make.
    lazy: BTreeSet<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(manifest: &'a Map<String, Value>) -> Self {
        let entries = manifest.iter().filter(|(_, chunk)| chunk["isEntry"] == true).map(|(key, _)| key.as_str());
        let shell = reached(manifest, entries.clone());
        let at_start = manifest.keys().map(String::as_str).filter(|key| AT_START.contains(key));
        let fetched = reached(manifest, entries.chain(at_start));
        let texts = manifest.iter().filter(|(key, _)| key.starts_with("locales/") && !key.contains("/explanations/"));
        let texts: BTreeSet<&str> = texts.flat_map(|(_, chunk)| files(chunk)).collect();
        let fetched: BTreeSet<&str> = fetched.iter().flat_map(|key| files(&manifest[*key])).collect();
        let lazy = manifest.values().flat_map(files).filter(|f| !fetched.contains(f) && !texts.contains(f)).collect();
        Self { shell: shell.iter().flat_map(|key| code(&manifest[*key])).collect(), texts, lazy }
    }

    fn classify(&self, name: &str) -> Kind {
        let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
        match extension {
            _ if self.lazy.contains(name) => Kind::Lazy,
            _ if self.texts.contains(name) => Kind::Texts,
            // Of the worker's build, which the manifest does not list. Whole cores come when somebody asks for their parts, and
            // images when somebody asks for those.
            _ if name.starts_with("assets/whole") => Kind::Lazy,
            "packed" => Kind::Lazy,
            "deflated" => Kind::Core,
            "js" if name.starts_with("assets/ebm-") => Kind::Glue,
            "html" => Kind::Shell,
            "js" | "css" if self.shell.contains(name) => Kind::Shell,
            _ => Kind::Other,
        }
    }
}

/// The chunks that these import statically, with themselves.
fn reached<'a>(manifest: &'a Map<String, Value>, from: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut chunks = BTreeSet::new();
    let mut waiting: Vec<&str> = from.collect();
    while let Some(key) = waiting.pop() {
        if chunks.insert(key) {
            waiting.extend(strings(&manifest[key]["imports"]));
        }
    }
    chunks
}

fn code(chunk: &Value) -> impl Iterator<Item = &str> {
    chunk["file"].as_str().into_iter().chain(strings(&chunk["css"]))
}

/// Assets too: images, the worker's script.
fn files(chunk: &Value) -> impl Iterator<Item = &str> {
    code(chunk).chain(strings(&chunk["assets"]))
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
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
    /// What a visitor fetches of a kind.
    fn fetched(&self, kind: Kind, one: bool) -> usize {
        let sizes = self.0.iter().filter(|f| f.kind == kind).map(|f| f.gzip);
        if one { sizes.max().unwrap_or(0) } else { sizes.sum() }
    }

    fn first_visit(&self) -> usize {
        let counted = KINDS.iter().filter(|(kind, ..)| *kind != Kind::Lazy);
        counted.map(|&(kind, _, _, one)| self.fetched(kind, one)).sum()
    }

    /// Fails where a limit is passed.
    pub fn within_budget(&self) -> Result<()> {
        let kinds = KINDS.iter().map(|&(kind, label, limit, one)| (label, self.fetched(kind, one), limit));
        for (label, size, limit) in kinds.chain([("first visit", self.first_visit(), Some(FIRST_VISIT))]) {
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
        for (kind, label, limit, one) in KINDS {
            let files = self.0.iter().filter(|file| file.kind == kind);
            for file in files {
                writeln!(f, "  {:<42} {:>10} {:>10}", file.name, kilobytes(file.raw), kilobytes(file.gzip))?;
            }
            let limit = limit.map(|l| format!("  of {} KB", l / 1000)).unwrap_or_default();
            writeln!(f, "{label:<44} {:>10} {:>10}{limit}", "", kilobytes(self.fetched(kind, one)))?;
        }
        let first = kilobytes(self.first_visit());
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

    #[test]
    fn a_file_counts_by_how_the_page_comes_to_it() {
        let manifest = json!({
            "index.html": {"file": "assets/index-1.js", "isEntry": true, "imports": ["_shared.js"],
                           "dynamicImports": ["views/terrain.js", "views/chart.js", "locales/en.json", "locales/explanations/en.json"],
                           "css": ["assets/index-2.css"], "assets": ["assets/worker-6.js"]},
            "_shared.js": {"file": "assets/shared-3.js"},
            "locales/en.json": {"file": "assets/en-9.js", "isDynamicEntry": true},
            "locales/explanations/en.json": {"file": "assets/en-10.js", "isDynamicEntry": true},
            "views/chart.js": {"file": "assets/chart-8.js", "isDynamicEntry": true, "css": ["assets/chart-8.css"]},
            "views/terrain.js": {"file": "assets/terrain-4.js", "isDynamicEntry": true, "imports": ["_shared.js"],
                                 "assets": ["assets/sky-5.png"]},
        });
        let parts = Parts::of(manifest.as_object().unwrap());
        for (name, kind) in [
            ("index.html", Kind::Shell),
            ("assets/index-1.js", Kind::Shell),
            ("assets/index-2.css", Kind::Shell),
            ("assets/shared-3.js", Kind::Shell),
            ("assets/terrain-4.js", Kind::Lazy),
            ("assets/sky-5.png", Kind::Lazy),
            ("assets/worker-6.js", Kind::Other),
            ("assets/chart-8.js", Kind::Other),
            ("assets/chart-8.css", Kind::Other),
            ("assets/en-9.js", Kind::Texts),
            ("assets/en-10.js", Kind::Lazy),
            ("assets/ebm-7.js", Kind::Glue),
            ("assets/ebm_bg.wasm-7.deflated", Kind::Core),
            ("assets/whole-7.js", Kind::Lazy),
            ("assets/whole_bg.wasm-7.deflated", Kind::Lazy),
        ] {
            assert_eq!(parts.classify(name), kind, "{name}");
        }
    }

    #[test]
    fn a_passed_limit_fails_and_only_what_one_visitor_fetches_counts() {
        let file = |kind, gzip| File { kind, name: "f".into(), raw: gzip, gzip };
        let mut files = vec![file(Kind::Shell, 60_000), file(Kind::Core, 200_000), file(Kind::Lazy, 900_000)];
        files.push(file(Kind::Core, 190_000));
        let fits = Report(files);
        assert!(fits.within_budget().is_ok());
        let shell = Report(vec![file(Kind::Shell, 60_001)]).within_budget().unwrap_err().to_string();
        assert_eq!(shell, "shell: 60.0 KB gzip, more than the 60 KB of its budget.");
        let all = Report(vec![file(Kind::Shell, 60_000), file(Kind::Core, 200_000), file(Kind::Other, 40_001)]);
        assert!(all.within_budget().unwrap_err().to_string().starts_with("first visit"));
    }

    #[test]
    fn repetition_compresses() {
        assert!(gzipped(&[7; 10_000]).unwrap() < 100);
    }
}
