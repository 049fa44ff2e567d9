"""Makes the dances: `python choreograph.py [NAME ...]` writes ../NAME.bvh and ../NAME.dance.toml, and refuses what no body could do."""

import sys
from pathlib import Path

import numpy as np

import moves as m
from body import relative, write_bvh
from routine import FPS, Routine, check

OUT = Path(__file__).resolve().parent.parent
FIRST_BEAT_S, TAIL_S = 0.25, 1.4

# What the tracks are is said in ../../music/src/dances.py: a phrase of eight beats a letter.
DANCES = {
    "sunrise": {"title": "Sunrise", "bpm": 96, "difficulty": "easy", "parts": "IVVCCVVCC", "travel_s": 0.95, "bounce_m": 0.022},
    "groove": {"title": "Groove", "bpm": 112, "difficulty": "normal", "parts": "IVVCCVVBCCC", "travel_s": 0.42, "bounce_m": 0.04},
    "rush": {"title": "Rush", "bpm": 128, "difficulty": "hard", "parts": "IVVCCVVBBCCCC", "travel_s": 0.34, "bounce_m": 0.034},
}


def sunrise(r):
    """Easy: big arms, side steps, sways."""
    sides = [("out", "out"), ("out", "out")]
    rise = [("high", "low"), ("high", "low"), ("high", "low"), ("high", "low"), ("chest", "chest")]
    at = lambda phrase: 4 + 8 * phrase
    m.breathe(r, at(0), 1)
    m.touch_steps(r, at(1), 1, sides, wide=0.3)
    m.touch_steps(r, at(2), 1, rise, wide=0.3)
    m.sway_high(r, at(3), 1)
    m.reach_across(r, at(4), 1)
    m.touch_steps(r, at(5), -1, rise, wide=0.3)
    m.grapevine(r, at(6), 1)
    m.sway_high(r, at(7), -1)
    m.reach_across(r, at(8), -1)
    m.ending(r, at(9), 1, ("up", "out"))


def groove(r):
    """Normal: hips, knees, points, shoulders."""
    pump = [("goal", "pump"), ("goal", "pump"), ("goal", "pump"), ("goal", "pump"), ("guard", "guard")]
    at = lambda phrase: 4 + 8 * phrase
    m.bounce_in(r, at(0), 1)
    m.touch_steps(r, at(1), 1, pump, wide=0.3, turn_deg=16)
    m.knees(r, at(2), 1)
    m.disco(r, at(3), 1)
    m.windmill(r, at(4), 1)
    m.touch_steps(r, at(5), -1, pump, wide=0.3, turn_deg=16)
    m.knees(r, at(6), -1)
    m.body_roll(r, at(7), 1)
    m.disco(r, at(8), -1)
    m.windmill(r, at(9), -1)
    m.shoulders(r, at(10), 1)
    m.ending(r, at(11), -1, ("point", "hip"))


def rush(r):
    """Hard: punches, kicks, jumps, a full turn."""
    at = lambda phrase: 4 + 8 * phrase
    m.run_in_place(r, at(0), 1)
    m.punches(r, at(1), 1)
    m.kicks(r, at(2), 1)
    m.jacks(r, at(3), 1)
    m.windmill(r, at(4), 1)
    m.punches(r, at(5), -1)
    m.kicks(r, at(6), -1)
    m.slow_reach(r, at(7), 1)
    m.full_turn(r, at(8), 1)
    m.jacks(r, at(9), 1)
    m.disco(r, at(10), 1)
    m.kicks(r, at(11), 1)
    m.jacks(r, at(12), 1)
    m.ending(r, at(13), 1, ("point", "hip"))


def dance(name):
    """The motion of a dance, and what is wrong with it."""
    what = DANCES[name]
    beats = 8 + 8 * len(what["parts"])
    duration = FIRST_BEAT_S + beats * 60 / what["bpm"] + TAIL_S
    r = Routine(what["bpm"], FIRST_BEAT_S, duration, what["travel_s"], what["bounce_m"])
    r.grooves = [(-9, 0.15), (2, 0.3), (4, 1), (beats - 4, 1), (beats - 2.5, 0.0), (beats + 9, 0.0)]
    m.ready(r, 0)
    globals()[name](r)
    hips, rotations, planted, short = r.solve()
    wrong, joints = check(name, hips, rotations, planted, short)
    return hips, rotations, joints, wrong


def main():
    """Writes what was asked for, or everything."""
    failed = False
    for name in sys.argv[1:] or DANCES:
        what = DANCES[name]
        hips, rotations, _, wrong = dance(name)
        for line in wrong:
            print(f"  {line}")
        failed |= bool(wrong)
        assert all(np.isfinite(r).all() for r in rotations.values()), name
        path = OUT / f"{name}.bvh"
        write_bvh(path, hips, relative(rotations), FPS)
        lines = [
            f'title = "{what["title"]}"', 'author = "LiveDance"', f'motion = "{name}.bvh"', "motion_start_s = 0.0",
            f'music = "{name}.ogg"', f'bpm = {what["bpm"]:.1f}', f"first_beat_s = {FIRST_BEAT_S}",
            f"duration_s = {(len(hips) - 1) * 100 // FPS / 100:.2f}",
            f'difficulty = "{what["difficulty"]}"', 'licence = "CC0-1.0"',
        ]
        (OUT / f"{name}.dance.toml").write_text("\n".join(lines) + "\n")
        print(f"  {path.stat().st_size} bytes")
    sys.exit(failed)


if __name__ == "__main__":
    main()
