"""The parts that the figure is made of, and the colours it is painted in: what both ways of building it share."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from body import EYE_CENTRE, EYE_RADIUS, arm, head, left_half
from clothes import shirt, shoe, shoe_laces, shoe_sole, shoe_upper, trousers
from hair import hair, lash
from sdf import relax, surface_nets
from textures import face_uv, shirt_uv

# sRGB, from 0 to 1.
STYLE = dict(
    skin=(0.86, 0.66, 0.55),
    iris=(0.36, 0.25, 0.16),
    hair=(0.16, 0.10, 0.07),
    shirt=(0.16, 0.50, 0.55),
    trousers=(0.17, 0.19, 0.26),
    shoe=(0.86, 0.86, 0.84),
    sole=(0.93, 0.93, 0.91),
    accent=(0.90, 0.42, 0.25),
    light=(0.93, 0.92, 0.88),
    lash=(0.07, 0.045, 0.04),
)

Field = Callable[[np.ndarray], np.ndarray]


@dataclass
class Part:
    """A mesh before decimation, and what decides how it looks and moves."""

    name: str
    vertices: np.ndarray
    # Quads, or triangles for the eyes.
    faces: np.ndarray
    material: str
    # Which rule of `skin_weights` moves it.
    region: str
    # Triangles to decimate to; 0 keeps all.
    triangles: int
    # The surface, for exact normals; without one they come from the mesh.
    field: Field | None = None
    # Width over which the field's gradient is taken.
    gradient_width: float = 1.2e-3
    # What casts its ambient shadow on the part, and how dark.
    occluder: Field | None = None
    occlusion: float = 0.7
    uv: Field | None = None


def linear(colour):
    """The sRGB colour in linear light."""
    colour = np.asarray(colour, float)
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def _both(*fields: Field) -> Field:
    """The union of fields."""
    return lambda P: np.minimum.reduce([field(P) for field in fields])


def _on_left(field: Field) -> Field:
    """A field of the left half, for both sides."""
    return lambda P: field(left_half(P))


def _mesh(field, low, high, cell, passes=2, width=1.5e-3):
    vertices, quads = surface_nets(field, low, high, cell)
    vertices, _ = relax(field, vertices, quads, passes, 0.5, 2, width)
    return vertices, quads


def _pair(name, vertices, quads, **rest):
    """A part of the left side and its mirror image."""
    yield Part(name=f"{name}_L", vertices=vertices, faces=quads, **rest)
    yield Part(name=f"{name}_R", vertices=vertices * (-1, 1, 1), faces=quads[:, ::-1], **rest)


def _sphere(rings=14, around=20):
    """A unit sphere with its poles on y: vertices and triangles."""
    vertices = [(0, -1, 0)]
    for i in range(1, rings):
        latitude = math.pi * i / rings
        for j in range(around):
            longitude = 2 * math.pi * j / around
            ring = math.sin(latitude)
            vertices.append((ring * math.cos(longitude), -math.cos(latitude), ring * math.sin(longitude)))
    vertices.append((0, 1, 0))
    triangles = [(0, 1 + j, 1 + (j + 1) % around) for j in range(around)]
    for i in range(rings - 2):
        for j in range(around):
            a, b = 1 + i * around + j, 1 + i * around + (j + 1) % around
            triangles += [(a, a + around, b + around), (a, b + around, b)]
    last = len(vertices) - 1
    ring = 1 + (rings - 2) * around
    triangles += [(last, ring + (j + 1) % around, ring + j) for j in range(around)]
    return np.array(vertices), np.array(triangles)


def _eyes():
    for side, name in ((1, "eye_L"), (-1, "eye_R")):
        unit, triangles = _sphere()
        centre = np.array((side * EYE_CENTRE[0], EYE_CENTRE[1], EYE_CENTRE[2]))

        def uv(P, centre=centre):
            return 0.5 + (P[:, [0, 2]] - centre[[0, 2]]) / EYE_RADIUS * 0.5

        yield Part(
            name=name,
            vertices=unit * (EYE_RADIUS - 0.0002) + centre,
            faces=triangles,
            material="eye",
            region="eyeL" if side > 0 else "eyeR",
            triangles=0,
            uv=uv,
        )


def parts():
    """Yields every part of the figure. Takes about a minute in all."""
    yield Part(
        "head",
        *_mesh(head, (-0.1, -0.14, 1.385), (0.1, 0.13, 1.74), 0.0021),
        material="face",
        region="head",
        triangles=13000,
        field=head,
        occluder=_both(head, hair, shirt),
        occlusion=0.62,
        uv=face_uv,
    )
    both_arms = _on_left(arm)
    yield from _pair(
        "arm",
        *_mesh(both_arms, (0.265, -0.11, 1.30), (0.92, 0.08, 1.46), 0.0024),
        material="skin",
        region="arm",
        triangles=5200,
        field=both_arms,
        occluder=_both(both_arms, shirt),
        occlusion=0.6,
    )
    yield Part(
        "tshirt",
        *_mesh(shirt, (-0.40, -0.16, 0.86), (0.40, 0.17, 1.54), 0.0042),
        material="shirt",
        region="shirt",
        triangles=8000,
        field=shirt,
        gradient_width=4e-3,
        occluder=_both(shirt, head),
        uv=shirt_uv,
    )
    both_shoes = _on_left(shoe)
    yield Part(
        "trousers",
        *_mesh(trousers, (-0.22, -0.13, 0.03), (0.22, 0.16, 1.02), 0.0048),
        material="trousers",
        region="trousers",
        triangles=5500,
        field=trousers,
        occluder=_both(trousers, shirt, both_shoes),
    )
    for name, field, material, triangles, cell in (
        ("shoe", _on_left(shoe_upper), "shoe", 1100, 0.0035),
        ("sole", _on_left(shoe_sole), "sole", 700, 0.0033),
        ("laces", _on_left(shoe_laces), "lace", 500, 0.0018),
    ):
        yield from _pair(
            name,
            *_mesh(field, (0.05, -0.21, -0.012), (0.18, 0.1, 0.14), cell, passes=1),
            material=material,
            region="shoe",
            triangles=triangles,
            field=field,
            occluder=_both(both_shoes, trousers),
            occlusion=0.6,
        )
    yield Part(
        "hair",
        *_mesh(hair, (-0.13, -0.16, 1.5), (0.13, 0.16, 1.79), 0.0026, passes=1),
        material="hair",
        region="hair",
        triangles=8000,
        field=hair,
        occluder=hair,
        occlusion=0.9,
    )
    yield Part(
        "lash",
        *_mesh(lash, (-0.06, -0.12, 1.59), (0.06, -0.07, 1.64), 0.0007, passes=1, width=4e-4),
        material="lash",
        region="lash",
        triangles=700,
        field=lash,
        gradient_width=4e-4,
        occluder=lash,
        occlusion=0,
    )
    yield from _eyes()


def occlusion_colour(part, openness):
    """Vertex colour of a part: how open each point is. Light that bounced off skin keeps its shades warm."""
    if part.region in ("head", "arm"):
        return np.stack((openness**0.55, openness**1.05, openness**1.1), 1)
    return np.stack([openness] * 3, 1)
