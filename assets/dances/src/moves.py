"""Named moves of eight beats (or four): each writes its keys from a beat on, for a side (1 left, -1 right)."""

import math


def settle(r, b, side=1):
    """The body upright, where a move does not say more."""
    r.sided(b, side, hx=0, hy=0, hz=0, hips_yaw=0, hips_pitch=0, hips_roll=0, yaw=0, pitch=0, roll=0, head_yaw=0, head_pitch=0, head_roll=0,
            shrug_l=0, shrug_r=0, heel_l=0, heel_r=0, weight=0)


def ready(r, b, beats=4):
    """Stands, breathes, and lets the beat into the knees."""
    settle(r, b)
    r.arm(b, 0, "down")
    r.arm(b + beats - 2, 0, "down")
    r.arm(b + beats - 0.4, 0, "ready")
    r.sided(b + beats - 1, 1, hx=0.02, pitch=2, head_pitch=2)
    r.key(b + beats - 0.5, hy=-0.03)


def ending(r, b, side, arms=("up", "hip")):
    """Three beats to a last pose, which stays."""
    settle(r, b)
    r.step(side, b + 0.3, b + 1, 0.14, 0.06)
    r.key(b + 0.5, hy=-0.06, pitch=8, head_pitch=10)
    r.sided(b + 1.2, side, hx=0.03, hy=-0.02, hips_yaw=-12, hips_roll=5, yaw=10, pitch=-6, roll=-5, head_pitch=-12, head_yaw=10, head_roll=-4, weight=0.35)
    r.arm(b + 0.4, 0, "across_low")
    r.arm(b + 1.2, side, arms[0])
    r.arm(b + 1.2, -side, arms[1])
    r.arm(b + 30, side, arms[0])


def touch_steps(r, b, side, poses, wide=0.28, count=4, turn_deg=10):
    """Step to a side, the other foot comes and touches; then back. `poses`: arms of each step, (leading, other)."""
    for i in range(count):
        s, at = side * (1 if i % 2 == 0 else -1), b + 2 * i
        there = wide / 2
        # Out with the leading foot to its place, the other comes beside it.
        # The last one leads home, for the next move.
        last = i == count - 1
        r.step(s, at + 0.05, at + 0.85, 0.0 if last else there)
        r.step(-s, at + 1.05, at + 1.85, 0.0 if last else -there + 0.03, 0.0 if last else 0.03, 0.05, touch=not last)
        r.sided(at + 0.5, s, hips_roll=-4, roll=3, hips_yaw=0, yaw=0)
        r.sided(at + 1, s, hx=0.03, hips_yaw=turn_deg, yaw=-turn_deg * 0.4, roll=5, head_roll=4, hy=-0.015)
        r.sided(at + 1.9, s, hx=0.0, hips_yaw=turn_deg * 0.4, yaw=0, roll=-3, head_roll=-2, hips_roll=5, hy=-0.03)
        lead, other = poses[i % len(poses)]
        r.arm(at + 1, s, lead)
        r.arm(at + 1, -s, other)
        if len(poses) > count:
            lead, other = poses[count + i % (len(poses) - count)]
        else:
            lead, other = ("ready", "ready")
        r.arm(at + 1.9, s, lead)
        r.arm(at + 1.9, -s, other)


def breathe(r, b, side):
    """Sways, and lets the arms rise from the sides and come down again."""
    settle(r, b)
    r.arm(b + 0.5, 0, "low")
    r.arm(b + 2.2, 0, "out")
    r.arm(b + 4, 0, "high")
    r.arm(b + 6, 0, "out")
    r.arm(b + 7.5, 0, "ready")
    for i in range(4):
        s = side * (1 if i % 2 == 0 else -1)
        r.sided(b + 2 * i + 1, s, hx=0.015, weight=0.55, hips_roll=2, roll=4 if i < 2 else 2, head_roll=-4, hips_yaw=5, yaw=-4)
    r.key(b + 4, pitch=-6, head_pitch=-10, hy=0.01, shrug_l=4, shrug_r=4)
    r.key(b + 7, pitch=3, head_pitch=4, hy=-0.04, shrug_l=0, shrug_r=0)
    r.sided(b + 8, side, weight=0)


