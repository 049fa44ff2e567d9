"""Receives VMC and prints what it holds: bundles, rate, bones, rotations. Ends with 1 when something is wrong.

    scripts/check_vmc.sh [--port 39539] [--seconds 10] [--rate 60]
"""

import argparse
import collections
import math
import socket
import sys
import time

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

REQUIRED = """Hips Spine Head LeftUpperArm LeftLowerArm LeftHand RightUpperArm RightLowerArm RightHand LeftUpperLeg
LeftLowerLeg LeftFoot RightUpperLeg RightLowerLeg RightFoot""".split()
FINGERS = [
    f"{side}{finger}{part}"
    for side in ("Left", "Right")
    for finger in ("Thumb", "Index", "Middle", "Ring", "Little")
    for part in ("Proximal", "Intermediate", "Distal")
]
OPTIONAL = """Chest UpperChest Neck LeftShoulder RightShoulder LeftToes RightToes LeftEye RightEye Jaw""".split()
KNOWN = set(REQUIRED + FINGERS + OPTIONAL)
TYPES = {"/VMC/Ext/OK": 1, "/VMC/Ext/T": 1, "/VMC/Ext/Root/Pos": 8, "/VMC/Ext/Bone/Pos": 8,
         "/VMC/Ext/Blend/Val": 2, "/VMC/Ext/Blend/Apply": 0}


def receive(port: int, seconds: float):
    """Datagrams with the moment each arrived; the clock starts with the first."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        sys.exit(f"port {port} cannot be listened on: {error}")
    listener.settimeout(60.0)
    datagrams, end = [], math.inf
    while time.monotonic() < end:
        try:
            data = listener.recv(65536)
        except socket.timeout:
            break
        now = time.monotonic()
        end = min(end, now + seconds)
        listener.settimeout(max(0.001, end - now))
        datagrams.append((now, data))
    return datagrams


def messages(bundle: OscBundle):
    for content in bundle:
        if isinstance(content, OscMessage):
            yield content
        else:
            yield from messages(content)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=39539)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=60.0, help="poses a second that are expected")
    args = parser.parse_args()
    datagrams = receive(args.port, args.seconds)
    wrong = []
    if not datagrams:
        print("nothing was received")
        return 1

    poses, clocks, counts, bones = [], [], collections.Counter(), collections.Counter()
    turns, ranges, odd = {}, collections.defaultdict(float), 0
    for at, data in datagrams:
        if not OscBundle.dgram_is_bundle(data):
            wrong.append("a datagram is no bundle")
            continue
        for message in messages(OscBundle(data)):
            counts[message.address] += 1
            if TYPES.get(message.address) != len(message.params):
                wrong.append(f"{message.address} with {len(message.params)} arguments")
                continue
            if message.address == "/VMC/Ext/T":
                poses.append(at)
                clocks.append(message.params[0])
            elif message.address == "/VMC/Ext/Bone/Pos":
                name, turn = message.params[0], message.params[4:8]
                bones[name] += 1
                odd += abs(math.sqrt(sum(value * value for value in turn)) - 1.0) > 1e-3
                first = turns.setdefault(name, turn)
                dot = min(1.0, abs(sum(a * b for a, b in zip(first, turn))))
                ranges[name] = max(ranges[name], math.degrees(2.0 * math.acos(dot)))

    sizes = [len(data) for _, data in datagrams]
    elapsed = poses[-1] - poses[0] if len(poses) > 1 else 0.0
    rate = (len(poses) - 1) / elapsed if elapsed else 0.0
    gaps = sorted(1000.0 * (b - a) for a, b in zip(poses, poses[1:])) or [0.0]
    per_second = collections.Counter(int(at - poses[0]) for at in poses) if poses else {}
    whole = [count for second, count in sorted(per_second.items()) if second < int(elapsed)]
    missing = [name for name in REQUIRED if name not in bones]
    unknown = sorted(set(bones) - KNOWN)
    uneven = sorted({count for count in bones.values()})
    moving = sorted(ranges, key=ranges.get, reverse=True)[:5]

    rows = [
        ("datagrams", f"{len(datagrams)}, {len(datagrams) / max(len(poses), 1):.1f} a pose"),
        ("bytes", f"{min(sizes)} to {max(sizes)} (1,500 allowed)"),
        ("poses", f"{len(poses)} in {elapsed:.2f} s: {rate:.2f} a second"),
        ("poses by second", " ".join(map(str, whole)) or "-"),
        ("gaps, ms", f"least {gaps[0]:.1f}, median {gaps[len(gaps) // 2]:.1f}, "
                     f"p99 {gaps[int(len(gaps) * 0.99)]:.1f}, most {gaps[-1]:.1f}"),
        ("clock of the sender", f"{clocks[0]:.2f} to {clocks[-1]:.2f} s" if clocks else "none"),
        ("bones", f"{len(bones)}: {sum(name in bones for name in REQUIRED)} of {len(REQUIRED)} required, "
                  f"{sum(name in bones for name in FINGERS)} of {len(FINGERS)} fingers, "
                  f"{sum(name in bones for name in OPTIONAL)} others"),
        ("times each", " to ".join(map(str, (uneven[0], uneven[-1]))) if uneven else "-"),
        ("quaternions", f"{odd} not of unit length"),
        ("moved most", ", ".join(f"{name} {ranges[name]:.0f}°" for name in moving)),
    ]
    rows += [(address, str(count)) for address, count in sorted(counts.items())]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:{width}}  {value}")

    if max(sizes) > 1500:
        wrong.append("a datagram is larger than 1,500 bytes")
    if abs(rate - args.rate) > 0.5:
        wrong.append(f"{rate:.2f} poses a second, not {args.rate:g}")
    if missing:
        wrong.append("bones missing: " + ", ".join(missing))
    if unknown:
        wrong.append("bones that Unity does not know: " + ", ".join(unknown))
    if odd:
        wrong.append("rotations that are not of unit length")
    if any(b <= a for a, b in zip(clocks, clocks[1:])):
        wrong.append("the sender's clock does not rise")
    for reason in sorted(set(wrong)):
        print(f"wrong: {reason}")
    print("not as it should be" if wrong else "as it should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
