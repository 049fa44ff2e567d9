"""Builds an avatar without Blender: fields to meshes to a VRM 1.0 file, with identity rest rotations.

    python export_glb.py avatar.glb                    the adult
    python export_glb.py child.glb --figure child --detail 0.5
    python export_glb.py stylised.glb --figure robot
    python export_glb.py avatar.glb --detail 0.5       with half the triangles
    python export_glb.py dance.glb --dance             with the demo's choreography as an animation

Needs numpy and fast-simplification.
"""

import argparse
import struct
import zlib

import fast_simplification
import numpy as np

import choreography
from figures import FIGURES
from parts import linear, occlusion_colour
from sdf import ambient_occlusion, gradient
from vrm import humanoid_extension, write_glb

# Every figure has the same bones in the same order.
BONES, PARENT = choreography.BONES, choreography.PARENT
NODE = {bone: index for index, bone in enumerate(BONES)}

# glTF's numbers for component types, buffer targets and samplers.
UNSIGNED_BYTE, UNSIGNED_SHORT, UNSIGNED_INT, FLOAT = 5121, 5123, 5125, 5126
VERTICES, INDICES = 34962, 34963
LINEAR, LINEAR_MIPMAP_LINEAR, CLAMP_TO_EDGE = 9729, 9987, 33071


def y_up(P):
    """From z up, facing -y, to glTF's y up, facing +z."""
    return np.stack((P[..., 0], P[..., 2], -P[..., 1]), -1)


def png(picture):
    """An sRGB picture, first row lowest, as a PNG file."""
    pixels = (np.clip(picture[::-1], 0, 1) * 255 + 0.5).astype(np.uint8)
    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def mesh_normals(V, T):
    """Area-weighted vertex normals; zero where no triangle is."""
    faces = np.cross(V[T[:, 1]] - V[T[:, 0]], V[T[:, 2]] - V[T[:, 0]])
    normals = np.zeros_like(V)
    for corner in range(3):
        np.add.at(normals, T[:, corner], faces)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def surface_normals(part, V, T):
    """Normals from the field, which decimation does not flatten; from the mesh where the field is no guide."""
    of_mesh = mesh_normals(V, T)
    normals = of_mesh.copy()
    if part.field is not None:
        normals = gradient(part.field, V, part.gradient_width)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        wrong = ((normals * of_mesh).sum(1) < 0.3) & (np.linalg.norm(of_mesh, axis=1) > 0.5)
        normals[wrong] = of_mesh[wrong]
    normals[np.linalg.norm(normals, axis=1) < 0.5] = (0, 0, 1)
    return normals / np.linalg.norm(normals, axis=1, keepdims=True)


def quantised_weights(weights, count):
    """The four strongest bones of each vertex and their weights as bytes that sum to 255."""
    full = np.zeros((count, len(BONES)))
    for bone, weight in weights.items():
        full[:, NODE[bone]] = weight
    joints = np.argsort(-full, 1)[:, :4]
    chosen = np.take_along_axis(full, joints, 1)
    chosen /= chosen.sum(1, keepdims=True)
    quantised = np.floor(chosen * 255 + 0.5).astype(int)
    quantised[:, 0] += 255 - quantised.sum(1)
    return np.where(quantised > 0, joints, 0), quantised


def finished(figure, part, detail):
    """A part as arrays by glTF attribute, decimated to its budget times `detail`; y is up."""
    V, T = part.vertices, part.faces
    if T.shape[1] == 4:
        T = np.concatenate([T[:, [0, 1, 2]], T[:, [0, 2, 3]]])
    budget = int(part.triangles * detail)
    if budget and len(T) > budget:
        V, T = fast_simplification.simplify(V.astype(np.float32), T.astype(np.int32), target_count=budget)
        V = V.astype(float)
    normals = surface_normals(part, V, T)
    openness = np.ones(len(V))
    if part.occluder is not None:
        openness = ambient_occlusion(part.occluder, V, normals, k=part.occlusion)
    colour = np.clip(occlusion_colour(part, openness) * 255, 0, 255)
    weights = figure.weights(V, part.region)
    joints, quantised = quantised_weights(weights, len(V))
    placed, normals = figure.reshaped(V, normals, weights)
    arrays = dict(
        POSITION=y_up(placed).astype(np.float32),
        NORMAL=y_up(normals).astype(np.float32),
        COLOR_0=np.concatenate([colour, np.full((len(V), 1), 255)], 1).astype(np.uint8),
        JOINTS_0=joints.astype(np.uint8),
        WEIGHTS_0=quantised.astype(np.uint8),
    )
    if part.uv is not None:
        uv = part.uv(V)
        arrays["TEXCOORD_0"] = np.stack((uv[:, 0], 1 - uv[:, 1]), 1).astype(np.float32)
    return arrays, T


