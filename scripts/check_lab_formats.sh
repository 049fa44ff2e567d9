#!/usr/bin/env bash
# Writes sample files for laboratories (C3D, TRC, CSV) and lets programs that are not ours read them: ezc3d, c3d, pandas.
# With a folder as its argument it checks the files that lie there; each NAME.c3d and NAME.trc needs a NAME.json with what is
# to be found (`fps`, `markers`, `frames` in metres).
#
# The programs live in a Python environment of their own, outside the repository:
# LIVEDANCE_LAB_VENV, else ~/.cache/livedance/lab-venv.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly VENV="${LIVEDANCE_LAB_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/livedance/lab-venv}"
readonly PYTHON="${PYTHON:-python3}"

if ! "$VENV/bin/python" -c 'import ezc3d, c3d, pandas' 2>/dev/null; then
  echo "check_lab_formats: installing ezc3d, c3d and pandas into $VENV" >&2
  "$PYTHON" -m venv "$VENV"
  "$VENV/bin/pip" install --quiet "ezc3d==1.7.2" "c3d==0.6.0" "pandas>=2,<4"
fi

folder="${1:-}"
if [ -z "$folder" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  LIVEDANCE_LAB_FOLDER="$folder" cargo test --quiet --locked --no-default-features --lib \
    --config 'profile.dev.package."*".opt-level=0' -- --exact formats::lab::tests::samples --ignored >&2
fi
"$VENV/bin/python" scripts/check_lab_formats.py "$folder"
