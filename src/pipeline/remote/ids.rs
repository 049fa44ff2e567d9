//! Numbers of people that stay the same, whoever tracks them.

use crate::motion::{BodyPose, PoseLandmark as L};

/// Somebody last seen longer ago is not known again by their place, seconds.
const KNOWN_FOR_S: f64 = 4.0;
/// How far somebody may have moved meanwhile, in sizes of their body.
const FARTHEST: f32 = 0.5;
/// People that are remembered.
const REMEMBERED: usize = 32;

/// Who says a number: each tracker counts for itself, and a server anew after each connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// This machine.
    Local,
    /// A server, by the number of the connection.
    Remote(u64),
}

#[derive(Debug, Clone)]
struct Known {
    id: u32,
    origin: Origin,
    named: u32,
    seen_s: f64,
    middle: glam::Vec2,
    size_px: f32,
}

/// Gives everybody a number of their own, which stays when another tracker takes over.
#[derive(Debug, Default)]
pub(super) struct Ids {
    known: Vec<Known>,
    next: u32,
}

impl Ids {
    /// Replaces the numbers in a frame. Somebody whom another tracker saw just before in this very place is the same
    /// person, and not new.
    pub(super) fn rename(&mut self, origin: Origin, time_s: f64, people: &mut [BodyPose]) {
        let mut taken: Vec<usize> = Vec::with_capacity(people.len());
        let mut places = vec![None; people.len()];
        for (person, place) in people.iter().zip(&mut places) {
            let found = self.known.iter().position(|known| known.origin == origin && known.named == person.id);
            *place = found.filter(|found| !taken.contains(found));
            taken.extend(*place);
        }
        for (person, place) in people.iter_mut().zip(&mut places) {
            if place.is_some() {
                continue;
            }
            let middle = middle(person);
            let near = |known: &Known| {
                let size = person.size_px.max(known.size_px);
                let is_recent = time_s - known.seen_s <= KNOWN_FOR_S;
                let distance = known.middle.distance(middle) / size.max(1.0);
                (known.origin != origin && is_recent && distance < FARTHEST).then_some(distance)
            };
            let nearest = self
                .known
                .iter()
                .enumerate()
                .filter(|(index, _)| !taken.contains(index))
                .filter_map(|(index, known)| Some((index, near(known)?)))
                .min_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((index, _)) = nearest {
                person.is_new = false;
                taken.push(index);
                *place = Some(index);
            }
        }
        for (person, place) in people.iter_mut().zip(places) {
            let id = place.map_or(self.next, |index| self.known[index].id);
            let seen =
                Known { id, origin, named: person.id, seen_s: time_s, middle: middle(person), size_px: person.size_px };
            if let Some(index) = place {
                self.known[index] = seen;
            } else {
                self.next = self.next.wrapping_add(1);
                person.is_new = true;
                self.known.push(seen);
            }
            person.id = id;
        }
        if self.known.len() > REMEMBERED {
            self.known.sort_by(|a, b| b.seen_s.total_cmp(&a.seen_s));
            self.known.truncate(REMEMBERED);
        }
    }

    /// Everybody in the next frame is somebody new, as after a change of source.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}

/// The middle of the trunk in the picture.
fn middle(person: &BodyPose) -> glam::Vec2 {
    let trunk = [L::LeftShoulder, L::RightShoulder, L::LeftHip, L::RightHip];
    trunk.iter().map(|landmark| person.image[*landmark as usize].position.truncate()).sum::<glam::Vec2>() / 4.0
}

#[cfg(test)]
pub(super) mod tests {
    use glam::Vec3;

    use super::*;
    use crate::motion::{Hands, Landmark};

    /// Somebody at a place of the picture.
    pub(in crate::pipeline::remote) fn person(id: u32, x: f32, is_new: bool) -> BodyPose {
        let landmark = Landmark { position: Vec3::new(x, 100.0, 0.0), visibility: 1.0, presence: 1.0 };
        let hands = Hands::default();
        BodyPose { id, is_new, score: 1.0, image: [landmark; 33], world: [landmark; 33], size_px: 200.0, hands }
    }

    fn ids(people: &[BodyPose]) -> Vec<(u32, bool)> {
        people.iter().map(|person| (person.id, person.is_new)).collect()
    }

    #[test]
    fn who_stays_keeps_the_number_when_another_tracker_takes_over() {
        let mut known = Ids::default();
        let mut seen = [person(7, 100.0, true), person(3, 500.0, true)];
        known.rename(Origin::Remote(1), 1.0, &mut seen);
        assert_eq!(ids(&seen), [(0, true), (1, true)]);
        let mut seen = [person(3, 520.0, false), person(7, 120.0, false)];
        known.rename(Origin::Remote(1), 1.1, &mut seen);
        assert_eq!(ids(&seen), [(1, false), (0, false)]);
        let mut seen = [person(0, 130.0, true), person(1, 540.0, true), person(2, 900.0, true)];
        known.rename(Origin::Local, 1.3, &mut seen);
        assert_eq!(ids(&seen), [(0, false), (1, false), (2, true)], "nobody is new but who came");
        let mut seen = [person(0, 910.0, true), person(1, 140.0, true)];
        known.rename(Origin::Remote(2), 2.0, &mut seen);
        assert_eq!(ids(&seen), [(2, false), (0, false)]);
    }

    #[test]
    fn one_tracker_is_believed_about_who_is_new() {
        let mut known = Ids::default();
        let mut seen = [person(0, 100.0, true)];
        known.rename(Origin::Local, 1.0, &mut seen);
        let mut seen = [person(1, 100.0, true)];
        known.rename(Origin::Local, 1.1, &mut seen);
        assert_eq!(ids(&seen), [(1, true)], "in the same place, and yet another");
        let mut seen = [person(1, 100.0, true)];
        known.rename(Origin::Local, 1.2, &mut seen);
        assert_eq!(ids(&seen), [(1, true)], "lost and found again");
    }

    #[test]
    fn after_a_while_or_another_source_somebody_is_new() {
        let mut known = Ids::default();
        known.rename(Origin::Local, 1.0, &mut [person(0, 100.0, true)]);
        let mut seen = [person(0, 100.0, false)];
        known.rename(Origin::Remote(1), 9.0, &mut seen);
        assert_eq!(ids(&seen), [(1, true)]);
        known.forget();
        known.rename(Origin::Remote(1), 9.1, &mut seen);
        assert_eq!(ids(&seen), [(2, true)]);
    }
}