def sway_high(r, b, side):
    """Arms overhead like a tree in the wind, with a bend to each side; the last two beats open and fall."""
    settle(r, b)
    r.arm(b + 1, 0, "up")
    for i in range(3):
        s, at = side * (1 if i % 2 == 0 else -1), b + 1 + 2 * i
        r.sided(at, s, weight=0.6, hx=0.04, hips_roll=5, roll=-13, head_roll=-6, hips_yaw=-4, yaw=5, pitch=-3, head_pitch=-6)
        r.arm(at, s, "high")
        r.arm(at, -s, "round")
        r.key(at + 1, hy=-0.045)
        r.key(at, hy=0.0)
    r.arm(b + 6.6, 0, "out")
    r.arm(b + 7.7, 0, "low")
    r.sided(b + 7, side, weight=0, hx=0, hips_roll=0, roll=0, head_roll=0, pitch=5, head_pitch=6, hy=-0.05)


def reach_across(r, b, side):
    """Lunges to a side and reaches up across, both ways, twice."""
    settle(r, b)
    for i in range(4):
        s, at = side * (1 if i % 2 == 0 else -1), b + 2 * i
        r.step(s, at + 0.1, at + 0.85, 0.2, 0.0)
        r.step(s, at + 1.15, at + 1.9, 0.0)
        r.sided(at + 1, s, hx=0.05, weight=0.45, hy=-0.07, hips_yaw=14, yaw=16, roll=-8, pitch=-2, head_yaw=12, head_pitch=-12, heel_l=1 if s < 0 else 0, heel_r=1 if s > 0 else 0)
        r.sided(at + 1.9, s, hx=0, weight=0, hy=-0.015, hips_yaw=0, yaw=0, roll=0, pitch=2, head_yaw=0, head_pitch=2, heel_l=0, heel_r=0)
        r.arm(at + 1, -s, "across_up")
        r.arm(at + 1, s, "low")
        r.arm(at + 1.9, 0, "ready")


def grapevine(r, b, side, clap="clap_high"):
    """Step, behind, step, touch with a clap; then the way back."""
    settle(r, b)
    for half in range(2):
        s, at = side * (1 if half == 0 else -1), b + 4 * half
        # Out from a foot's stance is in for the other: the sign says which way the room lies.
        if half == 0:
            r.step(s, at + 0.05, at + 0.85, 0.3)
            r.step(-s, at + 1.05, at + 1.85, -0.5, -0.14)
            r.step(s, at + 2.05, at + 2.85, 0.6)
            r.step(-s, at + 3.05, at + 3.8, -0.57, 0.04, 0.05, touch=True)
        else:
            r.step(s, at + 0.05, at + 0.85, -0.3)
            r.step(-s, at + 1.05, at + 1.85, 0.1, -0.14)
            r.step(s, at + 2.05, at + 2.85, 0.0)
            r.step(-s, at + 3.05, at + 3.8, 0.0, 0.0, 0.05)
        r.sided(at + 1, s, hips_yaw=6, roll=3)
        r.sided(at + 2, s, hips_yaw=-14, yaw=8, roll=-2, hy=-0.03)
        r.sided(at + 3, s, hips_yaw=4, yaw=0, roll=3, hy=0)
        r.sided(at + 4, s, hips_yaw=8, yaw=-6, roll=-5, pitch=-4, head_roll=-5, hy=-0.02)
        r.arm(at + 1, 0, "out")
        r.arm(at + 2, 0, "chest")
        r.arm(at + 3, 0, "out")
        r.arm(at + 3.9, 0, clap)
    settle(r, b + 8)


def bounce_in(r, b, side):
    """Finds the groove: heels, shoulders, hands that keep the time."""
    settle(r, b)
    for i in range(8):
        s, at = side * (1 if i % 2 == 0 else -1), b + i
        r.sided(at + 0.5, s, weight=0.5, hx=0.02, hips_roll=5, roll=-2, hips_yaw=6, yaw=-8, heel_l=1 if s < 0 else 0, heel_r=1 if s > 0 else 0,
                shrug_l=9 if s > 0 else 0, shrug_r=9 if s < 0 else 0, head_roll=5)
        r.arm(at + 0.5, s, "swing" if i < 4 else "guard")
        r.arm(at + 0.5, -s, "pump" if i < 4 else "ready")
    settle(r, b + 8)


