#!/usr/bin/env bash
# Has three-vrm-animation, which browser avatars play VRM animations with, read files of ours, and compares where it puts every
# joint with what we say. Ends with code 1 when anything is off.
#
#   scripts/check_vrma.sh [FOLDER [NAME...]]
#
# FOLDER holds NAME.vrma and NAME.json as scripts/write_samples.sh writes them; without it they are written aside. NAME defaults to
# the bundled avatars.
#
# The libraries live in their own folder, outside the repository: LIVEDANCE_THREE_VRM, else ~/.cache/livedance/three-vrm. Needs
# Node.js 18 or newer with npm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

readonly THREE=0.187.0 VRM=3.5.5
readonly FOLDER="${LIVEDANCE_THREE_VRM:-${XDG_CACHE_HOME:-$HOME/.cache}/livedance/three-vrm}"

if ! grep -qs "\"version\": \"$VRM\"" "$FOLDER/node_modules/@pixiv/three-vrm-animation/package.json"; then
  echo "check_vrma: installing three $THREE and three-vrm-animation $VRM into $FOLDER" >&2
  mkdir -p "$FOLDER"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$FOLDER" \
    "three@$THREE" "@pixiv/three-vrm-animation@$VRM" "@pixiv/three-vrm-core@$VRM"
fi
samples=${1:-}
[ $# -gt 0 ] && shift
if [ -z "$samples" ]; then
  samples=$(mktemp -d)
  trap 'rm -rf "$samples"' EXIT
  "$here/write_samples.sh" "$samples"
fi
[ $# -eq 0 ] && set -- livedance child stylised
node "$here/check_vrma.mjs" "$FOLDER/node_modules" "$samples" "$@"
