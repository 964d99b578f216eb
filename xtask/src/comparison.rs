//! The lines that the harness of tests/peers prints, and the table that sets this project against the best peer.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// One peer on one workload, as tests/peers/README.md describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    peer: String,
    backend: String,
    workload: String,
    unit: String,
    value: Option<f64>,
    error: Option<String>,
    #[serde(default)]
    check: Option<Check>,
    #[serde(default)]
    gpu_calls_per_step: BTreeMap<String, f64>,
    gzip_bytes: Option<u64>,
}

/// What shows whether the work was done.
#[derive(Debug, Clone, Deserialize)]
struct Check {
    loss0: Option<f64>,
    gnorm0: Option<f64>,
}

/// Loss and gradient norm at the initial parameters, from the table of tests/peers/README.md.
const REFERENCES: [(&str, f64, f64); 2] = [("W1", 1.0169, 0.011412), ("W2", 0.045043, 1.2601)];

/// The table's values agree to three digits where the work is right.
const AGREEMENT: f64 = 1e-3;

const OURS: &str = "ebm";

impl Line {
    /// The workload without the mark of a hand-written gradient: both forms do the same work.
    fn work(&self) -> &str {
        self.workload.trim_end_matches('m')
    }

    fn on_gpu(&self) -> bool {
        self.backend == "webgpu"
    }

    /// Whether loss and gradient at the start are the right ones.
    fn right(&self) -> bool {
        let Some((_, loss, gnorm)) = REFERENCES.iter().find(|(work, ..)| *work == self.work()) else { return true };
        let near = |got: Option<f64>, wanted: &f64| got.is_none_or(|got| (got - wanted).abs() <= AGREEMENT * wanted);
        self.check.as_ref().is_none_or(|check| near(check.loss0, loss) && near(check.gnorm0, gnorm))
    }

    /// Larger is better: milliseconds are turned over.
    fn speed(&self) -> Option<f64> {
        let value = self.value.filter(|_| self.error.is_none() && self.right())?;
        Some(if self.unit.starts_with("ms") { 1.0 / value } else { value })
    }

    fn name(&self) -> String {
        format!("{} {}", self.peer, self.workload)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "  {:<4} {:<7} {:<7}", self.workload, self.peer, self.backend)?;
        match self.value {
            Some(value) => write!(f, " {:>9} {}", short(value), self.unit)?,
            None => write!(f, " {:>9}", "none")?,
        }
        if !self.right() {
            write!(f, "  wrong gradient: not counted")?;
        }
        if let Some(error) = &self.error {
            write!(f, "  {error}")?;
        }
        Ok(())
    }
}

/// Ours against the best peer of the same kind of backend, in its best form, a row for each workload.
pub fn table(lines: &[Line]) -> String {
    let mut text = format!(
        "{:<5} {:<7} {:>10} {:>10}  {:<12} {:>6}  {:<24}\n",
        "work", "backend", "ours", "best peer", "", "ratio", "ours: GPU calls a step"
    );
    for work in ["W1", "W2", "W3", "W4", "W5"] {
        for gpu in [false, true] {
            let here: Vec<_> = lines.iter().filter(|l| l.work() == work && l.on_gpu() == gpu).collect();
            let ours = fastest(here.iter().copied().filter(|l| l.peer == OURS));
            let theirs = fastest(here.iter().copied().filter(|l| l.peer != OURS));
            let Some(ours) = ours else { continue };
            let value = short(ours.value.unwrap_or_default());
            let calls = calls(ours);
            let backend = &ours.backend;
            let row = match theirs {
                Some(best) => {
                    let ratio = ours.speed().unwrap_or_default() / best.speed().unwrap_or(f64::INFINITY);
                    let best_value = short(best.value.unwrap_or_default());
                    format!(
                        "{work:<5} {backend:<7} {value:>10} {best_value:>10}  {:<12} {ratio:>6.2}  {calls}",
                        best.name()
                    )
                }
                None => format!("{work:<5} {backend:<7} {value:>10} {:>10}  {:<12} {:>6}  {calls}", "none", "", ""),
            };
            let _ = writeln!(text, "{}", row.trim_end());
        }
    }
    text
}

fn fastest<'a>(lines: impl Iterator<Item = &'a Line>) -> Option<&'a Line> {
    let speeds = lines.filter_map(|line| Some((line.speed()?, line)));
    speeds.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, line)| line)
}

fn calls(line: &Line) -> String {
    let counts = line.gpu_calls_per_step.iter().map(|(name, count)| format!("{} {name}", short(*count)));
    let bytes = line.gzip_bytes.map(|bytes| format!("{:.1} KB gzip fetched", bytes as f64 / 1000.0));
    counts.chain(bytes).collect::<Vec<_>>().join(", ")
}

/// Three digits, with k and M for thousands and millions.
fn short(value: f64) -> String {
    let (scaled, suffix) = match value {
        v if v >= 1e6 => (v / 1e6, " M"),
        v if v >= 1e4 => (v / 1e3, " k"),
        v => (v, ""),
    };
    let digits = (2 - scaled.abs().max(1e-9).log10().floor() as i32).clamp(0, 4) as usize;
    format!("{scaled:.digits$}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        serde_json::from_str(text).unwrap()
    }

    const OURS_W1: &str = r#"{"peer":"ebm","version":"0.1.0","backend":"wasm","workload":"W1","unit":"training steps/s",
        "value":200,"min":1,"max":2,"n":3,"check":{"loss0":1.0169,"gnorm0":0.011412,"steps":200,"loss":0.78}}"#;
    const PEER_W1M: &str = r#"{"peer":"other","backend":"wasm","workload":"W1m","unit":"training steps/s","value":80}"#;
    const WRONG: &str = r#"{"peer":"third","backend":"cpu","workload":"W1","unit":"training steps/s","value":900,
        "check":{"loss0":1.0169,"gnorm0":0.01645}}"#;

    #[test]
    fn the_best_peer_is_the_fastest_that_is_right_in_either_form() {
        let text = table(&[line(OURS_W1), line(PEER_W1M), line(WRONG)]);
        let row = text.lines().nth(1).unwrap();
        assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["W1", "wasm", "200", "80.0", "other", "W1m", "2.50"]);
    }

    #[test]
    fn shorter_times_are_better() {
        let ours = r#"{"peer":"ebm","backend":"webgpu","workload":"W5","unit":"ms to first W1 step","value":250,"gzipBytes":51200}"#;
        let theirs = r#"{"peer":"other","backend":"webgpu","workload":"W5","unit":"ms to first W1 step","value":500}"#;
        let slow = r#"{"peer":"slow","backend":"webgpu","workload":"W5","unit":"ms to first W1 step","value":5000}"#;
        let text = table(&[line(ours), line(theirs), line(slow)]);
        let row = text.lines().nth(1).unwrap();
        assert!(row.contains("2.00") && row.contains("500") && row.contains("51.2 KB gzip"), "{row}");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(475_123.0), "475 k");
        assert_eq!(short(3_130_000.0), "3.13 M");
        assert_eq!(short(10.84), "10.8");
        assert_eq!(short(1.0), "1.00");
        assert_eq!(short(0.018), "0.0180");
    }
}
