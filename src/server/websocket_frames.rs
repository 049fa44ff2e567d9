//! Websocket frames in a stream of bytes: where each begins, whatever parts the bytes come in, and other bytes in the place
//! of some of them.

/// Bytes before a frame's payload, at most.
const LONGEST_HEADER: usize = 14;
/// Frames with no longer payload are looked at, and replaced as a whole; others go through as they come.
const SHORT: usize = 1;
/// How the answer to a request to speak websocket begins, and how every answer's head ends.
const SWITCHING: &[u8] = b"HTTP/1.1 101";
const END: &[u8] = b"\r\n\r\n";

/// The lengths of a frame's two parts.
#[derive(Debug, Clone, Copy)]
struct Lengths {
    header: usize,
    payload: u64,
}

impl Lengths {
    /// `None` where the header goes on behind these bytes.
    fn read(bytes: &[u8]) -> Option<Self> {
        let second = *bytes.get(1)?;
        let (header, payload) = match second & 0x7f {
            126 => (4, u64::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
            127 => (10, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
            short => (2, u64::from(short)),
        };
        let header = header + if second & 0x80 == 0 { 0 } else { 4 };
        (bytes.len() >= header).then_some(Self { header, payload })
    }

    /// Bytes from the frame's first that have to be there before it can be judged: the whole of a short frame.
    fn to_judge(self) -> usize {
        self.header + if self.is_short() { self.payload as usize } else { 0 }
    }

    const fn is_short(self) -> bool {
        self.payload <= SHORT as u64
    }

    /// Bytes behind those.
    const fn behind(self) -> u64 {
        if self.is_short() { 0 } else { self.payload }
    }
}

/// Where the frames of a stream begin that is only looked at.
#[derive(Debug, Default)]
pub(super) struct FrameEdges {
    /// Bytes of a payload that are still to come.
    left: u64,
    /// The beginning of a header.
    header: Vec<u8>,
}

impl FrameEdges {
    /// The next bytes of the stream.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let skipped = self.left.min(bytes.len() as u64) as usize;
            self.left -= skipped as u64;
            bytes = &bytes[skipped..];
            if let Some((first, rest)) = bytes.split_first() {
                bytes = rest;
                self.header.push(*first);
                if let Some(lengths) = Lengths::read(&self.header) {
                    self.left = lengths.payload;
                    self.header.clear();
                }
            }
        }
    }

    /// Whether the last frame is whole and the next one has not begun.
    pub(super) const fn is_between_frames(&self) -> bool {
        self.left == 0 && self.header.is_empty()
    }
}

/// What to do with the next bytes of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many may go out as they are; [`FrameEdits::sent`] is to be told how many did.
    Send(usize),
    /// So many have been taken in, and may have become others: [`FrameEdits::waiting`].
    Taken(usize),
}

/// A stream of frames that goes out, some of them replaced.
#[derive(Debug, Default)]
pub(super) struct FrameEdits {
    /// Bytes of a payload that are still to come.
    left: u64,
    /// The beginning of a frame, too little to judge it by.
    held: Vec<u8>,
    /// What has to go out before anything else does.
    waiting: Vec<u8>,
}

impl FrameEdits {
    /// What to do with these bytes, the stream's next, of which there is one at least. `edit` gets each short frame as a whole
    /// and says what goes out in its place; `None` leaves it as it is.
    pub(super) fn step(&mut self, bytes: &[u8], edit: impl FnOnce(&[u8]) -> Option<&'static [u8]>) -> Step {
        if self.left > 0 {
            return Step::Send(self.left.min(bytes.len() as u64) as usize);
        }
        let held = self.held.len();
        let needed = (LONGEST_HEADER + SHORT).saturating_sub(held).min(bytes.len());
        let mut frame = std::mem::take(&mut self.held);
        frame.extend_from_slice(&bytes[..needed]);
        let lengths = Lengths::read(&frame).filter(|lengths| lengths.to_judge() <= frame.len());
        let Some(lengths) = lengths else {
            self.held = frame;
            return Step::Taken(needed);
        };
        frame.truncate(lengths.to_judge());
        let instead = if lengths.is_short() { edit(&frame) } else { None };
        if let Some(instead) = instead {
            self.waiting.extend_from_slice(instead);
        } else if held == 0 {
            let whole = lengths.behind().saturating_add(frame.len() as u64);
            return Step::Send(whole.min(bytes.len() as u64) as usize);
        } else {
            self.waiting.extend_from_slice(&frame);
            self.left = lengths.behind();
        }
        Step::Taken(frame.len() - held)
    }

    /// Of the bytes that [`FrameEdits::step`] was given last, the first `count` have gone out. Returns how many are done with:
    /// what is missing of a header that went out in part waits here.
    pub(super) fn sent(&mut self, bytes: &[u8], count: usize) -> usize {
        if self.left > 0 {
            self.left -= count as u64;
            return count;
        }
        let Some(lengths) = Lengths::read(bytes).filter(|_| count > 0) else { return count };
        let begun = lengths.to_judge();
        self.waiting.extend_from_slice(bytes.get(count..begun).unwrap_or_default());
        self.left = lengths.behind().saturating_sub(count.saturating_sub(begun) as u64);
        count.max(begun)
    }

    /// What has to go out now. Whoever has sent some of it takes that out.
    pub(super) const fn waiting(&mut self) -> &mut Vec<u8> {
        &mut self.waiting
    }

    /// The stream ends here: the beginning of a frame goes out as it is.
    pub(super) fn end(&mut self) {
        self.waiting.append(&mut self.held);
    }
}

/// The end of the head after which a connection speaks websocket.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SwitchingHead {
    has_begun: bool,
    /// Bytes of the text that is looked for, found so far.
    found: usize,
}

impl SwitchingHead {
    /// Looks through the next bytes up to the head's end: their number, and whether they end there.
    pub(super) fn look(&mut self, bytes: &[u8]) -> (usize, bool) {
        for (index, byte) in bytes.iter().enumerate() {
            let text = if self.has_begun { END } else { SWITCHING };
            // In both texts a byte that does not fit can only be the first one again.
            self.found = if *byte == text[self.found] { self.found + 1 } else { usize::from(*byte == text[0]) };
            if self.found == text.len() {
                if self.has_begun {
                    return (index + 1, true);
                }
                *self = Self { has_begun: true, found: 0 };
            }
        }
        (bytes.len(), false)
    }
}
