"""Opens a BVH or GLB file in Blender and compares joints with the positions beside it. Run it through check_blender.sh.

Blender's space is z up with figures facing -y: our (x, y, z) is its (x, -z, y).
"""

import builtins
import json
import math
import sys
from pathlib import Path

import bpy
import numpy
from mathutils import Vector

# Farthest that a joint may be from where it should be, metres.
LIMIT_M = 0.01
# Samples a pixel of the picture.
SAMPLES = 24

failures = []


def mend_importers():
    """Debian's Blender 3.4 comes with a Python and a NumPy that are newer than its importers: both have dropped a spelling that
    those still use. Nothing else about them is changed."""
    import io_anim_bvh.import_bvh as importer

    importer.open = lambda path, mode="r", **more: builtins.open(path, mode.replace("U", ""), **more)
    if not hasattr(numpy, "bool"):
        numpy.bool = bool


def check(what, is_right, found):
    print(f"{'ok' if is_right else 'FAILED'}  {what}: {found}", flush=True)
    if not is_right:
        failures.append(what)


def in_blender(point):
    return Vector((point[0], -point[2], point[1]))


def heads(armature, names):
    """Where the joints are now, by our names of bones; those that Blender has no bone for are left out."""
    bpy.context.view_layer.update()
    found = {}
    for bone, name in names.items():
        pose_bone = armature.pose.bones.get(name)
        if pose_bone is not None:
            found[bone] = armature.matrix_world @ pose_bone.head
    return found


def rest_heads(armature, names):
    bones = armature.data.bones
    return {bone: armature.matrix_world @ bones[name].head_local for bone, name in names.items() if name in bones}


def farthest(found, expected, offset=Vector()):
    off = {bone: (found[bone] + offset - in_blender(point)).length for bone, point in expected.items() if bone in found}
    bone = max(off, key=off.get)
    return off[bone], bone


def check_t_pose(rest):
    def way(a, b):
        return (rest[b] - rest[a]).normalized()

    check("head up", way("hips", "head").z > 0.95, f"{way('hips', 'head').z:.3f} along z")
    check("left arm to +x", way("leftUpperArm", "leftHand").x > 0.95, f"{way('leftUpperArm', 'leftHand').x:.3f}")
    check("right arm to -x", way("rightUpperArm", "rightHand").x < -0.95, f"{way('rightUpperArm', 'rightHand').x:.3f}")
    for side in ("left", "right"):
        leg = way(f"{side}UpperLeg", f"{side}Foot").z
        check(f"{side} leg down", leg < -0.95, f"{leg:.3f}")
        toes = way(f"{side}Foot", f"{side}Toes").y
        check(f"{side} toes forward (-y)", toes < -0.5, f"{toes:.3f}")


def sticks(armature):
    """A body for a skeleton that has none: an octahedron along every bone, in the pose of this frame."""
    colour = bpy.data.materials.new("stick")
    colour.use_nodes = True
    colour.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (0.1, 0.25, 0.6, 1.0)
    for bone in armature.pose.bones:
        head, tail = armature.matrix_world @ bone.head, armature.matrix_world @ bone.tail
        length = (tail - head).length
        if length < 1e-4:
            continue
        bpy.ops.mesh.primitive_cone_add(
            vertices=6,
            radius1=min(0.03, 0.2 * length),
            radius2=0.002,
            depth=length,
            location=(head + tail) / 2,
            rotation=(tail - head).to_track_quat("Z", "Y").to_euler(),
        )
        bpy.context.object.data.materials.append(colour)


