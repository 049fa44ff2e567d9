"""The figure itself: skeleton, arms, torso, neck, head, legs. Every field takes points of the rest pose, a T-pose."""

import numpy as np

from sdf import FLOAT, chain, ellipsoid, loft, round_cone, smooth_max, smooth_min, sphere

# Centre and radius of the left eye.
EYE_CENTRE = (0.0325, -0.0795, 1.611)


EYE_RADIUS = 0.0142


# Height of the hands in the T-pose.
HAND_HEIGHT = 1.382


def _fingers():
    """The joints of each finger of the left hand, from knuckle to tip."""
    out = {
        "Thumb": [
            np.array(p)
            for p in (
                (0.706, -0.021, HAND_HEIGHT - 0.006),
                (0.738, -0.047, HAND_HEIGHT - 0.012),
                (0.766, -0.065, HAND_HEIGHT - 0.014),
                (0.791, -0.077, HAND_HEIGHT - 0.014),
            )
        ]
    }
    spec = {
        "Index": ((0.778, -0.0315), -5.5, (0.041, 0.025, 0.021)),
        "Middle": ((0.783, -0.0095), -1, (0.045, 0.028, 0.022)),
        "Ring": ((0.777, 0.0125), 4, (0.041, 0.027, 0.022)),
        "Little": ((0.766, 0.0325), 9.5, (0.032, 0.020, 0.019)),
    }
    for f, ((x, y), a, L) in spec.items():
        p = np.array((x, y, HAND_HEIGHT))
        d = np.array((np.cos(np.radians(a)), np.sin(np.radians(a)), -0.03))
        pts = [p]
        for length in L:
            pts.append(pts[-1] + d * length)
        out[f] = pts
    return out


FINGERS = _fingers()


# Radii at the joints of each finger.
FINGER_RADII = {
    "Thumb": (0.0135, 0.0118, 0.0100, 0.0078),
    "Index": (0.0094, 0.0086, 0.0079, 0.0064),
    "Middle": (0.0096, 0.0088, 0.0080, 0.0065),
    "Ring": (0.0092, 0.0084, 0.0077, 0.0062),
    "Little": (0.0082, 0.0074, 0.0068, 0.0056),
}


def skeleton():
    """The bones of a VRM 1.0 humanoid: name to (head, tail, parent)."""
    J = {}  # bone -> (head, tail, parent)

    def b(n, h, t, p):
        J[n] = (np.array(h, float), np.array(t, float), p)

    b("hips", (0, 0.005, 0.945), (0, 0.005, 1.03), None)
    b("spine", (0, 0.005, 1.03), (0, 0.006, 1.15), "hips")
    b("chest", (0, 0.006, 1.15), (0, 0.008, 1.28), "spine")
    b("upperChest", (0, 0.008, 1.28), (0, 0.016, 1.445), "chest")
    b("neck", (0, 0.016, 1.445), (0, 0.006, 1.53), "upperChest")
    b("head", (0, 0.006, 1.53), (0, 0.006, 1.725), "neck")
    for s, sx in (("left", 1), ("right", -1)):

        def m(x, y, z):
            return (sx * x, y, z)

        b(
            s + "Eye",
            m(EYE_CENTRE[0], EYE_CENTRE[1], EYE_CENTRE[2]),
            m(EYE_CENTRE[0], EYE_CENTRE[1] - 0.03, EYE_CENTRE[2]),
            "head",
        )
        b(s + "Shoulder", m(0.028, 0.006, 1.392), m(0.165, 0.006, 1.385), "upperChest")
        b(s + "UpperArm", m(0.165, 0.006, 1.385), m(0.435, 0.008, 1.383), s + "Shoulder")
        b(s + "LowerArm", m(0.435, 0.008, 1.383), m(0.685, 0.002, 1.382), s + "UpperArm")
        b(s + "Hand", m(0.685, 0.002, 1.382), m(0.77, -0.004, 1.382), s + "LowerArm")
        for f, pts in FINGERS.items():
            names = ("Metacarpal", "Proximal", "Distal") if f == "Thumb" else ("Proximal", "Intermediate", "Distal")
            par = s + "Hand"
            for i, nm in enumerate(names):
                b(s + f + nm, m(*pts[i]), m(*pts[i + 1]), par)
                par = s + f + nm
        b(s + "UpperLeg", m(0.092, 0.004, 0.905), m(0.106, 0.002, 0.49), "hips")
        b(s + "LowerLeg", m(0.106, 0.002, 0.49), m(0.112, 0.022, 0.085), s + "UpperLeg")
        b(s + "Foot", m(0.112, 0.022, 0.085), m(0.117, -0.095, 0.025), s + "LowerLeg")
        b(s + "Toes", m(0.117, -0.095, 0.025), m(0.121, -0.175, 0.022), s + "Foot")
    return J


