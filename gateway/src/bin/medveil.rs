//! The `medveil` program.

fn main() {
    std::process::exit(medveil_gateway::cli::run());
}
