"""Painted pictures: face, eye, T-shirt. sRGB values from 0 to 1, the first row is the lowest."""

import numpy as np

from body import EYE_CENTRE
from sdf import pchip, smoothstep

# The part of the face that its picture covers: x and z, seen from the front.
FX0, FX1, FZ0, FZ1 = -0.1, 0.1, 1.50, 1.70


def face_uv(P):
    """Texture coordinates of the face."""
    return np.stack(((P[:, 0] - FX0) / (FX1 - FX0), (P[:, 2] - FZ0) / (FZ1 - FZ0)), 1)


def face_texture(skin, n=512, beard=0.0):
    """Blush, lids, lips, brows and lash tint on skin of the given colour: (n, n, 3)."""
    np.random.default_rng(3)
    u = (np.arange(n) + 0.5) / n
    X, Z = np.meshgrid(FX0 + u * (FX1 - FX0), FZ0 + u * (FZ1 - FZ0))
    A = np.abs(X)
    col = np.ones((n, n, 3)) * np.asarray(skin)

    def mix(mask, c, a=1.0):
        nonlocal col
        m = np.clip(mask, 0, 1)[..., None] * a
        col = col * (1 - m) + np.asarray(c) * m

    def G(cx, cz, sx, sz):
        return np.exp(-(((A - cx) / sx) ** 2) - ((Z - cz) / sz) ** 2)

    skin = np.asarray(skin)
    blush = skin * np.array((1.02, 0.80, 0.76))
    shade = skin * np.array((0.80, 0.70, 0.66))
    mix(G(0.042, 1.578, 0.020, 0.014), blush, 0.45)
    mix(G(0, 1.578, 0.014, 0.009), blush, 0.40)
    mix(G(0.072, 1.600, 0.012, 0.03), blush, 0.45)
    mix(G(0.0325, 1.6225, 0.020, 0.0055), shade, 0.40)
    mix(G(0.0325, 1.6000, 0.017, 0.0045), shade, 0.28)  # lids
    mix(G(0, 1.505, 0.03, 0.012), blush, 0.15)
    mix(G(0, 1.5265, 0.014, 0.003), shade, 0.30)
    mix(G(0.0065, 1.5712, 0.0040, 0.0022), skin * 0.35, 0.8)  # nostrils
    mix(G(0.0165, 1.577, 0.0022, 0.006), shade, 0.45)  # alar crease
    # lips
    w = 0.0255
    t = np.clip(A / w, 0, 1)
    zm = 1.5432 + 0.0030 * t**2
    top = zm + (0.0084 - 0.0018 * np.exp(-((A / 0.0035) ** 2))) * (1 - t**2.2)
    bot = zm - 0.0078 * np.sqrt(np.maximum(1 - t**2, 0)) * (1 - 0.15 * t)
    soft = 0.0008
    lipm = smoothstep(-soft, soft, top - Z) * smoothstep(-soft, soft, Z - bot) * (w > A)
    lipc = np.array((0.70, 0.36, 0.33)) * (0.75 + 0.25 * skin.mean() / 0.75)
    mix(lipm, lipc, 0.75)
    mix(np.exp(-(((Z - zm) / 0.0009) ** 2)) * smoothstep(w * 1.06, w * 0.85, A), (0.30, 0.12, 0.11), 0.85)
    # brows
    bx = np.array((0.0110, 0.024, 0.037, 0.0490))
    bz = np.array((1.6295, 1.6345, 1.6360, 1.6300))
    bt = np.array((0.0036, 0.0040, 0.0030, 0.0008))
    zc = pchip(A, bx, bz)
    th = pchip(A, bx, bt)
    hairs = 0.93 + 0.07 * np.sin((X * np.sign(X) * 1.0 + Z * 0.8) * 4200)
    bm = (
        smoothstep(1.25, 0.65, np.abs(Z - zc) / np.maximum(th, 1e-4))
        * smoothstep(0.0095, 0.0125, A)
        * smoothstep(0.0505, 0.0475, A)
    )
    mix(bm * hairs, (0.17, 0.105, 0.075), 0.92)
    # lash line tint around eye opening
    dx = A - EYE_CENTRE[0]
    dz = Z - EYE_CENTRE[2] - 0.10 * dx
    ell = np.sqrt(np.maximum(1 - (dx / 0.0172) ** 2, 0))
    inx = smoothstep(-0.0150, -0.0120, dx) * smoothstep(0.0185, 0.0170, dx)
    mix(np.exp(-(((dz - 0.0079 * ell) / 0.0013) ** 2)) * inx, (0.12, 0.07, 0.06), 0.9)
    mix(np.exp(-(((dz + 0.0060 * ell) / 0.0010) ** 2)) * inx, (0.62, 0.40, 0.35), 0.45)
    if beard:
        mix(
            smoothstep(1.568, 1.548, Z - 0.35 * np.maximum(A - 0.03, 0)) * (1 - lipm),
            skin * np.array((0.62, 0.56, 0.54)),
            beard,
        )
    return np.clip(col, 0, 1)


