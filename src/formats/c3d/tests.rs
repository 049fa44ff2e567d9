//! Reads back what was written, by the guide alone; `scripts/check_lab_formats.sh` does it with programs that are not ours.

use std::collections::BTreeMap;

use glam::Vec3;

use super::super::lab::tests::series;
use super::*;

/// A file as its header and parameters describe it.
struct File {
    bytes: Vec<u8>,
    /// Content behind the pointer by group and name.
    parameters: BTreeMap<String, Vec<u8>>,
}

fn written(series: &MarkerSeries) -> File {
    let mut bytes = Vec::new();
    write_c3d(series, &mut bytes).expect("writes");
    assert_eq!(bytes.len() % BLOCK, 0);
    let mut parameters = BTreeMap::new();
    let mut groups = BTreeMap::new();
    let mut at = BLOCK + 4;
    while bytes[at] != 0 {
        let (length, group) = (usize::from(bytes[at]), bytes[at + 1] as i8);
        let name = String::from_utf8(bytes[at + 2..][..length].to_vec()).expect("a name");
        let pointer = at + 2 + length;
        let next = pointer + usize::from(u16::from_le_bytes([bytes[pointer], bytes[pointer + 1]]));
        if group < 0 {
            groups.insert(-group, name);
        } else {
            parameters.insert(format!("{}:{name}", groups[&group]), bytes[pointer + 2..next].to_vec());
        }
        at = next;
    }
    assert!(at < BLOCK * (1 + usize::from(bytes[BLOCK + 2])), "the section holds all that is in it");
    File { bytes, parameters }
}

impl File {
    fn word(&self, word: usize) -> u16 {
        u16::from_le_bytes([self.bytes[2 * word - 2], self.bytes[2 * word - 1]])
    }

    fn float_at(&self, at: usize) -> f32 {
        f32::from_le_bytes(self.bytes[at..at + 4].try_into().expect("four bytes"))
    }

    fn parameter_words(&self, name: &str) -> Vec<u16> {
        let content = &self.parameters[name];
        assert_eq!(content[0], 2, "{name} has words");
        let (from, count) = if content[1] == 0 { (2, 1) } else { (3, usize::from(content[2])) };
        content[from..][..2 * count].chunks(2).map(|word| u16::from_le_bytes([word[0], word[1]])).collect()
    }

    fn place(&self, frame: usize, marker: usize, markers: usize) -> Option<Vec3> {
        let at = (usize::from(self.word(9)) - 1) * BLOCK + 16 * (frame * markers + marker);
        let place = Vec3::new(self.float_at(at), self.float_at(at + 4), self.float_at(at + 8));
        (self.float_at(at + 12) >= 0.0).then_some(place / 1000.0)
    }
}

#[test]
fn points_are_where_the_header_says() {
    let series = series(50, 9);
    let file = written(&series);
    assert_eq!(file.bytes[..2], [2, 0x50]);
    assert_eq!((file.word(2), file.word(3), file.word(4), file.word(5), file.word(10)), (9, 0, 1, 50, 0));
    assert_eq!((file.float_at(12), file.float_at(20)), (-1.0, 29.97));
    assert_eq!(file.parameter_words("POINT:DATA_START"), [file.word(9)]);
    assert_eq!(file.parameter_words("POINT:USED"), [9]);
    for (frame, places) in series.frames.iter().enumerate() {
        for (marker, place) in places.iter().enumerate() {
            let read = file.place(frame, marker, 9);
            assert_eq!(read.is_some(), place.is_some());
            assert!(read.zip(*place).is_none_or(|(read, place)| read.distance(place) < 1e-6));
        }
    }
}

#[test]
fn names_are_filled_up_with_spaces() {
    let mut series = series(1, 2);
    series.markers = vec!["a".into(), "longer".into()];
    let file = written(&series);
    assert_eq!(file.parameters["POINT:LABELS"][..16], *b"\xff\x02\x06\x02a     longer");
    assert_eq!(file.parameters["POINT:UNITS"][..5], *b"\xff\x01\x02mm");
}

#[test]
fn the_largest_series_and_the_longest_name_fit() {
    let mut series = series(2, 255);
    series.markers = (0..255).map(|marker| format!("{marker:030}")).collect();
    series.name = "ä".repeat(500);
    let file = written(&series);
    assert_eq!(file.parameter_words("POINT:USED"), [255]);
    assert!(file.place(1, 254, 255).is_some_and(Vec3::is_finite));
}

#[test]
fn more_frames_than_sixteen_bits_count_are_counted_in_two_words() {
    let mut long = series(1, 1);
    long.frames = vec![vec![Some(Vec3::ONE)]; 70_000];
    let file = written(&long);
    assert_eq!(file.word(5), 65_535);
    assert_eq!(file.parameter_words("POINT:FRAMES"), [65_535]);
    assert_eq!(file.parameter_words("TRIAL:ACTUAL_START_FIELD"), [1, 0]);
    assert_eq!(file.parameter_words("TRIAL:ACTUAL_END_FIELD"), [4_464, 1]);
    assert_eq!(file.place(69_999, 0, 1), Some(Vec3::ONE));
}
