#!/usr/bin/env bash
# How much of each decoder's file the targets reach: `bash tests/fuzz/coverage.sh [SECONDS [TARGET...]]`
# runs each target for so long (10) with our own crates instrumented, and prints a table of files.
# Needs `rustup component add llvm-tools`. A folder of profiles stays in target/tmp/coverage, so that
# another run adds to it.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds="${1:-10}"
shift || true
llvm="$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin"
profiles="$PWD/target/tmp/coverage"
mkdir -p "$profiles"

# Crates of others stay as they are, and are not compiled again.
wrapper="$profiles/instrument.sh"
printf '#!/bin/sh\nexec "$@" -Cinstrument-coverage\n' >"$wrapper"
chmod +x "$wrapper"
export LLVM_PROFILE_FILE="$profiles/build-%p.discard"
RUSTC_WORKSPACE_WRAPPER="$wrapper" cargo build -p medveil-fuzz --bin medveil-fuzz
program=target/debug/medveil-fuzz
rm -f "$profiles"/*.discard

for target in "${@:-$("$program" list)}"; do
    for name in $target; do
        LLVM_PROFILE_FILE="$profiles/$name-%p.profraw" "$program" run "$name" "$seconds" "$RANDOM" |
            sed 's/"findings":\[\]/no findings/'
    done
done
"$llvm/llvm-profdata" merge -sparse "$profiles"/*.profraw -o "$profiles/all.profdata"
# Files with a decoder, and lines reached of each.
mapfile -t files < <(sed -n 's/^\([a-z][^ ]*\.rs\) .*/\1/p' tests/fuzz/decoders.txt | sort -u)
"$llvm/llvm-cov" report "$program" -instr-profile="$profiles/all.profdata" "${files[@]}" |
    awk '$1 ~ /\.rs$/ || $1 == "TOTAL" { printf "%-60s %6s lines, %6s reached\n", $1, $8, $10 }'
