//! Poses and faces from and to other programs: what arrives moves the first avatar, what the first avatar shows is sent.

use std::time::Instant;

use bevy::prelude::*;

use super::avatar::{Avatar, Expressions, HumanoidRig, ShownPose};
use super::layers::PoseLayers;
use super::preferences::Preferences;
use super::schedule::PoseSystems;
use crate::formats::vmc::{SEND_PORT, VmcFrame};
use crate::motion::expressions::ExpressionWeights;
use crate::motion::interpolation::{PlayoutClock, Timeline};
use crate::motion::pose_layers::Given;
use crate::motion::retarget::AvatarPose;
use crate::net::{Address, ReceivedFrame, VmcSender};
use crate::slot::LatestSlot;

/// Without a pose for so many seconds the sender counts as gone.
const STALE_AFTER_S: f64 = 1.0;

/// Shows poses that arrive and sends those that are shown.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ReceivedPoses>().init_resource::<VmcOutput>().add_systems(
        RunFixedMainLoop,
        (take_received.in_set(PoseSystems::Receive), send_shown.in_set(PoseSystems::Send)),
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
    arrived_s: f64,
    faces: Timeline<ExpressionWeights>,
}

impl ReceivedPoses {
    /// Takes poses from here; `None` for none, after which the avatar eases back to what is tracked.
    pub fn listen_to(&mut self, slot: Option<LatestSlot<ReceivedFrame>>) {
        if slot.is_some() {
            *self = Self { slot, ..Self::default() };
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

    /// What came for this frame.
    fn given(&mut self, now_s: f64) -> Given {
        let is_there = self.slot.is_some()
            && !self.timeline.is_empty()
            && (self.is_held || now_s - self.arrived_s <= STALE_AFTER_S);
        let time_s = self.clock.display_time(now_s);
        let has_face = is_there && self.faces.newest().is_some_and(|face| !face.is_empty());
        Given {
            is_there,
            pose: time_s.and_then(|time_s| self.timeline.sample(time_s)),
            face: time_s.filter(|_| has_face).and_then(|time_s| self.faces.sample(time_s)),
        }
    }
}

fn take_received(
    time: Res<Time<Real>>,
    mut received: ResMut<ReceivedPoses>,
    mut layers: ResMut<PoseLayers>,
    avatars: Query<(&Avatar, &HumanoidRig)>,
) {
    let now_s = time.elapsed_secs_f64();
    if let Some((_, rig)) = avatars.iter().find(|(avatar, _)| avatar.number == 0) {
        received.collect(rig, now_s);
    }
    layers.received.update(now_s, received.given(now_s));
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
