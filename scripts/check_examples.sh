#!/usr/bin/env bash
# Runs the examples of docs/examples against a real server, as people would who have just installed what they need: websockets
# for Python, ws for a Node without websockets of its own. Ends with code 1 when an example does not print what it should.
#
#   scripts/check_examples.sh             installs what is missing, runs the examples
#   scripts/check_examples.sh --install   only installs, so that `cargo test` runs them, too
#
# The packages live in a folder of their own, outside the repository: LIVEDANCE_CHECK_EXAMPLES, else
# ~/.cache/livedance/examples. Needs Python 3.9 or newer (PYTHON names another one than python3), Node.js 18 or newer with npm.
# LIVEDANCE_FEATURES: other features than the server's alone.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/common.sh

readonly WEBSOCKETS=15.0.1 WS=8.18.3
export LIVEDANCE_CHECK_EXAMPLES="${LIVEDANCE_CHECK_EXAMPLES:-$(tool_folder examples)}"
mkdir -p "$LIVEDANCE_CHECK_EXAMPLES"

python_with "$LIVEDANCE_CHECK_EXAMPLES/venv" websockets.asyncio.client "websockets $WEBSOCKETS" "websockets==$WEBSOCKETS"
if ! grep -qs "\"version\": \"$WS\"" "$LIVEDANCE_CHECK_EXAMPLES/node_modules/ws/package.json"; then
  echo "check_examples: installing ws $WS into $LIVEDANCE_CHECK_EXAMPLES" >&2
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$LIVEDANCE_CHECK_EXAMPLES" "ws@$WS"
fi
[ "${1:-}" != --install ] || exit 0

export LIVEDANCE_REQUIRE="${LIVEDANCE_REQUIRE:+$LIVEDANCE_REQUIRE,}python,node"
exec "${CARGO:-cargo}" test --locked --no-default-features --features "${LIVEDANCE_FEATURES:-server}" --test server examples -- "$@"
