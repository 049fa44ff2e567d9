#!/usr/bin/env python3
"""Compares LiveDance with MediaPipe's Pose solution on one video: time for each tracked frame, and landmarks.

Both start from decoded pixels of full size and end at smoothed landmarks (MediaPipe's own filters in both), with the same
model. The two run in turns, A B A B, so that a machine that slows down slows both. Run it through compare_mediapipe.sh,
which prepares the Python environment.

With --hands both track hands too: MediaPipe's Pose and Hands one after the other, their two calls added. LiveDance's
throughput is that of the whole run, decoding included; MediaPipe's is that of the two calls alone.

With --static the source is one picture that both detect afresh again and again, with as many threads as they like.
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
    parser.add_argument("--hands", action="store_true", help="track hands too, and compare the throughput")
    parser.add_argument("--static", action="store_true", help="detect in one picture, again and again")
    parser.add_argument("--repeats", type=int, default=60, help="detections of a --static picture in a round (default 60)")
    parser.add_argument("--limit", type=float, help="fail when the ratio of the medians is larger")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--mediapipe-worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.repeats < 1:
        parser.error("--rounds and --repeats must be at least 1")
    return arguments


def run_livedance(command, arguments, *more):
    """Standard output of one livedance command with the settings that make it comparable."""
    # A single picture may use the whole machine, as it does without the option; so does MediaPipe.
    threads = "0" if arguments.static else "1"
    settings = ["--model", arguments.model, "--smoothing", "mediapipe", "--short-side", "0", "--threads", threads]
    settings += ["--fps", "30"]
    settings.append("--hands" if arguments.hands else "--no-hands")
    result = subprocess.run(
        [os.environ["LIVEDANCE_BINARY"], command, arguments.video, *settings, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if result.returncode != 0:
        sys.exit(f"livedance {command} failed: {result.stderr.strip()}")
    return result.stdout


def measure_livedance(arguments):
    """Median milliseconds of a tracked frame, the share of them spent inside the models, frames a second, hands found."""
    more = ["--frames", str(arguments.repeats)] if arguments.static else []
    report = json.loads(run_livedance("bench", arguments, "--json", *more))
    stages = {stage["name"]: stage for stage in report["stages_ms"]}
    return stages["tracking"]["p50"], report["model_share"], report["fps"], report["hands_found"]


def livedance_landmarks(arguments):
    """For each frame None or (33 x [x, y] pixels, 33 x [x, y, z] metres)."""
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "frames.jsonl")
        run_livedance("track", arguments, "-o", output)
        with open(output) as lines:
            people = [json.loads(line)["people"] for line in lines]
    return [([p[:2] for p in q[0]["landmarks"]], [p[:3] for p in q[0]["world"]]) if q else None for q in people]


def pictures(arguments):
    """The pictures of the source in MediaPipe's order of colours; one picture is given --repeats times."""
    import cv2

    if arguments.static:
        picture = cv2.imread(arguments.video)
        for _ in range(arguments.repeats if picture is not None else 0):
            yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        return
    capture = cv2.VideoCapture(arguments.video)
    while True:
        read, picture = capture.read()
        if not read:
            return
        yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def mediapipe_worker(arguments):
    """Runs in its own process: MediaPipe over the source; prints times and landmarks as JSON."""
    import mediapipe

    static = arguments.static
    solutions = mediapipe.solutions
    pose = solutions.pose.Pose(static_image_mode=static, model_complexity=MODELS.index(arguments.model))
    hands = solutions.hands.Hands(static_image_mode=static, max_num_hands=2) if arguments.hands else None
    milliseconds, frames, hands_found = [], [], 0
    for picture in pictures(arguments):
        height, width = picture.shape[:2]
        start = time.perf_counter()
        result = pose.process(picture)
        seen = hands.process(picture) if hands else None
        milliseconds.append((time.perf_counter() - start) * 1e3)
        if seen and seen.multi_hand_landmarks:
            hands_found += len(seen.multi_hand_landmarks)
        if result.pose_landmarks is None:
            frames.append(None)
            continue
        image = [[p.x * width, p.y * height] for p in result.pose_landmarks.landmark]
        frames.append((image, [[p.x, p.y, p.z] for p in result.pose_world_landmarks.landmark]))
    if not frames:
        sys.exit(f"{arguments.video} holds no picture")
    # MediaPipe writes its log to stderr; stdout is ours alone.
    json.dump({"ms": milliseconds, "frames": frames, "hands_found": hands_found}, sys.stdout)


