#!/usr/bin/env bash
# Stands in for rustdoc under `cargo test --doc`: runs a crate's examples, then writes its pages, for
# which the crate's libraries are there already. `cargo doc` would check every dependency once more.
set -euo pipefail

pages=() examples=0
while [ $# -gt 0 ]; do
    args+=("$1")
    case "$1" in
    --test) examples=1 ;;
    --test-run-directory | --test-args | --test-runtool) args+=("$2") && shift ;;
    *) pages+=("$1") ;;
    esac
    shift
done
rustdoc "${args[@]}"
if [ "$examples" = 1 ]; then
    rustdoc "${pages[@]}" --out-dir target/doc
fi
