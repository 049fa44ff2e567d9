#!/usr/bin/env python3
"""Compares LiveDance with MediaPipe's Pose solution on one video: time for each tracked frame, and landmarks.

Both start from decoded pixels of full size and end at smoothed landmarks (MediaPipe's own filters in both), with the same
model. The two run in turns, A B A B, so that a machine that slows down slows both. Run it through compare_mediapipe.sh,
which prepares the Python environment.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODELS = ("lite", "full", "heavy")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video", nargs="?", default=str(ROOT / "assets/demo/demo.mp4"))
    parser.add_argument("--rounds", type=int, default=4, help="runs of each (default 4)")
    parser.add_argument("--model", choices=MODELS, default="full", help="lite and heavy must be in the mediapipe package")
    parser.add_argument("--limit", type=float, help="fail when the ratio of the medians is larger")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--mediapipe-worker", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def livedance_binary():
    if named := os.environ.get("LIVEDANCE_BINARY"):
        return named
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "debug" / "livedance")


def run_livedance(command, video, model, *more):
    """Standard output of one livedance command with the settings that make it comparable."""
    settings = ["--model", model, "--smoothing", "mediapipe", "--short-side", "0", "--threads", "1", "--fps", "30", "--no-hands"]
    result = subprocess.run(
        [livedance_binary(), command, video, *settings, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    if result.returncode != 0:
        sys.exit(f"livedance {command} failed: {result.stderr.strip()}")
    return result.stdout


def measure_livedance(video, model):
    """Median milliseconds of a tracked frame, and the share of them spent inside the models."""
    report = json.loads(run_livedance("bench", video, model, "--json"))
    stages = {stage["name"]: stage for stage in report["stages_ms"]}
    return stages["tracking"]["p50"], report["model_share"]


def livedance_landmarks(video, model):
    """For each frame None or (33 x [x, y] pixels, 33 x [x, y, z] metres)."""
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "frames.jsonl")
        run_livedance("track", video, model, "-o", output)
        with open(output) as lines:
            people = [json.loads(line)["people"] for line in lines]
    return [([p[:2] for p in q[0]["landmarks"]], [p[:3] for p in q[0]["world"]]) if q else None for q in people]


def mediapipe_worker(video, model):
    """Runs in its own process: MediaPipe over the video; prints times and landmarks as JSON."""
    import cv2
    import mediapipe

    capture = cv2.VideoCapture(video)
    pose = mediapipe.solutions.pose.Pose(static_image_mode=False, model_complexity=MODELS.index(model))
    milliseconds, frames = [], []
    while True:
        read, picture = capture.read()
        if not read:
            break
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        height, width = picture.shape[:2]
        start = time.perf_counter()
        result = pose.process(picture)
        milliseconds.append((time.perf_counter() - start) * 1e3)
        if result.pose_landmarks is None:
            frames.append(None)
            continue
        image = [[p.x * width, p.y * height] for p in result.pose_landmarks.landmark]
        frames.append((image, [[p.x, p.y, p.z] for p in result.pose_world_landmarks.landmark]))
    if not frames:
        sys.exit(f"{video} holds no picture")
    # MediaPipe writes its log to stderr; stdout is ours alone.
    json.dump({"ms": milliseconds, "frames": frames}, sys.stdout)


def run_mediapipe(video, model):
    command = [sys.executable, __file__, video, "--model", model, "--mediapipe-worker"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"MediaPipe failed: {result.stderr.strip()}")
    return json.loads(result.stdout)


def distances(ours, theirs, which):
    """Distances of the same landmark in frames where both see a person; which: 0 pixels, 1 metres."""
    return [
        sum((a - b) ** 2 for a, b in zip(p, q)) ** 0.5
        for mine, other in zip(ours, theirs)
        if mine and other
        for p, q in zip(mine[which], other[which])
    ]


def summary(values, unit):
    values = sorted(values)
    return {"mean": statistics.fmean(values), "p95": values[int(0.95 * (len(values) - 1))], "max": values[-1], "unit": unit}


def main():
    arguments = parse_arguments()
    if arguments.mediapipe_worker:
        mediapipe_worker(arguments.video, arguments.model)
        return
    if not os.path.exists(arguments.video):
        sys.exit(f"no such file: {arguments.video}")

    ours_ms, theirs_ms, shares, theirs = [], [], [], None
    for turn in range(arguments.rounds):
        milliseconds, share = measure_livedance(arguments.video, arguments.model)
        ours_ms.append(milliseconds)
        shares.append(share)
        theirs = run_mediapipe(arguments.video, arguments.model)
        theirs_ms.append(statistics.median(theirs["ms"]))
        print(f"round {turn + 1}: LiveDance {ours_ms[-1]:.2f} ms, MediaPipe {theirs_ms[-1]:.2f} ms", file=sys.stderr)

    ours = livedance_landmarks(arguments.video, arguments.model)
    ratio = statistics.median(ours_ms) / statistics.median(theirs_ms)
    report = {
        "video": arguments.video,
        "model": arguments.model,
        "rounds": arguments.rounds,
        "livedance_ms": statistics.median(ours_ms),
        "mediapipe_ms": statistics.median(theirs_ms),
        "ratio": ratio,
        "outside_models": 1 - statistics.median(shares),
        "frames": len(ours),
        "frames_with_person": [sum(f is not None for f in ours), sum(f is not None for f in theirs["frames"])],
        "image": summary(distances(ours, theirs["frames"], 0), "px"),
        "world": summary([d * 1e3 for d in distances(ours, theirs["frames"], 1)], "mm"),
    }
    if arguments.json:
        print(json.dumps(report))
    else:
        print_report(report)
    if arguments.limit is not None and ratio > arguments.limit:
        sys.exit(f"ratio {ratio:.3f} is above the limit {arguments.limit}")


def print_report(report):
    ours, theirs = report["frames_with_person"]
    print(f"{report['video']}, model {report['model']}, {report['frames']} frames, {report['rounds']} rounds in turns")
    print(f"median of a tracked frame: LiveDance {report['livedance_ms']:.2f} ms, MediaPipe {report['mediapipe_ms']:.2f} ms")
    print(f"ratio {report['ratio']:.3f}; {report['outside_models'] * 100:.1f} % of LiveDance's time outside the models")
    print(f"frames with a person: LiveDance {ours}, MediaPipe {theirs}")
    print(f"{'distance':<10}{'mean':>9}{'p95':>9}{'max':>9}")
    for name in ("image", "world"):
        row = report[name]
        print(f"{name + ' ' + row['unit']:<10}{row['mean']:>9.3f}{row['p95']:>9.3f}{row['max']:>9.3f}")


if __name__ == "__main__":
    main()