def render(path, height):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"  # needs neither a display nor a graphics adapter
    scene.cycles.device = "CPU"
    scene.cycles.samples = SAMPLES
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 480, 640
    scene.render.filepath = str(path)
    world = bpy.data.worlds.new("check")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (0.5, 0.55, 0.6, 1.0)
    scene.world = world
    bpy.ops.object.light_add(type="SUN", rotation=(0.7, 0.3, 0.2))
    bpy.context.object.data.energy = 2.0
    middle = Vector((0.0, 0.0, 0.5 * height))
    place = middle + Vector((0.6, -2.6, 0.5)) * height
    camera = bpy.data.objects.new("check", bpy.data.cameras.new("check"))
    camera.location = place
    camera.rotation_euler = (middle - place).to_track_quat("-Z", "Y").to_euler()
    camera.data.lens = 50
    scene.collection.objects.link(camera)
    scene.camera = camera
    bpy.ops.mesh.primitive_plane_add(size=20)
    bpy.ops.render.render(write_still=True)
    check("picture", Path(path).stat().st_size > 20_000, f"{path}, {Path(path).stat().st_size} bytes")


def main():
    file, expected_path, picture = (Path(argument) for argument in sys.argv[sys.argv.index("--") + 1 :])
    expected = json.loads(expected_path.read_text())
    print(f"check {file.name} with Blender {bpy.app.version_string}", flush=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    mend_importers()
    scene = bpy.context.scene
    is_bvh = file.suffix == ".bvh"
    fps = expected["fps"]
    if is_bvh:
        # The importer's own axes: y is up, and figures face what will be -y.
        bpy.ops.import_anim.bvh(
            filepath=str(file), global_scale=0.01, frame_start=0, update_scene_fps=True, update_scene_duration=True
        )
        names = expected["bvh_names"]
        rate = scene.render.fps / scene.render.fps_base
        check("rate", abs(rate - fps) < 0.01, f"{rate:.3f} of {fps} frames a second")
    else:
        scene.render.fps, scene.render.fps_base = round(fps), 1.0
        bpy.ops.import_scene.gltf(filepath=str(file))
        names = expected["node_names"]
    armature = next(item for item in bpy.data.objects if item.type == "ARMATURE")
    check("bones", all(name in armature.data.bones for name in names.values()), f"{len(names)} of {len(armature.data.bones)}")
    check("animations", len(bpy.data.actions) == 1, [action.name for action in bpy.data.actions])

    first, last = bpy.data.actions[0].frame_range
    frames = expected["frames"]
    check("frames", round(last - first) == frames - 1, f"{first:g} to {last:g} for {frames} frames")
    duration = (last - first) / fps
    check("duration", abs(duration - expected["duration_s"]) < 1e-3, f"{duration:.4f} of {expected['duration_s']:.4f} s")

    rest = rest_heads(armature, names)
    check_t_pose(rest)
    # A BVH file's rest pose stands at the origin: its root has no offset, as programs disagree on what one means.
    offset = in_blender(expected["rest"]["hips"]) if is_bvh else Vector()
    off, bone = farthest(rest, expected["rest"], offset)
    check("joints at rest", off < LIMIT_M, f"at most {off * 1000:.3f} mm off ({bone})")
    for sample in expected["samples"]:
        scene.frame_set(int(round(first)) + sample["frame"])
        found = heads(armature, names)
        off, bone = farthest(found, sample["joints"])
        check(f"frame {sample['frame']}", off < LIMIT_M and len(found) == len(names), f"at most {off * 1000:.3f} mm off ({bone})")
    turns = [curve for curve in bpy.data.actions[0].fcurves if "rotation" in curve.data_path]
    if is_bvh:
        jump = max(
            (abs(a.co.y - b.co.y) for curve in turns for a, b in zip(curve.keyframe_points, curve.keyframe_points[1:])),
            default=0.0,
        )
        check("angles without jumps", jump < math.pi, f"at most {math.degrees(jump):.1f} degrees a frame")

    scene.frame_set(int(round(first)) + expected["samples"][2]["frame"])
    # The body is wherever it walked to.
    place = heads(armature, names)["hips"]
    root = armature
    while root.parent is not None:
        root = root.parent
    root.location -= Vector((place.x, place.y, 0.0))
    bpy.context.view_layer.update()
    if is_bvh:
        sticks(armature)
    head = expected["rest"]["head"][1]
    render(picture.resolve(), head * 1.1)
    if failures:
        print(f"check failed: {', '.join(failures)}", flush=True)
        sys.exit(1)
    print("check passed", flush=True)


main()