def knees(r, b, side):
    """Knees go in and out on the balls of the feet, hips answer; arms saw."""
    settle(r, b)
    for i in range(4):
        s, at = side * (1 if i % 2 == 0 else -1), b + 2 * i
        r.step(s, at + 0.0, at + 0.72, 0.06, 0.04, by_way=(s * 0.12, 0.26, 0.16), toe=28)
        r.step(s, at + 1.2, at + 1.75, 0.0, 0.0, 0.05)
        r.sided(at + 0.4, s, hips_yaw=-16, yaw=-14, roll=4, pitch=6, hips_roll=-5, head_pitch=4, hy=-0.01)
        r.sided(at + 1, s, hips_yaw=12, yaw=12, roll=-4, pitch=0, hips_roll=6, head_pitch=-3, hy=-0.06, hx=0.02, weight=0.3)
        r.sided(at + 1.8, s, hips_yaw=0, yaw=0, roll=0, hips_roll=0, hy=-0.02, hx=0, weight=0)
        r.arm(at + 0.45, s, "pump")
        r.arm(at + 0.45, -s, "swing")
        r.arm(at + 1, s, "goal" if i % 2 else "guard")
        r.arm(at + 1, -s, "hip")
        r.arm(at + 1.8, 0, "ready")


def disco(r, b, side):
    """Points high beside, low across, and lets the hips swing with it."""
    settle(r, b)
    r.step(side, b + 0.05, b + 0.6, 0.13)
    for i in range(4):
        at = b + 2 * i
        s = side if i < 2 else -side
        r.sided(at + 1, s, weight=0.45, hx=0.05, hips_roll=7, roll=-6, hips_yaw=-6, yaw=10, pitch=-3, head_yaw=14, head_pitch=-8, hy=-0.01,
                heel_l=1 if s < 0 else 0, heel_r=1 if s > 0 else 0)
        r.sided(at + 2, s, weight=-0.4, hx=-0.05, hips_roll=-6, roll=5, hips_yaw=8, yaw=-16, pitch=9, head_yaw=-6, head_pitch=8, hy=-0.06,
                heel_l=1 if s > 0 else 0, heel_r=1 if s < 0 else 0)
        r.arm(at + 1, s, "point")
        r.arm(at + 2, s, "across_low")
        r.arm(at + 1, -s, "hip")
        r.arm(at + 2, -s, "hip")
    r.step(side, b + 7.2, b + 7.85, 0.0, 0.0, 0.05)
    settle(r, b + 8)


def windmill(r, b, side):
    """Elbows at the shoulders' height, one forearm up, one down, and change; the chest turns against the knees."""
    settle(r, b)
    r.step(side, b + 0.05, b + 0.6, 0.12)
    for i in range(8):
        s, at = side * (1 if i % 2 == 0 else -1), b + i
        r.arm(at + 1, s, "goal")
        r.arm(at + 1, -s, "goal_low")
        r.sided(at + 1, s, weight=0.35, hx=0.03, hips_yaw=-14, yaw=18, roll=-5, hips_roll=4, hy=-0.05 if i % 2 else -0.02, head_roll=-4,
                heel_l=0.9 if s < 0 else 0, heel_r=0.9 if s > 0 else 0)
    r.step(side, b + 7.2, b + 7.85, 0.0, 0.0, 0.05)
    settle(r, b + 8)


def shoulders(r, b, side):
    """Turns of the shoulders, low, with the arms held; on five a wide pose."""
    settle(r, b)
    r.step(side, b + 0.05, b + 0.7, 0.16)
    for i in range(4):
        s, at = side * (1 if i % 2 == 0 else -1), b + i
        r.sided(at + 1, s, yaw=24, hips_yaw=-8, roll=4, pitch=8, hy=-0.06, weight=0.25, shrug_l=8 if s > 0 else 0, shrug_r=8 if s < 0 else 0, head_pitch=4)
    r.arm(b + 1, 0, "chest")
    r.arm(b + 4, 0, "chest")
    r.arm(b + 5, side, "out")
    r.arm(b + 5, -side, "shade")
    r.sided(b + 5, side, yaw=8, hips_yaw=12, roll=-7, pitch=-4, hy=-0.09, weight=0.6, hx=0.06, head_yaw=20, head_pitch=-5, shrug_l=0, shrug_r=0)
    r.sided(b + 6.2, side, yaw=8, roll=-5, hy=-0.07, weight=0.6, head_yaw=16)
    r.arm(b + 6.2, side, "out")
    r.arm(b + 6.2, -side, "shade")
    r.arm(b + 7.2, side, "shade")
    r.arm(b + 7.2, -side, "out")
    r.sided(b + 7.2, -side, yaw=8, hips_yaw=12, roll=-7, pitch=-4, hy=-0.09, weight=0.6, hx=0.06, head_yaw=20)
    r.step(side, b + 7.2, b + 7.85, 0.0, 0.0, 0.05)
    settle(r, b + 8)


