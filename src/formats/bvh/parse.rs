//! From text to joints, channels and numbers. Nothing is taken on trust: lists grow by what was read, never by what the
//! file says it will have.

use glam::Vec3;

use super::BvhError;
use crate::formats::animation::MAX_FRAMES;

/// Most joints, and joints from the root to a leaf.
const MAX_JOINTS: usize = 4096;
const MAX_DEPTH: usize = 200;
/// Most channels of one joint: position, rotation and scale.
const MAX_CHANNELS: usize = 9;
/// Farthest that a number may lie from zero.
const LARGEST: f32 = 1e7;

/// A file, in its own units.
#[derive(Debug)]
pub(super) struct BvhFile {
    /// Parents before children.
    pub joints: Vec<Joint>,
    /// Frames, each [`BvhFile::width`] numbers. Who spins for minutes is turned by more degrees than single precision can count.
    pub values: Vec<f64>,
    /// Numbers a frame; above zero.
    pub width: usize,
    /// Seconds from one frame to the next; above zero.
    pub frame_time_s: f64,
}

impl BvhFile {
    /// The numbers of each frame.
    pub(super) fn frames(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.width.max(1))
    }
}

/// A joint as the file has it.
#[derive(Debug)]
pub(super) struct Joint {
    pub name: String,
    pub parent: Option<usize>,
    /// From the parent's joint.
    pub offset: Vec3,
    /// In the order in which they apply.
    pub channels: Vec<Channel>,
    /// Where its first number stands in a frame.
    pub first: usize,
    /// Where bones end that have no joint there, from this joint.
    pub ends: Vec<Vec3>,
}

/// What a number means. Axes: 0 is x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Position(usize),
    Rotation(usize),
    /// Scale, which bones do not have.
    Ignored,
}

/// Reads the text.
///
/// # Errors
/// [`BvhError::Text`] and [`BvhError::TooLarge`], with the line.
pub(super) fn parse(text: &str) -> Result<BvhFile, BvhError> {
    let mut reader = Reader { rest: text.trim_start_matches('\u{feff}'), line: 1 };
    reader.expect("HIERARCHY")?;
    let (joints, width) = hierarchy(&mut reader)?;
    if width == 0 {
        return Err(reader.wrong("no joint has a channel"));
    }
    reader.expect("Frames")?;
    let frames = reader.number()?;
    if frames.fract() != 0.0 || frames < 1.0 {
        return Err(reader.wrong(format!("a number of frames above zero is expected, not {frames}")));
    }
    if frames > MAX_FRAMES as f32 {
        return Err(reader.too_large(format!("{frames} frames; at most {MAX_FRAMES} are read")));
    }
    reader.expect("Frame")?;
    reader.expect("Time")?;
    let frame_time_s = reader.precise()?;
    if !(frame_time_s > 1e-6 && frame_time_s < 1e4) {
        return Err(reader.wrong(format!("a frame time in seconds above zero is expected, not {frame_time_s}")));
    }
    let mut values = Vec::new();
    for frame in 0..frames as usize {
        for _ in 0..width {
            if reader.is_at_end() {
                return Err(
                    reader.wrong(format!("the file breaks off in frame {frame} of {frames}; each has {width} numbers"))
                );
            }
            values.push(reader.precise()?);
        }
    }
    Ok(BvhFile { joints, values, width, frame_time_s })
}

/// Everything up to `MOTION`: the joints, and how many channels they have together.
fn hierarchy(reader: &mut Reader<'_>) -> Result<(Vec<Joint>, usize), BvhError> {
    let mut joints: Vec<Joint> = Vec::new();
    // Joints whose braces are open.
    let mut open: Vec<usize> = Vec::new();
    let mut width = 0;
    loop {
        let word = reader.word()?;
        let begins = word.eq_ignore_ascii_case("ROOT") || word.eq_ignore_ascii_case("JOINT");
        if begins {
            if word.eq_ignore_ascii_case("JOINT") == open.is_empty() {
                return Err(reader.wrong(format!("{word} cannot stand here")));
            }
            if joints.len() >= MAX_JOINTS || open.len() >= MAX_DEPTH {
                return Err(
                    reader.too_large(format!("at most {MAX_JOINTS} joints are read, nested at most {MAX_DEPTH} deep"))
                );
            }
            let name = reader.name();
            reader.expect("{")?;
            let parent = open.last().copied();
            open.push(joints.len());
            joints.push(Joint {
                name,
                parent,
                offset: Vec3::ZERO,
                channels: Vec::new(),
                first: width,
                ends: Vec::new(),
            });
            continue;
        }
        if word.eq_ignore_ascii_case("MOTION") && open.is_empty() {
            return if joints.is_empty() { Err(reader.wrong("a ROOT is expected")) } else { Ok((joints, width)) };
        }
        let Some(joint) = open.last().and_then(|joint| joints.get_mut(*joint)) else {
            return Err(reader.wrong(format!("ROOT or MOTION is expected, not {word:?}")));
        };
        if word.eq_ignore_ascii_case("OFFSET") {
            joint.offset = reader.vector()?;
        } else if word.eq_ignore_ascii_case("CHANNELS") {
            if !joint.channels.is_empty() {
                return Err(reader.wrong(format!("joint {:?} has channels twice", joint.name)));
            }
            joint.channels = channels(reader)?;
            joint.first = width;
            width += joint.channels.len();
        } else if word.eq_ignore_ascii_case("End") {
            // "Site", which some programs leave out or follow with a name.
            reader.name();
            reader.expect("{")?;
            while !reader.found("}")? {
                reader.expect("OFFSET")?;
                // Files cannot make this list long without being long themselves.
                joint.ends.push(reader.vector()?);
            }
        } else if word == "}" {
            open.pop();
        } else {
            return Err(reader.wrong(format!("OFFSET, CHANNELS, JOINT, End Site or }} is expected, not {word:?}")));
        }
    }
}

