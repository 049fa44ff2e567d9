//! The studio that the avatar stands in: floor, lights, backdrop.

use bevy::asset::RenderAssetUsages;
use bevy::camera::Exposure;
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::image::{ImageAddressMode, ImageFilterMode, ImageSampler, ImageSamplerDescriptor};
use bevy::light::{CascadeShadowConfigBuilder, DirectionalLightShadowMap, NotShadowCaster};
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

use super::avatar::{Avatar, HumanoidRig, Standing};
use super::schedule::AvatarSystems;
use crate::motion::skeleton::HumanoidBone;
use crate::settings::Background;

/// Colour of the backdrop and of the haze that the floor fades into.
const BACKDROP: Color = Color::srgb(0.205, 0.225, 0.285);
/// Half the side of the floor, metres.
const FLOOR_HALF_M: f32 = 12.0;
/// Pixels a side of the floor's picture.
const FLOOR_PX: u32 = 2048;
/// Where the camera looks, metres.
pub const LOOK_AT: Vec3 = Vec3::new(0.0, 0.96, 0.0);
/// Where the camera stands at first.
pub const CAMERA_AT: Vec3 = Vec3::new(0.0, 1.22, 4.7);
/// Vertical field of view, radians.
pub const FIELD_OF_VIEW: f32 = 0.52;

/// What the graphics adapter can bear.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// A software adapter: no multisampling, no shadow map (which would draw the avatar twice), contact shadows only.
    Plain,
    /// A graphics card.
    Full,
}

/// What is seen behind the avatar. The studio where nobody says otherwise.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backdrop(pub Background);

/// The floor, which only the studio has.
#[derive(Component, Debug)]
struct Floor;

/// Builds the studio.
pub(super) fn plugin(app: &mut App) {
    app.insert_resource(ClearColor(BACKDROP))
        .init_resource::<Backdrop>()
        .insert_resource(GlobalAmbientLight { color: Color::srgb(0.80, 0.86, 1.0), brightness: 150.0, ..default() })
        .add_systems(Startup, (spawn_floor, spawn_lights))
        .add_systems(Update, (spawn_contact_shadows, remove_contact_shadows, show_backdrop))
        .add_systems(PostUpdate, place_contact_shadows.in_set(AvatarSystems::Ground));
}

/// The haze for a camera so many metres from what it looks at: what stands there is clear, the end of the floor is not seen.
#[must_use]
pub fn haze(distance_m: f32) -> FogFalloff {
    let back = distance_m - CAMERA_AT.distance(LOOK_AT);
    FogFalloff::Linear { start: 5.5 + back, end: 12.5 + back }
}

/// The components of a camera that shows the studio, whatever it draws to.
#[must_use]
pub fn studio_camera(images: &mut Assets<Image>, quality: Quality) -> impl Bundle {
    (
        Camera3d::default(),
        Projection::Perspective(PerspectiveProjection { fov: FIELD_OF_VIEW, near: 0.05, far: 60.0, ..default() }),
        Transform::from_translation(CAMERA_AT).looking_at(LOOK_AT, Vec3::Y),
        Tonemapping::TonyMcMapface,
        DebandDither::Enabled,
        Exposure { ev100: 9.7 },
        if quality == Quality::Full { Msaa::Sample4 } else { Msaa::Off },
        DistanceFog { color: BACKDROP, falloff: haze(CAMERA_AT.distance(LOOK_AT)), ..default() },
        EnvironmentMapLight {
            intensity: 420.0,
            ..EnvironmentMapLight::hemispherical_gradient(
                images,
                Color::srgb(0.92, 0.95, 1.0),
                Color::srgb(0.60, 0.62, 0.70),
                Color::srgb(0.36, 0.33, 0.34),
            )
        },
    )
}

