//! Where the orbit camera stands: framings of the avatar, and the way from one to the next.

use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_panorbit_camera::PanOrbitCamera;

use super::avatar::{Avatar, HumanoidRig, ShownPose, Standing};
use super::crowd::{Crowd, Stand, place_of};
use super::game::GameView;
use super::preferences::Preferences;
use super::scene;
use crate::motion::retarget::wrap;
use crate::motion::skeleton::{HumanoidBone, RestSkeleton};
use crate::settings::Framing;

/// Seconds from one framing to the next.
const MOVE_S: f32 = 0.6;
/// Share of the picture's height that a framing leaves free.
const MARGIN: f32 = 1.15;

/// Moves the camera.
pub(super) fn plugin(app: &mut App) {
    app.add_message::<FramingWanted>()
        .init_resource::<CameraMove>()
        .init_resource::<Following>()
        .init_resource::<GameSight>()
        .init_resource::<FreeView>()
        .add_systems(
            Update,
            (
                begin_with_framing,
                start_move.run_if(on_message::<FramingWanted>),
                follow_game.run_if(resource_changed::<GameSight>),
                go_on_moving,
                follow_avatars,
            )
                .chain(),
        );
}

/// The part of the window that nothing covers, in points: the avatars stand in its middle. Written by whoever covers the
/// rest; empty before anything was drawn.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct FreeView(Rect);

impl FreeView {
    /// A rectangle of egui, which need be no rectangle at all yet.
    pub(super) const fn from_egui(free: bevy_egui::egui::Rect) -> Self {
        Self(Rect { min: Vec2::new(free.min.x, free.min.y), max: Vec2::new(free.max.x, free.max.y) })
    }

    /// The rectangle; `None` before there is one.
    pub(super) fn get(&self) -> Option<Rect> {
        let is_known = self.0.min.is_finite() && self.0.max.is_finite() && !self.0.is_empty();
        is_known.then_some(self.0)
    }
}

/// The camera is to go there.
#[derive(Message, Debug, Clone, Copy)]
pub(super) struct FramingWanted(pub(super) Framing);

/// From where a game wants its players to be seen; `None` in the studio.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct GameSight(pub(super) Option<Sight>);

/// From where a game wants its players to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) view: GameView,
    /// Whether the camera is there at once instead of going there.
    pub(super) cuts: bool,
}

/// Where the camera stands behind players, and where it looks: into the room, with their feet and what flies above their
/// heads in the picture.
const BEHIND: [Vec3; 2] = [Vec3::new(0.0, 2.0, -5.2), Vec3::new(0.0, 1.0, 2.5)];
/// The wheel takes the user no farther away than this, metres; several players may take a game's camera farther.
pub(super) const FARTHEST_ZOOM_M: f32 = 9.0;
/// Where haze begins and ends for a camera behind players, metres: what comes from far away is seen early.
const HAZE_BEHIND: (f32, f32) = (8.5, 16.5);

/// Where an orbit camera stands.
#[derive(Debug, Clone, Copy, PartialEq)]
struct View {
    focus: Vec3,
    radius: f32,
    yaw: f32,
    pitch: f32,
}

impl View {
    /// The view of a framing; `None` where the mouse decides. Before an avatar is there only the whole body is known.
    fn of(framing: Framing, rest: Option<&RestSkeleton>) -> Option<Self> {
        let full = Self::between_points([scene::CAMERA_AT, scene::LOOK_AT]);
        let height = |bone: HumanoidBone| Some(rest?.get(bone)?.position.y);
        let known = height(HumanoidBone::Hips).zip(height(HumanoidBone::Head)).filter(|(hips, head)| head > hips);
        let (Some((hips, head)), Framing::Upper | Framing::Face) = (known, framing) else {
            return (framing != Framing::Free).then_some(full);
        };
        // The head's joint lies at the base of the skull.
        let trunk = head - hips;
        let top = head + 0.42 * trunk;
        let bottom = if framing == Framing::Upper { hips } else { head - 0.4 * trunk };
        let radius = (top - bottom) * MARGIN / 2.0 / (scene::FIELD_OF_VIEW / 2.0).tan();
        Some(Self { focus: Vec3::Y * f32::midpoint(top, bottom), radius, yaw: 0.0, pitch: 0.03 })
    }

    fn between_points([at, focus]: [Vec3; 2]) -> Self {
        let way = at - focus;
        Self { focus, radius: way.length(), yaw: way.x.atan2(way.z), pitch: way.y.atan2(way.xz().length()) }
    }

