//! One way from tracked people to poses, for whoever tracks and whoever shows: *smooth → cast → solve → sample*.
//!
//! ```text
//! tracked frame ──MotionSession::push──▶ MotionFrame ──PoseSampler::push──▶ sample, as often as somebody looks
//! ```
//!
//! A [`MotionSession`] sees every frame of a source, in order, where frames are made: it filters the landmarks, decides
//! which avatar follows whom, and solves the avatars' poses. What comes out depends on the frames alone, never on who
//! looks and how often, so that every driver gets the same poses, bit for bit. A [`PoseSampler`] belongs to whoever shows
//! one avatar: it interpolates between frames and eases to rest where nobody is seen.

mod actor;
mod placement;
mod sampler;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use glam::Vec3;

use actor::{Actor, Group};
pub use sampler::PoseSampler;

use super::avatar_solver::SolverOptions;
use super::filter::{PeopleSmoother, SmoothingParams};
use super::fit::{BoneLengths, FittedBody, View};
use super::hand::Hands;
use super::pose::BodyPose;
use super::retarget::AvatarPose;
use super::skeleton::RestSkeleton;

/// What a frame is to the one before it, the weakest tie last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Continuity {
    /// It is the next one of the same source.
    #[default]
    Follows,
    /// It lies elsewhere in the same recording: filters begin anew, who was seen stays known.
    Seek,
    /// It is the first one of another source: nothing before it counts.
    NewSource,
}

impl Continuity {
    /// Whether anything is to be carried over from the frame before.
    #[must_use]
    pub fn follows(self) -> bool {
        self == Self::Follows
    }
}

/// How a [`MotionSession`] works; may change between any two frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SessionOptions {
    /// The landmark filter.
    pub smoothing: SmoothingParams,
    /// How poses are solved. The size of the picture is each frame's own; bones are those of the first avatar's person.
    pub solver: SolverOptions,
    /// Whether who is lost from view keeps their place and pose, as while a game waits for them.
    pub hold_lost: bool,
}

/// For whom poses are solved.
#[derive(Debug, Clone, Default)]
pub enum Cast {
    /// For nobody: landmarks are filtered, nothing more.
    #[default]
    Nobody,
    /// For these avatars, by their T-poses. The first person who comes gets the first one; so many at once follow somebody as
    /// `followed` says, and the others rest.
    Avatars {
        /// The T-poses, in the order in which people are taken.
        skeletons: Vec<Arc<RestSkeleton>>,
        /// How many of them follow people.
        followed: usize,
    },
    /// For everybody in view, each on their own, all with this T-pose.
    EachPerson(Arc<RestSkeleton>),
}

/// One tracked frame, as a session sees it.
#[derive(Debug, Clone, Copy)]
pub struct MotionInput<'a> {
    /// Capture time, seconds.
    pub time_s: f64,
    /// What it is to the frame before.
    pub continuity: Continuity,
    /// Width and height of the source picture, pixels.
    pub size_px: (u32, u32),
    /// Everybody in view, as tracked.
    pub people: &'a [BodyPose],
    /// Hands that belong to nobody, as tracked.
    pub loose_hands: &'a Hands,
}

/// What a session makes of one frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MotionFrame {
    /// Capture time, seconds.
    pub time_s: f64,
    /// What it is to the frame before: time that ran back unannounced is another source.
    pub continuity: Continuity,
    /// Everybody in view, filtered, in the tracker's order.
    pub people: Vec<BodyPose>,
    /// Hands that belong to nobody, filtered.
    pub loose_hands: Hands,
    /// The avatars, in the order of the [`Cast`]; those of [`Cast::EachPerson`] in that of `people`.
    pub actors: Vec<ActorFrame>,
    /// What the newest calibration has found, with its number; stays until the next one.
    pub calibrated: Option<(u64, BoneLengths)>,
}

