#!/usr/bin/env bash
# Everything that must pass, as CI runs it. Sets up what the tests need; ends with the count of all tests.
set -euo pipefail
cd "$(dirname "$0")"

step() { printf '\n== %s\n' "$*"; }

# The fuzz targets' engine is C++; the peers are Python; tests/programs.rs checks real programs; ss is who
# else reads the kernel's tables; tmux is the terminal of the live view. Debian's
# packages by name, behind the command that each is there for. Where a package starts its service, that
# service keeps its own port: the tests start programs of their own.
PATH=$PATH:/usr/sbin
missing=()
while read -r command package; do
  command -v "$command" >/dev/null || missing+=("$package")
done <<'LIST'
c++ g++
python3 python3
redis-server redis-server
memcached memcached
nginx nginx-light
dnsmasq dnsmasq-base
mosquitto mosquitto
dovecot dovecot-imapd
microsocks microsocks
LCDd lcdproc
node nodejs
npm npm
ss iproute2
tmux tmux
LIST
if ((${#missing[@]})); then
  step "install ${missing[*]}"
  if ! command -v apt-get >/dev/null || [[ $(id -u) != 0 ]]; then
    echo "these are missing and cannot be installed from here: ${missing[*]}" >&2
    exit 2
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q && apt-get install -qy --no-install-recommends "${missing[@]}"
fi
# The tests look for it in cargo's folder for them.
npm_folder=${CARGO_TARGET_DIR:-target}/tmp/npm
if [[ ! -f $npm_folder/node_modules/statsd/stats.js ]]; then
  step "install statsd"
  mkdir -p "$npm_folder"
  npm install --prefix "$npm_folder" --no-save --no-audit --no-fund --omit=optional statsd@0.9.0
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