def body_roll(r, b, side):
    """A wave from the head through the chest into the hips and knees, twice; then shakes it off."""
    settle(r, b)
    for i in range(2):
        at = b + 2.5 * i
        r.arm(at + 0.5, 0, "forward")
        r.key(at + 0.5, head_pitch=-12, pitch=-6, hips_pitch=4, hz=-0.03)
        r.key(at + 1.0, head_pitch=4, pitch=-14, hips_pitch=6, hz=-0.02, hy=0.0)
        r.key(at + 1.5, head_pitch=10, pitch=12, hips_pitch=-12, hz=0.05, hy=-0.04)
        r.key(at + 2.0, head_pitch=8, pitch=16, hips_pitch=-4, hz=-0.02, hy=-0.12)
        r.key(at + 2.5, head_pitch=0, pitch=0, hips_pitch=0, hz=0.0, hy=-0.02)
        r.arm(at + 1.6, 0, "guard")
        r.arm(at + 2.3, 0, "back")
    for i in range(3):
        s = side * (1 if i % 2 == 0 else -1)
        r.sided(b + 6 + 0.6 * i, s, yaw=16, hips_yaw=-10, shrug_l=10 if s > 0 else 0, shrug_r=10 if s < 0 else 0, hy=-0.05)
    r.arm(b + 6, 0, "guard")
    r.arm(b + 7.6, 0, "ready")
    settle(r, b + 8)


def punches(r, b, side):
    """Two quick ones and an uppercut, from a stance; then with the other arm."""
    settle(r, b)
    for half in range(2):
        s, at = side * (1 if half == 0 else -1), b + 4 * half
        r.step(s, at + 0.0, at + 0.5, 0.06, 0.14)
        r.arm(at + 0.4, 0, "guard")
        for hit, arm in ((1.0, s), (2.0, -s)):
            r.arm(at + hit, arm, "punch")
            r.arm(at + hit, -arm, "guard")
            r.arm(at + hit + 0.6, arm, "guard")
            r.sided(at + hit, arm, yaw=-24, hips_yaw=-14, weight=-0.25, pitch=6, hy=-0.05, head_pitch=2)
        r.arm(at + 3, s, "across_up")
        r.sided(at + 2.5, s, yaw=14, hips_yaw=8, hy=-0.11, pitch=10, weight=0.2)
        r.sided(at + 3, s, yaw=-18, hips_yaw=-12, hy=0.0, pitch=-5, weight=-0.2, head_pitch=-8, roll=4)
        r.arm(at + 3.7, 0, "guard")
        r.sided(at + 3.8, s, yaw=0, hips_yaw=0, hy=-0.03, pitch=3, weight=0, roll=0, head_pitch=0)
        r.step(s, at + 3.3, at + 3.85, 0.0, 0.0)


def kicks(r, b, side, high=0.6):
    """Step, kick, step, arms against the leg; four times."""
    settle(r, b)
    for i in range(4):
        s, at = side * (1 if i % 2 == 0 else -1), b + 2 * i
        r.step(s, at + 0.22, at + 1.78, 0.0, 0.0, by_way=(s * 0.14, high - 0.05 * (i % 2), 0.62), toe=-38)
        r.sided(at + 0.5, s, hy=-0.05, weight=-0.3, pitch=5)
        r.sided(at + 1.05, s, weight=-0.3, hips_pitch=-9, pitch=-3, hips_yaw=-10, yaw=12, head_pitch=2, hy=0.0, hz=-0.05)
        r.sided(at + 1.8, s, weight=0, hips_pitch=0, pitch=2, hips_yaw=0, yaw=0, hy=-0.04, hz=0)
        r.arm(at + 0.3, 0, "guard")
        r.arm(at + 1.05, s, "back")
        r.arm(at + 1.05, -s, "forward" if i % 2 == 0 else "high")
        r.arm(at + 1.75, 0, "guard")


