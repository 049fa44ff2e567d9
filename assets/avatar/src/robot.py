"""A robot of stiff parts: each is a field of its own and belongs to one bone. Axes and units are those of the others."""

import numpy as np

from body import FINGERS, HAND_HEIGHT, left_half
from parts import Part
from sdf import ellipsoid, relax, round_cone, smooth_max, smooth_min, sphere, surface_nets

# sRGB, from 0 to 1.
STYLE = dict(
    shell=(0.93, 0.92, 0.88),
    accent=(0.95, 0.47, 0.22),
    joint=(0.20, 0.22, 0.26),
    visor=(0.035, 0.045, 0.06),
    light=(0.30, 0.92, 0.95),
)

# Left side; the right one is its mirror image.
SHOULDER = np.array((0.200, 0.0, 1.115))
ELBOW = np.array((0.415, 0.004, 1.115))
WRIST = np.array((0.625, 0.0, 1.115))
HIP = np.array((0.092, 0.0, 0.815))
KNEE = np.array((0.098, -0.004, 0.450))
ANKLE = np.array((0.102, 0.012, 0.092))
BALL = np.array((0.106, -0.105, 0.035))
HEAD = np.array((0.0, 0.0, 1.205))
EYE = np.array((0.062, -0.150, 1.372))
# The hands of the human figure, so much larger.
HAND_SCALE = 1.42


def _hand_point(point):
    """A point of the human figure's left hand as the robot has it."""
    return WRIST + (np.asarray(point) - (0.685, 0.002, HAND_HEIGHT)) * HAND_SCALE


def _segments(finger):
    """The bones of a finger, without its name."""
    return ("Metacarpal", "Proximal", "Distal") if finger == "Thumb" else ("Proximal", "Intermediate", "Distal")


def skeleton():
    """The bones of a VRM 1.0 humanoid, in the order of the other figures: name to (head, tail, parent)."""
    bones = {}

    def bone(name, head, tail, parent):
        bones[name] = (np.array(head, float), np.array(tail, float), parent)

    bone("hips", (0, 0, 0.850), (0, 0, 0.905), None)
    bone("spine", (0, 0, 0.905), (0, 0, 0.965), "hips")
    bone("chest", (0, 0, 0.965), (0, 0, 1.040), "spine")
    bone("upperChest", (0, 0, 1.040), (0, 0, 1.165), "chest")
    bone("neck", (0, 0, 1.165), HEAD, "upperChest")
    bone("head", HEAD, (0, 0, 1.56), "neck")
    for side, sign in (("left", 1), ("right", -1)):
        mirror = np.array((sign, 1, 1))
        joints = dict(
            Eye=(EYE, EYE - (0, 0.03, 0), "head"),
            Shoulder=((0.06, 0, 1.125), SHOULDER, "upperChest"),
            UpperArm=(SHOULDER, ELBOW, side + "Shoulder"),
            LowerArm=(ELBOW, WRIST, side + "UpperArm"),
            Hand=(WRIST, _hand_point((0.77, -0.004, HAND_HEIGHT)), side + "LowerArm"),
        )
        for finger, points in FINGERS.items():
            names = _segments(finger)
            parent = side + "Hand"
            for index, name in enumerate(names):
                joints[finger + name] = (_hand_point(points[index]), _hand_point(points[index + 1]), parent)
                parent = side + finger + name
        joints |= dict(
            UpperLeg=(HIP, KNEE, "hips"),
            LowerLeg=(KNEE, ANKLE, side + "UpperLeg"),
            Foot=(ANKLE, BALL, side + "LowerLeg"),
            Toes=(BALL, BALL - (0, 0.07, 0), side + "Foot"),
        )
        for name, (head, tail, parent) in joints.items():
            bone(side + name, np.array(head) * mirror, np.array(tail) * mirror, parent)
    return bones


def box(P, centre, half, radius):
    """Distance to a box with rounded edges."""
    q = np.abs(P - np.asarray(centre)) - (np.asarray(half) - radius)
    return np.linalg.norm(np.maximum(q, 0), axis=-1) + np.minimum(q.max(-1), 0) - radius


def disc(P, centre, axis, radius, half, edge):
    """Distance to a flat cylinder along a coordinate axis, with rounded edges."""
    q = P - np.asarray(centre)
    across = np.linalg.norm(np.delete(q, axis, -1), axis=-1) - (radius - edge)
    along = np.abs(q[..., axis]) - (half - edge)
    outside = np.sqrt(np.maximum(across, 0) ** 2 + np.maximum(along, 0) ** 2)
    return outside + np.minimum(np.maximum(across, along), 0) - edge


