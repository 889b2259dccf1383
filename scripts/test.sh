#!/usr/bin/env bash
# The README's test command: every check of the project, on a fresh machine, with its own set-up.
# Needs a Rust tool chain (rustup reads nothing else), Go for Fabric, Node.js with npm for the
# independent implementations, and git.
set -euo pipefail
cd "$(dirname "$0")/.."

times=()

# step NAME COMMAND...: runs a command and notes how long it took.
step() {
    local name="$1" begun=$SECONDS
    printf '\n== %s\n' "$name"
    "${@:2}"
    times+=("$((SECONDS - begun)) s  $name")
}

tools() {
    cargo --version
    rustup component add rustfmt clippy >/dev/null 2>&1 || true
    node --version
    if ! command -v go >/dev/null; then
        echo "the Go client is needed to build Fabric (https://go.dev/dl, 1.24.2 or later)" >&2
        return 1
    fi
    for dir in tests/js circuits/tools; do
        (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error)
    done
}

documentation() {
    RUSTDOCFLAGS="-D rustdoc::broken_intra_doc_links" cargo doc --workspace --no-deps --quiet
}

clean_tree() {
    git rev-parse --is-inside-work-tree >/dev/null 2>&1 || return 0
    if [ -n "$(git status --porcelain)" ]; then
        git status --short
        echo "the tests changed files that git tracks"
        return 1
    fi
}

step "tools"            tools
step "format"           cargo fmt --all -- --check
step "lint"             cargo clippy --workspace --all-targets --quiet -- -D warnings
step "documentation"    documentation
step "circuits alone"   cargo check -p medveil-circuits --quiet
step "contract alone"   cargo check -p medveil-contract --quiet
step "Fabric"           cargo run --quiet -p medveil-gateway --bin medveil -- net install
step "tests"            cargo test --workspace
step "benches, once"    cargo bench -p medveil-benches --profile test -- --test
step "clean tree"       clean_tree

printf '\n== times\n'
printf '%s\n' "${times[@]}" "$SECONDS s  in all"
echo "all checks passed: every journey ran on the embedded ledger and on real peers"
