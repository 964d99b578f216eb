//! Where things lie in the source tree.

use std::path::{Path, PathBuf};

/// The root of the workspace. A path below it is `root().join("www/dist")`.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("xtask/ lies in the workspace").to_path_buf()
}

/// `path` as people read it: relative to the workspace where it lies in it.
pub fn display(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
