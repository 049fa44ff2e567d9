#!/usr/bin/env bash
# Builds the library's documentation with warnings denied, from what `cargo test` has compiled already.
#
# `cargo doc` reads its dependencies from a metadata-only build of all of them, which the tests do not leave behind and
# which takes minutes. `cargo test --doc` hands rustdoc the compiled ones: this script stands in for rustdoc there and
# drops the arguments that make it a test. The pages go to `doc` in the target folder.
set -euo pipefail

if [ -n "${LIVEDANCE_DOC_FOLDER:-}" ]; then
  rustdoc=(rustdoc)
  command -v rustup >/dev/null 2>&1 && rustdoc=("$(rustup which rustdoc)")
  arguments=() documents=false
  while [ "$#" -gt 0 ]; do
    case "$1" in
      --test) documents=true ;;
      --test-run-directory | --test-args | --test-runtool | --test-builder | --test-builder-wrapper) shift ;;
      --test-run-directory=* | --test-args=* | --no-run | --nocapture) ;;
      *) arguments+=("$1") ;;
    esac
    shift
  done
  $documents || exec "${rustdoc[@]}" "${arguments[@]}"
  exec "${rustdoc[@]}" "${arguments[@]}" --deny warnings --out-dir "$LIVEDANCE_DOC_FOLDER"
fi

cd "$(dirname "$0")/.."
script=$PWD/scripts/docs.sh
export LIVEDANCE_DOC_FOLDER="${CARGO_TARGET_DIR:-$PWD/target}/doc"
RUSTDOC=$script "${CARGO:-cargo}" test --locked --doc --quiet "$@"
echo "documentation: $LIVEDANCE_DOC_FOLDER/livedance/index.html"