# ---- the middle of the body ----


def head_shell(P):
    """The head: a rounded box, flatter in front, with a brim around the visor."""
    return box(P, (0, 0.005, 1.380), (0.185, 0.150, 0.165), 0.095)


def visor(P):
    """Dark glass over the front of the head."""
    face = box(P, (0, -0.11, 1.372), (0.148, 0.09, 0.108), 0.075)
    return smooth_max(head_shell(P) - 0.006, face, 0.008)


def eye(P):
    """The left eye: an upright oval on the visor."""
    return ellipsoid(P, EYE, (0.024, 0.012, 0.036))


def ears(P):
    """Discs at the sides of the head, and an aerial's tip."""
    Q = left_half(P)
    cup = disc(Q, (0.186, 0.01, 1.372), 0, 0.062, 0.020, 0.010)
    return np.minimum(cup, sphere(P, (0, 0.02, 1.622), 0.024))


def aerial(P):
    """The aerial's rod and the hubs of the ears."""
    Q = left_half(P)
    rod = round_cone(P, (0, 0.02, 1.52), (0, 0.02, 1.61), 0.014, 0.008)
    return np.minimum(rod, disc(Q, (0.203, 0.01, 1.372), 0, 0.030, 0.012, 0.006))


def chest_shell(P):
    """The chest, wider at the shoulders."""
    upper = box(P, (0, 0.0, 1.095), (0.148, 0.098, 0.070), 0.050)
    return smooth_min(upper, box(P, (0, 0.0, 1.035), (0.110, 0.080, 0.055), 0.045), 0.05)


def chest_light(P):
    """A round light on the chest."""
    return disc(P, (0, -0.096, 1.100), 1, 0.030, 0.012, 0.006)


def chest_ring(P):
    """The rim of the light, and a collar."""
    rim = disc(P, (0, -0.094, 1.100), 1, 0.043, 0.009, 0.005)
    return np.minimum(rim, disc(P, (0, 0, 1.163), 2, 0.068, 0.014, 0.008))


def pelvis(P):
    """The hips' shell, arched over the legs."""
    d = smooth_min(
        box(P, (0, 0, 0.862), (0.112, 0.082, 0.042), 0.035), box(P, (0, 0, 0.805), (0.036, 0.070, 0.050), 0.030), 0.03
    )
    return smooth_max(d, -(np.linalg.norm((left_half(P) - HIP)[..., [0, 2]], axis=-1) - 0.058), 0.01)


def belt(P):
    """A belt around the hips."""
    return box(P, (0, 0, 0.890), (0.106, 0.080, 0.012), 0.011)


def ring(height, radius):
    """One of the rings of waist and neck."""
    return lambda P: ellipsoid(P, (0, 0, height), (radius, radius * 0.85, 0.021))


# ---- the left limbs ----


def upper_arm(P):
    """Upper arm's sleeve."""
    return round_cone(P, SHOULDER + (0.055, 0, 0), ELBOW - (0.045, 0, 0), 0.036, 0.032)


def pauldron(P):
    """A cap over the shoulder."""
    return smooth_max(sphere(P, SHOULDER, 0.074), SHOULDER[2] - 0.012 - P[..., 2], 0.014)


def gauntlet(P):
    """The forearm, thicker at the wrist."""
    d = round_cone(P, ELBOW + (0.052, 0, 0), WRIST - (0.042, 0, 0), 0.036, 0.051)
    return smooth_max(d, P[..., 0] - (WRIST[0] - 0.018), 0.012)


def cuff(P):
    """The gauntlet's rim."""
    return disc(P, WRIST - (0.030, 0, 0), 0, 0.056, 0.013, 0.008)


def palm(P):
    """The hand without fingers."""
    d = box(P, _hand_point((0.736, -0.001, HAND_HEIGHT)), (0.060, 0.062, 0.030), 0.026)
    return smooth_min(d, sphere(P, _hand_point((0.712, -0.030, HAND_HEIGHT - 0.006)), 0.026), 0.02)


def phalanx(start, end, radius):
    """One segment of a finger."""
    along = (end - start) / np.linalg.norm(end - start)
    return lambda P: round_cone(P, start + along * radius * 0.35, end - along * radius * 0.35, radius, radius * 0.93)


