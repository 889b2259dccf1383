#!/usr/bin/env bash
# The README's test command: every check of the project, on a fresh machine, with its own set-up.
# Needs a Rust tool chain (rustup reads nothing else), Go for Fabric, Node.js with npm for the independent implementations, and git.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step "tools"
cargo --version
rustup component add rustfmt clippy >/dev/null 2>&1 || true
node --version
for dir in tests/js circuits/tools; do
    if [ -f "$dir/package-lock.json" ]; then
        (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error)
    fi
done

step "format";          cargo fmt --all -- --check
step "lint";            cargo clippy --workspace --all-targets --quiet -- -D warnings
step "documentation";   RUSTDOCFLAGS="-D rustdoc::broken_intra_doc_links" cargo doc --workspace --no-deps --quiet
step "circuits alone";  cargo check -p circuits --quiet && cargo check -p verifier-chaincode --quiet
step "Fabric"
if ! command -v go >/dev/null; then
    echo "the Go client is needed to build Fabric (https://go.dev/dl, 1.24.2 or later)" >&2
    exit 1
fi
fabric=$(cargo run --quiet -p gateway --bin medveil -- net install)
echo "$fabric"
step "tests";           cargo test --workspace
echo "every journey ran on the embedded ledger and on real peers: $fabric"
step "benches, once";   cargo bench -p benches --profile test -- --test
step "clean tree"
if [ -d .git ] && [ -n "$(git status --porcelain)" ]; then
    git status --short
    echo "the tests changed files that git tracks"
    exit 1
fi
echo "all checks passed"