/// One avatar in one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct ActorFrame {
    /// The T-pose that the pose belongs to.
    pub skeleton: Arc<RestSkeleton>,
    /// The id of the person that it follows.
    pub following: Option<u32>,
    /// Whether that person was seen in this frame.
    pub is_seen: bool,
    /// The pose; the last one where nobody is seen.
    pub pose: AvatarPose,
    /// Where it stands where avatars do not walk: metres to the right of the middle of the scene.
    pub across_m: f32,
    /// Whether it rests where its person was, instead of in the middle of the scene.
    pub rests_in_place: bool,
    /// The body that the pose was made from, at constant bone lengths; `None` where none could be fitted.
    pub fitted: Option<FittedBody>,
    /// What is known of the person's bones.
    pub lengths: BoneLengths,
    /// How far a calibration is, 0 to 1; `None` while there is none.
    pub calibration: Option<f32>,
}

/// Turns the tracked frames of a source into filtered people and solved poses.
#[derive(Debug)]
pub struct MotionSession {
    options: SessionOptions,
    cast: Cast,
    smoother: PeopleSmoother,
    actors: Vec<Actor>,
    last_s: Option<f64>,
    /// Number of the newest calibration.
    calibration: u64,
    calibrated: Option<(u64, BoneLengths)>,
}

impl MotionSession {
    /// A session that has seen nothing.
    #[must_use]
    pub fn new(options: SessionOptions, cast: Cast) -> Self {
        let mut session = Self {
            options,
            cast: Cast::Nobody,
            smoother: PeopleSmoother::new(options.smoothing),
            actors: Vec::new(),
            last_s: None,
            calibration: 0,
            calibrated: None,
        };
        session.set_cast(cast);
        session
    }

    /// A session that filters landmarks and solves nothing.
    #[must_use]
    pub fn filter(smoothing: SmoothingParams) -> Self {
        Self::new(SessionOptions { smoothing, ..SessionOptions::default() }, Cast::Nobody)
    }

    /// How it works.
    #[must_use]
    pub const fn options(&self) -> &SessionOptions {
        &self.options
    }

    /// Works like this from the next frame on. With another filter all filters begin anew.
    pub fn set_options(&mut self, options: SessionOptions) {
        self.smoother.set_params(options.smoothing);
        self.options = options;
    }

    /// Solves for these from the next frame on. An avatar whose T-pose stays the same goes on.
    pub fn set_cast(&mut self, cast: Cast) {
        if let Cast::Avatars { skeletons, .. } = &cast {
            let mut before = std::mem::take(&mut self.actors).into_iter();
            let mut go_on = |skeleton: &Arc<RestSkeleton>| {
                let same = before.next().filter(|actor| actor.has_skeleton(skeleton));
                same.unwrap_or_else(|| Actor::new(Arc::clone(skeleton)))
            };
            self.actors = skeletons.iter().map(&mut go_on).collect();
        } else {
            self.actors.clear();
        }
        self.cast = cast;
    }

    /// Learns the bones of the first avatar's person anew while they stand with the arms out to the sides. What is found
    /// bears this number.
    pub fn calibrate(&mut self, number: u64) {
        self.calibration = number;
        if let Some(first) = self.actors.first_mut() {
            first.calibrate();
        }
    }

    /// Takes the next frame of the source in. Times rise strictly while frames follow.
    pub fn push(&mut self, input: &MotionInput<'_>) -> MotionFrame {
        let mut frame = self.smooth(input);
        self.solve(&mut frame, input.size_px);
        frame
    }

    /// The first half of [`MotionSession::push`], for whoever wants to know what it costs: everything but the avatars.
    pub fn smooth(&mut self, input: &MotionInput<'_>) -> MotionFrame {
        let MotionInput { time_s, people, .. } = *input;
        let runs_back = self.last_s.is_some_and(|last_s| time_s <= last_s);
        let continuity = if runs_back && input.continuity.follows() { Continuity::NewSource } else { input.continuity };
        self.last_s = Some(time_s).filter(|time_s| time_s.is_finite());
        if !continuity.follows() {
            self.smoother.reset();
            self.actors.iter_mut().for_each(|actor| actor.interrupt(continuity));
        }
        let people = self.smoother.smooth(time_s, people);
        let loose_hands = self.smoother.smooth_loose_hands(time_s, input.loose_hands);
        MotionFrame { time_s, continuity, people, loose_hands, actors: Vec::new(), calibrated: self.calibrated }
    }

