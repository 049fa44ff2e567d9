"""What the figure wears: trousers, T-shirt, shoes."""

import numpy as np

from body import LEG, left_half, neck, torso
from sdf import ellipsoid, loft, pchip, round_cone, smooth_max, smooth_min, smoothstep

# How far the cloth stands off the leg, by height.
TROUSER_EASE = [
    (0.99, 0.006),
    (0.90, 0.008),
    (0.80, 0.009),
    (0.60, 0.0115),
    (0.48, 0.013),
    (0.36, 0.015),
    (0.24, 0.019),
    (0.10, 0.024),
    (0.05, 0.025),
]


def trousers_solid(P):
    """Trousers filled to the brim, with their folds."""
    Q = left_half(P)
    rows = [
        (
            z,
            cx,
            cy,
            rx + pchip(np.array([z]), *zip(*TROUSER_EASE))[0],
            rf + pchip(np.array([z]), *zip(*TROUSER_EASE))[0],
            rb + 0.75 * pchip(np.array([z]), *zip(*TROUSER_EASE))[0],
        )
        for z, cx, cy, rx, rf, rb in LEG
    ]
    legs = loft(Q, "z", rows, 2.15)
    # The other leg is the mirror image: a smooth union across x = 0.
    Qm = Q.copy()
    Qm[..., 0] *= -1
    near = Q[..., 0] < 0.05
    lm = np.full_like(legs, 9.0)
    if near.any():
        lm[near] = loft(Qm[near], "z", rows, 2.15)
    legs = smooth_min(legs, lm, 0.012)
    t = torso(Q, 0.0075)
    t = np.maximum(t, 0.845 - Q[..., 2])  # pelvis only
    d = smooth_min(legs, t, 0.022)
    # fabric folds
    x, y, z = P[..., 0], P[..., 1], P[..., 2]
    sx = np.sign(x)
    ang = np.arctan2(Q[..., 1] - 0.01, Q[..., 0] - 0.105)
    knee = np.exp(-(((z - 0.47) / 0.085) ** 2))
    ank = np.exp(-(((z - 0.13) / 0.07) ** 2))
    hip = np.exp(-(((z - 0.84) / 0.055) ** 2))
    d = d + 0.0030 * knee * np.sin(z * 150 + 2.2 * np.sin(ang) + sx) * (0.6 + 0.4 * np.sin(ang * 1.0 + 1.2))
    d = d + 0.0042 * ank * np.sin(z * 135 + 1.6 * np.sin(ang + 0.7) + 1.7 * sx)
    d = d + 0.0014 * hip * np.sin((z - 0.55 * np.abs(x)) * 130 + 0.8) * np.clip((0.02 - y) / 0.05, 0, 1)
    return d


def trousers(P):
    """Trousers, open at the waist and hollow at the hems."""
    left_half(P)
    d = trousers_solid(P)
    z = P[..., 2]
    hem = 0.062 + 0.03 * np.clip((P[..., 1] + 0.03) / 0.1, -0.5, 1) * -0.4
    d = smooth_max(d, hem - z, 0.004)
    d = smooth_max(d, z - 0.948, 0.004)
    pocket = np.maximum(trousers_solid(P) + 0.0095, z - 0.095)  # hollow hem
    return smooth_max(d, -pocket, 0.003)


# Where the sleeves end.
SLEEVE_END = 0.335


def shirt_solid(P):
    """T-shirt filled to the brim, with its folds."""
    Q = left_half(P)
    rows = [
        (0.82, 0, 0.004, 0.176, 0.112, 0.128),
        (0.92, 0, 0.004, 0.174, 0.113, 0.124),
        (0.98, 0, 0.004, 0.166, 0.113, 0.112),
        (1.05, 0, 0.004, 0.156, 0.112, 0.102),
        (1.12, 0, 0.005, 0.156, 0.113, 0.102),
        (1.20, 0, 0.006, 0.162, 0.117, 0.107),
        (1.28, 0, 0.008, 0.168, 0.119, 0.109),
        (1.34, 0, 0.009, 0.163, 0.112, 0.109),
        (1.39, 0, 0.010, 0.140, 0.094, 0.101),
        (1.43, 0, 0.012, 0.102, 0.071, 0.083),
        (1.465, 0, 0.014, 0.074, 0.058, 0.066),
        (1.49, 0, 0.012, 0.060, 0.052, 0.057),
    ]
    d = loft(Q, "z", rows, 2.3)
    d = smooth_min(d, round_cone(Q, (0.045, 0.020, 1.462), (0.150, 0.008, 1.398), 0.031, 0.033), 0.055)
    d = smooth_min(d, ellipsoid(Q, (0.074, -0.080, 1.300), (0.078, 0.034, 0.060)), 0.05)
    d = smooth_min(d, ellipsoid(Q, (0.170, 0.004, 1.374), (0.056, 0.062, 0.060)), 0.045)
    a = loft(
        Q,
        "x",
        [
            (0.10, 0.004, 1.378, 0.064, 0.068, 0.056),
            (0.165, 0.004, 1.380, 0.0655, 0.070, 0.0595),
            (0.22, 0.004, 1.379, 0.0635, 0.067, 0.0585),
            (0.28, 0.005, 1.378, 0.0620, 0.0635, 0.0570),
            (0.36, 0.006, 1.377, 0.0615, 0.0630, 0.0565),
        ],
        2.2,
    )
    d = smooth_min(d, a, 0.040)
    x, y, z = P[..., 0], P[..., 1], P[..., 2]
    ax = Q[..., 0]
    arm_f = np.exp(-(((ax - 0.20) / 0.05) ** 2)) * np.clip((1.41 - z) / 0.06, 0, 1)
    d = d + 0.0028 * arm_f * np.sin((ax + 0.55 * (1.38 - z)) * 120)  # armpit folds
    hemf = smoothstep(1.16, 0.93, z)
    ang = np.arctan2(y, x)
    d = d + 0.0034 * hemf * np.sin(ang * 9 + 14 * (z - 0.9) + 1.3 * np.sin(3 * ang)) * (
        0.6 + 0.4 * np.sin(2 * ang + 0.5)
    )
    d = d + 0.0018 * np.exp(-(((z - 1.07) / 0.06) ** 2)) * np.sin((z + 0.25 * ax * np.sign(x)) * 120 + 2 * np.sin(ang))
    low = z < 1.05  # always clear of the trousers
    if low.any():
        d[low] = smooth_min(d[low], trousers_solid(P[low]) - 0.0085 + 0.10 * smoothstep(0.935, 1.05, z[low]), 0.030)
    return d


