"""The figures that can be built: the adult, a child with the adult's parts in other proportions, and a robot."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

import parts
import robot
import skin_weights
from body import EYE_CENTRE, skeleton
from sdf import smoothstep
from textures import eye_texture, face_texture, shirt_texture

Weights = dict[str, np.ndarray]


@dataclass
class Material:
    """How a part looks: a colour (sRGB), or a picture of the same name."""

    name: str
    roughness: float
    colour: tuple[float, float, float] | None = None
    metallic: float = 0.0
    # Light of its own: the colour, so many times.
    glow: float = 0.0


@dataclass
class Figure:
    """What `export_glb` needs to know of a figure."""

    # In the file's VRM fields.
    title: str
    # Bone to (head, tail, parent), in metres, T-pose.
    skeleton: dict
    parts: Callable[[], Iterable[parts.Part]]
    materials: list[Material]
    # Pictures by material.
    pictures: dict[str, np.ndarray] = field(default_factory=dict)
    # Bone to (n,) weights at the points of a region.
    weights: Callable[[np.ndarray, str], Weights] = skin_weights.weights
    # The scale (x, y, z) of what each bone carries, relative to the parts as they are meshed.
    scales: dict[str, tuple[float, float, float]] | None = None
    # Moves points of the parts as they are meshed, before they are scaled.
    warp: Callable[[np.ndarray], np.ndarray] | None = None

    def __post_init__(self):
        self.bones = list(self.skeleton)
        self.parent = {bone: self.skeleton[bone][2] for bone in self.bones}
        self.meshed_rest = {bone: self.skeleton[bone][0] for bone in self.bones}
        self.rest = self._scaled_rest()

    def _scaled_rest(self):
        """Where the bones are after scaling, the left foot's sole on the floor."""
        if self.scales is None:
            return self.meshed_rest
        rest = {}
        for bone in self.bones:
            parent, head = self.parent[bone], self.meshed_rest[bone]
            offset = np.array(self.scales[parent]) * (head - self.meshed_rest[parent]) if parent else 0
            rest[bone] = (rest[parent] if parent else head) + offset
        # The soles are meshed at height 0 and move with the foot.
        sole = rest["leftFoot"][2] - self.scales["leftFoot"][2] * self.meshed_rest["leftFoot"][2]
        return {bone: head - (0, 0, sole) for bone, head in rest.items()}

    def reshaped(self, V, normals, weights: Weights):
        """Vertices and normals of a meshed part in this figure's proportions, each bone's share by its weight."""
        if self.warp is not None:
            V, normals = _warped(self.warp, V, normals)
        if self.scales is None:
            return V, normals
        moved, stretch = np.zeros_like(V), np.zeros_like(V)
        for bone, weight in weights.items():
            scale = np.array(self.scales[bone])
            moved += weight[:, None] * (self.rest[bone] + scale * (V - self.meshed_rest[bone]))
            stretch += weight[:, None] * scale
        normals = normals / stretch
        return moved, normals / np.linalg.norm(normals, axis=1, keepdims=True)


def _warped(warp, V, normals, step=2e-4):
    """Moved points, and normals turned as the surface is: by the inverse transpose of the warp's derivative."""
    moved = warp(V)
    columns = [(warp(V + step * axis) - moved) / step for axis in np.eye(3)]
    # Row k is how the moved point changes along axis k: the transpose of the derivative.
    turned = np.linalg.solve(np.stack(columns, 1), normals[..., None])[..., 0]
    return moved, turned / np.linalg.norm(turned, axis=1, keepdims=True)


def person(title, style, scales=None, warp=None):
    """A figure of skin, cloth and hair, in the colours of `style`."""
    plain = (
        ("skin", 0.58, "skin"),
        ("trousers", 0.9, "trousers"),
        ("shoe", 0.7, "shoe"),
        ("sole", 0.7, "sole"),
        ("lace", 0.8, "accent"),
        ("hair", 0.62, "hair"),
        ("lash", 0.8, "lash"),
    )
    painted = (("face", 0.55), ("shirt", 0.9), ("eye", 0.15))
    return Figure(
        title=title,
        skeleton=skeleton(),
        parts=parts.parts,
        materials=[Material(name, roughness) for name, roughness in painted]
        + [Material(name, roughness, style[colour]) for name, roughness, colour in plain],
        pictures=dict(
            face=face_texture(style["skin"], 512),
            shirt=shirt_texture(style["shirt"], style["accent"], style["light"]),
            eye=eye_texture(style["iris"]),
        ),
        scales=scales,
        warp=warp,
    )