def jacks(r, b, side):
    """Jumps feet apart and together, arms to a V and down; on seven a star."""
    settle(r, b)
    for i in range(4):
        at = b + 2 * i
        r.key(at, hy=-0.08, pitch=6, head_pitch=3)
        for s in (1, -1):
            r.step(s, at + 0.25, at + 0.95, 0.17, 0.0, 0.0)
            r.step(s, at + 1.25, at + 1.95, 0.0, 0.0, 0.0)
        r.jump(at + 0.25, at + 0.95, 0.13)
        r.jump(at + 1.25, at + 1.95, 0.12)
        r.key(at + 0.6, hy=0.02, pitch=-5, head_pitch=-6)
        r.key(at + 1.1, hy=-0.09, pitch=4, head_pitch=0)
        r.key(at + 1.6, hy=0.02, pitch=0)
        r.arm(at + 0.85, 0, "high" if i % 2 == 0 else "up")
        r.arm(at + 1.85, 0, "low")
    r.key(b + 8, hy=-0.08)
    r.key(b + 8.6, hy=-0.01)


def run_in_place(r, b, side, beats=8):
    """Runs on the spot, a step a beat, arms like a runner's; a clap overhead at the end."""
    settle(r, b)
    for i in range(beats):
        s, at = side * (1 if i % 2 == 0 else -1), b + i
        r.step(s, at + 0.06, at + 0.9, 0.0, 0.0, by_way=(s * 0.12, 0.3, 0.13), toe=30)
        r.sided(at + 0.5, s, hips_yaw=-8, yaw=-14, roll=3, pitch=7, hips_roll=-4, hy=0.01)
        r.arm(at + 0.55, s, "pump")
        r.arm(at + 0.55, -s, "swing")
    r.arm(b + beats - 0.1, 0, "guard")
    settle(r, b + beats)


def slow_reach(r, b, side):
    """The quiet before: one arm draws the eye up, the other follows; sinks, and gathers."""
    settle(r, b)
    r.step(side, b + 0.1, b + 1, 0.16)
    r.arm(b + 2, side, "high")
    r.arm(b + 2, -side, "low")
    r.sided(b + 2, side, weight=0.55, hx=0.05, roll=-10, yaw=10, head_yaw=16, head_pitch=-14, pitch=-4, hips_roll=3)
    r.arm(b + 4, side, "out")
    r.arm(b + 4, -side, "high")
    r.sided(b + 4, -side, weight=0.55, hx=0.05, roll=-10, yaw=10, head_yaw=16, head_pitch=-14, pitch=-4, hips_roll=3)
    r.arm(b + 6, 0, "chest")
    r.sided(b + 6, side, weight=0, hx=0, roll=0, yaw=0, head_yaw=0, head_pitch=14, pitch=16, hips_roll=0, hy=-0.16)
    r.arm(b + 7.3, 0, "high")
    r.key(b + 7.3, pitch=-8, head_pitch=-12, hy=0.0)
    r.step(side, b + 7.4, b + 7.95, 0.0, 0.0, 0.05)
    settle(r, b + 8)


def full_turn(r, b, side):
    """A walked turn of 360 degrees in four beats and a half, a stop with the arms, and two low claps."""
    settle(r, b)
    # Feet go round a circle under the body: heading and each foot's place come from the same angle.
    r.turns.append((b + 0.2, b + 4.6, side))
    for i in range(9):
        foot = -side if i % 2 == 0 else side
        start, end = b + 0.2 + 0.5 * i, b + 0.2 + 0.5 * i + 0.46
        angle = side * 360 * min(1.0, (i + 1.4) / 9)
        if i >= 7:
            angle = side * 360
        a = math.radians(angle)
        r.step(foot, start, end, 0.12 * math.cos(a) - 0.12, -foot * 0.12 * math.sin(a), 0.05, yaw=foot * angle + 9)
    r.arm(b + 0.9, side, "out")
    r.arm(b + 0.9, -side, "chest")
    r.arm(b + 2, 0, "round")
    r.arm(b + 3.8, 0, "round")
    r.arm(b + 5, 0, "high")
    r.key(b + 1, hy=-0.01, pitch=-2)
    r.key(b + 5, hy=-0.09, pitch=-3, head_pitch=-8)
    for i in (6, 7):
        r.arm(b + i - 0.45, 0, "low")
        r.arm(b + i, 0, "clap")
        r.key(b + i, hy=-0.07, pitch=8, head_pitch=4)
        r.key(b + i + 0.5, hy=-0.02, pitch=2, head_pitch=0)
    settle(r, b + 8)