def left_half(P):
    """The points with both halves of the body laid onto the left one."""
    Q = np.array(P, FLOAT, copy=True)
    Q[..., 0] = np.abs(Q[..., 0])
    return Q


def rotation_x(a):
    """Rotation about x by degrees."""
    a = np.radians(a)
    return np.array(((1, 0, 0), (0, np.cos(a), -np.sin(a)), (0, np.sin(a), np.cos(a))))


def rotation_y(a):
    """Rotation about y by degrees."""
    a = np.radians(a)
    return np.array(((np.cos(a), 0, np.sin(a)), (0, 1, 0), (-np.sin(a), 0, np.cos(a))))


def rotation_z(a):
    """Rotation about z by degrees."""
    a = np.radians(a)
    return np.array(((np.cos(a), -np.sin(a), 0), (np.sin(a), np.cos(a), 0), (0, 0, 1)))


ARM = [
    (0.10, 0.004, 1.380, 0.056, 0.060, 0.052),
    (0.165, 0.004, 1.382, 0.060, 0.062, 0.057),
    (0.22, 0.004, 1.382, 0.054, 0.054, 0.051),
    (0.29, 0.004, 1.382, 0.047, 0.046, 0.045),
    (0.37, 0.006, 1.382, 0.0415, 0.039, 0.040),
    (0.435, 0.008, 1.382, 0.039, 0.0355, 0.0365),
    (0.48, 0.007, 1.382, 0.0425, 0.036, 0.037),
    (0.55, 0.005, 1.382, 0.0375, 0.032, 0.034),
    (0.62, 0.003, 1.382, 0.0305, 0.0255, 0.0265),
    (0.672, 0.002, 1.382, 0.0275, 0.0195, 0.0205),
    (0.70, 0.000, 1.382, 0.0310, 0.0170, 0.0185),
    (0.735, -0.002, 1.382, 0.0385, 0.0160, 0.0165),
    (0.768, -0.001, 1.382, 0.0420, 0.0140, 0.0135),
    (0.788, 0.000, 1.382, 0.0380, 0.0095, 0.0095),
    (0.797, 0.0, 1.382, 0.028, 0.005, 0.005),
]


def arm(Q):
    """Left arm with its hand."""
    d = loft(Q, "x", ARM, 2.15)
    # ulna bump, thenar + hypothenar pads, knuckles
    d = smooth_min(d, ellipsoid(Q, (0.665, 0.020, 1.390), (0.012, 0.009, 0.008)), 0.012)
    d = smooth_min(d, ellipsoid(Q, (0.728, -0.026, 1.372), (0.030, 0.015, 0.013), rotation_z(-38)), 0.012)
    d = smooth_min(d, ellipsoid(Q, (0.725, 0.022, 1.371), (0.030, 0.014, 0.011)), 0.012)
    d = smooth_min(d, sphere(Q, (0.430, 0.040, 1.378), 0.012), 0.03)
    f_all = None
    for f, pts in FINGERS.items():
        r = FINGER_RADII[f]
        e = chain(Q, pts, r)
        for i in (1, 2):  # joint bulges
            e = smooth_min(e, sphere(Q, pts[i], r[i] * 1.04), 0.004)
        if f != "Thumb":
            base = pts[0] - (pts[1] - pts[0]) * 0.45
            e = smooth_min(e, round_cone(Q, base, pts[0], r[0] * 0.9, r[0] * 1.04), 0.004)
            e = smooth_min(e, sphere(Q, pts[0] + (0, 0, 0.003), r[0] * 0.98), 0.005)
        f_all = e if f_all is None else np.minimum(f_all, e)
    return smooth_min(d, f_all, 0.007)