def eye_texture(iris=(0.26, 0.42, 0.55), n=128):
    """Iris, pupil and highlight: (n, n, 3)."""
    u = (np.arange(n) + 0.5) / n * 2 - 1
    X, Y = np.meshgrid(u, u)
    r = np.hypot(X, Y)
    th = np.arctan2(Y, X)
    c = np.ones((n, n, 3)) * np.array((0.86, 0.85, 0.83))
    c -= 0.10 * smoothstep(0.55, 1.0, r)[..., None] * np.array((0.6, 1, 1))
    R = 0.55
    fib = 0.82 + 0.18 * np.sin(th * 37) * np.sin(th * 23 + 1)
    iris = np.asarray(iris)
    m = smoothstep(R + 0.03, R - 0.03, r)[..., None]
    ic = iris * fib[..., None] * (1.25 - 0.5 * (r / R)[..., None]) * np.where(Y[..., None] > 0.15, 0.8, 1.05)
    ring = np.exp(-(((r - R) / 0.06) ** 2))[..., None]
    ic = ic * (1 - 0.65 * ring)
    c = c * (1 - m) + ic * m
    m = smoothstep(0.235, 0.205, r)[..., None]
    c = c * (1 - m) + 0.02 * m
    hl = smoothstep(0.12, 0.09, np.hypot(X - 0.17, Y - 0.20))[..., None]
    c = c * (1 - hl) + hl * 0.97
    return np.clip(c, 0, 1)


def shirt_uv(P):
    """Texture coordinates of the T-shirt; both halves share one picture."""
    return np.stack((np.abs(P[:, 0]) / 0.4, (P[:, 2] - 0.85) / 0.65), 1)


def shirt_texture(base, accent, light, nx=128, nz=256):
    """Bands across chest and sleeves: (nz, nx, 3)."""
    rng = np.random.default_rng(5)
    X, Z = np.meshgrid((np.arange(nx) + 0.5) / nx * 0.4, 0.85 + (np.arange(nz) + 0.5) / nz * 0.65)
    c = np.ones((nz, nx, 3)) * np.asarray(base)

    def band(m, col):
        nonlocal c
        m = np.clip(m, 0, 1)[..., None]
        c = c * (1 - m) + np.asarray(col) * m

    def st(v, a, b, e=0.0016):
        return smoothstep(a - e, a + e, v) * smoothstep(b + e, b - e, v)

    body = X < 0.20
    band(st(Z, 1.225, 1.262) * body, light)
    band(st(Z, 1.203, 1.215) * body, accent)
    band(st(Z, 1.272, 1.284) * body, accent)
    band(st(X, 0.300, 0.318) * (X > 0.25), light)
    return np.clip(c * (1 + rng.normal(0, 0.02, (nz, nx, 1))), 0, 1)