/// Nothing but the avatar is left before a flat background: no floor, no haze, no shadow.
fn show_backdrop(
    backdrop: Res<Backdrop>,
    mut clear: ResMut<ClearColor>,
    mut floors: Query<&mut Visibility, With<Floor>>,
    mut hazes: Query<&mut DistanceFog>,
) {
    let colour = match backdrop.0 {
        Background::Studio => BACKDROP,
        Background::Transparent => Color::NONE,
        Background::Green | Background::Colour(_) => {
            let [red, green, blue] = backdrop.0.colour().unwrap_or_default();
            Color::srgb_u8(red, green, blue)
        }
    };
    if clear.0 != colour {
        clear.0 = colour;
    }
    let is_studio = backdrop.0 == Background::Studio;
    for mut visibility in &mut floors {
        visibility.set_if_neq(if is_studio { Visibility::Inherited } else { Visibility::Hidden });
    }
    for mut haze in &mut hazes {
        let colour = if is_studio { BACKDROP } else { BACKDROP.with_alpha(0.0) };
        if haze.color != colour {
            haze.color = colour;
        }
    }
}

fn spawn_floor(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    mut images: ResMut<Assets<Image>>,
) {
    let material = StandardMaterial {
        base_color_texture: Some(images.add(floor_picture())),
        perceptual_roughness: 0.72,
        reflectance: 0.25,
        ..default()
    };
    commands.spawn((
        Name::new("Floor"),
        Floor,
        Mesh3d(meshes.add(Plane3d::default().mesh().size(2.0 * FLOOR_HALF_M, 2.0 * FLOOR_HALF_M))),
        MeshMaterial3d(materials.add(material)),
        NotShadowCaster,
    ));
}

fn spawn_lights(mut commands: Commands, quality: Res<Quality>) {
    let full = *quality == Quality::Full;
    commands.insert_resource(DirectionalLightShadowMap { size: 4096 });
    let light = |name: &'static str, from: Vec3, color: Color, illuminance: f32, shadow: bool| {
        (
            Name::new(name),
            DirectionalLight { color, illuminance, shadow_maps_enabled: shadow, ..default() },
            CascadeShadowConfigBuilder { num_cascades: 1, minimum_distance: 0.1, maximum_distance: 9.0, ..default() }
                .build(),
            Transform::from_translation(from).looking_at(Vec3::new(0.0, 0.9, 0.0), Vec3::Y),
        )
    };
    commands.spawn(light("Key light", Vec3::new(2.2, 4.2, 3.2), Color::srgb(1.0, 0.95, 0.88), 7_500.0, full));
    commands.spawn(light("Fill light", Vec3::new(-3.5, 2.0, 2.6), Color::srgb(0.80, 0.88, 1.0), 2_200.0, false));
    commands.spawn(light("Rim light", Vec3::new(-1.6, 3.0, -3.6), Color::srgb(0.86, 0.88, 1.0), 6_000.0, false));
}

/// A soft dark spot under a part of the body, which grounds the avatar, with or without a shadow map.
#[derive(Component, Debug, Clone, Copy)]
struct ContactShadow {
    /// The avatar that it belongs to.
    avatar: Entity,
    bone: HumanoidBone,
    /// How dark it is while the bone is at its height at rest, 0 to 1.
    strength: f32,
    /// Rise over the height at rest that halves it, metres.
    fades_over_m: f32,
}

impl ContactShadow {
    /// The spots of one avatar and their sizes in metres: under each foot, and a wide one under the body.
    const fn all_of(avatar: Entity) -> [(Self, Vec2); 3] {
        let foot = Vec2::new(0.42, 0.56);
        [
            (Self { avatar, bone: HumanoidBone::LeftFoot, strength: 0.62, fades_over_m: 0.1 }, foot),
            (Self { avatar, bone: HumanoidBone::RightFoot, strength: 0.62, fades_over_m: 0.1 }, foot),
            (Self { avatar, bone: HumanoidBone::Hips, strength: 0.45, fades_over_m: 0.8 }, Vec2::new(1.25, 1.05)),
        ]
    }
}