def _collar_plane(P):
    """Plane of the collar, higher at the back."""
    return P[..., 2] - 1.452 - 0.42 * (P[..., 1] - 0.016)  # crew-neck rim plane, higher at the back


def _sleeve_end(P):
    """Plane of the sleeve's end."""
    return (np.abs(P[..., 0]) - SLEEVE_END) + 0.25 * (P[..., 2] - 1.38)


def _hem(P):
    """The lower hem."""
    return 0.872 + 0.004 * np.sin(np.arctan2(P[..., 1], P[..., 0]) * 3) - P[..., 2]


def shirt(P):
    """T-shirt with collar, hollow at the sleeves and the hem."""
    Q = left_half(P)
    d0 = shirt_solid(P)
    d = smooth_max(d0, _sleeve_end(P), 0.003)
    d = smooth_max(d, _hem(P), 0.003)
    nk = neck(Q)
    d = smooth_max(d, _collar_plane(P), 0.004)
    rib = np.maximum(nk - 0.0105, np.abs(_collar_plane(P) + 0.006) - 0.0095)  # ribbed collar
    d = smooth_min(d, rib - 0.0015, 0.004)
    d = smooth_max(d, -np.maximum(nk - 0.0045, -(_collar_plane(P) + 0.045)), 0.002)  # opening
    inner = d0 + 0.0080
    pk = np.minimum(np.maximum(inner, -(_sleeve_end(P) + 0.045)), np.maximum(inner, -(_hem(P) + 0.03)))
    return smooth_max(d, -pk, 0.003)


def shoe_sole(Q):
    """Sole of the left shoe."""
    rows = [
        (0.078, 0.111, 0.0135, 0.014, 0.0135, 0.0125),
        (0.070, 0.111, 0.0135, 0.0245, 0.0135, 0.0125),
        (0.045, 0.1115, 0.0135, 0.0335, 0.0135, 0.0125),
        (0.0, 0.112, 0.0135, 0.0345, 0.0135, 0.0115),
        (-0.05, 0.114, 0.0135, 0.0385, 0.0135, 0.0105),
        (-0.10, 0.1165, 0.0135, 0.0460, 0.0135, 0.0100),
        (-0.14, 0.118, 0.0140, 0.0450, 0.0130, 0.0100),
        (-0.168, 0.1185, 0.0150, 0.0350, 0.0125, 0.0105),
        (-0.183, 0.1185, 0.0165, 0.0210, 0.0110, 0.0105),
        (-0.190, 0.1185, 0.0175, 0.0080, 0.0080, 0.0080),
    ]
    return loft(Q, "y", rows, 4.2)


def shoe_upper(Q):
    """Upper of the left shoe."""
    rows = [
        (0.074, 0.111, 0.03, 0.015, 0.02, 0.030),
        (0.066, 0.111, 0.03, 0.0255, 0.02, 0.052),
        (0.045, 0.1115, 0.03, 0.0330, 0.02, 0.066),
        (0.015, 0.112, 0.03, 0.0345, 0.02, 0.068),
        (-0.02, 0.113, 0.03, 0.0355, 0.02, 0.060),
        (-0.055, 0.1145, 0.03, 0.0385, 0.02, 0.043),
        (-0.095, 0.1165, 0.03, 0.0440, 0.02, 0.0275),
        (-0.135, 0.118, 0.03, 0.0430, 0.02, 0.0190),
        (-0.165, 0.1185, 0.028, 0.0330, 0.02, 0.0135),
        (-0.181, 0.1185, 0.025, 0.0190, 0.02, 0.0085),
        (-0.187, 0.1185, 0.022, 0.007, 0.01, 0.004),
    ]
    return loft(Q, "y", rows, 2.3)


def shoe_laces(Q):
    """Laces of the left shoe."""
    d = None
    for i, t in enumerate(np.linspace(0, 1, 5)):  # laces
        y = -0.022 - 0.062 * t
        zc = pchip(np.array([y]), [-0.095, -0.055, -0.02, 0.015], [0.0575, 0.073, 0.090, 0.098])[0]
        cx = 0.113 + 0.004 * t
        e = round_cone(Q, (cx - 0.016, y + 0.004, zc - 0.004), (cx + 0.016, y - 0.002, zc - 0.003), 0.0030, 0.0030)
        d = e if d is None else np.minimum(d, e)
    return d


def shoe(Q):
    """The left shoe."""
    return np.minimum(shoe_sole(Q), shoe_upper(Q))
