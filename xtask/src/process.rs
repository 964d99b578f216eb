//! Other programs: run, watched, and named in full when they fail.

use crate::workspace;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;

/// What happens to the output of a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// Printed as it comes.
    Live,
    /// Kept, and part of the error when the program fails.
    OnFailure,
}

/// How a program ended, with both of its output streams in the order in which their lines came.
pub struct Outcome {
    pub status: ExitStatus,
    pub output: String,
}

/// The `cargo` that runs this command, in the workspace's root.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(workspace::root());
    command
}

/// `node`, in `directory` below the workspace's root.
pub fn node(directory: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.args(arguments).current_dir(workspace::root().join(directory));
    command
}

/// A program that npm installed in www/, called through node: the same on every system.
pub fn tool(script: &str, arguments: &[&str]) -> Command {
    let mut command = node("www", &[&format!("node_modules/{script}")]);
    command.args(arguments);
    command
}

/// `npm`, in `directory` below the workspace's root.
pub fn npm(directory: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments).current_dir(workspace::root().join(directory));
    command
}

/// The command as it would be typed.
pub fn spelled(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|w| w.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs `command` to its end, whether that is good or bad.
pub fn watch(command: &mut Command, show: Show) -> Result<Outcome> {
    watch_lines(command, &|line| {
        if show == Show::Live {
            print!("{line}");
        }
    })
}

/// The same, with each line of either stream told as it comes, its end included.
pub fn watch_lines(command: &mut Command, tell: &(dyn Fn(&str) + Sync)) -> Result<Outcome> {
    let name = spelled(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(e) if e.kind() == ErrorKind::NotFound => {
            bail!("{:?} was not found, neither at that place nor on the PATH.", command.get_program())
        }
        Err(e) => return Err(e).with_context(|| format!("`{name}` did not start")),
    };
    let output = Mutex::new(String::new());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        scope.spawn(|| collect(stdout, &output, tell));
        scope.spawn(|| collect(stderr, &output, tell));
    });
    let status = child.wait().with_context(|| format!("`{name}` could not be waited for"))?;
    Ok(Outcome { status, output: output.into_inner().unwrap_or_default() })
}

fn collect(stream: Option<impl Read>, output: &Mutex<String>, tell: &(dyn Fn(&str) + Sync)) {
    let Some(stream) = stream else { return };
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
        let line = String::from_utf8_lossy(&bytes);
        tell(&line);
        if let Ok(mut output) = output.lock() {
            output.push_str(&line);
        }
        bytes.clear();
    }
}

/// Runs `command`, which must succeed, and returns its output.
pub fn run(command: &mut Command, show: Show) -> Result<String> {
    let outcome = watch(command, show)?;
    if outcome.status.success() {
        return Ok(outcome.output);
    }
    let told = if show == Show::Live { String::new() } else { format!("\n{}", outcome.output.trim_end()) };
    bail!("`{}` failed ({}).{told}", spelled(command), outcome.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_shows_its_output() {
        let error = run(&mut cargo(&["no-such-command"]), Show::OnFailure).unwrap_err().to_string();
        assert!(error.starts_with("`cargo no-such-command` failed (exit status: 101)."), "{error}");
        assert!(error.contains("no such command"), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("ebm-no-such-program"), Show::OnFailure).unwrap_err().to_string();
        assert!(error.contains("\"ebm-no-such-program\" was not found"), "{error}");
    }
}
