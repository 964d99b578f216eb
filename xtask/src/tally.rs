//! How many tests passed, failed and were skipped, read from what the test runners print.

use std::fmt;
use std::ops::AddAssign;

/// Counts of tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Tally {
    /// Sums the lines `test result: ok. 3 passed; 1 failed; 2 ignored; …` that `cargo test` prints for each binary.
    pub fn of_cargo(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines().filter_map(|l| l.trim().strip_prefix("test result: ")) {
            for part in line.split(['.', ';']) {
                let mut words = part.split_whitespace();
                let count = words.next().and_then(|w| w.parse().ok()).unwrap_or(0);
                match words.next() {
                    Some("passed") => tally.passed += count,
                    Some("failed") => tally.failed += count,
                    Some("ignored") => tally.skipped += count,
                    _ => {}
                }
            }
        }
        tally
    }

    /// Reads the lines `ℹ pass 3` at the end of the spec reporter of `node --test`.
    pub fn of_node(output: &str) -> Self {
        let count = |name: &str| {
            let lines = output.lines().filter_map(|l| l.trim().strip_prefix('ℹ'));
            lines.filter_map(|l| l.trim().strip_prefix(name)).filter_map(|n| n.trim().parse::<usize>().ok()).sum()
        };
        Self {
            passed: count("pass "),
            failed: count("fail ") + count("cancelled "),
            skipped: count("skipped ") + count("todo "),
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_test_binaries_are_summed() {
        let output = "running 4 tests\ntest result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
                      \ntest result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";
        assert_eq!(Tally::of_cargo(output), Tally { passed: 13, failed: 2, skipped: 3 });
    }

    #[test]
    fn a_node_summary_is_read() {
        let output = "✔ adds (0.5ms)\nℹ tests 6\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 0\nℹ duration_ms 9\n";
        assert_eq!(Tally::of_node(output), Tally { passed: 3, failed: 2, skipped: 1 });
    }

    #[test]
    fn skipped_tests_are_told_only_where_there_are_some() {
        assert_eq!(Tally { passed: 3, failed: 0, skipped: 0 }.to_string(), "3 passed, 0 failed");
        assert_eq!(Tally { passed: 3, failed: 1, skipped: 2 }.to_string(), "3 passed, 1 failed, 2 skipped");
    }
}
