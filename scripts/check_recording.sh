#!/usr/bin/env bash
# Kills LiveDance while it records, again and again, and looks at what is left of the takes.
#
#   scripts/check_recording.sh [COUNT]    how often (default: 20)
#
# Odd runs track a file (`track`), even ones record in the app (`run --record`), where there is a display. Each is killed
# with SIGKILL at a random moment after its first frame. Every take must open and must have lost at most one second of
# what had been handed to it, which the program says in its log.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/common.sh
need_livedance

count=${1:-20}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export LIVEDANCE_CONFIG="$folder/settings.toml"
worst=0 failed=0 kept=0

# The time of the last frame that was handed to the take, in seconds of the take's clock; nothing before the first.
handed() { sed -n 's/.*recorded time_s=\([0-9.e-]*\).*/\1/p' "$1" | tail -n 1; }

printf '%-4s %-6s %8s %10s %10s %8s\n' RUN HOW FRAMES HANDED KEPT LOST
for run in $(seq "$count"); do
  take="$folder/$run.ldt" log="$folder/$run.log"
  if [ $((run % 2)) -eq 0 ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    how=run
    command=(run demo --record "$take")
  else
    how=track
    command=(track demo --short-side 256 --model lite -o "$take")
  fi
  NO_COLOR=1 RUST_LOG=livedance=trace "$LIVEDANCE_BINARY" "${command[@]}" 2>"$log" >/dev/null &
  pid=$!
  for _ in $(seq 1200); do
    [ -z "$(handed "$log")" ] && kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  # Up to four seconds later, in hundredths.
  sleep "$(awk -v r="$RANDOM" 'BEGIN { printf "%.2f", (r % 400) / 100 }')"
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true

  last=$(handed "$log")
  listed=$("$LIVEDANCE_BINARY" takes --json "$take") || { echo "run $run: the take does not open" >&2; failed=$((failed + 1)); continue; }
  value() { sed -n "s/.*\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" <<<"$listed"; }
  frames=$(value frames) state=$(value state) until_s=$(value last_time_s)
  lost=$(awk -v handed="${last:-0}" -v kept="$until_s" -v frames="$frames" 'BEGIN { if (!frames) kept = 0; printf "%.3f", handed - kept }')
  printf '%-4s %-6s %8s %10.3f %10.3f %8s  %s\n' "$run" "$how" "$frames" "${last:-0}" "$until_s" "$lost" "$state"
  kept=$((kept + frames))
  worst=$(awk -v a="$worst" -v b="$lost" 'BEGIN { print (b > a) ? b : a }')
  # Twenty milliseconds for the clock's last digits.
  awk -v lost="$lost" 'BEGIN { exit !(lost > 1.02) }' && failed=$((failed + 1))
done
echo "$count kills, $kept frames kept, at most $worst s lost, $failed takes worse than they may be"
[ "$failed" -eq 0 ]
