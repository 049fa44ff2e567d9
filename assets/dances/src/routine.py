"""From keys on beats to a body on every frame: arms with anticipation and overshoot, steps, weight over the standing foot."""

import numpy as np

from body import ANKLE, BALL, HEEL, NAMES, REST, SHIN, THIGH, angle_of, apply, frame, legs, places, relative, turn, unit

FPS = 30
FINE = 4
# Standing places of the ankles: left, right. Toes point out by so many degrees.
STANCE, TOES_OUT = 0.12, 9.0
# Directions of upper arm and forearm, and the way the elbow bends: x out, y up, z forward, in the space of the chest.
ARMS = {
    "down": ((0.22, -1, 0.02), (0.14, -1, 0.28), (0, 0, 1)),
    "ready": ((0.42, -0.9, 0.0), (0.0, -0.55, 0.8), (0, 0, 1)),
    "hip": ((0.8, -0.62, -0.3), (-0.72, -0.55, 0.42), (-1, 0, 0.8)),
    "low": ((0.68, -0.72, 0.2), (0.72, -0.6, 0.4), (0, 0, 1)),
    "out": ((1, 0.0, 0.08), (1, 0.08, 0.22), (0, 0.1, 1)),
    "high": ((0.72, 0.72, 0.12), (0.6, 0.85, 0.2), (-0.6, 0.4, 0.8)),
    "up": ((0.32, 1, 0.06), (0.1, 1, 0.14), (-0.8, 0, 0.6)),
    "round": ((0.62, 0.82, 0.12), (-0.5, 0.84, 0.2), (-1, 0.2, 0.3)),
    "across_up": ((0.05, 0.82, 0.5), (-0.42, 0.85, 0.25), (-1, 0, 0.2)),
    "across_low": ((-0.02, -0.72, 0.6), (-0.6, -0.7, 0.45), (-1, 0, 0.5)),
    "forward": ((0.3, -0.08, 1), (0.05, 0.08, 1), (-0.7, 0.6, 0)),
    "punch": ((0.12, -0.02, 1), (-0.08, 0.04, 1), (-0.6, 0.6, 0)),
    "guard": ((0.42, -0.85, 0.15), (-0.2, 0.75, 0.6), (-0.1, 0.6, 1)),
    "chest": ((0.72, -0.5, 0.35), (-0.78, 0.2, 0.55), (-1, 0.2, 0.6)),
    "clap": ((0.3, -0.42, 0.8), (-0.5, 0.38, 0.75), (-1, 0.6, 0)),
    "clap_high": ((0.42, 0.9, 0.2), (-0.38, 0.9, 0.24), (-1, 0.1, 0.2)),
    "goal": ((1, -0.02, 0.1), (0.18, 1, 0.25), (-0.2, 1, 0.4)),
    "goal_low": ((1, 0.02, 0.1), (0.2, -0.75, 0.7), (0, -0.5, 1)),
    "pump": ((0.3, -0.85, -0.5), (0.05, -0.1, 1), (0, 0.3, 1)),
    "swing": ((0.25, -0.85, 0.45), (-0.2, 0.2, 1), (-0.1, 0.6, 1)),
    "back": ((0.42, -0.86, -0.4), (0.3, -0.92, -0.02), (0, 0, 1)),
    "point": ((0.62, 0.72, 0.3), (0.58, 0.8, 0.3), (-0.6, 0.5, 0.6)),
    "shade": ((0.9, 0.35, 0.3), (-0.85, 0.45, 0.25), (-1, 0.4, 0.2)),
}
# What is keyed besides arms and feet: the hips' way beside the standing foot (m) and turns in degrees.
BODY = ["hx", "hy", "hz", "hips_yaw", "hips_pitch", "hips_roll", "yaw", "pitch", "roll", "head_yaw", "head_pitch", "head_roll"]
BODY += ["shrug_l", "shrug_r", "heel_l", "heel_r", "weight"]


