//! Who is in a take: everybody's frames, for what is solved as a whole.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::time::Instant;

use super::error::TakeError;
use super::reader::TakeReader;
use crate::motion::BodyPose;

/// Who is seen for less than this, seconds, passed by, unless nobody else is there. Long enough for ghosts that a tracker sees
/// for some frames, short enough for a single gesture. One number for all who read takes, since people are numbered among
/// those who are left: the second file of `export` is person 1 of a dance.
const PASSED_BY_S: f64 = 0.5;
/// Frames between two reports.
const REPORT_EVERY: usize = 256;

/// Everybody who is in a take for long enough.
#[derive(Debug, Clone, PartialEq)]
pub struct TakePeople {
    /// In the order in which they came, each with two frames at least.
    pub people: Vec<TakePerson>,
    /// Width and height of the pictures, pixels.
    pub size: (u32, u32),
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub struct TakePerson {
    /// As in the take.
    pub id: u32,
    /// Raw landmarks with the take's own times, seconds, strictly rising.
    pub frames: Vec<(f64, BodyPose)>,
}

impl TakePerson {
    /// From the first frame to the last, seconds.
    fn duration_s(&self) -> f64 {
        match (self.frames.first(), self.frames.last()) {
            (Some((from_s, _)), Some((to_s, _))) => to_s - from_s,
            _ => 0.0,
        }
    }
}

impl<R: Read + Seek> TakeReader<R> {
    /// Everybody between two moments, seconds from the take's start. They are all held in memory, some 2.4 kB a person and
    /// frame. `goes_on` hears how far it is, 0 to 1; once it says no, those who were read so far are returned.
    ///
    /// # Errors
    /// As [`TakeReader::frame`].
    pub fn people(
        &mut self,
        range_s: (f64, f64),
        goes_on: &mut dyn FnMut(f32) -> bool,
    ) -> Result<TakePeople, TakeError> {
        let mut people: BTreeMap<u32, TakePerson> = BTreeMap::new();
        let mut size = (self.header().width, self.header().height);
        let (start_s, count) = (self.first_time_s(), self.len());
        let first = self.index_at(start_s + range_s.0)?.unwrap_or(0);
        let now = Instant::now();
        for index in first..count {
            if (index - first).is_multiple_of(REPORT_EVERY) && !goes_on((index - first) as f32 / (count - first) as f32)
            {
                break;
            }
            let frame = self.tracked(index, now)?;
            let at_s = frame.time_s - start_s;
            if at_s > range_s.1 {
                break;
            }
            if at_s < range_s.0 {
                continue;
            }
            size = (frame.width, frame.height);
            for body in frame.people {
                let person = people.entry(body.id).or_insert_with(|| TakePerson { id: body.id, frames: Vec::new() });
                // A person twice in one frame would make time stand still.
                if person.frames.last().is_none_or(|(time_s, _)| *time_s < frame.time_s) {
                    person.frames.push((frame.time_s, body));
                }
            }
        }
        Ok(TakePeople { people: in_order(people.into_values()), size })
    }
}

/// People who are there long enough, in the order in which they came.
fn in_order(people: impl Iterator<Item = TakePerson>) -> Vec<TakePerson> {
    let mut people: Vec<_> = people.filter(|person| person.frames.len() > 1).collect();
    if people.iter().any(|person| person.duration_s() >= PASSED_BY_S) {
        people.retain(|person| person.duration_s() >= PASSED_BY_S);
    }
    people.sort_by(|a, b| a.frames[0].0.total_cmp(&b.frames[0].0));
    people
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::take::made_up::{body, write_take};

    /// Who is in a take in which they come and go so, seconds.
    fn ids(there: &[(u32, f64, f64)], range_s: (f64, f64)) -> Vec<u32> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("take.ldt");
        write_take(&path, 90, |time_s| {
            let is_there = |(_, from_s, to_s): &&(u32, f64, f64)| (*from_s..*to_s).contains(&time_s);
            there.iter().filter(is_there).map(|(id, ..)| body(*id, time_s, false)).collect()
        });
        let mut take = TakeReader::open(&path).expect("opens");
        let found = take.people(range_s, &mut |_| true).expect("reads");
        assert_eq!(found.size, (640, 480));
        found.people.iter().map(|person| person.id).collect()
    }

    #[test]
    fn who_passes_by_does_not_count_unless_nobody_stays() {
        let whole = (0.0, f64::INFINITY);
        assert_eq!(ids(&[(7, 1.0, 9.0), (2, 1.5, 1.8), (4, 0.0, 1.0), (9, 1.2, 2.2)], whole), [4, 7, 9]);
        assert_eq!(ids(&[(7, 1.0, 1.3), (2, 0.5, 0.7)], whole), [2, 7]);
        assert_eq!(ids(&[(7, 1.0, 1.02), (2, 0.0, 9.0)], whole), [2], "one frame is no motion");
        assert_eq!(ids(&[(7, 0.0, 1.0), (2, 1.5, 9.0)], (1.2, 3.0)), [2], "who is there only before");
    }

    #[test]
    fn reading_can_be_stopped() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("take.ldt");
        write_take(&path, 600, |time_s| vec![body(1, time_s, false)]);
        let mut heard = Vec::new();
        let found = TakeReader::open(&path).expect("opens").people((0.0, 99.0), &mut |share| {
            heard.push(share);
            heard.len() < 2
        });
        assert_eq!(found.expect("reads").people[0].frames.len(), REPORT_EVERY);
        assert_eq!(heard, [0.0, REPORT_EVERY as f32 / 600.0]);
    }
}