def thigh(P):
    """Thigh's shell."""
    return round_cone(P, HIP - (0, 0, 0.075), KNEE + (0, 0, 0.070), 0.056, 0.045)


def knee_cap(P):
    """A disc in front of the knee."""
    return ellipsoid(P, KNEE - (0, 0.036, 0), (0.040, 0.024, 0.046))


def shin(P):
    """Shin's shell, wide at the ankle."""
    d = round_cone(P, KNEE - (0, 0, 0.075), ANKLE + (0, 0.004, 0.065), 0.045, 0.066)
    return smooth_max(d, ANKLE[2] + 0.030 - P[..., 2], 0.014)


def shin_ring(P):
    """The rim of the shin."""
    return disc(P, ANKLE + (0, 0.004, 0.048), 2, 0.074, 0.012, 0.008)


def _shoe(P):
    d = smooth_min(
        ellipsoid(P, (0.104, -0.055, 0.030), (0.074, 0.130, 0.062)), sphere(P, ANKLE + (0, 0.016, -0.030), 0.066), 0.04
    )
    return smooth_max(d, 0.020 - P[..., 2], 0.008)


def boot(P):
    """The shoe behind the toes."""
    return smooth_max(_shoe(P), BALL[1] + 0.004 - P[..., 1], 0.006)


def toe_cap(P):
    """The shoe's front, which bends with the toes."""
    return smooth_max(_shoe(P), P[..., 1] - BALL[1] + 0.004, 0.006)


def _sole(P):
    slab = np.abs(P[..., 2] - 0.0125) - 0.0125
    # The outline of the shoe seen from above, a little larger.
    outline = ellipsoid(P * (1, 1, 0) + (0, 0, 0.030), (0.104, -0.040, 0.030), (0.076, 0.150, 0.062))
    return smooth_max(outline, slab, 0.006)


def heel_sole(P):
    """Sole behind the toes."""
    return smooth_max(_sole(P), BALL[1] + 0.004 - P[..., 1], 0.004)


def toe_sole(P):
    """Sole under the toes."""
    return smooth_max(_sole(P), P[..., 1] - BALL[1] + 0.004, 0.004)


def ball(centre, radius):
    """A joint."""
    return lambda P: sphere(P, centre, radius)


def _middle_parts():
    """Name, material, bone, triangles, field, and the box that holds it."""
    yield "head", "shell", "head", 1900, head_shell, (-0.21, -0.18, 1.19), (0.21, 0.18, 1.57)
    yield "visor", "visor", "head", 1100, visor, (-0.18, -0.18, 1.23), (0.18, 0.0, 1.51)
    yield "ears", "accent", "head", 700, ears, (-0.23, -0.09, 1.28), (0.23, 0.10, 1.67)
    yield "aerial", "joint", "head", 400, aerial, (-0.24, -0.05, 1.31), (0.24, 0.07, 1.64)
    yield "chest", "shell", "upperChest", 1300, chest_shell, (-0.18, -0.13, 0.95), (0.18, 0.13, 1.20)
    yield "chest_light", "light", "upperChest", 200, chest_light, (-0.05, -0.13, 1.05), (0.05, -0.07, 1.15)
    yield "chest_ring", "accent", "upperChest", 600, chest_ring, (-0.09, -0.12, 1.03), (0.09, 0.09, 1.20)
    yield "pelvis", "shell", "hips", 800, pelvis, (-0.14, -0.11, 0.73), (0.14, 0.11, 0.93)
    yield "belt", "accent", "hips", 300, belt, (-0.13, -0.10, 0.86), (0.13, 0.10, 0.92)
    for bone, height, radius in (
        ("spine", 0.918, 0.080),
        ("spine", 0.946, 0.076),
        ("chest", 0.974, 0.076),
        ("neck", 1.188, 0.050),
        ("neck", 1.212, 0.046),
    ):
        low, high = (-0.1, -0.1, height - 0.04), (0.1, 0.1, height + 0.04)
        yield f"ring_{height}", "joint", bone, 220, ring(height, radius), low, high


