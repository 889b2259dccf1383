#!/usr/bin/env bash
# Checks the workspace with the oldest Rust that it promises: `rust-version` of Cargo.toml.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
rustup toolchain install "$version" --profile minimal --no-self-update
export CARGO_TARGET_DIR="$PWD/target/oldest-rust"
cargo "+$version" check --workspace --all-targets --locked
echo "the workspace compiles with Rust $version"
