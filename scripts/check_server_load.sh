#!/usr/bin/env bash
# The server under load, in full: a hundred clients of thirty frames a second for a minute, two thousand idle ones, a
# thousand that come and go. Prints the figures and fails where one is over its bound. Wants the machine for itself.
#
# Each idle connection takes a file descriptor at both ends; the test and the server raise their own limits as far as the
# system lets them (`ulimit -Hn`), which has to be 4096 or more. Arguments go to `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/.."

exec "${CARGO:-cargo}" test --locked "$@" --test server -- --ignored --nocapture --test-threads 1 load::full_
