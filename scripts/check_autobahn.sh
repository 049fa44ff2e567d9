#!/usr/bin/env bash
# Lets Autobahn's websocket test suite loose on the server's framing: `livedance serve --test-mode` sends back what comes
# on /v1/echo, which is set up as /v1/stream is. Fails where a case does. The report lies in out/autobahn.
#
# The suite wants Python 2.7 (LIVEDANCE_PYTHON2, else python2.7 on the path) and lives in an environment of its own:
# LIVEDANCE_AUTOBAHN_VENV, else ~/.cache/livedance/autobahn-venv. LIVEDANCE_BINARY is the program, else it is built.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/common.sh

VENV=${LIVEDANCE_AUTOBAHN_VENV:-$(tool_folder autobahn-venv)}
if ! "$VENV/bin/wstest" --help >/dev/null 2>&1; then
  python2=${LIVEDANCE_PYTHON2:-python2.7}
  "$python2" -m pip install --quiet --user virtualenv==20.15.1
  "$python2" -m virtualenv --quiet "$VENV"
  "$VENV/bin/pip" install --quiet autobahntestsuite==25.10.1
fi

need_livedance

work=$(mktemp -d)
"$LIVEDANCE_BINARY" serve --test-mode --addr 127.0.0.1:0 --model lite --no-hands 2>"$work/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 300); do
  address=$(sed -n 's,^listening on http://\([^ ]*\).*,\1,p' "$work/log")
  [ -n "$address" ] && break
  sleep 0.1
done
[ -n "$address" ] || { cat "$work/log" >&2; exit 1; }

# Compression (12 and 13) is not offered: pictures are compressed already.
report=$PWD/out/autobahn
mkdir -p "$report"
cat >"$work/spec.json" <<JSON
{"outdir": "$report",
 "servers": [{"agent": "livedance", "url": "ws://$address/v1/echo"}],
 "cases": ["*"], "exclude-cases": ["12.*", "13.*"], "exclude-agent-cases": {}}
JSON
"$VENV/bin/wstest" --mode fuzzingclient --spec "$work/spec.json" >"$work/suite" || { tail "$work/suite" >&2; exit 1; }

python3 - "$report/index.json" <<'PYTHON'
import json, sys
from collections import Counter

cases = json.load(open(sys.argv[1]))["livedance"]
print("behaviour:", dict(Counter(case["behavior"] for case in cases.values())))
print("closing:  ", dict(Counter(case["behaviorClose"] for case in cases.values())))
bad = {
    name: (case["behavior"], case["behaviorClose"])
    for name, case in cases.items()
    if case["behavior"] not in ("OK", "NON-STRICT", "INFORMATIONAL")
    or case["behaviorClose"] not in ("OK", "INFORMATIONAL")
}
for name, said in sorted(bad.items()):
    print(name, *said)
sys.exit(1 if bad else 0)
PYTHON
