#!/usr/bin/env bash
# The avatar's pose beside Kalidokit's, solved from the same landmarks. Arguments are clips (default: the demo).
#
# Kalidokit lives in its own folder, outside the repository: LIVEDANCE_COMPARE_KALIDOKIT, else
# ~/.cache/livedance/kalidokit. Needs Node.js 18 or newer with npm, and ffmpeg.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

readonly VERSION=1.1.5
readonly FOLDER="${LIVEDANCE_COMPARE_KALIDOKIT:-${XDG_CACHE_HOME:-$HOME/.cache}/livedance/kalidokit}"
readonly LIBRARY="$FOLDER/node_modules/kalidokit/dist/kalidokit.umd.js"

if ! grep -qs "\"version\": \"$VERSION\"" "$FOLDER/node_modules/kalidokit/package.json"; then
  echo "compare: installing kalidokit $VERSION into $FOLDER" >&2
  mkdir -p "$FOLDER"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$FOLDER" "kalidokit@$VERSION"
fi
if [ -z "${LIVEDANCE_BINARY:-}" ]; then
  (cd "$here/.." && "${CARGO:-cargo}" build --locked --bin livedance)
  # Wherever Cargo's settings put it.
  target=$(cd "$here/.." && "${CARGO:-cargo}" metadata --locked --no-deps --format-version 1 \
    | node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync(0, "utf8")).target_directory)')
  export LIVEDANCE_BINARY="$target/debug/livedance"
fi
exec node "$here/compare_kalidokit.mjs" "$LIBRARY" "$@"