def pchip(t, v, x):
    """Cubic interpolation that never leaves what the keys span (Fritsch and Carlson 1980)."""
    h, d = np.diff(t), np.diff(v) / np.diff(t)
    slope = np.zeros(len(t))
    for i in range(1, len(t) - 1):
        if d[i - 1] * d[i] > 0:
            a, b = 2 * h[i] + h[i - 1], h[i] + 2 * h[i - 1]
            slope[i] = (a + b) / (a / d[i - 1] + b / d[i])
    k = np.clip(np.searchsorted(t, x, "right") - 1, 0, len(t) - 2)
    s = np.clip((x - t[k]) / h[k], 0, 1)
    a, b = (1 + 2 * s) * (1 - s) ** 2, s * s * (3 - 2 * s)
    return a * v[k] + b * v[k + 1] + h[k] * (s * (1 - s) ** 2 * slope[k] + s * s * (s - 1) * slope[k + 1])


def blur(v, sigma):
    """Weighted running mean over samples."""
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(v, [(reach, reach)] + [(0, 0)] * (v.ndim - 1), mode="edge")
    return np.apply_along_axis(np.convolve, 0, padded, kernel, "valid")


def rotation_of(vectors):
    """Rotations about the vectors, by as many radians as they are long (Rodrigues)."""
    size = np.linalg.norm(vectors, axis=-1)
    x, y, z = np.moveaxis(vectors / np.maximum(size, 1e-9)[..., None], -1, 0)
    o = np.zeros_like(x)
    k = np.stack((o, -z, y, z, o, -x, -y, x, o), axis=-1).reshape(size.shape + (3, 3))
    return np.eye(3) + np.sin(size)[..., None, None] * k + (1 - np.cos(size))[..., None, None] * (k @ k)


def rotation_vector(r):
    """The vector of a single rotation, of less than half a turn."""
    angle = float(angle_of(r))
    axis = np.array((r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]))
    return axis * (angle / max(2 * np.sin(angle), 1e-6))


def rounded(s):
    """From 0 to 1 with the least jerk."""
    s = np.clip(s, 0, 1)
    return s**3 * (10 - 15 * s + 6 * s * s)


