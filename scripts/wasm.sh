#!/usr/bin/env bash
# Builds what an outsider or another program needs for wasm32-unknown-unknown:
#
#   bash scripts/wasm.sh [PACKAGE...]
#
# The standard library for that target comes from the installed tool chain, else from
# `rustup target add`, else from Debian's packages of Rust, unpacked into a cache folder and built
# from source. Prints which one it used. Artifacts lie under target/wasm/wasm32-unknown-unknown.
set -euo pipefail
cd "$(dirname "$0")/.."

target=wasm32-unknown-unknown
packages=("$@")
checked=()
if [ ${#packages[@]} -eq 0 ]; then
    packages=(medveil-circuits medveil-contract medveil-bundle-wasm)
    checked=(medveil-prover)
fi
cache="${XDG_CACHE_HOME:-$HOME/.cache}/medveil/wasm"
unset RUSTC_WORKSPACE_WRAPPER
# A folder of its own, so that it and other builds need not wait for each other.
options=(--quiet --profile wasm --target "$target" --target-dir target/wasm)

has_target() { [ -d "$(rustc --print target-libdir --target "$target" 2>/dev/null)" ]; }

# Rust, its sources and a linker, of one version. Nothing is installed, and rustup is not touched.
unpack_debian() {
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
    local debs=(rustc-web libstd-rust-web-dev libstd-rust-web-1.96 rust-web-src libllvm22 lld-22)
    rm -rf "$cache" && mkdir -p "$cache/root" && cd "$cache" || return 1
    apt-get download "${debs[@]}" 2>/dev/null ||
        { apt-get update -qq && apt-get download "${debs[@]}"; } || return 1
    for deb in *.deb; do dpkg -x "$deb" root || return 1; done
    rm -f ./*.deb
    touch complete
}

if has_target; then
    echo "wasm: the installed target of $(rustc --version)"
elif command -v rustup >/dev/null && rustup target add "$target" >/dev/null 2>&1 && has_target; then
    echo "wasm: the target that rustup added to $(rustc --version)"
elif [ -f "$cache/complete" ] || (unpack_debian >&2); then
    usr="$cache/root/usr"
    export LD_LIBRARY_PATH="$usr/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export RUSTC="$usr/bin/rustc" RUSTC_BOOTSTRAP=1
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$usr/bin/wasm-ld-22"
    options+=(-Zbuild-std=std,panic_abort)
    echo "wasm: the standard library built from source with Debian's $("$RUSTC" --version)"
else
    echo "wasm: there is no standard library for $target: 'rustup target add $target' failed," >&2
    echo "wasm: and Debian's packages of Rust cannot be had" >&2
    exit 1
fi

# One build, so that what they share is compiled once.
cargo build "${options[@]}" "${packages[@]/#/--package=}"
echo "wasm: ${packages[*]}: built"

# Alone, or what it wants of its dependencies would go into the others. Nothing of it is linked.
if [ ${#checked[@]} -gt 0 ]; then
    cargo check "${options[@]}" "${checked[@]/#/--package=}"
    echo "wasm: ${checked[*]}: checked"
fi
