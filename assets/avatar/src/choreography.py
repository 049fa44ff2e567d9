"""From key frames to a pose of every bone, and to the true landmarks of every frame.

Rotations turn a bone away from its rest, in the figure's own frame (z up, facing -y), not relative to the parent.
"""

import numpy as np

from body import FINGERS, rotation_x, rotation_y, rotation_z, skeleton
from keyframes import ARM_POSES, LEFT_ARM, RIGHT_ARM, TRACKS
from sdf import pchip

SKELETON = skeleton()


BONES = list(SKELETON)


REST = {b: SKELETON[b][0] for b in SKELETON}


PARENT = {b: SKELETON[b][2] for b in SKELETON}


FPS = 30


DURATION = 10.0


MIRROR = np.diag((-1.0, 1, 1))


def normalised(v):
    """The vector at length 1."""
    return v / max(np.linalg.norm(v), 1e-9)


def rotation_about(a, t):
    """Rotation about an axis by radians."""
    a = normalised(np.asarray(a, float))
    K = np.array(((0, -a[2], a[1]), (a[2], 0, -a[0]), (-a[1], a[0], 0)))
    return np.eye(3) + np.sin(t) * K + (1 - np.cos(t)) * K @ K


def smooth(x, w):
    """Weighted running mean over 2 `w` + 1 values."""
    k = np.hanning(2 * w + 3)[1:-1]
    k /= k.sum()
    p = np.pad(x, w, mode="edge")
    return np.convolve(p, k, "valid")


def tracks(fps=FPS, dur=DURATION):
    """All tracks, one value a frame, and the number of frames. Evaluated four times as densely, then smoothed."""
    n = int(round(dur * fps))
    ss = 4
    td = np.arange(n * ss) / (fps * ss)
    out = {}

    def ev(keys):
        t, v = zip(*keys)
        return smooth(pchip(td, t, v).astype(float), int(fps * ss * 0.055))[::ss]

    for k, keys in TRACKS.items():
        out[k] = ev(keys)
    for side, keys in (("l", LEFT_ARM), ("r", RIGHT_ARM)):
        for i in range(3):
            out[f"{side}a.w{i}"] = ev([(t, ARM_POSES[p][0][i]) for t, p in keys])
            out[f"{side}a.p{i}"] = ev([(t, normalised(np.array(ARM_POSES[p][1], float))[i]) for t, p in keys])
        for j, nm in ((2, "tw"), (3, "wf"), (4, "curl")):
            out[f"{side}a.{nm}"] = ev([(t, ARM_POSES[p][j]) for t, p in keys])
    return out, n


def frame_from(d, pole):
    """Axes along `d`, towards `pole`, and across: columns."""
    d = normalised(d)
    p = normalised(pole - d * (pole @ d))
    return np.stack((d, p, np.cross(d, p)), 1)


def reach(S, Tg, pole, l1, l2):
    """Two-bone reach from `S` towards `Tg`: middle joint, end, and the direction in which the middle joint points."""
    v = Tg - S
    L = np.clip(np.linalg.norm(v), abs(l1 - l2) + 0.02, (l1 + l2) * 0.9985)
    u = normalised(v)
    p = normalised(pole - u * (pole @ u))
    a = (l1 * l1 - l2 * l2 + L * L) / (2 * L)
    h = np.sqrt(max(l1 * l1 - a * a, 0))
    E = S + u * a + p * h
    W = S + u * L
    return E, W, p


