#!/bin/sh
# How many calls a scan makes, measured against moto; docs/cost.md holds the numbers. `cargo test` makes the environment that this needs.
set -eu
cd "$(dirname "$0")/.."
python=$(ls -d target/test-venv-*/bin/python 2>/dev/null | head -n 1)
if [ -z "$python" ]; then
    echo "tests/cost.sh: there is no moto under target/; run \`cargo test --test it\` first" >&2
    exit 2
fi
cargo build --quiet
PYTHONDONTWRITEBYTECODE=1 exec "$python" tests/it/support/cost.py target/debug/rolecall