def run_mediapipe(arguments):
    command = [sys.executable, __file__, arguments.video, "--model", arguments.model, "--mediapipe-worker"]
    command += ["--repeats", str(arguments.repeats)]
    command += [option for option, on in (("--hands", arguments.hands), ("--static", arguments.static)) if on]
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
    if not values:
        return None
    return {"mean": statistics.fmean(values), "p95": values[int(0.95 * (len(values) - 1))], "max": values[-1], "unit": unit}


def main():
    arguments = parse_arguments()
    if arguments.mediapipe_worker:
        mediapipe_worker(arguments)
        return
    if not os.path.exists(arguments.video):
        sys.exit(f"no such file: {arguments.video}")

    ours_ms, theirs_ms, ours_fps, theirs_fps, shares, theirs = [], [], [], [], [], None
    for turn in range(arguments.rounds):
        milliseconds, share, fps, hands_found = measure_livedance(arguments)
        ours_ms.append(milliseconds)
        ours_fps.append(fps)
        shares.append(share)
        theirs = run_mediapipe(arguments)
        theirs_ms.append(statistics.median(theirs["ms"]))
        theirs_fps.append(1000 / statistics.fmean(theirs["ms"]))
        print(f"round {turn + 1}: LiveDance {ours_ms[-1]:.2f} ms, MediaPipe {theirs_ms[-1]:.2f} ms", file=sys.stderr)

    ours = livedance_landmarks(arguments)
    ratio = statistics.median(ours_ms) / statistics.median(theirs_ms)
    # Of a picture there is one frame of ours; MediaPipe's are all the same.
    their_frames = theirs["frames"][: len(ours)]
    report = {
        "video": arguments.video,
        "model": arguments.model,
        "rounds": arguments.rounds,
        "hands": arguments.hands,
        "static": arguments.static,
        "livedance_ms": statistics.median(ours_ms),
        "mediapipe_ms": statistics.median(theirs_ms),
        "ratio": ratio,
        "livedance_fps": statistics.median(ours_fps),
        "mediapipe_fps": statistics.median(theirs_fps),
        "throughput_ratio": statistics.median(ours_fps) / statistics.median(theirs_fps),
        "outside_models": 1 - statistics.median(shares),
        "frames": len(ours),
        "frames_with_person": [sum(f is not None for f in ours), sum(f is not None for f in their_frames)],
        "hands_found": [hands_found, theirs["hands_found"]],
        "image": summary(distances(ours, their_frames, 0), "px"),
        "world": summary([d * 1e3 for d in distances(ours, their_frames, 1)], "mm"),
    }
    if arguments.json:
        print(json.dumps(report))
    else:
        print_report(report)
    if arguments.limit is not None and ratio > arguments.limit:
        sys.exit(f"ratio {ratio:.3f} is above the limit {arguments.limit}")


def print_report(report):
    ours, theirs = report["frames_with_person"]
    with_hands = ", with hands" if report["hands"] else ""
    what = "detected picture" if report["static"] else "tracked frame"
    print(f"{report['video']}, model {report['model']}{with_hands}, {report['frames']} frames, {report['rounds']} rounds in turns")
    print(f"median of a {what}: LiveDance {report['livedance_ms']:.2f} ms, MediaPipe {report['mediapipe_ms']:.2f} ms")
    print(f"ratio {report['ratio']:.3f}; {report['outside_models'] * 100:.1f} % of LiveDance's time outside the models")
    if report["hands"]:
        print(
            f"throughput: LiveDance {report['livedance_fps']:.1f} frames a second with decoding, "
            f"MediaPipe {report['mediapipe_fps']:.1f} without; ratio {report['throughput_ratio']:.3f}"
        )
        print("hands found: LiveDance {}, MediaPipe {}".format(*report["hands_found"]))
    print(f"frames with a person: LiveDance {ours}, MediaPipe {theirs}")
    print(f"{'distance':<10}{'mean':>9}{'p95':>9}{'max':>9}")
    for name in ("image", "world"):
        if row := report[name]:
            print(f"{name + ' ' + row['unit']:<10}{row['mean']:>9.3f}{row['p95']:>9.3f}{row['max']:>9.3f}")


if __name__ == "__main__":
    main()
