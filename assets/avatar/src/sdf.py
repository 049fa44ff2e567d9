"""Modelling with signed distance fields, in plain numpy: shapes, blends, and the way from a field to a mesh.

Metres, z up; the figure faces -y and its left is +x. `P` and `Q` are points of shape (n, 3), `V` vertices. A field is a
function from points to distances, negative inside.
"""

import numpy as np

# Fields are evaluated in single precision: half the memory, and far finer than any cell.
FLOAT = np.float32


def smooth_min(a, b, k):
    """Smallest of two distances, blended over the width `k`."""
    if k <= 0:
        return np.minimum(a, b)
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return b * (1 - h) + a * h - k * h * (1 - h)


def smooth_max(a, b, k):
    """Largest of two distances, blended over the width `k`."""
    return -smooth_min(-a, -b, k)


def smoothstep(e0, e1, x):
    """0 below `e0`, 1 above `e1`, smooth between; falling when `e0` is the larger."""
    t = np.clip((x - e0) / (e1 - e0), 0, 1)
    return t * t * (3 - 2 * t)


def sphere(P, c, r):
    """Distance to a sphere."""
    return np.linalg.norm(P - np.asarray(c, FLOAT), axis=-1) - r


def ellipsoid(P, c, r, R=None):
    """Approximate distance to an ellipsoid with semi-axes `r`, turned by `R` (its columns are the axes)."""
    q = P - np.asarray(c, FLOAT)
    if R is not None:
        q = q @ np.asarray(R, FLOAT)  # columns of R = local axes
    r = np.asarray(r, FLOAT)
    k0 = np.linalg.norm(q / r, axis=-1)
    k1 = np.linalg.norm(q / (r * r), axis=-1)
    return k0 * (k0 - 1) / np.maximum(k1, 1e-6)


def round_cone(P, a, b, ra, rb):
    """Approximate distance to a round round_cone from `a` (radius `ra`) to `b` (radius `rb`)."""
    a = np.asarray(a, FLOAT)
    b = np.asarray(b, FLOAT)
    ab = b - a
    t = np.clip(((P - a) @ ab) / max(float(ab @ ab), 1e-9), 0, 1)
    return np.linalg.norm(P - a - t[..., None] * ab, axis=-1) - (ra + (rb - ra) * t)


def chain(P, pts, rad, k=0.0):
    """Round cones along the polyline `pts` with the radii `rad`, blended over `k`."""
    d = None
    for i in range(len(pts) - 1):
        e = round_cone(P, pts[i], pts[i + 1], rad[i], rad[i + 1])
        d = e if d is None else smooth_min(d, e, k)
    return d


def pchip(x, xs, ys):
    """Monotone cubic interpolation of (`xs`, `ys`) at `x`, constant outside.

    Source: Fritsch and Butland, A method for constructing local monotone piecewise cubic interpolants, 1984.
    """
    xs = np.asarray(xs, float)
    ys = np.asarray(ys, float)
    if xs[0] > xs[-1]:
        xs = xs[::-1]
        ys = ys[::-1]
    h = np.diff(xs)
    d = np.diff(ys) / h
    m = np.zeros_like(ys)
    m[0] = d[0]
    m[-1] = d[-1]
    for i in range(1, len(ys) - 1):
        if d[i - 1] * d[i] > 0:
            w1 = 2 * h[i] + h[i - 1]
            w2 = h[i] + 2 * h[i - 1]
            m[i] = (w1 + w2) / (w1 / d[i - 1] + w2 / d[i])
    x = np.clip(x, xs[0], xs[-1])
    i = np.clip(np.searchsorted(xs, x, side="right") - 1, 0, len(xs) - 2)
    t = (x - xs[i]) / h[i]
    t2 = t * t
    t3 = t2 * t
    return (
        (2 * t3 - 3 * t2 + 1) * ys[i]
        + (t3 - 2 * t2 + t) * h[i] * m[i]
        + (-2 * t3 + 3 * t2) * ys[i + 1]
        + (t3 - t2) * h[i] * m[i + 1]
    ).astype(FLOAT)


def loft(P, axis, rows, n=2.3):
    """Distance to a body whose cross-section is a superellipse of exponent `n` that changes along an axis.

    Each row is (s, cu, cv, ru, rv_minus, rv_plus): position on the axis, centre, radius across, and the radii below and
    above the centre. Along 'z' the section lies in (x, y), along 'x' in (y, z), along 'y' in (x, z).
    """
    rows = np.asarray(rows, float)
    s = rows[:, 0]
    ia, iu, iv = {"z": (2, 0, 1), "x": (0, 1, 2), "y": (1, 0, 2)}[axis]
    t = P[..., ia]
    cu, cv, ru, rm, rp = (pchip(t, s, rows[:, k]) for k in range(1, 6))
    du = P[..., iu] - cu
    dv = P[..., iv] - cv
    rv = np.where(dv < 0, rm, rp)
    au = np.abs(du) / ru
    av = np.abs(dv) / rv
    f = (au**n + av**n) ** (1.0 / n)
    # gradient magnitude of f for distance normalisation
    fm = np.maximum(f, 1e-4)
    gu = (au / fm) ** (n - 1) / ru
    gv = (av / fm) ** (n - 1) / rv
    g = np.sqrt(gu * gu + gv * gv) + 1e-6
    d = (f - 1) / g
    d = np.where(f < 1e-3, -np.minimum(ru, rv), d)
    lo, hi = s.min(), s.max()
    cap = np.maximum(lo - t, t - hi)
    return np.where(cap > 0, np.sqrt(np.maximum(d, 0) ** 2 + cap**2) + np.minimum(d, 0) * 0, np.maximum(d, cap)).astype(
        FLOAT
    )


