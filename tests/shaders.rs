//! Every kernel, exactly as it is loaded, is valid for naga without any capability. The dialect is what naga and tint both
//! take: tint sees the same sources in the browser's tests, and alone finds barriers in non-uniform control flow.

use ebm::backend::gpu::{kernels, shader};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_kernel_is_valid_without_capabilities() {
    let mut failures = Vec::new();
    let kernels = kernels();
    for kernel in &kernels {
        let text = kernel.text();
        let outcome = match naga::front::wgsl::parse_str(&text) {
            Err(error) => Err(error.emit_to_string(&text)),
            Ok(module) => {
                use naga::valid::{Capabilities, ValidationFlags, Validator};
                let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
                validator.validate(&module).map_err(|error| error.emit_to_string(&text))
            }
        };
        if let Err(message) = outcome {
            failures.push(format!("{}\n{message}", kernel.label()));
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), kernels.len(), failures.join("\n"));
}

#[test]
fn the_embedded_files_are_those_of_the_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let mut found = BTreeSet::new();
    for folder in std::fs::read_dir(&root).unwrap().map(Result::unwrap).filter(|f| f.path().is_dir()) {
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let (folder, file) = (folder.file_name(), file.unwrap().file_name());
            found.insert(format!("{}/{}", folder.display(), file.display()));
        }
    }
    let embedded: BTreeSet<_> = shader::FILES.iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(embedded, found);
}

/// What nobody reads is no part of the download.
#[test]
fn the_embedded_files_hold_no_comments() {
    for (path, text) in shader::FILES {
        let comment = text.lines().find(|line| line.contains("//") && !line.starts_with("//!"));
        assert_eq!(comment, None, "{path}");
    }
}

#[test]
fn every_file_with_an_entry_point_is_among_the_kernels() {
    let entered = shader::FILES.iter().filter(|(_, text)| text.contains("@compute")).map(|(path, _)| *path);
    let loaded: BTreeSet<_> = kernels().iter().map(|kernel| kernel.file).collect();
    assert_eq!(loaded, entered.collect());
}
