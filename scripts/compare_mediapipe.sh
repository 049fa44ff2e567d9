#!/usr/bin/env bash
# Our tracker's time and results beside MediaPipe's on the same video, interleaved. Arguments go to compare_mediapipe.py.
#
# MediaPipe lives in its own Python environment, outside the repository:
# LIVEDANCE_COMPARE_VENV, else ~/.cache/livedance/mediapipe-venv. Needs Python 3.9 to 3.12 and ffmpeg.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly VENV="${LIVEDANCE_COMPARE_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/livedance/mediapipe-venv}"
readonly PYTHON="${PYTHON:-python3}"

if ! "$VENV/bin/python" -c 'import mediapipe, cv2' 2>/dev/null; then
  echo "compare: installing mediapipe 0.10.21 into $VENV" >&2
  "$PYTHON" -m venv "$VENV"
  "$VENV/bin/pip" install --quiet "mediapipe==0.10.21" "numpy<2" || {
    echo "compare: mediapipe 0.10.21 cannot be installed for $("$PYTHON" --version); set PYTHON to a Python from 3.9 to 3.12" >&2
    exit 1
  }
fi
if [ -z "${LIVEDANCE_BINARY:-}" ]; then
  "${CARGO:-cargo}" build --locked --bin livedance
  # Wherever Cargo's settings put it.
  target=$("${CARGO:-cargo}" metadata --locked --no-deps --format-version 1 \
    | "$VENV/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
  export LIVEDANCE_BINARY="$target/debug/livedance"
fi
exec "$VENV/bin/python" scripts/compare_mediapipe.py "$@"