class Buffer:
    """The binary chunk, and the accessors and views into it."""

    def __init__(self):
        self.data, self.views, self.accessors = bytearray(), [], []

    def view(self, data, target=None):
        """Appends bytes; returns the index of their view."""
        self.data += b"\0" * (-len(self.data) % 4)
        view = dict(buffer=0, byteOffset=len(self.data), byteLength=len(data))
        self.views.append(view | (dict(target=target) if target else {}))
        self.data += data
        return len(self.views) - 1

    def accessor(self, array, kind, component, target=None, normalized=False, bounds=False):
        """Appends an array; returns the index of its accessor."""
        view = self.view(np.ascontiguousarray(array).tobytes(), target)
        accessor = dict(bufferView=view, componentType=component, count=len(array), type=kind)
        if normalized:
            accessor["normalized"] = True
        if bounds:
            accessor["min"] = np.atleast_1d(array.min(0)).tolist()
            accessor["max"] = np.atleast_1d(array.max(0)).tolist()
        self.accessors.append(accessor)
        return len(self.accessors) - 1


ATTRIBUTES = dict(
    POSITION=dict(kind="VEC3", component=FLOAT, bounds=True),
    NORMAL=dict(kind="VEC3", component=FLOAT),
    COLOR_0=dict(kind="VEC4", component=UNSIGNED_BYTE, normalized=True),
    TEXCOORD_0=dict(kind="VEC2", component=FLOAT),
    JOINTS_0=dict(kind="VEC4", component=UNSIGNED_BYTE),
    WEIGHTS_0=dict(kind="VEC4", component=UNSIGNED_BYTE, normalized=True),
)


def materials(buffer, figure):
    """Materials by name, pictures and textures."""
    pictures = figure.pictures
    images = [
        dict(name=name, mimeType="image/png", bufferView=buffer.view(png(picture)))
        for name, picture in pictures.items()
    ]
    made = {}
    for material in figure.materials:
        look = dict(metallicFactor=material.metallic, roughnessFactor=material.roughness)
        made[material.name] = dict(name=material.name, pbrMetallicRoughness=look)
        if material.colour is None:
            look["baseColorTexture"] = dict(index=list(pictures).index(material.name))
            continue
        colour = [float(share) for share in linear(material.colour)]
        look["baseColorFactor"] = [*colour, 1]
        if material.glow:
            made[material.name]["emissiveFactor"] = colour
            made[material.name]["extensions"] = dict(
                KHR_materials_emissive_strength=dict(emissiveStrength=material.glow)
            )
    return made, images, [dict(source=index, sampler=0) for index in range(len(images))]


def primitive(buffer, pieces, material):
    """One primitive out of all parts of a material."""
    attributes = {}
    for name, form in ATTRIBUTES.items():
        if all(name in arrays for arrays, _ in pieces):
            array = np.concatenate([arrays[name] for arrays, _ in pieces])
            attributes[name] = buffer.accessor(array, target=VERTICES, **form)
    starts = np.cumsum([0] + [len(arrays["POSITION"]) for arrays, _ in pieces])
    triangles = np.concatenate([T + start for (_, T), start in zip(pieces, starts, strict=False)]).reshape(-1)
    short = starts[-1] < 65535
    indices = buffer.accessor(
        triangles.astype(np.uint16 if short else np.uint32),
        "SCALAR",
        UNSIGNED_SHORT if short else UNSIGNED_INT,
        INDICES,
    )
    return dict(attributes=attributes, indices=indices, material=material)


def skeleton_nodes(rest):
    """One node a bone, in the order of `BONES`."""
    nodes = []
    for bone in BONES:
        origin = rest[PARENT[bone]] if PARENT[bone] else 0
        nodes.append(dict(name=bone, translation=[float(x) for x in y_up(rest[bone] - origin)]))
    for bone in BONES:
        children = [NODE[child] for child in BONES if PARENT[child] == bone]
        if children:
            nodes[NODE[bone]]["children"] = children
    return nodes


def quaternion(R):
    """The unit quaternion (x, y, z, w) of a rotation matrix: the main eigenvector of its 4x4 form."""
    form = np.array(
        [
            [R[0, 0] - R[1, 1] - R[2, 2], 0, 0, 0],
            [R[0, 1] + R[1, 0], R[1, 1] - R[0, 0] - R[2, 2], 0, 0],
            [R[0, 2] + R[2, 0], R[1, 2] + R[2, 1], R[2, 2] - R[0, 0] - R[1, 1], 0],
            [R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1], R.trace()],
        ]
    )
    return np.linalg.eigh(form / 3)[1][:, -1]


