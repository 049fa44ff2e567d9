#!/usr/bin/env bash
# Has Khronos' validator look at animated avatars (.glb, .vrm) and VRM animations (.vrma). Arguments are files; without any, a
# clip on each bundled avatar is written and looked at. Ends with code 1 when there is an error.
#
# The validator lives in its own folder, outside the repository: LIVEDANCE_GLTF_VALIDATOR, else
# ~/.cache/livedance/gltf-validator. Needs Node.js 18 or newer with npm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

readonly VERSION=2.0.0-dev.3.10
readonly FOLDER="${LIVEDANCE_GLTF_VALIDATOR:-${XDG_CACHE_HOME:-$HOME/.cache}/livedance/gltf-validator}"
readonly LIBRARY="$FOLDER/node_modules/gltf-validator"

if ! grep -qs "\"version\": \"$VERSION\"" "$LIBRARY/package.json"; then
  echo "check_gltf: installing gltf-validator $VERSION into $FOLDER" >&2
  mkdir -p "$FOLDER"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$FOLDER" "gltf-validator@$VERSION"
fi
if [ $# -eq 0 ]; then
  samples=$(mktemp -d)
  trap 'rm -rf "$samples"' EXIT
  "$here/write_samples.sh" "$samples"
  set -- "$samples"/*.glb "$samples"/*.vrma
fi
node "$here/check_gltf.mjs" "$LIBRARY/index.js" "$@"
