#!/usr/bin/env bash
# Everything that must pass, as CI runs it. Sets up what the tests need; ends with the count of all tests.
set -euo pipefail
cd "$(dirname "$0")"

step() { printf '\n== %s\n' "$*"; }

# The fuzz targets' engine is C++; the peers are Python. Debian's packages by name.
missing=()
command -v c++ >/dev/null || missing+=(g++)
command -v python3 >/dev/null || missing+=(python3)
if ((${#missing[@]})); then
  step "install ${missing[*]}"
  if ! command -v apt-get >/dev/null || [[ $(id -u) != 0 ]]; then
    echo "these are missing and cannot be installed from here: ${missing[*]}" >&2
    exit 2
  fi
  apt-get update -q && apt-get install -qy --no-install-recommends "${missing[@]}"
fi

step "format"
cargo fmt --all --check
step "build"
cargo build --locked --workspace
step "framecat-core alone"
cargo build --locked -p framecat-core
step "clippy"
cargo clippy --locked --workspace --all-targets -- -D warnings
step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items
step "fuzz targets, briefly"
fuzz/run

step "tests"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
cargo test --locked --workspace --no-fail-fast 2>&1 | tee "$log" || status=$?
# cargo counts each test binary for itself; this is the sum.
awk '/^test result:/ { passed += $4; failed += $6; skipped += $8 }
     END { printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped; if (!passed) exit 1 }' "$log"
exit "$status"
