//! Tests of takes as a whole.

mod crash;
mod damage;
mod fixture;
mod full_disk;
mod measure;
mod round_trip;

/// A made-up frame with a person, for tests of other formats: a joint of theirs is hidden in every second one.
pub(in crate::formats) fn sample_frame(index: u64) -> crate::frame::TrackedFrame {
    let mut frame = fixture::tracked(index, fixture::With::Hands);
    frame.people[0].world[13].visibility = if index.is_multiple_of(2) { 0.1 } else { 1.0 };
    frame
}
