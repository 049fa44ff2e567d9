# What the scripts that stand another program beside ours have in common. Sourced by them, not run.
# shellcheck shell=bash

# The folder for a tool of this name, outside the repository.
tool_folder() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/livedance/$1"; }

# Makes a Python environment in which the module can be imported, unless it is one already:
#   python_with FOLDER "MODULES" "WHAT TO SAY" PACKAGE...
python_with() {
  local venv=$1 modules=$2 what=$3 python=${PYTHON:-python3}
  shift 3
  if ! "$venv/bin/python" -c "import $modules" 2>/dev/null; then
    echo "$(basename "$0" .sh): installing $what into $venv" >&2
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet "$@" || {
      echo "$(basename "$0" .sh): $what cannot be installed for $("$python" --version); set PYTHON to another one" >&2
      return 1
    }
  fi
}

# Builds the program and exports its path as LIVEDANCE_BINARY, unless that is set.
need_livedance() {
  [ -z "${LIVEDANCE_BINARY:-}" ] || return 0
  local root target
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  (cd "$root" && "${CARGO:-cargo}" build --locked --bin livedance)
  # Wherever Cargo's settings put it. The name may hold anything but a quote.
  target=$(cd "$root" && "${CARGO:-cargo}" metadata --locked --no-deps --format-version 1 |
    sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
  export LIVEDANCE_BINARY="$target/debug/livedance"
}
