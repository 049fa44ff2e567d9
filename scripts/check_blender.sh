#!/usr/bin/env bash
# Opens BVH and GLB files of ours in Blender, without a window, and compares what it shows with what we say: the T-pose, duration
# and rate, and where every joint is at five frames. Ends with code 1 when anything is off.
#
#   scripts/check_blender.sh [FOLDER] [NAME...]
#
# FOLDER holds NAME.bvh, NAME.glb and NAME.json as scripts/write_samples.sh writes them; without it they are written into
# out/samples. NAME defaults to the bundled avatars. Pictures go to FOLDER/NAME.bvh.png and FOLDER/NAME.glb.png.
#
# Needs Blender 3.4 or newer with NumPy: on Debian `apt-get install --no-install-recommends blender python3-numpy`;
# another one is named by BLENDER.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
readonly BLENDER="${BLENDER:-blender}"

if ! command -v "$BLENDER" >/dev/null 2>&1; then
  echo "check_blender: Blender is not installed. Install it (Debian: apt-get install --no-install-recommends blender" \
    "python3-numpy) or name it in BLENDER." >&2
  exit 1
fi
folder=${1:-}
if [ -z "$folder" ]; then
  folder="$here/../out/samples"
  "$here/write_samples.sh" "$folder"
fi
[ $# -gt 0 ] && shift
[ $# -eq 0 ] && set -- livedance child stylised

code=0
for name in "$@"; do
  for kind in bvh glb; do
    # Blender ends with code 0 whatever a script does, unless it is told otherwise.
    "$BLENDER" --background --factory-startup --python-exit-code 1 --python "$here/check_blender.py" -- \
      "$folder/$name.$kind" "$folder/$name.json" "$folder/$name.$kind.png" >"$folder/$name.$kind.log" 2>&1 || code=1
    grep -E '^(ok|FAILED|check)' "$folder/$name.$kind.log" || { tail -20 "$folder/$name.$kind.log"; code=1; }
  done
done
exit "$code"
