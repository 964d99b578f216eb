//! The core on the command line: training runs longer than anybody keeps a page open for.

mod figures;
mod judge;
mod picture;
mod train;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo run --release -- train|judge [options]

train: trains an energy of images, and writes checkpoints, figures, a picture of the chains and the weights to a folder.

  --out FOLDER        where to (runs/mnist)
  --updates N         train up to this update (1000)
  --config JSON       what differs from the usual config of images, such as '{\"model\": {\"size\": \"small\"}}'
  --weights FILE      weights to begin with, as a run or the page exports them; joint-cnn takes those of cnn too
  --images FILE       IDX file of images (www/pkg/mnist/images.idx.packed, which `cargo xtask digits` writes)
  --labels FILE       behind --images: IDX file of their labels, if there is one
  --every N           updates between two checkpoints (100)
  --backend cpu|gpu   where to compute (cpu)
  --resume            go on from the folder's checkpoint

judge: lets chains go from noise down an energy of images, and a classifier say which digits their ends are and how sure it is.

  --weights FILE      the energy's (www/images/weights/mnist.safetensors)
  --by FILE           the classifier's, which `train` made (runs/judge/weights.safetensors)
  --chains N          how many (500)
  --steps N           of each (1000)
  --every N           steps between two judgements, a line of JSON each (1000)
  --seed N            of the chains (1)
  --picture FILE      PNG of their ends
  --mix W,W,…         of an energy that knows classes: they follow W E(x) + W E(x, 0) + … + W E(x, 9)
  --images FILE, --labels FILE
                      digits of which the held-out ones tell how good the classifier is (those of `train`)";

/// Why a command ended early, in a sentence.
type Failure = Box<dyn std::error::Error>;

fn run() -> Result<(), Failure> {
    let mut arguments = lexopt::Parser::from_env();
    match arguments.next()? {
        Some(lexopt::Arg::Value(command)) if command == "train" => train::command(arguments),
        Some(lexopt::Arg::Value(command)) if command == "judge" => judge::command(arguments),
        Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h')) => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(USAGE.into()),
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