def solve(tr, f):
    """The pose of one frame: bone to rotation, bone to position of its head."""

    def g(k):
        return tr[k][f]

    rotation = {}
    position = {}

    def eul(p, r, y):
        return rotation_z(y) @ rotation_y(r) @ rotation_x(p)

    rotation["hips"] = eul(g("hips.pitch"), g("hips.roll"), g("hips.yaw"))
    position["hips"] = REST["hips"] + (g("hips.x"), g("hips.y"), g("hips.z"))

    def attach(b):
        position[b] = position[PARENT[b]] + rotation[PARENT[b]] @ (REST[b] - REST[PARENT[b]])

    sp, sr, sy = g("spine.pitch"), g("spine.roll"), g("spine.yaw")
    for b, w in (("spine", 0.3), ("chest", 0.35), ("upperChest", 0.35)):
        attach(b)
        rotation[b] = rotation[PARENT[b]] @ eul(sp * w, sr * w, sy * w)
    for b, w in (("neck", 0.4), ("head", 0.6)):
        attach(b)
        rotation[b] = rotation[PARENT[b]] @ eul(g("head.pitch") * w, g("head.roll") * w, g("head.yaw") * w)
    for s, c, M in (("left", "l", np.eye(3)), ("right", "r", MIRROR)):
        b = s + "Eye"
        attach(b)
        rotation[b] = rotation["head"]

        # ---- arm. Work in mirrored coordinates so that +x is always outwards
        def R(name):
            return M @ REST[s + name]

        C = M @ rotation["upperChest"] @ M  # chest rotation, mirrored
        w = np.array([g(f"{c}a.w{i}") for i in range(3)])
        pole = np.array([g(f"{c}a.p{i}") for i in range(3)])
        el = np.arcsin(np.clip(w[2] / 0.52, -1, 1))
        fw = np.clip(-w[1] / 0.5, -1, 1) * np.cos(el)
        across = np.clip(-w[0] / 0.4, 0, 1)
        clav = rotation_y(-np.degrees(el) * 0.16 + 2) @ rotation_z(-20 * fw - 14 * across)
        Gs = C @ clav
        attach(s + "Shoulder")
        rotation[s + "Shoulder"] = M @ Gs @ M
        attach(s + "UpperArm")
        S = M @ position[s + "UpperArm"]
        S0 = M @ (
            position["upperChest"] + rotation["upperChest"] @ (REST[s + "UpperArm"] - REST["upperChest"])
        )  # target is relative to the un-shrugged shoulder
        l1 = np.linalg.norm(R("LowerArm") - R("UpperArm"))
        l2 = np.linalg.norm(R("Hand") - R("LowerArm"))
        E, Wp, pl = reach(S, S0 + C @ w, C @ pole, l1, l2)
        # rest frame: d = bone direction, pole = elbow points backwards (+Y) in the palm-down TRACKS-pose
        F0u = frame_from(R("LowerArm") - R("UpperArm"), np.array((0, 1.0, 0)))
        F0l = frame_from(R("Hand") - R("LowerArm"), np.array((0, 1.0, 0)))
        Gu = frame_from(E - S, pl) @ F0u.T
        dl = normalised(Wp - E)
        Gl = frame_from(Wp - E, pl) @ F0l.T
        # when the elbow bends a lot, pl is nearly parallel to the fore-arm: use the hinge axis instead
        hinge = normalised(np.cross(E - S, pl))
        F1 = np.stack((dl, np.cross(hinge, dl), hinge), 1)
        d0 = F0l[:, 0]
        h0 = F0u[:, 2]
        h0 = normalised(h0 - d0 * (h0 @ d0))
        F0 = np.stack((d0, np.cross(h0, d0), h0), 1)
        Gl = F1 @ F0.T
        tw = np.radians(g(f"{c}a.tw"))
        Gh = rotation_about(dl, tw) @ Gl
        Gl = rotation_about(dl, tw * 0.5) @ Gl
        Gh = Gh @ rotation_y(g(f"{c}a.wf"))
        rotation[s + "UpperArm"] = M @ Gu @ M
        attach(s + "LowerArm")
        rotation[s + "LowerArm"] = M @ Gl @ M
        attach(s + "Hand")
        rotation[s + "Hand"] = M @ Gh @ M
        curl = g(f"{c}a.curl")
        for fi, fn in enumerate(FINGERS):
            segs = ("Metacarpal", "Proximal", "Distal") if fn == "Thumb" else ("Proximal", "Intermediate", "Distal")
            for i, sg in enumerate(segs):
                bn = s + fn + sg
                attach(bn)
                if fn == "Thumb":
                    Rl = rotation_about((0.55, 0.75, 0.35), np.radians((16, 26, 34)[i] * curl))
                else:
                    Rl = rotation_y((62, 84, 50)[i] * min(curl * (1 + 0.06 * (fi - 2)), 1.05))
                rotation[bn] = rotation[PARENT[bn]] @ (M @ Rl @ M)
        # ---- leg
        k = c + "f"
        for nm in ("UpperLeg",):
            attach(s + nm)
        yaw = g(k + ".yaw") * (1 if s == "left" else -1)
        pit = g(k + ".pitch")
        Gf = rotation_z(yaw) @ rotation_x(pit)
        ank0 = REST[s + "Foot"]
        ball0 = REST[s + "Toes"]
        base = np.array((g(k + ".x"), g(k + ".y"), g(k + ".z")))
        ball = ank0 + rotation_z(yaw) @ (ball0 - ank0) + base
        ank = ball + Gf @ (ank0 - ball0) if pit > 0 else ank0 + base
        l1 = np.linalg.norm(REST[s + "LowerLeg"] - REST[s + "UpperLeg"])
        l2 = np.linalg.norm(ank0 - REST[s + "LowerLeg"])
        kp = rotation_z(yaw * 0.8) @ np.array((0, -1.0, 0)) * 0.75 + 0.25 * (rotation["hips"] @ np.array((0, -1.0, 0)))
        H = position[s + "UpperLeg"]
        E, A, pl = reach(H, ank, kp, l1, l2)
        F0u = frame_from(REST[s + "LowerLeg"] - REST[s + "UpperLeg"], np.array((0, -1.0, 0)))
        hinge = normalised(np.cross(E - H, pl))
        du = normalised(E - H)
        dl = normalised(A - E)
        Gu = (
            np.stack((du, np.cross(hinge, du), hinge), 1)
            @ np.stack((F0u[:, 0], np.cross(F0u[:, 2], F0u[:, 0]), F0u[:, 2]), 1).T
        )
        d0 = normalised(ank0 - REST[s + "LowerLeg"])
        h0 = F0u[:, 2]
        h0 = normalised(h0 - d0 * (h0 @ d0))
        Gl = np.stack((dl, np.cross(hinge, dl), hinge), 1) @ np.stack((d0, np.cross(h0, d0), h0), 1).T
        rotation[s + "UpperLeg"] = Gu
        attach(s + "LowerLeg")
        rotation[s + "LowerLeg"] = Gl
        attach(s + "Foot")
        rotation[s + "Foot"] = Gf
        attach(s + "Toes")
        rotation[s + "Toes"] = rotation_z(yaw) if pit > 0 else Gf
    return rotation, position


