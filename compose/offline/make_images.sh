#!/bin/sh
# Make the two images that others publish from Debian's packages, under the names that the
# Dockerfile and the compose file ask for: for checking both where no registry can be reached.
# Needs root, debootstrap, and podman (or CONTAINER_ENGINE, CONTAINER_BUILD_OPTIONS).
set -eu
cd "$(dirname "$0")"
engine=${CONTAINER_ENGINE:-podman}
python=$(sed -n 's/^ARG PYTHON_IMAGE=//p' ../../Dockerfile)
postgres=$(sed -n 's/^ *image: \(.*postgres:.*\)/\1/p' ../../docker-compose.yaml)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase \
    --include=python3.11,python3.11-venv,python3-pip,ca-certificates,netbase,tzdata \
    bookworm "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
for name in python python3; do ln -sf /usr/bin/python3.11 "$root/usr/local/bin/$name"; done
tar -C "$root" -c . | $engine import - "$python"
$engine build ${CONTAINER_BUILD_OPTIONS:-} --build-arg "DEBIAN_IMAGE=$python" --tag "$postgres" \
    --file postgres.Dockerfile .
