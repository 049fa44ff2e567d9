"""Films the demo: every frame as a picture, and the truth about every frame.

    xvfb-run blender -b FOLDER/avatar.blend -P render_demo.py -- FOLDER/frames
    ffmpeg -framerate 30 -i FOLDER/frames/f%04d.png -c:v libx264 -crf 20 -pix_fmt yuv420p demo.mp4

`build_in_blender.py` makes avatar.blend. The truth goes to FOLDER/frames/groundtruth.json.
"""

import argparse
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import bpy
import numpy as np
from mathutils import Matrix, Vector

import choreography
from blender_scene import camera, room, show_occlusion, use_cycles, use_eevee, use_size

CONVENTION = (
    "OpenCV: x_cam = R X + t, +x right, +y down, +z forward; world Z up metres; "
    "pixel = (cx+fx x/z, cy+fy y/z), image corner origin"
)


def camera_model(thing, width, height, vertical_fov_deg):
    """The camera as OpenCV describes one."""
    focal = 0.5 * height / math.tan(math.radians(vertical_fov_deg) / 2)
    bpy.context.view_layer.update()
    to_camera = np.array(thing.matrix_world.inverted())
    flip = np.diag((1, -1, -1))
    return dict(
        width=width,
        height=height,
        fx=focal,
        fy=focal,
        cx=width / 2,
        cy=height / 2,
        R=(flip @ to_camera[:3, :3]).tolist(),
        t=(flip @ to_camera[:3, 3]).tolist(),
        convention=CONVENTION,
    )


def projected(model, points):
    """Pixels of points in the scene."""
    seen = points @ np.array(model["R"]).T + np.array(model["t"])
    x = model["cx"] + model["fx"] * seen[:, 0] / seen[:, 2]
    y = model["cy"] + model["fy"] * seen[:, 1] / seen[:, 2]
    return np.stack((x, y), 1)


def rounded(array, digits):
    """An array as nested lists of rounded numbers."""
    return np.round(array, digits).tolist()


def animate(rig, model):
    """Keys every bone in every frame; returns the truth about each frame."""
    tracks, frames = choreography.tracks()
    rest = {bone.name: bone.matrix_local.to_3x3() for bone in rig.data.bones}
    for bone in rig.pose.bones:
        bone.rotation_mode = "QUATERNION"
    previous, truth = {}, []
    for frame in range(frames):
        rotation, position = choreography.solve(tracks, frame)
        for name in choreography.BONES:
            parent = choreography.PARENT[name]
            local = rotation[parent].T @ rotation[name] if parent else rotation[name]
            q = (rest[name].inverted() @ Matrix(local.tolist()) @ rest[name]).to_quaternion()
            # Of the two quaternions of a rotation, the one nearer to the frame before: no detour between frames.
            if name in previous and previous[name].dot(q) < 0:
                q.negate()
            previous[name] = q.copy()
            rig.pose.bones[name].rotation_quaternion = q
            rig.pose.bones[name].keyframe_insert("rotation_quaternion", frame=frame)
        hips = rig.pose.bones["hips"]
        hips.location = rest["hips"].inverted() @ Vector(position["hips"] - choreography.REST["hips"])
        hips.keyframe_insert("location", frame=frame)
        points, hands = choreography.landmarks(rotation, position)
        truth.append(
            dict(
                t=frame / choreography.FPS,
                landmarks3d=rounded(points, 5),
                landmarks2d=rounded(projected(model, points), 3),
                hands3d={side: rounded(hand, 5) for side, hand in hands.items()},
                hands2d={side: rounded(projected(model, hand), 3) for side, hand in hands.items()},
                bones3d=rounded(np.array([position[name] for name in choreography.BONES]), 5),
            )
        )
    return truth


def worst_difference(rig, truth):
    """How far Blender's bones lie from the truth, in metres, over every seventh frame."""
    worst = 0
    for frame in range(0, len(truth), 7):
        bpy.context.scene.frame_set(frame)
        heads = np.array([rig.pose.bones[name].head[:] for name in choreography.BONES])
        worst = max(worst, np.abs(heads - np.array(truth[frame]["bones3d"])).max())
    return worst


def main():
    """Animates, writes the truth, renders."""
    parser = argparse.ArgumentParser(prog="render_demo.py", description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=480)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--cycles", action="store_true", help="path tracing, which needs no display")
    parser.add_argument("--fov", type=float, default=30.0, help="vertical, degrees")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, default=None, help="the last frame, included")
    arguments = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)

    for material in list(bpy.data.materials):
        show_occlusion(material)
    room()
    view = camera((0, -4.1, 1.15), (0, 0, 1.0), arguments.fov)
    use_size(arguments.width, arguments.height)
    if arguments.cycles:
        use_cycles(arguments.samples)
    else:
        use_eevee(arguments.samples)
    rig = bpy.data.objects["Armature"]
    model = camera_model(view, arguments.width, arguments.height, arguments.fov)
    truth = animate(rig, model)
    print(f"Blender's bones lie within {worst_difference(rig, truth):.6f} m of the truth")
    record = dict(
        fps=choreography.FPS,
        camera=model,
        landmark_names=[name for name, _, _ in choreography.LANDMARKS],
        bone_names=choreography.BONES,
        frames=truth,
    )
    (folder / "groundtruth.json").write_text(json.dumps(record))

    scene = bpy.context.scene
    scene.render.fps = choreography.FPS
    scene.render.image_settings.file_format = "PNG"
    last = len(truth) - 1 if arguments.last is None else arguments.last
    for frame in range(arguments.first, last + 1):
        scene.frame_set(frame)
        scene.render.filepath = str(folder / f"f{frame:04}.png")
        bpy.ops.render.render(write_still=True)


if __name__ == "__main__":
    main()
