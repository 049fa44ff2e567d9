"""Turns Blender's glTF export of the avatar into what is shipped: compact, valid, and a VRM 1.0 avatar.

    python finish_glb.py exported.glb avatar.glb

Weights, joints and colours become bytes, unused texture coordinates go, skinned meshes become roots as the glTF
specification asks, and the humanoid's bones and licence are written. Needs numpy.
"""

import argparse
import copy

import numpy as np

from body import skeleton
from vrm import humanoid_extension, read_glb, write_glb

TYPES = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = dict(SCALAR=1, VEC2=2, VEC3=3, VEC4=4, MAT4=16)
UNSIGNED_BYTE, UNSIGNED_SHORT = 5121, 5123
VERTICES, INDICES = 34962, 34963


def byte_weights(weights):
    """Weights as bytes that sum to 255 exactly; the largest takes the rounding."""
    share = weights / np.maximum(weights.sum(1, keepdims=True), 1e-9)
    quantised = np.floor(share * 255 + 0.5).astype(int)
    quantised[np.arange(len(quantised)), quantised.argmax(1)] += 255 - quantised.sum(1)
    return quantised.astype(np.uint8)


def byte_colours(colours):
    """Colours as RGBA bytes."""
    scale = {np.dtype(np.uint16): 65535, np.dtype(np.uint8): 255}.get(colours.dtype, 1)
    pixels = np.clip(np.round(colours.astype(np.float64) / scale * 255), 0, 255).astype(np.uint8)
    if pixels.shape[1] == 3:
        pixels = np.concatenate([pixels, np.full((len(pixels), 1), 255, np.uint8)], 1)
    return pixels


class Repacker:
    """Copies what is used of a document into new accessors and views."""

    def __init__(self, document, binary):
        self.old, self.binary = copy.deepcopy(document), binary
        self.data, self.views, self.accessors, self.done = bytearray(), [], [], {}

    def array(self, index):
        """An accessor of the old document as an array of shape (count, width)."""
        accessor = self.old["accessors"][index]
        view = self.old["bufferViews"][accessor["bufferView"]]
        offset = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        width = WIDTHS[accessor["type"]]
        kind = TYPES[accessor["componentType"]]
        return np.frombuffer(self.binary, kind, accessor["count"] * width, offset).reshape(-1, width)

    def view(self, data, target=None):
        """Appends bytes; returns the index of their new view."""
        self.data += b"\0" * (-len(self.data) % 4)
        view = dict(buffer=0, byteOffset=len(self.data), byteLength=len(data))
        self.views.append(view | (dict(target=target) if target else {}))
        self.data += data
        return len(self.views) - 1

    def image(self, image):
        """Moves an embedded picture."""
        view = self.old["bufferViews"][image["bufferView"]]
        start = view.get("byteOffset", 0)
        image["bufferView"] = self.view(self.binary[start : start + view["byteLength"]])

    def accessor(self, index, role, weights=None):
        """Moves an accessor in the given role; an accessor shared by several users is moved once."""
        if (index, role) not in self.done:
            accessor = {key: value for key, value in self.old["accessors"][index].items() if key != "byteOffset"}
            array = self.array(index)
            target = VERTICES
            if role == "WEIGHTS_0":
                array = byte_weights(array)
                accessor.update(componentType=UNSIGNED_BYTE, normalized=True)
            elif role == "JOINTS_0":
                # A joint without weight must be 0.
                array = np.where(byte_weights(self.array(weights)) > 0, array, 0).astype(np.uint8)
                accessor.update(componentType=UNSIGNED_BYTE)
            elif role == "COLOR_0":
                array = byte_colours(array)
                accessor.update(componentType=UNSIGNED_BYTE, normalized=True, type="VEC4")
            elif role == "indices":
                target = INDICES
                if array.max() < 65535:
                    array = array.astype(np.uint16)
                    accessor.update(componentType=UNSIGNED_SHORT)
            elif role == "bind matrices":
                target = None
            accessor["bufferView"] = self.view(array.tobytes(), target)
            self.accessors.append(accessor)
            self.done[index, role] = len(self.accessors) - 1
        return self.done[index, role]


def finish(document, binary):
    """The shipped document and its binary chunk."""
    repacker = Repacker(document, binary)
    for mesh in document["meshes"]:
        for primitive in mesh["primitives"]:
            attributes = primitive["attributes"]
            textured = "baseColorTexture" in document["materials"][primitive["material"]].get(
                "pbrMetallicRoughness", {}
            )
            primitive["indices"] = repacker.accessor(primitive["indices"], "indices")
            primitive["attributes"] = {
                role: repacker.accessor(index, role, attributes.get("WEIGHTS_0"))
                for role, index in attributes.items()
                if textured or not role.startswith("TEXCOORD")
            }
    for skin in document.get("skins", []):
        skin["inverseBindMatrices"] = repacker.accessor(skin["inverseBindMatrices"], "bind matrices")
    for image in document.get("images", []):
        repacker.image(image)

    document.pop("animations", None)
    document["accessors"], document["bufferViews"] = repacker.accessors, repacker.views
    document["buffers"] = [dict(byteLength=len(repacker.data))]

    roots = document["scenes"][0]["nodes"]
    for node in document["nodes"]:
        children = node.pop("children", [])
        bones = [child for child in children if "mesh" not in document["nodes"][child]]
        roots += [child for child in children if "mesh" in document["nodes"][child]]
        if bones:
            node["children"] = bones

    # Joints alone: a mesh may bear the same name as a bone.
    joints = {joint for skin in document["skins"] for joint in skin["joints"]}
    node_of = {document["nodes"][joint]["name"]: joint for joint in joints}
    document.setdefault("extensionsUsed", []).append("VRMC_vrm")
    extension = humanoid_extension({bone: node_of[bone] for bone in skeleton()})
    document.setdefault("extensions", {})["VRMC_vrm"] = extension
    return document, repacker.data


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exported", help="the .glb that build_in_blender.py wrote")
    parser.add_argument("output", help="the .glb to ship")
    arguments = parser.parse_args()
    write_glb(arguments.output, *finish(*read_glb(arguments.exported)))


if __name__ == "__main__":
    main()
