"""The room in which the demo is filmed: floor, wall, lights, camera. For Blender 3.4."""

import math

import bpy
from mathutils import Vector

from parts import linear

WALL_Y = 3.0
# A vertex colour layer of this name holds the ambient occlusion, as glTF's COLOR_0.
OCCLUSION = "Col"


def add_to_scene(thing):
    """Links an object to the scene and returns it."""
    bpy.context.collection.objects.link(thing)
    return thing


def aim(thing, location, target):
    """Puts a light or a camera somewhere and points it at something."""
    thing.location = location
    thing.rotation_euler = (Vector(target) - Vector(location)).to_track_quat("-Z", "Y").to_euler()
    return thing


def flat_material(name, colour, roughness=0.9):
    """A material of one colour."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    surface = material.node_tree.nodes["Principled BSDF"]
    surface.inputs["Base Color"].default_value = (*linear(colour), 1)
    surface.inputs["Roughness"].default_value = roughness
    surface.inputs["Specular"].default_value = 0.2
    return material


def rectangle(name, corners, material):
    """A rectangle out of four corners."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    mesh.materials.append(material)
    return add_to_scene(bpy.data.objects.new(name, mesh))


def wall_rectangle(name, low, high, off, colour):
    """A rectangle that hangs `off` metres before the wall, from one corner (x, z) to the other."""
    (left, bottom), (right, top), y = low, high, WALL_Y - off
    corners = [(left, y, bottom), (right, y, bottom), (right, y, top), (left, y, top)]
    rectangle(name, corners, flat_material(name, colour))


def area_light(location, target, size, power, colour=(1, 1, 1), shadow=True):
    """An area light pointed at something."""
    light = bpy.data.lights.new("area", "AREA")
    light.size, light.energy, light.color, light.use_shadow = size, power, colour, shadow
    return aim(add_to_scene(bpy.data.objects.new("area", light)), location, target)


def room():
    """A floor with a rug, a wall with a picture, four lights; one of them throws shadows."""
    background = bpy.data.worlds.new("room")
    background.use_nodes = True
    sky = background.node_tree.nodes["Background"]
    sky.inputs[0].default_value = (0.95, 0.97, 1, 1)
    sky.inputs[1].default_value = 0.45
    bpy.context.scene.world = background
    corners = [(-6, -6, 0), (6, -6, 0), (6, WALL_Y, 0), (-6, WALL_Y, 0)]
    rectangle("floor", corners, flat_material("floor", (0.46, 0.33, 0.24), 0.6))
    corners = [(-6, WALL_Y, 0), (6, WALL_Y, 0), (6, WALL_Y, 5), (-6, WALL_Y, 5)]
    rectangle("wall", corners, flat_material("wall", (0.83, 0.80, 0.74)))
    wall_rectangle("skirting", (-6, 0), (6, 0.12), 0.01, (0.95, 0.95, 0.93))
    wall_rectangle("frame", (-2.25, 1.15), (-1.15, 2.0), 0.02, (0.20, 0.17, 0.15))
    wall_rectangle("picture", (-2.20, 1.20), (-1.20, 1.95), 0.03, (0.42, 0.58, 0.62))
    corners = [(-1.4, -1.1, 0.004), (1.4, -1.1, 0.004), (1.4, 0.9, 0.004), (-1.4, 0.9, 0.004)]
    rectangle("rug", corners, flat_material("rug", (0.62, 0.60, 0.56)))
    area_light((-2.2, -3.0, 3.2), (0, 0, 1.1), 1.6, 190, (1, 0.96, 0.90))
    area_light((2.6, -2.4, 2.2), (0, 0, 1.1), 2.0, 75, (0.90, 0.95, 1), shadow=False)
    area_light((0.8, 1.3, 3.0), (0, 0, 1.3), 1.0, 60, shadow=False)
    area_light((0, -0.2, 4.6), (0, WALL_Y, 1.2), 3.0, 130, shadow=False)


def camera(location, target, vertical_fov_deg):
    """The scene's camera."""
    lens = bpy.data.cameras.new("camera")
    lens.sensor_fit = "VERTICAL"
    lens.angle = math.radians(vertical_fov_deg)
    thing = aim(add_to_scene(bpy.data.objects.new("camera", lens)), location, target)
    bpy.context.scene.camera = thing
    return thing


def show_occlusion(material):
    """Multiplies a material's colour by the ambient occlusion: for rendering, not for the export."""
    tree = material.node_tree
    colour = tree.nodes["Principled BSDF"].inputs["Base Color"]
    mix = tree.nodes.new("ShaderNodeMixRGB")
    mix.blend_type = "MULTIPLY"
    mix.inputs[0].default_value = 1
    occlusion = tree.nodes.new("ShaderNodeVertexColor")
    occlusion.layer_name = OCCLUSION
    if colour.links:
        tree.links.new(colour.links[0].from_socket, mix.inputs[1])
    else:
        mix.inputs[1].default_value = colour.default_value
    tree.links.new(occlusion.outputs["Color"], mix.inputs[2])
    tree.links.new(mix.outputs[0], colour)


def use_size(width, height):
    """Size and colours of the rendered pictures."""
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Standard"


def use_eevee(samples):
    """Rasterising: about a second a frame. Needs a display, if only a virtual one."""
    scene = bpy.context.scene
    scene.render.engine = "BLENDER_EEVEE"
    eevee = scene.eevee
    eevee.taa_render_samples = samples
    eevee.use_gtao = True
    eevee.use_soft_shadows = True
    eevee.shadow_cube_size = "1024"
    eevee.gi_diffuse_bounces = 0


def use_cycles(samples, bounces=2):
    """Path tracing on the processor: slower, but needs no display."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.use_persistent_data = True
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = samples
    # The same grain in every frame compresses better than grain that boils.
    cycles.seed = 0
    cycles.use_denoising = False
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.03
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = bounces, max(1, bounces - 1), 1
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 3
