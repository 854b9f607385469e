#!/bin/sh
# Resolve requirements.in, and the installer itself, to full locks with hashes.
set -eu
cd "$(dirname "$0")/.."
lock() {
    # $1: what is asked for, $2: the lock, $3: its first line
    compiled=$(mktemp)
    .venv/bin/uv pip compile --quiet --generate-hashes --no-header --python-version 3.11 "$1" -o "$compiled"
    { echo "$3"; cat "$compiled"; } >"$2"
    rm -f "$compiled"
}
lock requirements.in requirements.txt \
    '# The full lock of requirements.in, with hashes; `make lock` writes it.'
lock bootstrap/uv.in bootstrap/uv.txt \
    '# The installer of requirements.txt, with hashes; `make lock` writes it.'