    /// The same view of avatars that stand elsewhere.
    fn with(self, stand: Stand) -> Self {
        Self { focus: self.focus + Vec3::X * stand.across_m, radius: self.radius * stand.share, ..self }
    }

    fn between(self, to: Self, share: f32) -> Self {
        let share = share * share * (3.0 - 2.0 * share);
        let turn = wrap(to.yaw - self.yaw);
        Self {
            focus: self.focus.lerp(to.focus, share),
            radius: self.radius + (to.radius - self.radius) * share,
            yaw: self.yaw + turn * share,
            pitch: self.pitch + (to.pitch - self.pitch) * share,
        }
    }

    fn now(camera: &PanOrbitCamera) -> Option<Self> {
        Some(Self { focus: camera.focus, radius: camera.radius?, yaw: camera.yaw?, pitch: camera.pitch? })
    }

    fn put(self, camera: &mut PanOrbitCamera) {
        (camera.focus, camera.target_focus) = (self.focus, self.focus);
        (camera.radius, camera.target_radius) = (Some(self.radius), self.radius);
        (camera.yaw, camera.target_yaw) = (Some(self.yaw), self.yaw);
        (camera.pitch, camera.target_pitch) = (Some(self.pitch), self.pitch);
        camera.force_update = true;
    }
}

/// The way that the camera is on.
#[derive(Resource, Debug, Default)]
struct CameraMove(Option<Way>);

#[derive(Debug, Clone, Copy)]
struct Way {
    from: View,
    to: View,
    elapsed_s: f32,
}

/// How the camera goes with the avatars.
#[derive(Resource, Debug, Default)]
struct Following {
    crowd: Crowd,
    stand: Stand,
    /// The studio's view, while a game has one of its own.
    studio: Option<View>,
}

/// Goes where a game wants to see its players from, and back when there is none.
fn follow_game(
    sight: Res<GameSight>,
    mut following: ResMut<Following>,
    mut on_way: ResMut<CameraMove>,
    mut cameras: Query<(&mut PanOrbitCamera, Option<&mut DistanceFog>)>,
    mut last: Local<Option<Sight>>,
) {
    let before = std::mem::replace(&mut *last, sight.0);
    if before.map(|sight| sight.view) == sight.0.map(|sight| sight.view) {
        return;
    }
    let from = cameras.iter().find_map(|(camera, _)| View::now(camera));
    let Some(from) = from else { return };
    let stand = following.stand;
    let to = match sight.0.map(|sight| sight.view) {
        None => following.studio.take().unwrap_or(from),
        Some(GameView::Mirror) => View::between_points([scene::CAMERA_AT, scene::LOOK_AT]).with(stand),
        Some(GameView::Behind) => View::between_points(BEHIND).with(stand),
    };
    if before.is_none() {
        following.studio = Some(from);
    }
    let cuts = sight.0.or(before).is_some_and(|sight| sight.cuts);
    on_way.0 = Some(Way { from, to, elapsed_s: if cuts { MOVE_S } else { 0.0 } });
    for (mut camera, fog) in &mut cameras {
        camera.zoom_upper_limit = Some(if sight.0.is_some() { 3.0 * FARTHEST_ZOOM_M } else { FARTHEST_ZOOM_M });
        if let Some(mut fog) = fog {
            fog.falloff = match sight.0.map(|sight| sight.view) {
                Some(GameView::Behind) => FogFalloff::Linear { start: HAZE_BEHIND.0, end: HAZE_BEHIND.1 },
                _ => scene::haze(scene::CAMERA_AT.distance(scene::LOOK_AT)),
            };
        }
    }
}

/// Goes with those who walk and makes room for those who come, wherever the user has turned the camera to.
fn follow_avatars(
    time: Res<Time<Real>>,
    preferences: Res<Preferences>,
    on_way: Res<CameraMove>,
    avatars: Query<(&Standing, &ShownPose), With<Avatar>>,
    windows: Query<&Window, With<PrimaryWindow>>,
    free: Res<FreeView>,
    sight: Res<GameSight>,
    mut following: ResMut<Following>,
    mut cameras: Query<&mut PanOrbitCamera>,
) {
    let width = |window: &Window| free.get().map_or(window.width(), |free| free.width());
    let aspect = windows.iter().next().map_or(1.0, |window| width(window) / window.height().max(1.0));
    let before = following.stand;
    let stand = following.crowd.follow(time.elapsed_secs_f64(), aspect, avatars.iter().filter_map(place_of));
    following.stand = stand;
    let is_free = preferences.settings.framing == Framing::Free && sight.0.is_none();
    if on_way.0.is_some() || is_free || stand == before {
        return;
    }
    for mut camera in &mut cameras {
        camera.target_focus.x += stand.across_m - before.across_m;
        camera.target_radius *= stand.share / before.share;
    }
}