fn spawn_contact_shadows(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    mut images: ResMut<Assets<Image>>,
    mut spot: Local<Option<Handle<Image>>>,
    avatars: Query<(Entity, &Avatar), Added<HumanoidRig>>,
) {
    let shadows = avatars.iter().flat_map(|(entity, avatar)| {
        ContactShadow::all_of(entity)
            .into_iter()
            .enumerate()
            .map(|(height, shadow)| (3 * avatar.number + height, shadow))
    });
    for (height, (shadow, size)) in shadows {
        let spot = spot.get_or_insert_with(|| images.add(spot_picture()));
        let mesh = meshes.add(Plane3d::default().mesh().size(size.x, size.y));
        // One material each: how dark a spot is depends on its own foot's height.
        let material = materials.add(StandardMaterial {
            // As it is soon shown: a changed material is drawn a picture late.
            base_color: Color::srgba(0.02, 0.02, 0.04, shadow.strength),
            base_color_texture: Some(spot.clone()),
            alpha_mode: AlphaMode::Blend,
            unlit: true,
            fog_enabled: false,
            depth_bias: 1.0,
            ..default()
        });
        commands.spawn((
            Name::new("Contact shadow"),
            shadow,
            Mesh3d(mesh),
            MeshMaterial3d(material),
            // Not in one plane, or they would flicker through one another.
            Transform::from_xyz(0.0, 0.003 + 0.001 * height as f32, 0.0),
            Visibility::Hidden,
            NotShadowCaster,
        ));
    }
}

/// An avatar that gave way to another takes its spots along.
fn remove_contact_shadows(
    mut commands: Commands,
    mut gone: RemovedComponents<Avatar>,
    spots: Query<(Entity, &ContactShadow)>,
) {
    for avatar in gone.read() {
        for (entity, _) in spots.iter().filter(|(_, spot)| spot.avatar == avatar) {
            commands.entity(entity).despawn();
        }
    }
}

fn place_contact_shadows(
    backdrop: Res<Backdrop>,
    rigs: Query<(&HumanoidRig, &Standing)>,
    globals: Query<&GlobalTransform, Without<ContactShadow>>,
    mut spots: Query<(
        &ContactShadow,
        &MeshMaterial3d<StandardMaterial>,
        &mut Transform,
        &mut GlobalTransform,
        &mut Visibility,
    )>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    for (spot, material, mut transform, mut global, mut visibility) in &mut spots {
        let has_floor = backdrop.0 == Background::Studio;
        let seen = rigs.get(spot.avatar).ok().filter(|(_, standing)| has_floor && standing.is_visible);
        let over = seen.and_then(|(rig, _)| {
            let rest = rig.rest.get(spot.bone)?.position.y;
            let at = |bone: HumanoidBone| Some(globals.get(rig.bones[bone as usize]?).ok()?.translation());
            let toes = match spot.bone {
                HumanoidBone::LeftFoot => at(HumanoidBone::LeftToes),
                HumanoidBone::RightFoot => at(HumanoidBone::RightToes),
                _ => None,
            };
            Some((at(spot.bone)?, toes, rest))
        });
        let Some((joint, toes, rest)) = over else {
            *visibility = Visibility::Hidden;
            continue;
        };
        // A foot's spot reaches forward from the ankle.
        let way = toes.map_or(Vec3::ZERO, |toes| (toes - joint).with_y(0.0)).try_normalize();
        let lift = (joint.y - rest).max(0.0);
        let strength = spot.strength / (1.0 + (lift / spot.fades_over_m).powi(2));
        let ground = joint + way.unwrap_or(Vec3::ZERO) * 0.06;
        let forward = way.unwrap_or(Vec3::Z);
        *transform = Transform::from_xyz(ground.x, transform.translation.y, ground.z)
            .with_rotation(Quat::from_rotation_y(forward.x.atan2(forward.z)))
            .with_scale(Vec3::splat(1.0 + lift));
        // Written after propagation, so that the spot is under this frame's foot.
        *global = GlobalTransform::from(*transform);
        *visibility = Visibility::Inherited;
        if let Some(mut material) = materials.get_mut(&material.0) {
            material.base_color = Color::srgba(0.02, 0.02, 0.04, strength);
        }
    }
}

/// A radial fade to transparent.
fn spot_picture() -> Image {
    const SIDE: u32 = 64;
    let data = (0..SIDE * SIDE)
        .flat_map(|i| {
            let at = |v: u32| (v as f32 + 0.5) / SIDE as f32 * 2.0 - 1.0;
            let fade = (1.0 - at(i % SIDE).hypot(at(i / SIDE))).clamp(0.0, 1.0);
            [255, 255, 255, (255.0 * fade * fade * (3.0 - 2.0 * fade)) as u8]
        })
        .collect();
    picture(SIDE, data, 1)
}

