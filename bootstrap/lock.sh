#!/bin/sh
# Resolve requirements.in, the installer, Node and the page's scripts to full locks with hashes.
set -eu
cd "$(dirname "$0")/.."
lock() {
    # $1: what is asked for, $2: the lock, $3: its first line, then options of uv
    compiled=$(mktemp)
    asked=$1 written=$2 title=$3
    shift 3
    .venv/bin/uv pip compile --quiet --generate-hashes --no-header --python-version 3.11 "$@" "$asked" -o "$compiled"
    { echo "$title"; cat "$compiled"; } >"$written"
    rm -f "$compiled"
}
lock requirements.in requirements.txt \
    '# The full lock of requirements.in, with hashes; `make lock` writes it.'
lock bootstrap/uv.in bootstrap/uv.txt \
    '# The installer of requirements.txt, with hashes; `make lock` writes it.'
lock bootstrap/node.in bootstrap/node.txt \
    '# Node for machines that have none, with hashes; `make lock` writes it.'
lock bootstrap/gpu.in bootstrap/gpu.txt \
    '# The full lock of gpu.in, with hashes; `make lock` writes it.' \
    --python-platform x86_64-manylinux_2_28 --constraints requirements.txt
lock bootstrap/spark.in bootstrap/spark.txt \
    '# The full lock of spark.in, with hashes; `make lock` writes it.' --constraints requirements.txt
if command -v npm >/dev/null; then
    (cd bootstrap/scripts && npm install --package-lock-only --ignore-scripts --silent)
else
    echo 'There is no npm on PATH: bootstrap/scripts/package-lock.json stays as it is.' >&2
fi
