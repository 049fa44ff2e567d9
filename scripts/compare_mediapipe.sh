#!/usr/bin/env bash
# Our tracker's time and results beside MediaPipe's on the same video, interleaved. Arguments go to compare_mediapipe.py.
#
# MediaPipe lives in its own Python environment, outside the repository:
# LIVEDANCE_COMPARE_VENV, else ~/.cache/livedance/mediapipe-venv. Needs Python 3.9 to 3.12 and ffmpeg.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/common.sh

VENV=${LIVEDANCE_COMPARE_VENV:-$(tool_folder mediapipe-venv)}
python_with "$VENV" "mediapipe, cv2" "mediapipe 0.10.21 (for Python 3.9 to 3.12)" "mediapipe==0.10.21" "numpy<2"
need_livedance
exec "$VENV/bin/python" scripts/compare_mediapipe.py "$@"