    /// The second half of [`MotionSession::push`]: the avatars of the frame that was smoothed last, whose source picture is
    /// so many pixels wide and high.
    pub fn solve(&mut self, frame: &mut MotionFrame, (width, height): (u32, u32)) {
        let (time_s, people) = (frame.time_s, &frame.people);
        let solver = self.options.solver;
        let options = SessionOptions {
            solver: SolverOptions { view: View { width, height, ..solver.view }, ..solver },
            ..self.options
        };
        match &self.cast {
            Cast::Nobody => {}
            Cast::Avatars { followed, .. } => {
                let followed = (*followed).min(self.actors.len());
                let (followed, resting) = self.actors.split_at_mut(followed);
                perform(followed, time_s, people, &options);
                perform(resting, time_s, &[], &options);
            }
            Cast::EachPerson(skeleton) => each_person(&mut self.actors, skeleton, time_s, people, &options),
        }
        if let Some(bones) = self.actors.first_mut().and_then(Actor::take_calibrated) {
            self.calibrated = Some((self.calibration, bones));
        }
        frame.actors = self.actors.iter().map(Actor::frame).collect();
        frame.calibrated = self.calibrated;
    }
}

impl Default for SessionOptions {
    /// No filter, no mirror, a pose for a picture of no size.
    fn default() -> Self {
        Self { smoothing: SmoothingParams::None, solver: SolverOptions::default(), hold_lost: false }
    }
}

/// Gives every avatar its person and solves its pose. The first person who comes stands in the middle of the scene, the
/// others as far from there as they were from that person's first place, wherever that person has gone since. Where avatars
/// do not walk, they stand side by side as in the picture, the first in the middle.
///
/// An avatar keeps its person while in view. A free one, in the avatars' order, takes the first person that no other
/// has; those that find nobody ease to rest.
fn perform(actors: &mut [Actor], time_s: f64, people: &[BodyPose], options: &SessionOptions) {
    for actor in actors.iter_mut() {
        let person = people.iter().find(|person| Some(person.id) == actor.following());
        actor.follow(time_s, person);
    }
    for index in 0..actors.len() {
        if actors[index].following().is_none() {
            let is_free = |id: u32| actors.iter().all(|other| other.following() != Some(id));
            let person = people.iter().find(|person| is_free(person.id));
            actors[index].follow(time_s, person);
        }
    }
    // Only one person was calibrated: the first.
    let others = SessionOptions { solver: SolverOptions { bones: None, ..options.solver }, ..*options };
    let (is_crowd, walks) = (actors.len() > 1, options.solver.locomotion.root_motion);
    let shared = |actor: &Actor| actor.home(time_s).filter(|_| is_crowd);
    let mut home: Option<Vec3> = actors.iter().find_map(shared);
    let origin = actors.first().and_then(Actor::anchor).filter(|_| !walks);
    for (index, actor) in actors.iter_mut().enumerate() {
        let is_first = index == 0;
        let group = Group { is_first, is_crowd, home, origin: origin.filter(|_| !is_first) };
        actor.push(time_s, people, if is_first { options } else { &others }, group);
        home = home.or_else(|| shared(actor));
    }
}

/// Keeps one avatar for each of these people, in their order, and solves it as if they were alone.
fn each_person(
    actors: &mut Vec<Actor>,
    skeleton: &Arc<RestSkeleton>,
    time_s: f64,
    people: &[BodyPose],
    options: &SessionOptions,
) {
    let mut before = std::mem::take(actors);
    for person in people {
        let known = before.iter().position(|actor| actor.following() == Some(person.id));
        let mut actor = known.map_or_else(|| Actor::new(Arc::clone(skeleton)), |index| before.swap_remove(index));
        actor.follow(time_s, Some(person));
        actor.push(time_s, people, options, Group::ALONE);
        actors.push(actor);
    }
}
