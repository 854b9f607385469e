#!/bin/sh
# The browser that the page's tests drive: found, installed where that is ours to do, or asked for.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && exit 0
done
remedy='sudo apt-get install chromium'
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo 'Installing chromium, which the tests of the page drive ...'
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends chromium >/dev/null && exit 0
    remedy='apt-get install chromium, which failed just now'
fi
echo "The tests of the page need Chromium or Chrome on PATH: $remedy." >&2
exit 2
