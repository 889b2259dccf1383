//! The `medveil` program.

#[path = "../heap.rs"]
mod heap;

fn main() {
    std::process::exit(medveil_gateway::cli::run());
}
