//! How things look: rules say what a thing is, this draws it. Colours come from the palette that the user has chosen, and
//! what has to be told apart differs in shape or pattern, too.

use std::collections::HashMap;

use bevy::prelude::*;

use crate::app::preferences::Preferences;
use crate::settings::Palette;

/// Draws what bears a [`Look`]. Needs the renderer's assets.
pub struct LooksPlugin;

impl Plugin for LooksPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Drawn>().add_systems(Update, (forget_other_palette, draw).chain());
    }
}

/// What a thing looks like.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Its shape, metres.
    pub shape: Shape,
    /// Its colour.
    pub tint: Tint,
    /// Whether it shines by itself.
    pub glows: bool,
}

impl Look {
    /// A ball of this radius, metres.
    #[must_use]
    pub const fn ball(radius_m: f32, tint: Tint) -> Self {
        Self { shape: Shape::Ball(radius_m), tint, glows: false }
    }
}

/// The shape of a thing, around its middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Of this radius.
    Ball(f32),
    /// A ball with spikes, of this radius: not to be touched.
    Spikes(f32),
    /// A ball with a band around it.
    Banded(f32),
    /// Two cones, base to base.
    Diamond(f32),
    /// Half its edges.
    Block(Vec3),
    /// A ring in the plane that z is across, of this radius.
    Ring(f32),
    /// A flat disc in the plane that z is across, of this radius.
    Disc(f32),
    /// Two rings around a disc, in the plane that z is across, of this radius.
    Target(f32),
}

/// A colour by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tint {
    /// One of four that are told apart: players, kinds.
    Kind(u8),
    /// Good to touch.
    Good,
    /// Bad to touch.
    Bad,
    /// Worth more.
    Gold,
    /// Scenery.
    Plain,
}

impl Tint {
    /// The colour in a palette. Source of the safe one: Okabe and Ito, "Color Universal Design", 2008.
    #[must_use]
    pub const fn colour(self, palette: Palette) -> [u8; 3] {
        match (palette, self) {
            (_, Self::Plain) => [196, 202, 214],
            (Palette::ColourSafe, Self::Kind(0)) => [86, 180, 233],
            (Palette::ColourSafe, Self::Kind(1)) => [230, 159, 0],
            (Palette::ColourSafe, Self::Kind(2) | Self::Good) => [0, 158, 115],
            (Palette::ColourSafe, Self::Kind(_)) => [204, 121, 167],
            (Palette::ColourSafe, Self::Bad) => [213, 94, 0],
            (Palette::ColourSafe, Self::Gold) => [240, 228, 66],
            (Palette::Vivid, Self::Kind(0)) => [255, 95, 162],
            (Palette::Vivid, Self::Kind(1)) => [38, 198, 190],
            (Palette::Vivid, Self::Kind(2)) => [150, 120, 255],
            (Palette::Vivid, Self::Kind(_)) => [255, 176, 64],
            (Palette::Vivid, Self::Good) => [98, 214, 146],
            (Palette::Vivid, Self::Bad) => [246, 84, 88],
            (Palette::Vivid, Self::Gold) => [255, 208, 72],
            (Palette::HighContrast, Self::Kind(0) | Self::Good) => [255, 255, 255],
            (Palette::HighContrast, Self::Kind(1) | Self::Gold) => [255, 222, 0],
            (Palette::HighContrast, Self::Kind(2)) => [0, 229, 255],
            (Palette::HighContrast, Self::Kind(_)) => [255, 122, 255],
            (Palette::HighContrast, Self::Bad) => [255, 60, 0],
        }
    }
}

/// Meshes and materials that were made, by what they are of.
#[derive(Resource, Default)]
struct Drawn {
    palette: Palette,
    meshes: HashMap<String, Handle<Mesh>>,
    materials: HashMap<(Tint, bool), Handle<StandardMaterial>>,
}

/// Things that are there take the colours of another palette.
fn forget_other_palette(
    preferences: Option<Res<Preferences>>,
    mut drawn: ResMut<Drawn>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    let palette = preferences.map_or(Palette::default(), |preferences| preferences.settings.games.palette);
    if drawn.palette == palette {
        return;
    }
    drawn.palette = palette;
    for ((tint, glows), handle) in &drawn.materials {
        if let Some(mut known) = materials.get_mut(handle) {
            *known = material(*tint, *glows, palette);
        }
    }
}

fn draw(
    mut commands: Commands,
    looks: Query<(Entity, &Look), Changed<Look>>,
    mut drawn: ResMut<Drawn>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    let Drawn { palette, meshes: known, materials: paints } = &mut *drawn;
    for (entity, look) in &looks {
        let mesh = known.entry(format!("{:?}", look.shape)).or_insert_with(|| meshes.add(mesh(look.shape))).clone();
        let paint = paints
            .entry((look.tint, look.glows))
            .or_insert_with(|| materials.add(material(look.tint, look.glows, *palette)))
            .clone();
        commands.entity(entity).insert((Mesh3d(mesh), MeshMaterial3d(paint)));
    }
}

fn material(tint: Tint, glows: bool, palette: Palette) -> StandardMaterial {
    let [red, green, blue] = tint.colour(palette);
    let colour = Color::srgb_u8(red, green, blue);
    StandardMaterial {
        base_color: colour,
        emissive: if glows { colour.to_linear() * 2.5 } else { LinearRgba::BLACK },
        perceptual_roughness: 0.45,
        reflectance: 0.35,
        ..default()
    }
}