# BlazePose's 33 landmarks as points fixed to bones, at rest; without a point it is the bone's head. The right mirrors.
LANDMARK_POINTS = [
    ("nose", "head", (0, -0.1175, 1.5830)),
    ("left_eye_inner", "head", (0.0180, -0.088, 1.610)),
    ("left_eye", "head", (0.0325, -0.0935, 1.611)),
    ("left_eye_outer", "head", (0.0475, -0.083, 1.613)),
    ("right_eye_inner",),
    ("right_eye",),
    ("right_eye_outer",),
    ("left_ear", "head", (0.0785, 0.006, 1.597)),
    ("right_ear",),
    ("mouth_left", "head", (0.0255, -0.0865, 1.546)),
    ("mouth_right",),
    ("left_shoulder", "leftUpperArm", None),
    ("right_shoulder",),
    ("left_elbow", "leftLowerArm", None),
    ("right_elbow",),
    ("left_wrist", "leftHand", None),
    ("right_wrist",),
    ("left_pinky", "leftLittleProximal", None),
    ("right_pinky",),
    ("left_index", "leftIndexProximal", None),
    ("right_index",),
    ("left_thumb", "leftThumbProximal", None),
    ("right_thumb",),
    ("left_hip", "leftUpperLeg", None),
    ("right_hip",),
    ("left_knee", "leftLowerLeg", None),
    ("right_knee",),
    ("left_ankle", "leftFoot", None),
    ("right_ankle",),
    ("left_heel", "leftFoot", (0.111, 0.066, 0.030)),
    ("right_heel",),
    ("left_foot_index", "leftToes", (0.116, -0.178, 0.025)),
    ("right_foot_index",),
]


def _both_sides():
    """All 33 landmarks with both sides: name, bone, point at rest."""
    out = []
    d = {}
    for e in LANDMARK_POINTS:
        if len(e) == 3:
            d[e[0]] = e
    for e in LANDMARK_POINTS:
        if len(e) == 3:
            n, b, p = e
            out.append((n, b, np.array(p) if p else REST[b]))
        else:
            n = e[0]
            left = d[n.replace("right", "left")]
            b = left[1].replace("left", "right")
            p = np.array(left[2]) * (-1, 1, 1) if left[2] else REST[b]
            out.append((n, b, p))
    return out


LANDMARKS = _both_sides()


def landmarks(rotation, position):
    """The true landmarks of a pose: (33, 3) and, for each hand, (21, 3)."""
    pts = np.array([position[b] + rotation[b] @ (p - REST[b]) for _, b, p in LANDMARKS])
    hands = {}
    for s, M in (("left", np.eye(3)), ("right", MIRROR)):
        h = [position[s + "Hand"]]
        for f in ("Thumb", "Index", "Middle", "Ring", "Little"):
            segs = ("Metacarpal", "Proximal", "Distal") if f == "Thumb" else ("Proximal", "Intermediate", "Distal")
            for sg in segs:
                h.append(position[s + f + sg])
            b = s + f + "Distal"
            h.append(position[b] + rotation[b] @ (M @ FINGERS[f][3] - REST[b]))
        hands[s] = np.array(h)
    return pts, hands
