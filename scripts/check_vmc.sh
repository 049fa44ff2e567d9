#!/usr/bin/env bash
# Listens to what `livedance run SOURCE --vmc-out HOST:PORT` sends, with an OSC library that is not ours, and says whether
# it is VMC as other programs expect it. Arguments go to check_vmc.py.
#
# python-osc lives in a Python environment of its own, outside the repository:
# LIVEDANCE_VMC_VENV, else ~/.cache/livedance/vmc-venv.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly VENV="${LIVEDANCE_VMC_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/livedance/vmc-venv}"
readonly PYTHON="${PYTHON:-python3}"

if ! "$VENV/bin/python" -c 'import pythonosc' 2>/dev/null; then
  echo "check_vmc: installing python-osc 1.9.3 into $VENV" >&2
  "$PYTHON" -m venv "$VENV"
  "$VENV/bin/pip" install --quiet "python-osc==1.9.3"
fi
exec "$VENV/bin/python" scripts/check_vmc.py "$@"