def surface_nets(fn, lo, hi, h, chunk=400000):
    """Mesh of a field's zero surface on a grid of cell size `h` between `lo` and `hi`: vertices and outward quads.

    Source: S. FLOAT. FLOAT. Gibson, Constrained elastic surface nets, 1998.
    """
    lo = np.asarray(lo, float)
    hi = np.asarray(hi, float)
    n = np.ceil((hi - lo) / h).astype(int) + 1
    ax = [lo[i] + h * np.arange(n[i]) for i in range(3)]
    G = np.empty(n, FLOAT)
    per = max(1, chunk // (n[1] * n[2]))
    YZ = np.stack(np.meshgrid(ax[1], ax[2], indexing="ij"), -1).reshape(-1, 2)
    for i in range(0, n[0], per):
        xs = ax[0][i : i + per]
        P = np.empty((len(xs), len(YZ), 3), FLOAT)
        P[..., 0] = xs[:, None]
        P[..., 1:] = YZ
        G[i : i + per] = fn(P.reshape(-1, 3)).reshape(len(xs), n[1], n[2])
    S = G < 0
    c = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]

    def sl(A, o):
        return A[o[0] : n[0] - 1 + o[0], o[1] : n[1] - 1 + o[1], o[2] : n[2] - 1 + o[2]]

    cnt = sum(sl(S, o).astype(np.int8) for o in c)
    act = (cnt > 0) & (cnt < 8)
    idx = np.full(act.shape, -1, np.int64)
    cells = np.argwhere(act)
    idx[act] = np.arange(len(cells))
    acc = np.zeros((len(cells), 3))
    num = np.zeros(len(cells))
    for a in c:
        for ax_ in range(3):
            if a[ax_] == 0:
                b = list(a)
                b[ax_] = 1
                va = G[cells[:, 0] + a[0], cells[:, 1] + a[1], cells[:, 2] + a[2]]
                vb = G[cells[:, 0] + b[0], cells[:, 1] + b[1], cells[:, 2] + b[2]]
                m = (va < 0) != (vb < 0)
                t = np.where(m, va / np.where(m, va - vb, 1), 0)
                p = np.array(a, float)[None] + np.zeros((len(cells), 3))
                p[:, ax_] = t
                acc[m] += p[m]
                num[m] += 1
    V = lo + h * (cells + acc / num[:, None])
    Q = []
    for d in range(3):
        e1, e2 = (d + 1) % 3, (d + 2) % 3
        sh = [slice(1, n[k] - 1) for k in range(3)]
        sh[d] = slice(0, n[d] - 1)
        A = S[tuple(sh)]
        sh2 = list(sh)
        sh2[d] = slice(1, n[d])
        B = S[tuple(sh2)]
        E = np.argwhere(A != B)
        if len(E) == 0:
            continue
        flip = A[tuple(E.T)]
        base = E.copy()
        base[:, e1] += 1
        base[:, e2] += 1

        def cell(o1, o2):
            q = base.copy()
            q[:, e1] -= o1
            q[:, e2] -= o2
            return idx[q[:, 0], q[:, 1], q[:, 2]]

        q = np.stack([cell(1, 1), cell(0, 1), cell(0, 0), cell(1, 0)], 1)
        q = np.where(flip[:, None], q, q[:, ::-1])
        Q.append(q)
    return V, np.concatenate(Q)


def gradient(fn, V, e=1.5e-3):
    """Central-difference gradient of a field."""
    g = np.zeros_like(V)
    for k in range(3):
        o = np.zeros(3)
        o[k] = e
        g[:, k] = fn((V + o).astype(FLOAT)) - fn((V - o).astype(FLOAT))
    return g / (2 * e)


def relax(fn, V, Q, it=3, lam=0.5, newton=2, e=1.5e-3):
    """Evens out a mesh along its surface and puts it back onto it: vertices and normals."""
    n = len(V)
    e0 = np.concatenate([Q[:, i] for i in range(4)])
    e1 = np.concatenate([Q[:, (i + 1) % 4] for i in range(4)])
    deg = np.bincount(e0, minlength=n) + np.bincount(e1, minlength=n)
    for _ in range(it):
        L = np.zeros_like(V)
        for k in range(3):
            L[:, k] = (np.bincount(e0, V[e1, k], n) + np.bincount(e1, V[e0, k], n)) / np.maximum(deg, 1)
        V = V + lam * (L - V)
        for _ in range(newton):
            g = gradient(fn, V, e)
            d = fn(V.astype(FLOAT))
            gg = (g * g).sum(1)
            step = np.clip(d / np.maximum(gg, 0.2), -0.004, 0.004)
            V = V - (g * step[:, None])
    g = gradient(fn, V, e)
    N = g / np.maximum(np.linalg.norm(g, axis=1, keepdims=True), 1e-9)
    return V, N


def ambient_occlusion(fn, V, N, steps=(0.01, 0.025, 0.05, 0.09), k=0.85):
    """How open each point is, from 0.25 (a deep fold) to 1: the field probed along the normal."""
    o = np.zeros(len(V))
    w = 1.0
    tot = 0
    for s in steps:
        o += w * np.clip((s - fn((V + N * s).astype(FLOAT))) / s, 0, 1)
        tot += w
        w *= 0.7
    return np.clip(1 - k * o / tot, 0.25, 1)