class Routine:
    """Keys of one dance. Beats count from the first of the count-in."""

    def __init__(self, bpm, first_beat_s, duration_s, travel_s, bounce_m):
        self.beat_s, self.first, self.travel, self.bounce = 60 / bpm, first_beat_s, travel_s, bounce_m
        self.fine = np.arange(int(np.ceil(duration_s * FPS)) * FINE) / (FPS * FINE)
        self.body = {name: [] for name in BODY}
        self.arms = {1: [], -1: []}
        self.steps = {1: [], -1: []}
        self.jumps = []
        self.grooves = []
        self.turns = []

    def key(self, beat, **values):
        """Body keys; what is not named goes on as it was."""
        for name, value in values.items():
            self.body[name].append((beat, value))

    def sided(self, beat, side, **values):
        """The same for a side: what leans or turns is mirrored."""
        mirrored = ("hx", "hips_yaw", "hips_roll", "yaw", "roll", "head_yaw", "head_roll", "weight")
        self.key(beat, **{name: value * (side if name in mirrored else 1) for name, value in values.items()})

    def arm(self, beat, side, pose, **_):
        """An arm's pose; side 0 is both."""
        for one in (1, -1) if side == 0 else (side,):
            self.arms[one].append((beat, pose))

    def step(self, side, start, end, x, z=0.0, height=0.07, yaw=None, touch=False, by_way=None, toe=0.0):
        """A foot goes so far out from its own stance. `by_way`: (x in the room, y, z) that it passes in the air, as in a kick."""
        yaw = TOES_OUT if yaw is None else yaw
        self.steps[side].append((start, end, side * (STANCE + x), z, height, yaw, touch, by_way, toe))

    def jump(self, start, end, height):
        """Both feet leave the floor."""
        self.jumps.append((start, end, height))

    def second(self, beat):
        """Where a beat lies in the music."""
        return self.first + beat * self.beat_s

    def _curve(self, keys, overshoot=0.05):
        """A channel on the fine times: anticipation before a move, a little too much at its end."""
        keys = sorted({round(beat, 3): value for beat, value in keys}.items())
        t, v, now, since = [0.0], [np.asarray(keys[0][1], float)], np.asarray(keys[0][1], float), 0.0
        for beat, value in keys:
            at, value = self.second(beat), np.asarray(value, float)
            change = value - now
            room = at - since
            if room <= 0.02:
                continue
            if np.abs(change).max() > 1e-6:
                travel = min(self.travel, room)
                if room > travel + 0.1:
                    t.append(at - travel)
                    v.append(now - 0.05 * change)
                t.append(at)
                v.append(value + overshoot * change)
                t.append(at + 0.16)
                v.append(value)
            now, since = value, at
        t, v = np.array(t), np.array(v)
        order = np.argsort(t, kind="stable")
        t, v = t[order], v[order]
        keep = np.concatenate(([True], np.diff(t) > 0.03))
        t, v = np.append(t[keep], self.fine[-1] + 1), np.concatenate((v[keep], v[keep][-1:]))
        return np.stack([pchip(t, v[:, i], self.fine) for i in range(v.shape[1])], -1) if v.ndim > 1 else pchip(t, v, self.fine)

    def _arm(self, side):
        """Rotations of upper arm and forearm in the chest's space, and the forearm's direction.

        Each key is a turn from the last pose, done to a share that first falls below 0 and then rises over 1: the turns
        follow each other as a product, so that one may begin before the last one has come to rest.
        """
        mirror = np.array((side, 1, 1))
        upper_arm = elbow = now = None
        since = 0.0
        # Of two keys at one time the later written holds.
        for beat, pose in sorted({round(beat, 2): pose for beat, pose in self.arms[side]}.items()):
            upper, fore, bend = (unit(np.array(v, float)) for v in ARMS[pose])
            flexed = np.clip(np.arccos(np.clip(upper @ fore, -1, 1)), 0.12, 2.45)
            across = fore - upper * (upper @ fore)
            # A straight arm does not say which way it bends: the hint does, the more the straighter.
            bent = np.clip(flexed / 0.9, 0, 1) ** 2
            bend = unit(bent * unit(across) + (1 - bent) * (bend - upper * (upper @ bend)))
            goal, at = frame(side * upper * mirror, bend * mirror), self.second(beat)
            if now is None:
                upper_arm, elbow = np.tile(goal, (len(self.fine), 1, 1)), np.full(len(self.fine), flexed)
            elif pose != last:
                vector = rotation_vector(now[0].T @ goal)
                angle = max(np.linalg.norm(vector), abs(flexed - now[1]))
                # Who has no time comes late rather than faster than a body can.
                at = max(at, since + 0.155 * angle + 0.05)
                room = at - since
                travel = min(max(self.travel, 0.155 * angle + 0.05), room)
                t, v = [at - travel, at, at + 0.17], [0.0, 1.04, 1.0]
                if room > travel + 0.12:
                    t, v = [at - travel - 0.13, at - travel, at, at + 0.17], [0.0, -0.05, 1.04, 1.0]
                t, v = np.array([t[0] - 1, *t, t[-1] + 1]), np.array([0.0, *v, 1.0])
                share = np.where(self.fine < t[0], 0.0, np.where(self.fine > t[-1], 1.0, pchip(t, v, self.fine)))
                upper_arm = upper_arm @ rotation_of(blur(share, 0.025 * FPS * FINE)[:, None] * vector)
                elbow = elbow + blur(share, 0.025 * FPS * FINE) * (flexed - now[1])
            now, last, since = (goal, flexed), pose, at
        elbow = np.clip(elbow, 0.08, 2.5)[:, None]
        upper, across = side * upper_arm[:, :, 0], upper_arm[:, :, 2]
        fore = np.cos(elbow) * upper + np.sin(elbow) * across
        return upper_arm, frame(side * fore, np.cos(elbow) * across - np.sin(elbow) * upper), fore

    def _feet(self, side):
        """Place (flat ankle), yaw, pitch, whether in the air, whether only touching, of one foot."""
        n = len(self.fine)
        place = np.tile(np.array((side * STANCE, 0.0, 0.0)), (n, 1))
        yaw, pitch = np.full(n, side * TOES_OUT), np.zeros(n)
        air, light = np.zeros(n, bool), np.zeros(n, bool)
        now = (side * STANCE, 0.0, TOES_OUT)
        for start, end, x, z, height, to_yaw, touch, by_way, toe in sorted(self.steps[side], key=lambda step: step[0]):
            a, b = self.second(start), self.second(end)
            during, after = (self.fine > a) & (self.fine < b), self.fine >= b
            s = (self.fine[during] - a) / (b - a)
            # A foot that went all the way round stands as if it had not.
            now = (now[0], now[1], now[2] - 360 * round((now[2] - to_yaw) / 360))
            begin, finish = np.array((now[0], 0.0, now[1])), np.array((x, 0.0, z))
            if by_way is None:
                path = begin + (finish - begin) * rounded(s)[:, None]
                path[:, 1] = height * np.sin(np.pi * rounded(s)) ** 1.2
                pitch[during] = np.radians(26 * np.sin(np.pi * np.clip(s * 1.25, 0, 1)) * min(1, height / 0.07) + toe * np.sin(np.pi * s))
            else:
                top, keys = np.array(by_way, float), np.array((0.0, 0.2, 0.5, 0.8, 1.0))
                way = np.stack((begin, begin * 0.75 + top * (0.25, 0.4, 0.25), top, finish * 0.7 + top * (0.3, 0.45, 0.3), finish))
                path = np.stack([pchip(keys, way[:, i], rounded(s) * 0.5 + s * 0.5) for i in range(3)], -1)
                # Off and onto the floor without a jolt.
                path[:, 1] *= rounded(s / 0.15) * rounded((1 - s) / 0.15)
                pitch[during] = np.radians(toe * np.sin(np.pi * s) ** 2)
            place[during], place[after] = path, finish
            yaw[during] = side * (now[2] + (to_yaw - now[2]) * rounded(s))
            yaw[after] = side * to_yaw
            pitch[after] = 0
            air |= during
            light[after] = touch
            light[during] = False
            now = (x, z, to_yaw)
        return place, np.radians(yaw), pitch, air, light

    def solve(self):
        """Hips' way and every joint's rotation in the scene, on frames; and what the checks want to know of the feet."""
        fine, n, rate = self.fine, len(self.fine), FPS * FINE
        deg = {}
        for name in BODY:
            keys = self.body[name] or [(0, 0.0)]
            lag = {"yaw": 0.02, "pitch": 0.02, "roll": 0.02, "head_yaw": 0.05, "head_pitch": 0.05, "head_roll": 0.05}.get(name, 0.0)
            curve = self._curve(keys, 0.0 if name in ("heel_l", "heel_r", "weight") else 0.08)
            deg[name] = np.interp(fine - lag, fine, blur(curve, 0.04 * rate))
        beat = (fine - self.first) / self.beat_s
        groove = np.interp(beat, *np.array(self.grooves).T)
        # A full turn ends where it began, so that nothing after it knows of it.
        heading = np.zeros(n)
        for start, end, side in self.turns:
            heading += side * 2 * np.pi * (rounded((beat - start) / (end - start)) * 0.5 + 0.5 * np.clip((beat - start) / (end - start), 0, 1))
        heading = blur(heading, 0.06 * rate)
        feet = {side: list(self._feet(side)) for side in (1, -1)}
        # Weight: over the foot that stands; both hands of the scale are smooth and begin before the foot leaves the floor.
        left, right = feet[1], feet[-1]
        raw = np.where(left[3] & ~right[3], -0.8, np.where(right[3] & ~left[3], 0.8, 0.0))
        raw = np.where((raw == 0) & left[4] & ~right[4], -0.5, np.where((raw == 0) & right[4] & ~left[4], 0.5, raw))
        weight = np.clip(blur(raw, 0.11 * rate) + deg["weight"], -0.9, 0.9)
        ground = [blur(foot[0] * (1, 0, 1), 0.07 * rate) for foot in (left, right)]
        share = (0.5 + 0.5 * weight)[:, None]
        hips = ground[0] * share + ground[1] * (1 - share)
        lift = np.zeros(n)
        for start, end, height in self.jumps:
            s = np.clip((beat - start) / (end - start), 0, 1)
            lift += 4 * height * s * (1 - s)
        facing = turn(1, heading)
        hips += apply(facing, np.stack((deg["hx"], 0 * fine, deg["hz"] - 0.015), -1))
        heels = {1: deg["heel_l"], -1: deg["heel_r"]}
        ankles, foot_turn, pitches = {}, {}, {}
        for side, (place, yaw, pitch, air, _) in feet.items():
            up = rounded(np.clip(heels[side], 0, 1)) * np.radians(32) * ~air
            pitch = blur(pitch, 0.02 * rate) + blur(up, 0.02 * rate)
            tilted = turn(1, yaw) @ turn(0, pitch)
            pivot = np.where(pitch[:, None] >= 0, BALL, HEEL)
            # The toes' foremost joint stays where it stands; in the air the foot turns about the ankle's own place.
            flat = place + (0, ANKLE, 0) + apply(turn(1, yaw), pivot)
            ankles[side] = flat - apply(tilted, pivot) + lift[:, None] * (0, 0.92, 0)
            foot_turn[side], pitches[side] = tilted, pitch
        # Up and down: the beat's bounce, what is keyed, and never further than the legs reach.
        height = REST["Hips"][1] - 0.02 + deg["hy"] - groove * self.bounce * (0.5 + 0.5 * np.cos(2 * np.pi * beat)) + lift
        pelvis = facing @ turn(1, np.radians(deg["hips_yaw"])) @ turn(0, np.radians(deg["hips_pitch"])) @ turn(2, np.radians(deg["hips_roll"] + 5.0 * weight))
        drop = REST["LeftUpperLeg"] - REST["Hips"]
        most = np.full(n, 9.0)
        for side in (1, -1):
            socket = apply(pelvis, drop * (side, 1, 1))
            flat = (hips + socket - ankles[side])[:, [0, 2]]
            reach = ((THIGH + SHIN) * 0.98) ** 2 - np.sum(flat**2, -1)
            most = np.minimum(most, ankles[side][:, 1] + np.sqrt(np.maximum(reach, 0.05)) - socket[:, 1])
        excess = np.maximum(height - most, 0)
        reach = int(0.12 * rate)
        widest = np.max(np.stack([np.roll(excess, k) for k in range(-reach, reach + 1)]), axis=0)
        hips[:, 1] = height - np.maximum(blur(widest, 0.045 * rate), excess)

        rotations = {"Hips": pelvis}
        # The chest turns against the hips, leans back over the standing foot; spine and chest share it.
        yaw = np.radians(deg["yaw"] - 0.55 * deg["hips_yaw"])
        roll = np.radians(deg["roll"] - 0.9 * deg["hips_roll"] - 5.5 * weight)
        pitch = np.radians(deg["pitch"] - 0.7 * deg["hips_pitch"] + 2.5 * groove * np.cos(2 * np.pi * beat + 0.6))
        bend = lambda part: turn(1, part * yaw) @ turn(0, part * pitch) @ turn(2, part * roll)
        rotations["Spine"] = pelvis @ bend(0.45)
        rotations["Chest"] = rotations["Spine"] @ bend(0.55)
        # The eyes stay on whoever watches: the head gives back most of what the body turns and leans, a moment late.
        late = int(0.05 * rate)
        lagged = lambda v: blur(np.concatenate((np.full(late, v[0]), v[:-late])), 0.03 * rate)
        look = np.radians(deg["head_yaw"]) - 0.6 * lagged(yaw + np.radians(deg["hips_yaw"]))
        nod = np.radians(deg["head_pitch"] + 4.0 * groove * np.cos(2 * np.pi * beat - 0.5)) - 0.5 * lagged(pitch)
        tip = np.radians(deg["head_roll"]) - 0.5 * lagged(roll)
        half = turn(1, 0.4 * look) @ turn(0, 0.4 * nod) @ turn(2, 0.4 * tip)
        rotations["Neck"] = rotations["Chest"] @ half
        rotations["Head"] = rotations["Neck"] @ turn(1, 0.6 * look) @ turn(0, 0.6 * nod) @ turn(2, 0.6 * tip)
        short = {}
        for side, word in ((1, "Left"), (-1, "Right")):
            a, b, fore = self._arm(side)
            # Shoulders rise with the arm from where it is level.
            level = np.degrees(np.arcsin(np.clip(side * a[:, 1, 0], -1, 1)))
            rise = 0.28 * np.clip(level + 20, 0, 90) + deg["shrug_l" if side == 1 else "shrug_r"]
            rotations[word + "Shoulder"] = rotations["Chest"] @ turn(2, side * np.radians(rise))
            rotations[word + "UpperArm"] = rotations["Chest"] @ a
            rotations[word + "LowerArm"] = rotations["Chest"] @ b
            # The hand comes after the arm.
            before = np.concatenate((np.repeat(fore[:1], 7, 0), fore[:-7]))
            axis = np.cross(fore, before)
            drag = np.clip(0.75 * blur(axis, 0.03 * rate), -0.55, 0.55)
            rotations[word + "Hand"] = rotations["Chest"] @ rotation_of(drag) @ b
            socket = hips + apply(pelvis, drop * (side, 1, 1))
            # Knees follow the hips and the toes, half and half.
            lateral = unit(unit(apply(pelvis, (1, 0, -0.12 * side))) + unit(apply(turn(1, feet[side][1]), (1, 0, 0))))
            thigh, shin, short[side] = legs(socket, ankles[side], lateral)
            rotations[word + "UpperLeg"], rotations[word + "LowerLeg"] = thigh, shin
            rotations[word + "Foot"] = foot_turn[side]
            # Toes lie flat as long as the floor is near.
            above = (ankles[side] + apply(foot_turn[side], BALL))[:, 1] - (ANKLE + BALL[1])
            rotations[word + "Toes"] = foot_turn[side] @ turn(0, -pitches[side].clip(0, 1) * (1 - rounded(above / 0.09)))
        pick = slice(0, None, FINE)
        planted = {side: ~feet[side][3][pick] & (lift[pick] < 1e-6) for side in (1, -1)}
        return hips[pick], {name: rotations[name][pick] for name in NAMES}, planted, {s: v[pick] for s, v in short.items()}


