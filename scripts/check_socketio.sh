#!/usr/bin/env bash
# Runs the official protocol test suites of Engine.IO v4 and Socket.IO v5 against `livedance serve --test-mode`. Ends with code 1
# when a case fails.
#
#   scripts/check_socketio.sh
#
# The suites are part of the socket.io repository (MIT): docs/engine.io-protocol/v4-test-suite/test-suite.js and
# docs/socket.io-protocol/v5-test-suite/test-suite.js. They are fetched once, into a folder outside this repository. Without a
# network put both files there by hand, as engine.io/test-suite.js and socket.io/test-suite.js.
#
# Environment: LIVEDANCE_SOCKETIO_SUITES   that folder, else ~/.cache/livedance/socketio
#              LIVEDANCE_BINARY            the program; built where it is not set
#              LIVEDANCE_PORT              a free port, 3917 by default
# Needs Node.js 18 or newer with npm, and curl.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"

readonly SOURCE=https://raw.githubusercontent.com/socketio/socket.io/main/docs
readonly PORT=${LIVEDANCE_PORT:-3917}
folder=${LIVEDANCE_SOCKETIO_SUITES:-$(tool_folder socketio)}
say() { echo "check_socketio: $*" >&2; }

# Fetches one suite unless it is there: fetch NAME PATH
fetch() {
  local file=$folder/$1/test-suite.js
  [ ! -s "$file" ] || return 0
  mkdir -p "$folder/$1"
  say "fetching the suite of $1 into $folder/$1"
  curl --fail --silent --show-error --location --max-time 60 --output "$file" "$SOURCE/$2/test-suite.js" || {
    rm -f "$file"
    say "the suite cannot be had from here; put $SOURCE/$2/test-suite.js at $file"
    exit 1
  }
}
fetch engine.io engine.io-protocol/v4-test-suite
fetch socket.io socket.io-protocol/v5-test-suite

if [ ! -x "$folder/node_modules/.bin/mocha" ]; then
  say "installing mocha and what the suites import into $folder"
  # A websocket client that hands over one message at a time, as the suites' own lock files have it.
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" \
    mocha@9.2.2 chai@4.3.10 chai-string@1.5.0 node-fetch@3.3.2 ws@8.16.0
fi

need_livedance
log=$(mktemp)
"$LIVEDANCE_BINARY" serve --addr "127.0.0.1:$PORT" --workers 1 --test-mode 2>"$log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -f "$log"' EXIT
for _ in $(seq 300); do
  curl --silent --output /dev/null "http://127.0.0.1:$PORT/health" && break
  kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.2
done

failed=0
for suite in engine.io socket.io; do
  # The suites name their server in a constant, and import their helpers from beside themselves.
  cat >"$folder/$suite/node-imports.js" <<'HELPERS'
import fetch from "node-fetch";
import { WebSocket } from "ws";
import chai from "chai";
import chaiString from "chai-string";
chai.use(chaiString);
Object.assign(globalThis, { fetch, WebSocket, chai });
HELPERS
  echo '{"private":true,"type":"module"}' >"$folder/$suite/package.json"
  sed "s|http://localhost:3000|http://127.0.0.1:$PORT|" "$folder/$suite/test-suite.js" >"$folder/$suite/run.js"
  "$folder/node_modules/.bin/mocha" --exit "$folder/$suite/run.js" || failed=1
done
exit "$failed"
