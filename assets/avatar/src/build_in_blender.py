"""Builds the avatar in Blender 3.4, whose decimation is kinder to the face than the one of `export_glb.py`.

    blender -b -P build_in_blender.py -- FOLDER

writes FOLDER/avatar.blend, which `render_demo.py` films, and FOLDER/avatar.glb, which `finish_glb.py` finishes.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import bpy
import numpy as np

from blender_scene import OCCLUSION, add_to_scene
from body import skeleton
from parts import STYLE, linear, occlusion_colour, parts
from sdf import ambient_occlusion, gradient
from skin_weights import weights
from textures import eye_texture, face_texture, shirt_texture

# Bones that move one vertex, at most: what glTF's JOINTS_0 holds.
MOST_BONES = 4


def image(name, pixels):
    """A packed picture from sRGB values, first row lowest."""
    height, width = pixels.shape[:2]
    made = bpy.data.images.new(name, width, height)
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = pixels
    made.pixels.foreach_set(rgba.ravel())
    made.update()
    made.pack()
    return made


def material(name, colour, roughness, specular, picture=None):
    """A material of one colour or with a picture."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    tree = made.node_tree
    surface = tree.nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = roughness
    surface.inputs["Specular"].default_value = specular
    surface.inputs["Base Color"].default_value = (*linear(colour), 1)
    if picture is not None:
        texture = tree.nodes.new("ShaderNodeTexImage")
        texture.image = picture
        texture.extension = "EXTEND"
        tree.links.new(texture.outputs["Color"], surface.inputs["Base Color"])
    return made


def materials():
    """All materials by the names that `parts.py` uses."""
    style = STYLE
    shirt = shirt_texture(style["shirt"], style["accent"], style["light"])
    return dict(
        face=material("skin_face", style["skin"], 0.55, 0.35, image("face", face_texture(style["skin"]))),
        skin=material("skin_body", style["skin"], 0.58, 0.35),
        shirt=material("tshirt", style["shirt"], 0.9, 0.15, image("shirt", shirt)),
        trousers=material("trousers", style["trousers"], 0.9, 0.15),
        shoe=material("shoe", style["shoe"], 0.7, 0.3),
        sole=material("sole", style["sole"], 0.7, 0.3),
        lace=material("lace", style["accent"], 0.8, 0.2),
        hair=material("hair", style["hair"], 0.62, 0.22),
        eye=material("eye", (1, 1, 1), 0.15, 0.5, image("eye", eye_texture(style["iris"]))),
        lash=material("lash", style["lash"], 0.8, 0.1),
    )


def vertex_array(mesh, what, width=3):
    """A property of all vertices, as an array."""
    values = np.empty(len(mesh.vertices) * width, np.float32)
    mesh.vertices.foreach_get(what, values)
    return values.reshape(-1, width).astype(float)


def without_unused(V, faces):
    """The mesh without vertices that no face uses."""
    used, renumbered = np.unique(faces, return_inverse=True)
    return V[used], renumbered.reshape(faces.shape)


def decimate(thing, triangles):
    """Reduces an object's mesh to about so many triangles."""
    now = sum(len(polygon.vertices) - 2 for polygon in thing.data.polygons)
    if not triangles or now <= triangles:
        return
    thing.modifiers.new("decimate", "DECIMATE").ratio = triangles / now
    bpy.context.view_layer.objects.active = thing
    thing.select_set(True)
    bpy.ops.object.modifier_apply(modifier="decimate")
    thing.select_set(False)


def set_normals(mesh, part, V):
    """Normals from the field where there is one and it agrees with the mesh; returns them."""
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    normals = vertex_array(mesh, "normal")
    if part.field is not None:
        exact = gradient(part.field, V, part.gradient_width)
        exact /= np.maximum(np.linalg.norm(exact, axis=1, keepdims=True), 1e-9)
        agrees = (exact * normals).sum(1) >= 0.3
        normals[agrees] = exact[agrees]
        mesh.use_auto_smooth = True
        mesh.normals_split_custom_set_from_vertices([tuple(normal) for normal in normals])
    return normals


def set_colours(mesh, part, V, normals):
    """The ambient occlusion as vertex colours."""
    openness = np.ones(len(V))
    if part.occluder is not None:
        openness = ambient_occlusion(part.occluder, V, normals, k=part.occlusion)
    rgba = np.ones((len(V), 4), np.float32)
    rgba[:, :3] = occlusion_colour(part, openness)
    mesh.color_attributes.new(OCCLUSION, "FLOAT_COLOR", "POINT").data.foreach_set("color", rgba.ravel())


def set_uv(mesh, part, V):
    """Texture coordinates, one a face corner."""
    if part.uv is None:
        return
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    mesh.uv_layers.new(name="UVMap").data.foreach_set("uv", part.uv(V)[corners].astype(np.float32).ravel())


def set_weights(thing, part, V):
    """Vertex groups of the strongest bones."""
    by_bone = weights(V, part.region)
    full = np.stack(list(by_bone.values()), 1)
    if full.shape[1] > MOST_BONES:
        np.put_along_axis(full, np.argsort(-full, 1)[:, MOST_BONES:], 0, 1)
    full /= full.sum(1, keepdims=True)
    for column, bone in enumerate(by_bone):
        group = thing.vertex_groups.new(name=bone)
        for vertex in np.where(full[:, column] > 1e-3)[0]:
            group.add([int(vertex)], float(full[vertex, column]), "REPLACE")


def mesh_object(part, look):
    """A part as a Blender object with normals, colours, texture coordinates and weights."""
    V, faces = without_unused(part.vertices, part.faces)
    mesh = bpy.data.meshes.new(part.name)
    mesh.from_pydata([tuple(vertex) for vertex in V], [], [tuple(map(int, face)) for face in faces])
    mesh.update()
    mesh.materials.append(look)
    thing = add_to_scene(bpy.data.objects.new(part.name, mesh))
    decimate(thing, part.triangles)
    mesh = thing.data
    V = vertex_array(mesh, "co")
    normals = set_normals(mesh, part, V)
    set_colours(mesh, part, V, normals)
    set_uv(mesh, part, V)
    set_weights(thing, part, V)
    print(f"{part.name:10}{sum(len(polygon.vertices) - 2 for polygon in mesh.polygons):7} triangles")
    return thing


def armature():
    """The skeleton as a Blender armature."""
    bones = bpy.data.armatures.new("Armature")
    thing = add_to_scene(bpy.data.objects.new("Armature", bones))
    bpy.context.view_layer.objects.active = thing
    bpy.ops.object.mode_set(mode="EDIT")
    for name, (head, tail, parent) in skeleton().items():
        bone = bones.edit_bones.new(name)
        bone.head, bone.tail, bone.roll = head, tail, 0
        if parent:
            bone.parent = bones.edit_bones[parent]
    bpy.ops.object.mode_set(mode="OBJECT")
    return thing


def main():
    """Builds, exports and saves."""
    parser = argparse.ArgumentParser(prog="build_in_blender.py", description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :]).folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    looks = materials()
    things = [mesh_object(part, looks[part.material]) for part in parts()]
    rig = armature()
    for thing in things:
        thing.parent = rig
        thing.modifiers.new("Armature", "ARMATURE").object = rig
    bpy.ops.export_scene.gltf(
        filepath=str(folder / "avatar.glb"),
        export_format="GLB",
        export_animations=False,
        export_colors=True,
        export_def_bones=False,
        export_apply=False,
    )
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "avatar.blend"))


if __name__ == "__main__":
    main()
