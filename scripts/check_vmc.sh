#!/usr/bin/env bash
# Listens to what `livedance run SOURCE --vmc-out HOST:PORT` sends, with an OSC library that is not ours, and says whether
# it is VMC as other programs expect it. Arguments go to check_vmc.py.
#
# python-osc lives in a Python environment of its own, outside the repository:
# LIVEDANCE_VMC_VENV, else ~/.cache/livedance/vmc-venv.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/common.sh

VENV=${LIVEDANCE_VMC_VENV:-$(tool_folder vmc-venv)}
python_with "$VENV" pythonosc "python-osc 1.9.3" "python-osc==1.9.3"
exec "$VENV/bin/python" scripts/check_vmc.py "$@"
