"""Hair, grown as locks over the skull, and the upper lash line."""

import numpy as np

from body import EYE_CENTRE, EYE_RADIUS, head_base, left_half
from sdf import chain, ellipsoid, pchip, smooth_max, smooth_min, smoothstep


def _locks(seed=7):
    """Polylines and radii of the locks: three layers around the crown and a side-swept quiff. Always the same ones."""
    rng = np.random.default_rng(seed)
    C = np.array((0, 0.010, 1.628))
    R = np.array((0.0815, 0.0985, 0.0985))
    crown = np.array((0.012, 0.055, 0.10))
    crown /= np.linalg.norm(crown)
    L = []

    def lock(s0, s1, lift=0.010, r=0.0155, tip=0.0045, n=6, up=0.0):
        s0 = s0 / np.linalg.norm(s0)
        s1 = s1 / np.linalg.norm(s1)
        om = np.arccos(np.clip(s0 @ s1, -1, 1))
        pts = []
        rad = []
        for i in range(n):
            t = i / (n - 1)
            s = (np.sin((1 - t) * om) * s0 + np.sin(t * om) * s1) / max(np.sin(om), 1e-6)
            h = lift * np.sin(np.pi * (0.15 + 0.75 * t)) + up * t * t
            pts.append(C + s * (R + h))
            rad.append((r * (1 - t**2.2) + tip * t**2.2) * (0.72 + 0.28 * np.sin(np.pi * min(t + 0.25, 1))))
        L.append((np.array(pts), np.array(rad)))

    # layers around the head: directions to hairline
    for layer, (n, zoff, lift) in enumerate(((26, 0.0, 0.004), (22, 0.28, 0.009), (14, 0.60, 0.013))):
        for i in range(n):
            a = 2 * np.pi * (i + 0.5 * (layer % 2)) / n + rng.normal(0, 0.05)
            x, y = np.sin(a), -np.cos(a)  # a=0 is front
            fz = pchip(
                np.array([abs((a + np.pi) % (2 * np.pi) - np.pi)]),
                [0, 0.5, 0.9, 1.25, 1.7, 2.1, 2.6, 3.15],
                [0.52, 0.50, 0.34, -0.12, -0.05, -0.42, -0.78, -0.85],
            )[0]
            s1 = np.array((x, y, fz + zoff + rng.normal(0, 0.05)))
            s0 = crown + rng.normal(0, 0.12, 3) * (1, 1, 0) + 0.25 * np.array((x, y, 0)) * (1 + layer * 0.3)
            lock(s0, s1, lift * rng.uniform(0.8, 1.2), 0.0150 * rng.uniform(0.85, 1.15), 0.0035)
    # side-swept quiff
    for i, u in enumerate(np.linspace(-1, 1, 11)):
        s0 = np.array((0.55 * u - 0.05, -0.05 + 0.15 * abs(u), 1.0))
        s1 = np.array((0.62 * u + 0.22, -1.0 + 0.25 * u * u, 0.66 + 0.05 * rng.normal()))
        lock(s0, s1, 0.022 + 0.006 * (1 - u * u), 0.0165, 0.0045, up=0.010)
    return L


LOCKS = _locks()


def hair(P):
    """Hair: a cap down to the hairline, and the locks."""
    Q = left_half(P)
    y, z = P[..., 1], P[..., 2]
    base = smooth_min(ellipsoid(Q, (0, 0.012, 1.630), (0.0765, 0.0935, 0.0925)), head_base(Q), 0.02)
    zmin = pchip(
        y,
        [-0.12, -0.085, -0.066, -0.052, -0.038, -0.020, 0.000, 0.022, 0.036, 0.055, 0.075, 0.12],
        [1.678, 1.678, 1.668, 1.645, 1.612, 1.596, 1.612, 1.632, 1.590, 1.556, 1.548, 1.548],
    )
    th = np.arctan2(P[..., 0], -y)
    zmin = zmin + 0.0030 * np.sin(th * 23) + 0.0022 * np.sin(th * 41 + 1)
    base = base - 0.0032 - 0.0045 * smoothstep(0.0, 0.030, z - zmin)
    base = smooth_max(base, (zmin - z) * 0.75, 0.004)
    d = base
    for pts, rad in LOCKS:
        lo = pts.min(0) - 0.04
        hi = pts.max(0) + 0.04
        m = np.all((lo < P) & (hi > P), axis=-1)
        if not m.any():
            continue
        e = chain(P[m], pts, rad, 0.003)
        d[m] = smooth_min(d[m], e, 0.0045)
    # never cover the face / ears
    face = np.maximum(np.maximum(ellipsoid(Q, (0, -0.10, 1.60), (0.060, 0.055, 0.072)), -9), -9)
    return smooth_max(d, -face, 0.006)


def lash(P):
    """Upper lash line: a thin arc just over the lid opening."""
    Q = left_half(P)
    pts = []
    n = 9
    for t in np.linspace(-1, 1, n):
        dx = t * 0.0166
        dz = 0.10 * dx + 0.0079 * np.sqrt(max(1 - (dx / 0.0168) ** 2, 0)) + 0.0002
        r = EYE_RADIUS + 0.0014
        yy = -np.sqrt(max(r * r - dx * dx - dz * dz, 1e-6))
        pts.append((EYE_CENTRE[0] + dx, EYE_CENTRE[1] + yy, EYE_CENTRE[2] + dz))
    rad = [0.0007 + 0.0011 * np.sin(np.pi * (i / (n - 1)) ** 0.8) for i in range(n)]
    rad[-1] = 0.0009
    return chain(Q, pts, rad, 0)
