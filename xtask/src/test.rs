//! `cargo xtask test`: every stage in turn until one fails, with its duration, and the sum of the tests at the end.

use crate::arguments::Arguments;
use crate::process::Show;
use crate::stages::{ALL, Finding, Stage};
use crate::tally::Tally;
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// Runs all stages, or those that `--only` names. The last line that it prints counts the tests.
pub fn command(mut arguments: Arguments) -> Result<()> {
    let show = if arguments.flag("--verbose") { Show::Live } else { Show::OnFailure };
    let list = arguments.flag("--list");
    let wanted = arguments.values("--only")?;
    arguments.finish()?;
    let stages = select(&wanted)?;
    if list {
        stages.iter().for_each(|stage| println!("{:<12} {}", stage.name, stage.about));
        return Ok(());
    }

    let mut done = Vec::new();
    let mut failure = None;
    for stage in stages {
        println!("== {}: {}", stage.name, stage.about);
        let start = Instant::now();
        let finding = (stage.run)(show).unwrap_or_else(|error| Finding {
            tally: Tally { failed: 1, ..Tally::default() },
            failure: Some(format!("{error:#}")),
        });
        done.push((stage, start.elapsed(), finding.tally));
        if let Some(text) = finding.failure {
            println!("{}\n", text.trim_end());
            failure = Some(stage.name);
            break;
        }
    }
    let tally = summarise(&done);
    match failure {
        Some(name) => println!("Stage {name} failed; `cargo xtask test --only {name}` runs it alone."),
        None => println!("All stages passed."),
    }
    println!("{tally}");
    if failure.is_some() {
        std::process::exit(1);
    }
    Ok(())
}

fn select(wanted: &[String]) -> Result<Vec<&'static Stage>> {
    if let Some(unknown) = wanted.iter().find(|name| ALL.iter().all(|stage| stage.name != **name)) {
        let known: Vec<_> = ALL.iter().map(|stage| stage.name).collect();
        bail!("--only: {unknown:?} is no stage; expected one of {}.", known.join(", "));
    }
    Ok(ALL.iter().filter(|stage| wanted.is_empty() || wanted.iter().any(|name| name == stage.name)).collect())
}

fn summarise(done: &[(&Stage, Duration, Tally)]) -> Tally {
    let mut sum = Tally::default();
    println!();
    for (stage, duration, tally) in done {
        let counts = if *tally == Tally::default() { String::new() } else { tally.to_string() };
        println!("{:<12} {:>7.1} s   {counts}", stage.name, duration.as_secs_f64());
        sum += *tally;
    }
    println!("{:<12} {:>7.1} s", "in all", done.iter().map(|(_, d, _)| d.as_secs_f64()).sum::<f64>());
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_stage_is_refused_and_names_keep_their_order() {
        let pick = |names: &[&str]| select(&names.iter().map(|n| n.to_string()).collect::<Vec<_>>());
        assert!(pick(&["no-such-stage"]).err().unwrap().to_string().contains("expected one of format, lint"));
        let names: Vec<_> = pick(&["core", "format"]).unwrap().iter().map(|s| s.name).collect();
        assert_eq!(names, ["format", "core"]);
        assert_eq!(pick(&[]).unwrap().len(), ALL.len());
    }
}