fn mesh(shape: Shape) -> Mesh {
    match shape {
        Shape::Ball(radius) => sphere(radius),
        Shape::Spikes(radius) => {
            let mut mesh = sphere(0.72 * radius);
            // Along the corners and faces of a cube: fourteen, evenly about.
            let corners = [-1.0_f32, 1.0].map(|x| [-1.0_f32, 1.0].map(|y| [-1.0_f32, 1.0].map(|z| Vec3::new(x, y, z))));
            let faces = [Vec3::X, Vec3::Y, Vec3::Z].map(|axis| [axis, -axis]);
            for way in corners.as_flattened().as_flattened().iter().chain(faces.as_flattened()) {
                let way = way.try_normalize().unwrap_or(Vec3::Y);
                let spike = Cone { radius: 0.3 * radius, height: 0.62 * radius }.mesh().resolution(10).build();
                let at = Transform::from_translation(way * 0.78 * radius)
                    .with_rotation(Quat::from_rotation_arc(Vec3::Y, way));
                merge(&mut mesh, spike.transformed_by(at));
            }
            mesh
        }
        Shape::Banded(radius) => {
            let mut mesh = sphere(0.9 * radius);
            let band = Torus { minor_radius: 0.22 * radius, major_radius: 0.86 * radius }.mesh().build();
            merge(&mut mesh, band.transformed_by(Transform::from_rotation(Quat::from_rotation_x(0.5))));
            mesh
        }
        Shape::Diamond(radius) => {
            let cone = || Cone { radius: 0.8 * radius, height: radius }.mesh().resolution(8).build();
            let mut mesh = cone().transformed_by(Transform::from_xyz(0.0, radius / 2.0, 0.0));
            let under =
                Transform::from_xyz(0.0, -radius / 2.0, 0.0).with_rotation(Quat::from_rotation_x(std::f32::consts::PI));
            merge(&mut mesh, cone().transformed_by(under));
            mesh
        }
        Shape::Block(half) => Cuboid { half_size: half }.mesh().build(),
        Shape::Ring(radius) => ring(radius, 0.09 * radius),
        Shape::Disc(radius) => disc(radius),
        Shape::Target(radius) => {
            let mut mesh = ring(radius, 0.1 * radius);
            merge(&mut mesh, ring(0.62 * radius, 0.08 * radius));
            merge(&mut mesh, disc(0.26 * radius));
            mesh
        }
    }
}

/// Upright: primitives lie.
fn upright(mesh: Mesh) -> Mesh {
    mesh.transformed_by(Transform::from_rotation(Quat::from_rotation_x(std::f32::consts::FRAC_PI_2)))
}

fn ring(radius: f32, half_width: f32) -> Mesh {
    upright(Torus { minor_radius: half_width, major_radius: radius - half_width }.mesh().build())
}

fn disc(radius: f32) -> Mesh {
    upright(Cylinder { radius, half_height: 0.01 }.mesh().resolution(40).build())
}

fn sphere(radius: f32) -> Mesh {
    Sphere { radius }.mesh().uv(32, 18)
}

/// Adds a part to a mesh; primitives have the same attributes, so that they can always be joined.
fn merge(mesh: &mut Mesh, part: Mesh) {
    if let Err(error) = mesh.merge(&part) {
        warn!("a part of a thing is missing: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_be_told_apart_differs_in_lightness_or_hue_for_all() {
        // Seen without red (protanopia), as by Viénot, Brettel and Mollon 1999, on linear light.
        let seen = |colour: [u8; 3]| {
            let [r, g, b] = colour.map(|c| (f32::from(c) / 255.0).powf(2.2));
            let rg = 0.11 * r + 0.89 * g;
            [rg, b]
        };
        for palette in [Palette::ColourSafe, Palette::HighContrast] {
            let kinds: Vec<[f32; 2]> = (0..4).map(|kind| seen(Tint::Kind(kind).colour(palette))).collect();
            for (i, a) in kinds.iter().enumerate() {
                for b in &kinds[..i] {
                    let apart = (a[0] - b[0]).hypot(a[1] - b[1]);
                    assert!(apart > 0.08, "{palette:?}: {a:?} {b:?}");
                }
            }
            let [good, bad] = [Tint::Good, Tint::Bad].map(|tint| seen(tint.colour(palette)));
            assert!((good[0] - bad[0]).hypot(good[1] - bad[1]) > 0.08, "{palette:?}");
        }
    }

    #[test]
    fn every_shape_has_a_mesh_within_its_size() {
        for shape in [
            Shape::Ball(0.2),
            Shape::Spikes(0.2),
            Shape::Banded(0.2),
            Shape::Diamond(0.2),
            Shape::Ring(0.2),
            Shape::Disc(0.2),
            Shape::Target(0.2),
        ] {
            let mesh = mesh(shape);
            let points = mesh.attribute(Mesh::ATTRIBUTE_POSITION).and_then(|p| p.as_float3()).expect("points");
            let farthest = points.iter().map(|p| Vec3::from_array(*p).length()).fold(0.0, f32::max);
            assert!((0.18..0.25).contains(&farthest), "{shape:?}: {farthest}");
        }
    }
}
