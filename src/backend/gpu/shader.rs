//! WGSL as it is handed to the device. The files of `shaders/` are embedded; three directives, each a comment line of its
//! own, make final text from them:
//!
//! - `//!include "lib/rng.wgsl"` stands for that file, once.
//! - `//!repeat i COUNT` … `//!end` stands for its lines COUNT times with `$i` = 0, 1, …. COUNT is a number or the name of
//!   a constant that the kernel is made with. It nests. Registers cannot be indexed: what a loop would keep in an array
//!   and so in memory, repeated lines keep in variables.
//! - `//!splice NAME` stands for a text that the kernel is made with.

use std::fmt::Write;

/// Every file of `shaders/` under its path there, as `build.rs` embeds it: without comments and indentation.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shaders.rs"));

/// The constant that every kernel is made with: the elements of the arena.
pub const ARENA: &str = "ARENA";

/// What a kernel's text and pipeline are made from; equal ones share a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kernel {
    /// Path below `shaders/`.
    pub file: &'static str,
    /// Constants that the text is made with: sizes of private arrays and numbers of repetitions.
    pub constants: Vec<(&'static str, u32)>,
    /// What stands for the splice markers.
    pub splices: Vec<(&'static str, String)>,
    /// Values of `override` constants.
    pub overrides: Vec<(&'static str, u32)>,
}

impl Kernel {
    /// The final text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.constants {
            let _ = writeln!(text, "const {name}: u32 = {value}u;");
        }
        let mut lines = Vec::new();
        gather(self.file, &mut vec![], &mut lines);
        let mut expansion = Expansion { kernel: self, text };
        expansion.expand(&lines, &mut Vec::new());
        expansion.text
    }

    /// Name for messages and profiles.
    pub fn label(&self) -> String {
        let numbers = self.constants.iter().chain(&self.overrides);
        let numbers: Vec<_> = numbers.map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {}", self.file, numbers.join(" ")).trim_end().to_string()
    }
}

/// Appends the lines of a file with its includes.
fn gather(path: &'static str, seen: &mut Vec<&'static str>, lines: &mut Vec<&'static str>) {
    if seen.contains(&path) {
        return;
    }
    seen.push(path);
    let file = FILES.iter().find(|(name, _)| *name == path);
    let (_, text) = file.unwrap_or_else(|| panic!("shaders/{path} is included but not embedded"));
    for line in text.lines() {
        match line.trim().strip_prefix("//!include ") {
            Some(path) => gather(path.trim().trim_matches('"'), seen, lines),
            None => lines.push(line),
        }
    }
}

struct Expansion<'a> {
    kernel: &'a Kernel,
    text: String,
}

impl<'a> Expansion<'a> {
    /// Appends `lines` with the repetitions' variables replaced; `scope` holds those of the blocks around them.
    fn expand<'l>(&mut self, lines: &[&'l str], scope: &mut Vec<(&'l str, u32)>) {
        let mut at = 0;
        while at < lines.len() {
            let line = lines[at].trim();
            if let Some(head) = line.strip_prefix("//!repeat ") {
                let (name, count) = head.split_once(' ').unwrap_or_else(|| panic!("{line}: a name and a count"));
                let length = block_length(&lines[at + 1..]);
                for i in 0..self.count(count) {
                    scope.push((name, i));
                    self.expand(&lines[at + 1..at + 1 + length], scope);
                    scope.pop();
                }
                at += length + 2;
                continue;
            }
            if let Some(name) = line.strip_prefix("//!splice ") {
                let text = self.splice(name.trim());
                self.text.push_str(text);
            } else {
                self.substitute(lines[at], scope);
            }
            self.text.push('\n');
            at += 1;
        }
    }

    /// Appends a line with the repetitions' variables replaced.
    fn substitute(&mut self, line: &str, scope: &[(&str, u32)]) {
        let mut pieces = line.split('$');
        self.text.extend(pieces.next());
        for piece in pieces {
            let found = scope.iter().find_map(|(name, value)| Some((piece.strip_prefix(name)?, value)));
            let _ = match found {
                Some((rest, value)) => write!(self.text, "{value}{rest}"),
                None => write!(self.text, "${piece}"),
            };
        }
    }

    fn splice(&self, name: &str) -> &'a str {
        let splice = self.kernel.splices.iter().find(|(known, _)| *known == name);
        &splice.unwrap_or_else(|| panic!("{}: nothing to splice for {name}", self.kernel.file)).1
    }

    fn count(&self, count: &str) -> u32 {
        let count = count.trim();
        let constant = self.kernel.constants.iter().find(|(name, _)| *name == count);
        match constant {
            Some((_, value)) => *value,
            None => count.parse().unwrap_or_else(|_| panic!("{}: no constant {count}", self.kernel.file)),
        }
    }
}

/// Lines up to the end of the block that begins with them.
fn block_length(lines: &[&str]) -> usize {
    let mut depth = 1;
    for (i, line) in lines.iter().enumerate() {
        let line = line.trim();
        depth += usize::from(line.starts_with("//!repeat "));
        depth -= usize::from(line == "//!end");
        if depth == 0 {
            return i;
        }
    }
    panic!("//!repeat without //!end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_repeat_and_nest() {
        let kernel = Kernel { constants: vec![("N", 2)], splices: vec![("s", "spliced".into())], ..Kernel::default() };
        let mut expansion = Expansion { kernel: &kernel, text: String::new() };
        let lines = ["a", "//!repeat i N", "b$i", "//!repeat j 2", "c$i_$j", "//!end", "//!end", "//!splice s"];
        expansion.expand(&lines, &mut Vec::new());
        assert_eq!(
            expansion.text.split_whitespace().collect::<Vec<_>>().join(" "),
            "a b0 c0_0 c0_1 b1 c1_0 c1_1 spliced"
        );
    }
}
