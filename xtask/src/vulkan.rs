//! Vulkan drivers for the native GPU tests: the software driver (SwiftShader) and the loader that come with Chromium, which
//! computes the page's tests too, and whatever the machine has. Drivers of more than one maker find more kinds of fault.

use std::env;
use std::path::{Path, PathBuf};

/// What the environment of the tests must hold for them to run on the browser's driver; nothing where a driver was chosen
/// by hand or the browser brings none.
pub fn of_browser(browser: &Path) -> Vec<(&'static str, PathBuf)> {
    if !cfg!(target_os = "linux") || chosen() {
        return Vec::new();
    }
    let Some(folder) = with_driver(browser) else { return Vec::new() };
    let mut variables = runtime_folder();
    variables.push(("VK_ICD_FILENAMES", folder.join(DRIVER)));
    if folder.join(LOADER).exists() && !LIBRARIES.iter().any(|l| Path::new(l).join(LOADER).exists()) {
        variables.push(("LD_LIBRARY_PATH", folder));
    }
    variables
}

/// The same for the machine's own driver, where it has one that [`of_browser`] did not already stand back for.
pub fn of_machine() -> Option<Vec<(&'static str, PathBuf)>> {
    let installed = cfg!(target_os = "linux") && !chosen() && !installed_drivers().is_empty();
    installed.then(runtime_folder)
}

/// Drivers complain, once a test, of a session without a folder for sockets, which they do not use.
fn runtime_folder() -> Vec<(&'static str, PathBuf)> {
    let missing = env::var_os("XDG_RUNTIME_DIR").is_none();
    if missing { vec![("XDG_RUNTIME_DIR", env::temp_dir())] } else { Vec::new() }
}

const DRIVER: &str = "vk_swiftshader_icd.json";
const LOADER: &str = "libvulkan.so.1";
const LIBRARIES: [&str; 5] =
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"];

fn chosen() -> bool {
    env::var_os("VK_ICD_FILENAMES").is_some() || env::var_os("VK_DRIVER_FILES").is_some()
}

/// The manifests of drivers in the folders that the Vulkan loader searches.
fn installed_drivers() -> Vec<PathBuf> {
    let folders = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"].map(PathBuf::from);
    let home = env::home_dir().map(|h| h.join(".local/share/vulkan/icd.d"));
    let entries = folders.into_iter().chain(home).filter_map(|f| f.read_dir().ok()).flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "json")).collect()
}

/// The folder of the browser's own files: `browser` may be a link to, or a script beside, the real program.
fn with_driver(browser: &Path) -> Option<PathBuf> {
    let real = browser.canonicalize().ok()?;
    let beside = real.parent().map(Path::to_path_buf);
    let usual = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"].map(PathBuf::from);
    beside.into_iter().chain(usual).find(|folder| folder.join(DRIVER).exists())
}