def check(name, hips, rotations, planted, short):
    """What a body could not do, as lines; and the figures."""
    wrong, own, joints = [], relative(rotations), places(hips, rotations)
    speed = {}
    for joint, r in own.items():
        between = np.swapaxes(r[:-1], 1, 2) @ r[1:]
        turned = angle_of(between) * FPS
        speed[joint] = float(turned.max())
        if speed[joint] > 12:
            when = ", ".join(sorted({f"{frame / FPS:.1f}" for frame in np.flatnonzero(turned > 12)}, key=float)[:12])
            wrong.append(f"{joint} turns at {speed[joint]:.1f} rad/s, at {when} s")
    slide = 0.0
    for side, word in ((1, "Left"), (-1, "Right")):
        toes = joints[word + "Toes"]
        starts = np.flatnonzero(np.diff(np.concatenate(([0], planted[side].astype(int), [0]))))
        for a, b in zip(starts[::2], starts[1::2]):
            stay = toes[a:b][:, [0, 2]]
            slide = max(slide, float(np.linalg.norm(stay - np.median(stay, 0), axis=1).max()) if b > a else 0)
        end = toes + apply(rotations[word + "Toes"], (0, -0.01, 0.07))
        heel = joints[word + "Foot"] + apply(rotations[word + "Foot"], HEEL)
        low = min(float(toes[:, 1].min()) - 0.025, float(end[:, 1].min()) - 0.015, float(heel[:, 1].min()))
        if low < -0.005:
            wrong.append(f"{word} foot is {100 * low:.1f} cm under the floor")
        if short[side].max() > 0.005:
            wrong.append(f"{word} leg is {100 * short[side].max():.1f} cm too short")
        knee = np.degrees(angle_of(own[word + "LowerLeg"]))
        elbow = np.degrees(angle_of(own[word + "LowerArm"]))
        wrist = np.degrees(angle_of(own[word + "Hand"]))
        ankle = np.degrees(angle_of(own[word + "Foot"]))
        thigh = np.degrees(np.arccos(np.clip(own[word + "UpperLeg"][:, 1, 1], -1, 1)))
        for what, value, limit in (("knee", knee, 140), ("elbow", elbow, 145), ("wrist", wrist, 60), ("ankle", ankle, 65), ("hip", thigh, 120)):
            if value.max() > limit:
                wrong.append(f"{word} {what} bends by {value.max():.0f} degrees")
    if slide > 0.01:
        wrong.append(f"feet slide by {100 * slide:.1f} cm")
    for joint, limit in (("Spine", 40), ("Chest", 40), ("Neck", 45), ("Head", 55)):
        bend = np.degrees(angle_of(own[joint])).max()
        if bend > limit:
            wrong.append(f"{joint} bends by {bend:.0f} degrees")
    fastest = max(speed, key=speed.get)
    hip_speed = np.linalg.norm(np.diff(hips, axis=0), axis=1).max() * FPS
    print(f"{name}: {len(hips)} frames, fastest {fastest} {speed[fastest]:.1f} rad/s, slide {1000 * slide:.1f} mm, hips at most {hip_speed:.1f} m/s, "
          f"hips' way {np.ptp(hips[:, 0]):.2f} x {np.ptp(hips[:, 1]):.2f} x {np.ptp(hips[:, 2]):.2f} m")
    return wrong, joints
