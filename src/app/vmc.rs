//! Poses and faces from and to other programs: what arrives moves the first avatar, what the first avatar shows is sent.

use std::time::Instant;

use bevy::prelude::*;

use super::avatar::{Avatar, Expressions, HumanoidRig, ShownPose};
use super::preferences::Preferences;
use super::schedule::PoseSystems;
use super::tracking::Playout;
use crate::formats::vmc::{SEND_PORT, VmcFrame};
use crate::motion::expressions::ExpressionWeights;
use crate::motion::interpolation::{PlayoutClock, Presence, Timeline};
use crate::motion::retarget::AvatarPose;
use crate::net::{Address, ReceivedFrame, VmcSender};
use crate::slot::LatestSlot;

/// Without a pose for so many seconds the sender counts as gone.
const STALE_AFTER_S: f64 = 1.0;

/// Shows poses that arrive and sends those that are shown.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ReceivedPoses>().init_resource::<VmcOutput>().add_systems(
        RunFixedMainLoop,
        (show_received.in_set(PoseSystems::Receive), send_shown.in_set(PoseSystems::Send)),
    );
}

/// Poses that come from another program and stand in the place of tracked ones.
#[derive(Resource, Debug, Default)]
pub struct ReceivedPoses {
    slot: Option<LatestSlot<ReceivedFrame>>,
    /// Whether the newest pose stays as it is, whatever comes.
    pub is_held: bool,
    epoch: Option<Instant>,
    clock: PlayoutClock,
    timeline: Timeline<AvatarPose>,
    presence: Presence,
    held: Option<AvatarPose>,
    arrived_s: f64,
    faces: Timeline<ExpressionWeights>,
    /// How much of the sender's face is shown: nothing while it sends no expression.
    face_presence: Presence,
    face: ExpressionWeights,
}

impl ReceivedPoses {
    /// Takes poses from here; `None` for none, after which the avatar eases back to what is tracked.
    pub fn listen_to(&mut self, slot: Option<LatestSlot<ReceivedFrame>>) {
        if slot.is_some() {
            let before = std::mem::take(self);
            let Self { presence, held, face_presence, face, .. } = before;
            *self = Self { slot, presence, held, face_presence, face, ..Self::default() };
        } else {
            self.slot = None;
        }
    }

    /// Whether poses are taken from anywhere.
    #[must_use]
    pub const fn is_listening(&self) -> bool {
        self.slot.is_some()
    }

    /// Takes in what arrived. `now_s` is the clock of the frames that are drawn.
    fn collect(&mut self, rig: &HumanoidRig, now_s: f64) {
        let Some(received) = self.slot.as_ref().and_then(LatestSlot::try_take) else { return };
        if self.is_held {
            return;
        }
        let epoch = *self.epoch.get_or_insert(received.arrived);
        let time_s = received.arrived.saturating_duration_since(epoch).as_secs_f64();
        self.arrived_s = now_s;
        self.clock.arrived(time_s, now_s);
        self.timeline.push(time_s, received.frame.pose(&rig.rest));
        self.faces.push(time_s, ExpressionWeights(received.frame.expressions));
    }

    /// The pose for this frame between `otherwise` and what came.
    fn pose(&mut self, now_s: f64, otherwise: &AvatarPose) -> AvatarPose {
        let is_coming = self.slot.is_some()
            && !self.timeline.is_empty()
            && (self.is_held || now_s - self.arrived_s <= STALE_AFTER_S);
        let weight = self.presence.update(now_s, is_coming);
        let has_face = is_coming && self.faces.newest().is_some_and(|face| !face.is_empty());
        self.face_presence.update(now_s, has_face);
        if let Some(time_s) = self.clock.display_time(now_s) {
            self.held = self.timeline.sample(time_s).or(self.held);
            // A face that is eased out stays what it was.
            self.face =
                self.faces.sample(time_s).filter(|_| has_face).unwrap_or_else(|| std::mem::take(&mut self.face));
        }
        match self.held {
            Some(held) if weight >= 1.0 => held,
            Some(held) => otherwise.interpolate(&held, weight),
            None => *otherwise,
        }
    }
}

fn show_received(
    time: Res<Time<Real>>,
    playout: Res<Playout>,
    mut received: ResMut<ReceivedPoses>,
    mut avatars: Query<(&Avatar, &HumanoidRig, &mut ShownPose, Option<&mut Expressions>)>,
) {
    if !received.is_listening() && received.presence.weight() <= 0.0 {
        return;
    }
    let now_s = time.elapsed_secs_f64();
    for (_, rig, mut shown, expressions) in avatars.iter_mut().filter(|(avatar, ..)| avatar.number == 0) {
        received.collect(rig, now_s);
        // Where nothing was ever tracked, nobody has written a pose since the last frame of ours.
        let tracked = playout.display_time_s.map(|_| shown.0);
        let otherwise = tracked.unwrap_or_else(|| AvatarPose::rest(&rig.rest));
        shown.0 = received.pose(now_s, &otherwise);
        if let Some(mut expressions) = expressions {
            expressions.follow(&received.face, received.face_presence.weight());
        }
    }
}

/// The sender that the settings ask for, and what became of it.
#[derive(Resource, Debug, Default)]
pub struct VmcOutput {
    wanted: String,
    sender: Option<VmcSender>,
    failure: Option<String>,
}

impl VmcOutput {
    /// How it goes, in a line for people; empty while nothing is to be sent. `Err` when nothing can be sent.
    ///
    /// # Errors
    /// What is wrong and what to do.
    pub fn status(&self) -> Result<String, String> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let Some(sender) = &self.sender else { return Ok(String::new()) };
        match sender.status().failure {
            Some(failure) => Err(failure.to_string()),
            None => Ok(format!("Sending to {}", sender.address())),
        }
    }

    fn follow(&mut self, wanted: &str) {
        if self.wanted == wanted {
            return;
        }
        wanted.clone_into(&mut self.wanted);
        (self.sender, self.failure) = (None, None);
        if wanted.is_empty() {
            return;
        }
        match Address::parse(wanted, SEND_PORT).and_then(VmcSender::start) {
            Ok(sender) => self.sender = Some(sender),
            Err(error) => self.failure = Some(error.to_string()),
        }
    }
}

fn send_shown(
    preferences: Res<Preferences>,
    mut output: ResMut<VmcOutput>,
    avatars: Query<(&Avatar, &HumanoidRig, &ShownPose, Option<&Expressions>)>,
) {
    output.bypass_change_detection().follow(preferences.settings.vmc_out.trim());
    let Some(sender) = &output.sender else { return };
    if let Some((_, rig, shown, face)) = avatars.iter().find(|(avatar, ..)| avatar.number == 0) {
        let frame = VmcFrame::new(&rig.rest, &shown.0);
        let expressions = face.map(|face| face.shown().0).unwrap_or_default();
        sender.set_frame(VmcFrame { expressions, ..frame });
    }
}