CHILD_STYLE = parts.STYLE | dict(
    skin=(0.66, 0.45, 0.34),
    iris=(0.28, 0.17, 0.10),
    hair=(0.13, 0.075, 0.05),
    shirt=(0.93, 0.70, 0.22),
    trousers=(0.22, 0.34, 0.52),
    shoe=(0.80, 0.27, 0.24),
    accent=(0.25, 0.55, 0.62),
)


def child_face(P):
    """A child's face out of the adult's: larger eyes, a smaller nose, a short and round lower half."""
    P = np.array(P, float)

    def towards(centre, share, width):
        """Moves what is near a point towards it by a share, or away where that is below 0."""
        nonlocal P
        offset = np.asarray(centre) - P
        near = np.exp(-(np.linalg.norm(offset, axis=-1, keepdims=True) ** 2) / width**2)
        P = P + share * near * offset

    for side in (1, -1):
        towards(np.array(EYE_CENTRE) * (side, 1, 1), -0.34, 0.032)
    towards((0, -0.088, 1.588), 0.42, 0.026)
    x, y, z = P[:, 0], P[:, 1], P[:, 2]
    face = smoothstep(1.43, 1.50, z) * smoothstep(0.05, 0.0, y)
    jaw = face * smoothstep(1.585, 1.525, z) * smoothstep(0.025, 0.055, np.abs(x))
    lifted = z + face * 0.17 * np.maximum(1.60 - z, 0)
    # A high, round forehead over it.
    lifted = lifted + 0.06 * np.maximum(z - 1.63, 0)
    return np.stack((x * (1 - 0.13 * jaw), y, lifted), 1)


def child_scales():
    """A child of about five beside the adult: 1.15 m, five heads high, arms and legs shorter than they are thin."""
    trunk, head = (0.67, 0.72, 0.60), (1.03, 0.99, 0.98)
    scales = dict(hips=trunk, spine=trunk, chest=trunk, upperChest=trunk, neck=(0.72, 0.74, 0.50), head=head)
    rules = (
        ("Eye", head),
        ("Shoulder", (0.64, 0.70, 0.66)),
        ("UpperArm", (0.60, 0.70, 0.70)),
        ("LowerArm", (0.60, 0.70, 0.70)),
        ("UpperLeg", (0.68, 0.71, 0.61)),
        ("LowerLeg", (0.68, 0.71, 0.61)),
        ("Foot", (0.70, 0.66, 0.68)),
        ("Toes", (0.70, 0.66, 0.68)),
    )
    for bone in skeleton():
        if bone not in scales:
            found = [scale for ending, scale in rules if bone.endswith(ending)]
            # What is left are hands and fingers.
            scales[bone] = found[0] if found else (0.66, 0.68, 0.68)
    return scales


def robot_figure():
    """A robot with a big head, big hands and long legs."""
    look = dict(
        shell=(0.42, 0.0, 0.0),
        accent=(0.38, 0.0, 0.0),
        joint=(0.55, 0.35, 0.0),
        visor=(0.08, 0.0, 0.0),
        light=(0.35, 0.0, 2.2),
    )
    return Figure(
        title="LiveDance Robot",
        skeleton=robot.skeleton(),
        parts=robot.parts,
        materials=[Material(name, r, robot.STYLE[name], metal, glow) for name, (r, metal, glow) in look.items()],
        # Every part is stiff and belongs to one bone, which its region names.
        weights=lambda P, region: {region: np.ones(len(P))},
    )


FIGURES = dict(
    adult=lambda: person("LiveDance", parts.STYLE),
    child=lambda: person("LiveDance Child", CHILD_STYLE, child_scales(), child_face),
    robot=robot_figure,
)
