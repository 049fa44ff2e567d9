"""Which bone moves which vertex: smooth functions of the position in the rest pose, no painting."""

import numpy as np

from body import FINGER_RADII, FINGERS
from sdf import chain, smoothstep


def weights(P, part):
    """Weights of each bone at the points of a part: name to (n,), summing to 1 over the bones."""
    P = np.asarray(P, float)
    n = len(P)
    W = {}
    x, y, z = P[:, 0], P[:, 1], P[:, 2]
    ax = np.abs(x)

    def add(b, w):
        return W.__setitem__(b, W.get(b, 0) + w)

    if part in ("eyeL", "eyeR"):
        return {"leftEye" if part == "eyeL" else "rightEye": np.ones(n)}
    if part in ("hair", "brow", "lash"):
        return {"head": np.ones(n)}
    # 1-D spine chain
    zn = z - 0.6 * (y - 0.006)
    tz = [
        ("hips", None),
        ("spine", smoothstep(0.985, 1.085, z)),
        ("chest", smoothstep(1.10, 1.21, z)),
        ("upperChest", smoothstep(1.235, 1.335, z)),
        ("neck", smoothstep(1.425, 1.475, z + 0.15 * (y - 0.016))),
        ("head", smoothstep(1.505, 1.556, zn)),
    ]
    sp = {}
    rem = np.ones(n)
    for b, w in reversed(tz):
        if w is None:
            sp[b] = rem
        else:
            sp[b] = rem * w
            rem = rem * (1 - w)
    # arms
    u = ax - 0.28 * np.maximum(0, 1.385 - z) + 0.10 * np.maximum(0, z - 1.385)
    a = smoothstep(0.088, 0.222, u) * smoothstep(1.20, 1.27, z)
    cl = smoothstep(0.035, 0.115, ax) * smoothstep(1.29, 1.38, z) * (1 - smoothstep(1.455, 1.49, z))
    # legs
    zl = z + 0.55 * np.maximum(0, 0.075 - ax) + 0.10 * np.clip(y, 0, 0.1)
    legs = smoothstep(0.985, 0.80, zl)
    for b, w in sp.items():
        add(b, w * (1 - a) * (1 - cl) * (1 - legs))
    s_l = smoothstep(-0.022, 0.022, x)
    for s, sd in (("left", s_l), ("right", 1 - s_l)):
        hard = (x > 0) if s == "left" else (x <= 0)
        add(s + "Shoulder", cl * (1 - a) * (1 - legs) * hard)
        k = smoothstep(0.535, 0.445, z - 0.15 * (y - 0.0))
        ft = (
            smoothstep(0.125, 0.060, z - 0.25 * np.maximum(0, y - 0.03))
            if part in ("shoe", "sole", "lace")
            else np.zeros(n)
        )
        if part in ("shoe", "sole", "lace"):
            ft = np.ones(n) * 1.0
        toe = smoothstep(-0.075, -0.115, y) if part in ("shoe", "sole", "lace") else np.zeros(n)
        add(s + "UpperLeg", legs * sd * (1 - k))
        add(s + "LowerLeg", legs * sd * k * (1 - ft))
        add(s + "Foot", legs * sd * k * ft * (1 - toe))
        add(s + "Toes", legs * sd * k * ft * toe)
        # arm chain
        A = a * hard
        if not A.any():
            continue
        e = smoothstep(0.400, 0.470, ax - 0.15 * (y - 0.008))
        h = smoothstep(0.660, 0.706, ax)
        add(s + "UpperArm", A * (1 - e))
        add(s + "LowerArm", A * e * (1 - h))
        H = A * e * h
        hand = H.copy()
        Q = np.stack((ax, y, z), 1)
        idx = np.where(H > 0)[0]
        if len(idx):
            q = Q[idx]
            D = []
            names = list(FINGERS)
            for f in names:
                D.append(chain(q, FINGERS[f], FINGER_RADII[f]))
            D = np.array(D)
            sm = np.exp(-(D - D.min(0)) / 0.0022)
            sm /= sm.sum(0)
            for fi, f in enumerate(names):
                pts = FINGERS[f]
                segs = ("Metacarpal", "Proximal", "Distal") if f == "Thumb" else ("Proximal", "Intermediate", "Distal")
                g = []
                for i in range(3):
                    ax_ = pts[i + 1] - pts[i]
                    ax_ = ax_ / np.linalg.norm(ax_)
                    if i > 0:
                        a0 = pts[i] - pts[i - 1]
                        ax_ = ax_ + a0 / np.linalg.norm(a0)
                        ax_ /= np.linalg.norm(ax_)
                    t = (q - pts[i]) @ ax_
                    wd = 0.008 if i else (0.016 if f == "Thumb" else 0.010)
                    sh = 0.0 if i else (0.006 if f == "Thumb" else -0.003)
                    g.append(smoothstep(-wd, wd, t - sh))
                g0 = g[0] * (smoothstep(0.013, 0.004, D[fi]) if f == "Thumb" else 1)
                w0 = H[idx] * sm[fi]

                def put(b, w):
                    full = np.zeros(n)
                    full[idx] = w
                    add(s + f + b, full)

                put(segs[0], w0 * g0 * (1 - g[1]))
                put(segs[1], w0 * g0 * g[1] * (1 - g[2]))
                put(segs[2], w0 * g0 * g[1] * g[2])
                hand[idx] -= w0 * g0
        add(s + "Hand", np.maximum(hand, 0))
    tot = sum(W.values())
    return {b: w / np.maximum(tot, 1e-6) for b, w in W.items() if np.max(w) > 1e-4}
