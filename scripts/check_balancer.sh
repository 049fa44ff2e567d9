#!/usr/bin/env bash
# Two servers behind HAProxy with the configuration of deploy/haproxy.cfg: clients are spread, a server that ends hands its
# clients over, one that hangs is left out. Says how long a client was without answers.
#
# Installs HAProxy where it is missing and the machine's package manager is apt. LIVEDANCE_FEATURES: other features than
# the server's alone.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v haproxy >/dev/null; then
  if ! command -v apt-get >/dev/null; then
    echo "check_balancer: install haproxy (2.4 or newer) and run this again" >&2
    exit 1
  fi
  root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  echo "check_balancer: installing haproxy"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends haproxy >/dev/null
fi
export LIVEDANCE_REQUIRE="${LIVEDANCE_REQUIRE:+$LIVEDANCE_REQUIRE,}haproxy"
exec "${CARGO:-cargo}" test --locked --no-default-features --features "${LIVEDANCE_FEATURES:-server}" --test server balancer -- \
  --nocapture "$@"
