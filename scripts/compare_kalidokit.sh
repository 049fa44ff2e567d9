#!/usr/bin/env bash
# The avatar's pose beside Kalidokit's, solved from the same landmarks. Arguments are clips (default: the demo).
#
# Kalidokit lives in its own folder, outside the repository: LIVEDANCE_COMPARE_KALIDOKIT, else
# ~/.cache/livedance/kalidokit. Needs Node.js 18 or newer with npm, and ffmpeg.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"

readonly VERSION=1.1.5
FOLDER=${LIVEDANCE_COMPARE_KALIDOKIT:-$(tool_folder kalidokit)}
LIBRARY="$FOLDER/node_modules/kalidokit/dist/kalidokit.umd.js"

if ! grep -qs "\"version\": \"$VERSION\"" "$FOLDER/node_modules/kalidokit/package.json"; then
  echo "compare: installing kalidokit $VERSION into $FOLDER" >&2
  mkdir -p "$FOLDER"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$FOLDER" "kalidokit@$VERSION"
fi
need_livedance
exec node "$here/compare_kalidokit.mjs" "$LIBRARY" "$@"
