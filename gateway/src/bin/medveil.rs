//! The `medveil` program.

fn main() {
    std::process::exit(gateway::cli::run());
}
