#!/usr/bin/env bash
# The README's test command: every check of the project, on a fresh machine, with its own set-up.
# Needs a Rust tool chain (rustup reads nothing else), Go for Fabric, Node.js with npm for the
# independent implementations, and git.
#
# Rust is compiled once: one profile, one set of features, all targets, with clippy as the compiler
# of our own crates, so that lints cost no second pass. Test programs then run in two lanes: those
# that start Fabric networks, which mostly wait, beside all others.
set -euo pipefail
cd "$(dirname "$0")/.."

# Where programs are looked for, below.
unset CARGO_TARGET_DIR

logs=$(mktemp -d)
# What still runs beside other steps ends with this script, and all that it started.
finish() {
    for job in $(jobs -p); do
        kill -- "-$job" 2>/dev/null || kill "$job" 2>/dev/null || true
    done
    rm -rf "$logs"
}
trap finish EXIT
times=()

# step NAME COMMAND...: runs a command and notes how long it took.
step() {
    local name="$1" begun=$SECONDS
    printf '\n== %s\n' "$name"
    "${@:2}"
    times+=("$((SECONDS - begun)) s  $name")
}

# behind NAME COMMAND...: starts a command that others need not wait for; `collect NAME` does.
behind() {
    local name="$1"
    # A process group of its own.
    set -m
    (
        renice -n 10 -p "$BASHPID" >/dev/null
        TIMEFORMAT='took %0R s beside other steps, %0U s of processor'
        time "${@:2}"
    ) >"$logs/$name" 2>&1 &
    set +m
    printf '%s' $! >"$logs/$name.pid"
}

collect() {
    local status=0
    wait "$(cat "$logs/$1.pid")" || status=$?
    cat "$logs/$1"
    return "$status"
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

# A server for the tests that read one; elsewhere than in continuous integration they take the one
# that is there, or say that there is none.
postgresql() {
    if [ -z "${CI:-}" ] || [ "$(id -u)" != 0 ] || ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null; then
        return 0
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql ||
        echo "no PostgreSQL could be installed: tests that need a server say so"
}

# Fills Go's build cache, so that `medveil net install` finds Fabric compiled.
compile_fabric() {
    if [ -n "${MEDVEIL_FABRIC:-}" ] || ls "${XDG_CACHE_HOME:-$HOME/.cache}"/medveil/fabric-*/bin/peer; then
        return 0
    fi
    cd fabric-net/tools
    GOFLAGS="" GOBIN="$logs/fabric" go install -trimpath -mod=readonly tool
}

# Everything there is to compile, once. Later commands of Cargo find it done.
compile() {
    RUSTC_WORKSPACE_WRAPPER=$(rustup which clippy-driver 2>/dev/null || command -v clippy-driver)
    export RUSTC_WORKSPACE_WRAPPER CLIPPY_ARGS="-Dwarnings__CLIPPY_HACKERY__"
    if [ -n "${CI:-}" ]; then
        export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0
    fi
    # Every kind of source, as the released program has them.
    local all=(--workspace --all-targets --features medveil-gateway/sources)
    cargo build --locked "${all[@]}"
    cargo build "${all[@]}" --quiet --message-format=json |
        node scripts/test-binaries.mjs >"$logs/programs"
}

# Its examples, and its links.
documentation() {
    RUSTDOC="$PWD/scripts/rustdoc.sh" cargo test --locked --workspace --features medveil-gateway/sources --doc --quiet
}

# Runs the programs of a lane one after the other, each in its package's folder. Benches run once.
lane() {
    local status=0
    while read -r kind folder program; do
        printf '\n-- %s\n' "$(basename "$program")"
        local args=() TIMEFORMAT='took %0R s, %0U s of processor'
        [ "$kind" = bench ] && args=(--test)
        time (cd "$folder" && "$program" "${args[@]}" </dev/null) || status=1
    done
    return "$status"
}

tests() {
    # Programs that start networks, by name; the pages' own network stands in the other lane.
    local networks='/(journeys|network|fabric|faults)-[0-9a-f]+$' status=0
    awk -v names="$networks" '$3 ~ names' "$logs/programs" >"$logs/lane-1"
    awk -v names="$networks" '$3 !~ names' "$logs/programs" >"$logs/lane-2"
    [ -s "$logs/lane-1" ] && [ -s "$logs/lane-2" ] || return 1
    lane <"$logs/lane-1" >"$logs/networks" 2>&1 &
    local networks_lane=$!
    lane <"$logs/lane-2" || status=1
    wait "$networks_lane" || status=1
    cat "$logs/networks"
    return "$status"
}

# What the README's first command exported, as the test of the pages left it, is verified where only
# WebAssembly runs.
under_node() {
    node tests/js/bundle.mjs target/wasm/wasm32-unknown-unknown/wasm/medveil_bundle_wasm.wasm \
        target/tmp/cohort-count.bundle.json target/tmp/trust.json
}

tree() {
    git status --porcelain 2>/dev/null && git diff 2>/dev/null || true
}

clean_tree() {
    if ! tree | cmp -s - "$logs/tree"; then
        git status --short
        echo "the tests changed files that git tracks"
        return 1
    fi
}

tree >"$logs/tree"
step "tools" tools
behind "Fabric, compiled" compile_fabric
behind "PostgreSQL" postgresql
step "format" cargo fmt --all -- --check
step "compile and lint" compile
step "Fabric, compiled: what is left" collect "Fabric, compiled"
step "PostgreSQL: what is left" collect "PostgreSQL"
step "Fabric" target/debug/medveil net install
behind "dependencies" bash scripts/deny.sh
behind "documentation" documentation
behind "WebAssembly" bash scripts/wasm.sh
step "tests and benches" tests
step "dependencies: what is left" collect "dependencies"
step "documentation: what is left" collect "documentation"
step "WebAssembly: what is left" collect "WebAssembly"
step "a bundle under Node.js" under_node
step "clean tree" clean_tree

printf '\n== times\n'
printf '%s\n' "${times[@]}" "$SECONDS s  in all"
echo "all checks passed: every journey ran on the embedded ledger and on real peers"