/// The floor: a bright pool around the middle and a soft grid, one line a half metre, with mip maps of its own.
fn floor_picture() -> Image {
    let metres = 2.0 * FLOOR_HALF_M / FLOOR_PX as f32;
    let line = |at: f32, every: f32, half_width: f32| {
        let off = (at / every - (at / every).round()).abs() * every;
        (1.0 - (off / half_width)).clamp(0.0, 1.0)
    };
    let mut level: Vec<[f32; 3]> = (0..FLOOR_PX * FLOOR_PX)
        .map(|i| {
            let at = |v: u32| (v as f32 + 0.5) * metres - FLOOR_HALF_M;
            let (x, z) = (at(i % FLOOR_PX), at(i / FLOOR_PX));
            let pool = (-(x * x + z * z) / 9.0).exp();
            let grid =
                line(x, 0.5, 0.016).max(line(z, 0.5, 0.016)) * 0.35 + line(x, 2.0, 0.02).max(line(z, 2.0, 0.02)) * 0.3;
            let value = 0.26 + 0.24 * pool + 0.16 * grid;
            [value * 0.96, value * 0.985, value * 1.08]
        })
        .collect();
    let (mut side, mut levels, mut data) = (FLOOR_PX as usize, 0, Vec::new());
    loop {
        data.extend(level.iter().flat_map(|c| {
            let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
            [byte(c[0]), byte(c[1]), byte(c[2]), 255]
        }));
        levels += 1;
        if side == 1 {
            break;
        }
        let half = side / 2;
        level = (0..half * half)
            .map(|i| {
                let (x, y) = (i % half * 2, i / half * 2);
                let corners = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)].map(|(x, y)| level[y * side + x]);
                std::array::from_fn(|c| corners.iter().map(|corner| corner[c]).sum::<f32>() / 4.0)
            })
            .collect();
        side = half;
    }
    picture(FLOOR_PX, data, levels)
}

fn picture(side: u32, data: Vec<u8>, levels: u32) -> Image {
    let size = Extent3d { width: side, height: side, depth_or_array_layers: 1 };
    let mut image =
        Image::new_uninit(size, TextureDimension::D2, TextureFormat::Rgba8UnormSrgb, RenderAssetUsages::RENDER_WORLD);
    image.texture_descriptor.mip_level_count = levels;
    image.data = Some(data);
    image.sampler = ImageSampler::Descriptor(ImageSamplerDescriptor {
        address_mode_u: ImageAddressMode::ClampToEdge,
        address_mode_v: ImageAddressMode::ClampToEdge,
        mag_filter: ImageFilterMode::Linear,
        min_filter: ImageFilterMode::Linear,
        mipmap_filter: ImageFilterMode::Linear,
        anisotropy_clamp: 8,
        ..default()
    });
    image
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::skeleton::{BONE_COUNT, RestSkeleton};

    #[test]
    fn an_avatar_that_goes_takes_its_shadows_along() {
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, AssetPlugin::default()))
            .init_asset::<Mesh>()
            .init_asset::<StandardMaterial>()
            .init_asset::<Image>()
            .add_systems(Update, (spawn_contact_shadows, remove_contact_shadows));
        let rig = || HumanoidRig {
            rest: RestSkeleton::default(),
            bones: [None; BONE_COUNT],
            hips_parent_from_avatar: bevy::math::Affine3A::IDENTITY,
        };
        let old = app.world_mut().spawn((Avatar { number: 0 }, rig())).id();
        app.update();
        let spots = |app: &mut App| {
            let world = app.world_mut();
            world.query::<&ContactShadow>().iter(world).map(|spot| spot.avatar).collect::<Vec<_>>()
        };
        assert_eq!(spots(&mut app), [old; 3]);
        app.world_mut().despawn(old);
        let new = app.world_mut().spawn((Avatar { number: 0 }, rig())).id();
        for _ in 0..3 {
            app.update();
        }
        assert_eq!(spots(&mut app), [new; 3]);
        assert_eq!(app.world().resource::<Assets<StandardMaterial>>().len(), 3, "their materials, too");
    }
}