TORSO = [
    (0.80, 0, 0.004, 0.150, 0.088, 0.108),
    (0.86, 0, 0.004, 0.164, 0.098, 0.116),
    (0.92, 0, 0.004, 0.165, 0.102, 0.110),
    (0.98, 0, 0.004, 0.154, 0.101, 0.097),
    (1.05, 0, 0.004, 0.139, 0.098, 0.085),
    (1.12, 0, 0.004, 0.142, 0.100, 0.088),
    (1.20, 0, 0.006, 0.154, 0.107, 0.096),
    (1.28, 0, 0.008, 0.163, 0.113, 0.102),
    (1.34, 0, 0.009, 0.160, 0.108, 0.103),
    (1.39, 0, 0.010, 0.137, 0.088, 0.095),
    (1.43, 0, 0.012, 0.098, 0.066, 0.078),
    (1.465, 0, 0.014, 0.070, 0.052, 0.062),
    (1.49, 0, 0.012, 0.05, 0.045, 0.05),
]


def torso(Q, off=0.0):
    """Torso, grown by `off`."""
    d = loft(Q, "z", TORSO, 2.45)
    d = smooth_min(d, round_cone(Q, (0.045, 0.022, 1.468), (0.150, 0.008, 1.405), 0.028, 0.030), 0.05)  # trapezius
    d = smooth_min(d, ellipsoid(Q, (0.078, -0.080, 1.305), (0.078, 0.036, 0.055)), 0.03)  # pectorals
    d = smooth_min(d, ellipsoid(Q, (0.172, 0.004, 1.378), (0.055, 0.060, 0.057)), 0.035)  # deltoid
    d = smooth_min(d, ellipsoid(Q, (0.075, 0.070, 0.885), (0.075, 0.055, 0.075)), 0.03)  # glutes
    return d - off


def neck(Q):
    """Neck."""
    return loft(
        Q,
        "z",
        [
            (1.36, 0, 0.016, 0.085, 0.06, 0.07),
            (1.42, 0, 0.016, 0.068, 0.054, 0.060),
            (1.455, 0, 0.014, 0.0560, 0.050, 0.054),
            (1.49, 0, 0.010, 0.0520, 0.049, 0.053),
            (1.53, 0, 0.008, 0.0515, 0.050, 0.058),
            (1.57, 0, 0.010, 0.052, 0.05, 0.062),
        ],
        2.1,
    )


def head_base(Q):
    """Skull, face and jaw without features."""
    d = ellipsoid(Q, (0, 0.012, 1.630), (0.0765, 0.0935, 0.0925))
    face = loft(
        Q,
        "z",
        [
            (1.490, 0, -0.035, 0.015, 0.036, 0.02),
            (1.4965, 0, -0.035, 0.0280, 0.050, 0.035),
            (1.510, 0, -0.035, 0.0405, 0.0570, 0.05),
            (1.530, 0, -0.035, 0.0515, 0.0570, 0.06),
            (1.556, 0, -0.035, 0.0600, 0.0565, 0.07),
            (1.585, 0, -0.035, 0.0655, 0.0570, 0.07),
            (1.610, 0, -0.035, 0.0680, 0.0575, 0.07),
            (1.632, 0, -0.035, 0.0695, 0.0605, 0.07),
            (1.665, 0, -0.035, 0.066, 0.0575, 0.07),
            (1.695, 0, -0.035, 0.05, 0.040, 0.06),
            (1.71, 0, -0.03, 0.03, 0.02, 0.04),
        ],
        2.12,
    )
    d = smooth_min(d, face, 0.030)
    d = smooth_min(d, sphere(Q, (0.051, -0.008, 1.540), 0.017), 0.040)  # jaw angle
    d = smooth_min(d, ellipsoid(Q, (0.040, -0.056, 1.556), (0.019, 0.020, 0.020)), 0.025)  # cheek
    d = smooth_min(d, sphere(Q, (0, -0.0765, 1.5035), 0.0150), 0.018)  # chin
    d = smooth_min(d, ellipsoid(Q, (0.041, -0.068, 1.582), (0.018, 0.016, 0.014)), 0.024)  # cheekbone
    return d