def _left_parts():
    """The same for the left side, with the bone's name without its side."""

    def around(centre, reach):
        return tuple(np.asarray(centre) - reach), tuple(np.asarray(centre) + reach)

    yield "eye", "light", "Eye", 200, eye, *around(EYE, 0.05)
    yield "shoulder", "joint", "UpperArm", 260, ball(SHOULDER, 0.056), *around(SHOULDER, 0.07)
    yield "pauldron", "accent", "UpperArm", 400, pauldron, *around(SHOULDER, 0.09)
    yield "upper_arm", "shell", "UpperArm", 300, upper_arm, *around((SHOULDER + ELBOW) / 2, (0.13, 0.06, 0.06))
    yield "elbow", "joint", "LowerArm", 220, ball(ELBOW, 0.042), *around(ELBOW, 0.06)
    yield "gauntlet", "shell", "LowerArm", 500, gauntlet, *around((ELBOW + WRIST) / 2, (0.14, 0.08, 0.08))
    yield "cuff", "accent", "LowerArm", 300, cuff, *around(WRIST, (0.07, 0.08, 0.08))
    yield "wrist", "joint", "Hand", 180, ball(WRIST, 0.032), *around(WRIST, 0.05)
    yield "palm", "shell", "Hand", 600, palm, *around(_hand_point((0.736, -0.001, HAND_HEIGHT)), (0.10, 0.11, 0.06))
    for finger, points in FINGERS.items():
        names = _segments(finger)
        ends = [_hand_point(point) for point in points]
        for index, name in enumerate(names):
            radius = (0.0170, 0.0160, 0.0150)[index] * (0.9 if finger == "Little" else 1.0)
            field = phalanx(ends[index], ends[index + 1], radius)
            box_of = around((ends[index] + ends[index + 1]) / 2, 0.055)
            material = "shell" if index == 2 else "joint"
            yield f"{finger}{index}", material, finger + name, 150, field, *box_of
    yield "hip", "joint", "UpperLeg", 260, ball(HIP, 0.054), *around(HIP, 0.07)
    yield "thigh", "shell", "UpperLeg", 500, thigh, *around((HIP + KNEE) / 2, (0.08, 0.08, 0.20))
    yield "knee", "joint", "LowerLeg", 260, ball(KNEE, 0.048), *around(KNEE, 0.07)
    yield "knee_cap", "accent", "LowerLeg", 260, knee_cap, *around(KNEE, 0.08)
    yield "shin", "shell", "LowerLeg", 600, shin, *around((KNEE + ANKLE) / 2, (0.10, 0.10, 0.22))
    yield "shin_ring", "accent", "LowerLeg", 320, shin_ring, *around(ANKLE + (0, 0, 0.048), (0.09, 0.09, 0.03))
    yield "ankle", "joint", "Foot", 200, ball(ANKLE + (0, 0, 0.02), 0.046), *around(ANKLE, 0.07)
    low, high = (0.0, -0.22, -0.02), (0.21, 0.14, 0.15)
    yield "boot", "shell", "Foot", 500, boot, low, high
    yield "sole", "joint", "Foot", 260, heel_sole, low, high
    yield "toe_cap", "accent", "Toes", 260, toe_cap, low, high
    yield "toe_sole", "joint", "Toes", 160, toe_sole, low, high


def _mesh(field, low, high):
    # Small parts on a finer grid.
    cell = float(np.clip(np.max(np.subtract(high, low)) / 42, 0.0024, 0.0075))
    vertices, quads = surface_nets(field, low, high, cell)
    return relax(field, vertices, quads, 2, 0.5, 2, 1.5e-3)[0], quads


def parts():
    """Yields every part of the robot."""
    middle, left = list(_middle_parts()), list(_left_parts())

    def whole(P):
        """The robot as one field, for its ambient shadows."""
        Q = left_half(P)
        return np.minimum.reduce([part[4](P) for part in middle] + [part[4](Q) for part in left])

    def part(name, material, bone, triangles, field, vertices, quads):
        dark = 0.0 if material in ("light", "visor") else 0.55
        return Part(
            name=name,
            vertices=vertices,
            faces=quads,
            material=material,
            region=bone,
            triangles=triangles,
            field=field,
            occluder=whole,
            occlusion=dark,
        )

    for name, material, bone, triangles, field, low, high in middle:
        yield part(name, material, bone, triangles, field, *_mesh(field, low, high))
    for name, material, bone, triangles, field, low, high in left:
        vertices, quads = _mesh(field, low, high)

        def both(P, field=field):
            return field(left_half(P))

        yield part(name + "_L", material, "left" + bone, triangles, both, vertices, quads)
        yield part(name + "_R", material, "right" + bone, triangles, both, vertices * (-1, 1, 1), quads[:, ::-1])