fn channels(reader: &mut Reader<'_>) -> Result<Vec<Channel>, BvhError> {
    let count = reader.number()?;
    if count.fract() != 0.0 || !(0.0..=MAX_CHANNELS as f32).contains(&count) {
        return Err(reader.wrong(format!("a number of channels up to {MAX_CHANNELS} is expected, not {count}")));
    }
    let mut channels = Vec::new();
    for _ in 0..count as usize {
        let word = reader.word()?.to_ascii_lowercase();
        let axis = ["x", "y", "z"].iter().position(|axis| word.starts_with(axis));
        channels.push(match (axis, word.get(1..)) {
            (Some(axis), Some("position")) => Channel::Position(axis),
            (Some(axis), Some("rotation")) => Channel::Rotation(axis),
            (Some(_), Some("scale")) => Channel::Ignored,
            _ => {
                return Err(
                    reader.wrong(format!("{count} channels such as Xposition or Zrotation are expected, not {word:?}"))
                );
            }
        });
    }
    Ok(channels)
}

/// What is left of a text.
struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    fn wrong(&self, reason: impl Into<String>) -> BvhError {
        BvhError::Text { line: self.line, reason: reason.into() }
    }

    fn too_large(&self, reason: String) -> BvhError {
        BvhError::TooLarge { line: self.line, reason }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        // A line may end with a carriage return alone.
        let bytes = taken.as_bytes();
        let ends = bytes.iter().enumerate();
        self.line +=
            ends.filter(|(at, byte)| **byte == b'\n' || (**byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'))).count();
        self.rest = rest;
        taken
    }

    /// Colons stand behind some words, and mean nothing.
    fn skip_gap(&mut self) {
        let end = self.rest.find(|c: char| !(c.is_whitespace() || c == ':')).unwrap_or(self.rest.len());
        self.take(end);
    }

    fn is_at_end(&mut self) -> bool {
        self.skip_gap();
        self.rest.is_empty()
    }

    /// The next word; braces are words of their own.
    fn word(&mut self) -> Result<&'a str, BvhError> {
        if self.is_at_end() {
            return Err(self.wrong("the file breaks off"));
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, ':' | '{' | '}');
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let word = self.take(end.max(1));
        // Enough to recognise what is wrong by.
        Ok(word.char_indices().nth(60).map_or(word, |(at, _)| word.get(..at).unwrap_or(word)))
    }

    /// What stands on this line before a brace; names may hold spaces and colons.
    fn name(&mut self) -> String {
        let end = self.rest.find(['{', '}', '\n', '\r']).unwrap_or(self.rest.len());
        self.take(end).trim().chars().take(200).collect()
    }

    fn expect(&mut self, expected: &str) -> Result<(), BvhError> {
        let word = self.word()?;
        if word.eq_ignore_ascii_case(expected) {
            return Ok(());
        }
        Err(self.wrong(format!("{expected} is expected, not {word:?}")))
    }

    /// Whether this is the next word, which is taken then.
    fn found(&mut self, wanted: &str) -> Result<bool, BvhError> {
        if self.is_at_end() {
            return Err(self.wrong("the file breaks off"));
        }
        let found = self.rest.starts_with(wanted);
        if found {
            self.take(wanted.len());
        }
        Ok(found)
    }

    fn precise(&mut self) -> Result<f64, BvhError> {
        let word = self.word()?;
        let number = word.parse::<f64>().ok().or_else(|| {
            // Programs have been seen to write the decimal comma of their country.
            let is_comma = word.matches(',').count() == 1 && !word.contains('.');
            is_comma.then(|| word.replace(',', ".").parse().ok())?
        });
        let number = number.ok_or_else(|| self.wrong(format!("a number is expected, not {word:?}")))?;
        if number.abs() <= f64::from(LARGEST) {
            return Ok(number);
        }
        Err(self.wrong(format!("a number between -{LARGEST} and {LARGEST} is expected, not {word:?}")))
    }

    fn number(&mut self) -> Result<f32, BvhError> {
        Ok(self.precise()? as f32)
    }

    fn vector(&mut self) -> Result<Vec3, BvhError> {
        Ok(Vec3::new(self.number()?, self.number()?, self.number()?))
    }
}
