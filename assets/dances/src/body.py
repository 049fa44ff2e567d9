"""A plain humanoid: its skeleton, rotations, legs that reach for their feet, and its BVH file. Metres, y up, facing +z, the left is +x."""

import numpy as np

# Parent and place of each joint in the T-pose.
JOINTS = {
    "Hips": (None, (0, 0.95, 0)),
    "Spine": ("Hips", (0, 1.05, -0.005)),
    "Chest": ("Spine", (0, 1.19, -0.01)),
    "Neck": ("Chest", (0, 1.45, -0.015)),
    "Head": ("Neck", (0, 1.54, 0.005)),
    "LeftShoulder": ("Chest", (0.03, 1.40, -0.005)),
    "LeftUpperArm": ("LeftShoulder", (0.175, 1.39, -0.015)),
    "LeftLowerArm": ("LeftUpperArm", (0.445, 1.39, -0.015)),
    "LeftHand": ("LeftLowerArm", (0.69, 1.39, -0.015)),
    "LeftUpperLeg": ("Hips", (0.09, 0.91, 0)),
    "LeftLowerLeg": ("LeftUpperLeg", (0.09, 0.495, 0)),
    "LeftFoot": ("LeftLowerLeg", (0.09, 0.085, 0)),
    "LeftToes": ("LeftFoot", (0.09, 0.025, 0.13)),
}
for _name, (_parent, _place) in list(JOINTS.items()):
    if _name.startswith("Left"):
        JOINTS["Right" + _name[4:]] = (_parent.replace("Left", "Right"), (-_place[0], _place[1], _place[2]))
ENDS = {"Head": (0, 0.19, 0), "LeftHand": (0.17, 0, 0), "RightHand": (-0.17, 0, 0), "LeftToes": (0, -0.01, 0.07), "RightToes": (0, -0.01, 0.07)}
NAMES = list(JOINTS)
REST = {name: np.array(place, float) for name, (_, place) in JOINTS.items()}
PARENT = {name: parent for name, (parent, _) in JOINTS.items()}
THIGH = REST["LeftUpperLeg"][1] - REST["LeftLowerLeg"][1]
SHIN = REST["LeftLowerLeg"][1] - REST["LeftFoot"][1]
ANKLE = REST["LeftFoot"][1]
BALL = REST["LeftToes"] - REST["LeftFoot"]
HEEL = np.array((0, -ANKLE, -0.05))


def unit(v):
    """Vectors at length 1."""
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def turn(axis, angle):
    """Rotation matrices about x (0), y (1) or z (2), one an angle, radians."""
    angle = np.asarray(angle, float)
    c, s, o, i = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    rows = {0: (i, o, o, o, c, -s, o, s, c), 1: (c, o, s, o, i, o, -s, o, c), 2: (c, -s, o, s, c, o, o, o, i)}[axis]
    return np.stack(rows, axis=-1).reshape(angle.shape + (3, 3))


def apply(rotations, v):
    """Each rotation on its vector, or all on one."""
    return np.einsum("...ij,...j->...i", rotations, np.broadcast_to(v, rotations.shape[:-2] + (3,)))


def frame(x, z):
    """Rotations whose x axis is given, and whose z axis lies as near as it can to another."""
    x = unit(x)
    z = unit(z - x * np.sum(x * z, axis=-1, keepdims=True))
    return np.stack((x, np.cross(z, x), z), axis=-1)


def legs(hip, ankle, lateral):
    """Rotations of thigh and shin that bring the ankle to its place; and how far it stays short.

    Knees bend about the lateral axis, which points left: forward where the leg hangs, upward where it is kicked forward.
    """
    line = ankle - hip
    far = np.linalg.norm(line, axis=-1)
    d = np.clip(far, 0.25, (THIGH + SHIN) * 0.9995)
    along = line / far[:, None]
    axis = unit(lateral - along * np.sum(lateral * along, axis=-1, keepdims=True))
    forward = np.cross(axis, -along)
    c = np.clip((THIGH**2 + d**2 - SHIN**2) / (2 * THIGH * d), -1, 1)
    knee = hip + THIGH * (along * c[:, None] + forward * np.sqrt(1 - c * c)[:, None])
    out = []
    for a, b in ((hip, knee), (knee, hip + along * d[:, None])):
        y = unit(a - b)
        out.append(np.stack((axis, y, np.cross(axis, y)), axis=-1))
    return out[0], out[1], far - d


def places(hips, rotations):
    """Where each joint is, from the hips' way and the rotations in the scene."""
    out = {"Hips": hips}
    for name in NAMES[1:]:
        parent = PARENT[name]
        out[name] = out[parent] + apply(rotations[parent], REST[name] - REST[parent])
    return out


def relative(rotations):
    """Each joint's rotation in its parent's space."""
    return {
        name: r if PARENT[name] is None else np.swapaxes(rotations[PARENT[name]], -1, -2) @ r for name, r in rotations.items()
    }


def angle_of(rotations):
    """By how much each rotation turns, radians."""
    return np.arccos(np.clip((np.trace(rotations, axis1=-2, axis2=-1) - 1) / 2, -1, 1))


def euler_zxy(rotations):
    """Degrees about z, x, y, applied in this order, without jumps from frame to frame."""
    x = np.arcsin(np.clip(rotations[:, 2, 1], -1, 1))
    z = np.arctan2(-rotations[:, 0, 1], rotations[:, 1, 1])
    y = np.arctan2(-rotations[:, 2, 0], rotations[:, 2, 2])
    return np.degrees(np.stack((np.unwrap(z), x, np.unwrap(y)), axis=-1))


def number(value, digits=2):
    """As short as it can be written."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def write_bvh(path, hips, rotations, fps):
    """Centimetres and degrees; rotations are the joints' own."""
    lines = ["HIERARCHY"]

    def joint(name, depth):
        pad, parent = "  " * depth, PARENT[name]
        offset = REST[name] - REST[parent] if parent else np.zeros(3)
        lines.append(f"{pad}{'JOINT' if parent else 'ROOT'} {name}")
        lines.append(pad + "{")
        lines.append(f"{pad}  OFFSET " + " ".join(number(100 * v, 3) for v in offset))
        moves = "" if parent else "Xposition Yposition Zposition "
        lines.append(f"{pad}  CHANNELS {3 if parent else 6} {moves}Zrotation Xrotation Yrotation")
        order.append(name)
        for child in NAMES:
            if PARENT[child] == name:
                joint(child, depth + 1)
        if name in ENDS:
            lines.extend((f"{pad}  End Site", pad + "  {", f"{pad}    OFFSET " + " ".join(number(100 * v, 3) for v in ENDS[name]), pad + "  }"))
        lines.append(pad + "}")

    order = []
    joint("Hips", 0)
    columns = [100 * hips] + [euler_zxy(rotations[name]) for name in order]
    values = np.concatenate(columns, axis=1)
    lines += ["MOTION", f"Frames: {len(values)}", f"Frame Time: {1 / fps:.8f}"]
    lines += [" ".join(number(v) for v in row) for row in values]
    path.write_text("\n".join(lines) + "\n")