def dance(buffer):
    """The choreography as a glTF animation."""
    tracks, frames = choreography.tracks()
    turn = np.array(((1, 0, 0), (0, 0, 1), (0, -1, 0.0)))
    rotations = np.zeros((len(BONES), frames, 4), np.float32)
    hips = np.zeros((frames, 3), np.float32)
    for frame in range(frames):
        rotation, position = choreography.solve(tracks, frame)
        hips[frame] = y_up(position["hips"])
        for bone in BONES:
            parent = PARENT[bone]
            local = rotation[parent].T @ rotation[bone] if parent else rotation[bone]
            q = quaternion(turn @ local @ turn.T)
            if frame and q @ rotations[NODE[bone], frame - 1] < 0:
                q = -q
            rotations[NODE[bone], frame] = q
    seconds = (np.arange(frames) / choreography.FPS).astype(np.float32)
    times = buffer.accessor(seconds, "SCALAR", FLOAT, bounds=True)
    samplers, channels = [], []

    def channel(output, kind, node, path):
        channels.append(dict(sampler=len(samplers), target=dict(node=node, path=path)))
        samplers.append(dict(input=times, output=buffer.accessor(output, kind, FLOAT)))

    for bone in BONES:
        if np.ptp(rotations[NODE[bone]], axis=0).max() >= 1e-4:
            channel(rotations[NODE[bone]], "VEC4", NODE[bone], "rotation")
    channel(hips, "VEC3", NODE["hips"], "translation")
    return dict(name="dance", samplers=samplers, channels=channels)


def build(path, figure, detail, with_dance):
    """Builds the figure and writes it."""
    buffer = Buffer()
    made, images, textures = materials(buffer, figure)
    pieces = {name: [] for name in made}
    for part in figure.parts():
        arrays, triangles = finished(figure, part, detail)
        pieces[part.material].append((arrays, triangles))
        print(f"{part.name:10}{len(triangles):7} triangles")
    primitives = [primitive(buffer, pieces[name], index) for index, name in enumerate(made)]
    bind = np.tile(np.eye(4, dtype=np.float32), (len(BONES), 1, 1))
    for bone in BONES:
        bind[NODE[bone], 3, :3] = -y_up(figure.rest[bone])
    skin = dict(
        inverseBindMatrices=buffer.accessor(bind.reshape(-1, 16), "MAT4", FLOAT),
        joints=list(range(len(BONES))),
        skeleton=NODE["hips"],
    )
    nodes = [*skeleton_nodes(figure.rest), dict(name="body", mesh=0, skin=0)]
    sampler = dict(magFilter=LINEAR, minFilter=LINEAR_MIPMAP_LINEAR, wrapS=CLAMP_TO_EDGE, wrapT=CLAMP_TO_EDGE)
    document = dict(
        asset=dict(version="2.0", generator="LiveDance export_glb.py"),
        scene=0,
        scenes=[dict(nodes=[NODE["hips"], len(nodes) - 1])],
        nodes=nodes,
        meshes=[dict(name="body", primitives=primitives)],
        skins=[skin],
        materials=list(made.values()),
        extensionsUsed=["VRMC_vrm"],
        extensions=dict(VRMC_vrm=humanoid_extension(NODE, figure.title)),
    )
    if images:
        document |= dict(images=images, textures=textures, samplers=[sampler])
    if any(material.glow for material in figure.materials):
        document["extensionsUsed"].append("KHR_materials_emissive_strength")
    if with_dance:
        document["animations"] = [dance(buffer)]
    document |= dict(accessors=buffer.accessors, bufferViews=buffer.views, buffers=[dict(byteLength=len(buffer.data))])
    write_glb(path, document, buffer.data)


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", help="the .glb file to write")
    parser.add_argument("--detail", type=float, default=1.0, help="share of the triangle budget (default: 1)")
    parser.add_argument("--figure", choices=FIGURES, default="adult", help="who is built (default: adult)")
    parser.add_argument("--dance", action="store_true", help="add the demo's choreography, which fits the adult alone")
    arguments = parser.parse_args()
    if arguments.dance and arguments.figure != "adult":
        parser.error("--dance is the adult's")
    build(arguments.output, FIGURES[arguments.figure](), arguments.detail, arguments.dance)


if __name__ == "__main__":
    main()
