//! Frames of one client that wait for their turn.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;

use super::error::Fault;
use crate::wire::MAX_SEQUENCE;
use crate::wire::choices::Ordering;

/// Frames that wait at most where all of them are looked at in order.
const BUFFERED: usize = 10;
/// Bytes of their files at most, beside the newest one's.
const BUFFERED_BYTES: usize = 8 << 20;

/// A picture as it arrived.
#[derive(Debug, Clone)]
pub(super) struct FrameIn {
    /// The client's own number; `None` where it numbers nothing.
    pub(super) sequence: Option<u64>,
    /// The client's own clock, microseconds; 0 where it did not say.
    pub(super) captured_at_us: u64,
    /// The file.
    pub(super) image: Bytes,
    pub(super) arrived: Instant,
}

/// Frames that wait, by their number.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    waiting: BTreeMap<u64, FrameIn>,
    /// The last number that was taken up (in order) or accepted (newest wins): later frames lie after it.
    last: Option<u64>,
    /// The next number of a client that numbers nothing.
    next: u64,
    dropped: u64,
}

impl Inbox {
    /// Accepts a frame; whatever it displaces is dropped and counted.
    pub(super) fn put(&mut self, frame: FrameIn, ordering: Ordering) -> Result<(), Fault> {
        let number = frame.sequence.unwrap_or(self.next);
        if number > MAX_SEQUENCE {
            return Err(Fault::BadSequence);
        }
        if let Some(last) = self.last
            && number <= last
        {
            return Err(Fault::StaleSequence { got: number, last });
        }
        self.next = number + 1;
        match ordering {
            Ordering::Latest => {
                self.dropped += self.waiting.len() as u64;
                self.waiting.clear();
                self.last = Some(number);
                self.waiting.insert(number, frame);
            }
            Ordering::Sequence => {
                self.dropped += u64::from(self.waiting.insert(number, frame).is_some());
                while self.waiting.len() > BUFFERED || self.waiting.len() > 1 && self.bytes() > BUFFERED_BYTES {
                    self.waiting.pop_first();
                    self.dropped += 1;
                }
            }
        }
        Ok(())
    }

    /// The next frame.
    pub(super) fn take(&mut self) -> Option<FrameIn> {
        let (number, frame) = self.waiting.pop_first()?;
        self.last = Some(self.last.map_or(number, |last| last.max(number)));
        Some(frame)
    }

    fn bytes(&self) -> usize {
        self.waiting.values().map(|frame| frame.image.len()).sum()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Forgets what waits, as when the client is gone.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(sequence: impl Into<Option<u64>>) -> FrameIn {
        FrameIn { sequence: sequence.into(), captured_at_us: 0, image: Bytes::new(), arrived: Instant::now() }
    }

    fn drain(inbox: &mut Inbox) -> Vec<Option<u64>> {
        std::iter::from_fn(|| inbox.take()).map(|frame| frame.sequence).collect()
    }

    #[test]
    fn the_newest_wins() {
        let mut inbox = Inbox::default();
        for sequence in [3, 4, 9] {
            inbox.put(frame(sequence), Ordering::Latest).expect("newer");
        }
        assert_eq!((inbox.dropped(), drain(&mut inbox)), (2, vec![Some(9)]));
        let stale = Fault::StaleSequence { got: 9, last: 9 };
        assert_eq!(inbox.put(frame(9), Ordering::Latest), Err(stale));
        assert!(inbox.put(frame(2), Ordering::Latest).is_err());
        assert!(inbox.put(frame(10), Ordering::Latest).is_ok());
    }

    #[test]
    fn the_buffer_puts_frames_in_order_and_gives_the_oldest_up() {
        let mut inbox = Inbox::default();
        for sequence in [2, 0, 1, 5, 4, 3] {
            inbox.put(frame(sequence), Ordering::Sequence).expect("kept");
        }
        assert_eq!(inbox.take().and_then(|frame| frame.sequence), Some(0));
        assert!(inbox.put(frame(0), Ordering::Sequence).is_err(), "its turn is over");
        for sequence in 6..13 {
            inbox.put(frame(sequence), Ordering::Sequence).expect("kept");
        }
        assert_eq!(inbox.dropped(), 2);
        assert_eq!(drain(&mut inbox), (3..13).map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn large_files_fill_the_buffer_sooner() {
        let mut inbox = Inbox::default();
        for sequence in 0..5 {
            let image = Bytes::from(vec![0; BUFFERED_BYTES / 3]);
            inbox.put(FrameIn { image, ..frame(sequence) }, Ordering::Sequence).expect("kept");
        }
        assert_eq!((inbox.dropped(), drain(&mut inbox)), (2, vec![Some(2), Some(3), Some(4)]));
    }

    #[test]
    fn a_repeated_number_that_still_waits_counts_once() {
        let mut inbox = Inbox::default();
        inbox.put(frame(1), Ordering::Sequence).expect("kept");
        inbox.put(frame(1), Ordering::Sequence).expect("replaced");
        assert_eq!((inbox.len(), inbox.dropped()), (1, 1));
    }

    #[test]
    fn who_numbers_nothing_is_numbered() {
        let mut inbox = Inbox::default();
        for _ in 0..3 {
            inbox.put(frame(None), Ordering::Latest).expect("newer");
            assert_eq!(inbox.take().map(|frame| frame.sequence), Some(None));
        }
        assert!(inbox.put(frame(1), Ordering::Latest).is_err(), "numbers 0 to 2 are taken");
    }

    #[test]
    fn numbers_beyond_json_are_refused() {
        let mut inbox = Inbox::default();
        assert_eq!(inbox.put(frame(1 << 53), Ordering::Latest), Err(Fault::BadSequence));
        assert!(inbox.put(frame((1 << 53) - 1), Ordering::Latest).is_ok());
        assert_eq!(inbox.put(frame(None), Ordering::Latest), Err(Fault::BadSequence));
    }
}
