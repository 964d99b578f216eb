//! The project's commands: build, serve, test, bench.

fn main() {
    eprintln!("usage: cargo xtask <build|serve|test|bench>");
    std::process::exit(2);
}
