#!/usr/bin/env bash
# Writes a clip on each bundled avatar as BVH, GLB and VRMA into a folder, with the positions of all joints as JSON beside
# them: what check_blender.sh and check_gltf.sh look at. The only argument is the folder.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."

# The same profile as the check of the library alone, so that nothing is compiled twice.
LIVEDANCE_SAMPLES="$folder" "${CARGO:-cargo}" test --locked --quiet --no-default-features --lib \
  --config 'profile.dev.package."*".opt-level=0' -- --ignored --exact formats::samples::write_samples_for_other_programs