/// The first avatar that is there is framed as chosen.
fn begin_with_framing(
    preferences: Res<Preferences>,
    avatars: Query<&Avatar, Added<HumanoidRig>>,
    mut has_begun: Local<bool>,
    mut wanted: MessageWriter<FramingWanted>,
) {
    if !*has_begun && !avatars.is_empty() {
        *has_begun = true;
        if matches!(preferences.settings.framing, Framing::Upper | Framing::Face) {
            wanted.write(FramingWanted(preferences.settings.framing));
        }
    }
}

fn start_move(
    mut wanted: MessageReader<FramingWanted>,
    mut on_way: ResMut<CameraMove>,
    rigs: Query<(&Avatar, &HumanoidRig)>,
    cameras: Query<&PanOrbitCamera>,
    following: Res<Following>,
) {
    let rest = rigs.iter().find(|(avatar, _)| avatar.number == 0).map(|(_, rig)| &rig.rest);
    for FramingWanted(framing) in wanted.read() {
        let from = cameras.iter().find_map(View::now);
        let to = View::of(*framing, rest).map(|view| view.with(following.stand));
        on_way.0 = from.zip(to).map(|(from, to)| Way { from, to, elapsed_s: 0.0 });
    }
}

fn go_on_moving(
    time: Res<Time<Real>>,
    mouse: Option<Res<ButtonInput<MouseButton>>>,
    mut on_way: ResMut<CameraMove>,
    mut cameras: Query<&mut PanOrbitCamera>,
) {
    let Some(mut way) = on_way.0 else { return };
    // Whoever takes the camera in hand has it.
    let is_taken = cameras.iter().any(|camera| camera.enabled)
        && mouse.is_some_and(|mouse| mouse.any_pressed([MouseButton::Left, MouseButton::Right]));
    way.elapsed_s += time.delta_secs();
    let share = (way.elapsed_s / MOVE_S).min(1.0);
    if !is_taken {
        for mut camera in &mut cameras {
            way.from.between(way.to, share).put(&mut camera);
        }
    }
    on_way.0 = (share < 1.0 && !is_taken).then_some(way);
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use crate::motion::skeleton::RestBone;

    fn rest() -> RestSkeleton {
        let mut rest = RestSkeleton::default();
        for (bone, y) in [(HumanoidBone::Hips, 0.95), (HumanoidBone::Head, 1.5)] {
            let (position, rotation) = (Vec3::Y * y, Quat::IDENTITY);
            rest.bones[bone as usize] =
                Some(RestBone { position, rotation, local_rotation: rotation, local_position: position });
        }
        rest
    }

    #[test]
    fn framings_come_nearer_and_look_higher() {
        let rest = rest();
        let of = |framing| View::of(framing, Some(&rest)).expect("a view");
        let (full, upper, face) = (of(Framing::Full), of(Framing::Upper), of(Framing::Face));
        assert!(full.radius > upper.radius && upper.radius > face.radius && face.radius > 0.5, "{face:?}");
        assert!(full.focus.y < upper.focus.y && upper.focus.y < face.focus.y);
        assert_eq!(View::of(Framing::Free, Some(&rest)), None);
        assert_eq!(View::of(Framing::Face, None), Some(full), "nobody is there yet");
    }

    #[test]
    fn the_way_goes_the_short_way_round() {
        let full = View::of(Framing::Full, None).expect("a view");
        let behind = View { yaw: 3.5, ..full };
        let half = behind.between(full, 0.5);
        assert!((half.yaw - f32::midpoint(3.5, TAU)).abs() < 1e-5, "{}", half.yaw);
        let there = behind.between(full, 1.0).yaw;
        assert!((there.cos() - full.yaw.cos()).abs() < 1e-4 && (there.sin() - full.yaw.sin()).abs() < 1e-4, "{there}");
        assert_eq!(full.between(behind, 0.0), full);
    }
}
