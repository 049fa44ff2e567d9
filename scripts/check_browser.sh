#!/usr/bin/env bash
# Tries the web client in a real browser: unit tests of its modules, then a headless Chromium with the demo clip for a camera
# before `livedance serve`. Pictures of what was seen are left in out/browser. Ends with code 1 when anything is wrong.
#
# Debian's Chromium is installed with apt where it is missing (through sudo when not root); elsewhere install Chromium or
# Chrome and name it in CHROMIUM. Playwright, axe and a Protocol Buffers library live in a folder of their own, outside the
# repository: LIVEDANCE_CHECK_BROWSER, else ~/.cache/livedance/browser. Needs Node.js 20 or newer with npm, and ffmpeg.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"

readonly PACKAGES=(playwright-core@1.65.1 axe-core@4.14.1 protobufjs@8.8.1)
FOLDER=${LIVEDANCE_CHECK_BROWSER:-$(tool_folder browser)}
ROOT=$(dirname "$here")

say() { echo "check_browser: $*" >&2; }

find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name"; then return 0; fi
  done
  return 1
}

if ! browser=$(find_chromium); then
  command -v apt-get >/dev/null || { say "install Chromium, or name a browser of its kind in CHROMIUM"; exit 1; }
  say "installing Chromium with apt"
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
  browser=$(find_chromium)
fi

if [ "$(cat "$FOLDER/packages" 2>/dev/null)" != "${PACKAGES[*]}" ]; then
  say "installing ${PACKAGES[*]} into $FOLDER"
  mkdir -p "$FOLDER"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$FOLDER" "${PACKAGES[@]}"
  echo "${PACKAGES[*]}" >"$FOLDER/packages"
fi

LIVEDANCE_NODE_MODULES="$FOLDER/node_modules" node --test "$ROOT/tests/web/"

need_livedance
footage=$(mktemp -d)
trap 'rm -rf "$footage"' EXIT
# Chromium's fake camera plays such a file over and over.
ffmpeg -v error -i "$ROOT/assets/demo/demo.mp4" -an -c:v mjpeg -q:v 3 "$footage/camera.mjpeg"
mkdir -p "$ROOT/out/browser"
node "$here/check_browser.mjs" "$FOLDER/node_modules" "$browser" "$LIVEDANCE_BINARY" "$footage/camera.mjpeg" "$ROOT"