def head(P):
    """Head with eyelids, nose, mouth, ears, and the neck."""
    Q = left_half(P)
    d = head_base(Q)
    d = smooth_min(d, round_cone(Q, (0.010, -0.0870, 1.6325), (0.047, -0.0755, 1.6335), 0.0095, 0.0065), 0.013)  # brow
    d = smooth_max(d, -ellipsoid(Q, (0.0335, -0.106, 1.6115), (0.0185, 0.0165, 0.0115)), 0.012)  # sockets
    # eyelids: sphere shell with an almond opening
    dx = Q[..., 0] - EYE_CENTRE[0]
    dz = Q[..., 2] - EYE_CENTRE[2]
    lid = sphere(Q, EYE_CENTRE, EYE_RADIUS + 0.0016)
    up = 0.0076 * np.sqrt(np.maximum(1 - (dx / 0.0168) ** 2, 0))
    lo = 0.0056 * np.sqrt(np.maximum(1 - (dx / 0.0168) ** 2, 0))
    tilt = 0.10 * dx
    opening = np.maximum(dz - tilt - up, -(dz - tilt) - lo)
    opening = np.maximum(opening, Q[..., 1] - EYE_CENTRE[1])  # front half only
    lid = smooth_max(lid, -opening, 0.0012)
    d = smooth_min(d, lid, 0.0045)
    d = smooth_max(d, -np.maximum(sphere(Q, EYE_CENTRE, EYE_RADIUS - 0.0004), opening - 0.0006), 0.001)
    # nose
    n = chain(Q, [(0, -0.0890, 1.624), (0, -0.0995, 1.602), (0, -0.1090, 1.5850)], (0.0056, 0.0066, 0.0084), 0.004)
    n = smooth_min(n, ellipsoid(Q, (0, -0.1100, 1.5820), (0.0090, 0.0088, 0.0080)), 0.005)
    n = smooth_min(n, ellipsoid(Q, (0.0100, -0.0995, 1.5785), (0.0062, 0.0090, 0.0062)), 0.006)
    d = smooth_min(d, n, 0.0095)
    d = smooth_max(d, -ellipsoid(Q, (0.0052, -0.1040, 1.5705), (0.0028, 0.0046, 0.0030)), 0.002)  # nostrils
    # mouth
    d = smooth_max(d, -ellipsoid(Q, (0, -0.0965, 1.5590), (0.0032, 0.0040, 0.0080)), 0.004)  # philtrum
    lips = smooth_min(
        ellipsoid(Q, (0.0065, -0.0895, 1.5478), (0.0165, 0.0092, 0.0048)),
        ellipsoid(Q, (0, -0.0895, 1.5395), (0.0180, 0.0095, 0.0055)),
        0.0015,
    )
    d = smooth_min(d, lips, 0.004)
    d = smooth_max(
        d, -round_cone(Q, (0, -0.1005, 1.5432), (0.0255, -0.0865, 1.5460), 0.0014, 0.0012), 0.003
    )  # mouth line
    d = smooth_max(d, -ellipsoid(Q, (0, -0.0985, 1.5265), (0.020, 0.0050, 0.0048)), 0.008)  # under-lip crease
    # ears
    R = rotation_z(-13) @ rotation_x(-8)
    e = ellipsoid(Q, (0.0762, 0.016, 1.599), (0.0068, 0.0165, 0.0285), R)
    e = smooth_min(e, ellipsoid(Q, (0.0745, 0.006, 1.577), (0.006, 0.009, 0.012), R), 0.006)
    e = smooth_max(e, -ellipsoid(Q, (0.0840, 0.0115, 1.603), (0.0062, 0.0098, 0.0185), R), 0.005)
    e = smooth_min(e, ellipsoid(Q, (0.0755, 0.001, 1.594), (0.004, 0.0045, 0.0065)), 0.004)
    d = smooth_min(d, e, 0.005)
    return smooth_min(d, neck(Q), 0.016)


# Cross-sections of the left leg, which the trousers hang on.
LEG = [
    (0.96, 0.072, 0.004, 0.068, 0.086, 0.094),
    (0.905, 0.0855, 0.004, 0.0815, 0.093, 0.105),
    (0.86, 0.0905, 0.004, 0.0835, 0.090, 0.104),
    (0.80, 0.094, 0.004, 0.0795, 0.086, 0.092),
    (0.70, 0.0985, 0.003, 0.0725, 0.080, 0.078),
    (0.60, 0.1025, 0.002, 0.0640, 0.070, 0.066),
    (0.52, 0.105, 0.002, 0.0565, 0.061, 0.057),
    (0.48, 0.106, 0.003, 0.0535, 0.059, 0.053),
    (0.42, 0.1075, 0.006, 0.0530, 0.053, 0.060),
    (0.36, 0.109, 0.009, 0.0545, 0.050, 0.066),
    (0.28, 0.110, 0.013, 0.0470, 0.044, 0.054),
    (0.20, 0.111, 0.018, 0.0390, 0.038, 0.041),
    (0.12, 0.112, 0.021, 0.035, 0.036, 0.037),
    (0.06, 0.112, 0.022, 0.036, 0.037, 0.039),
]
