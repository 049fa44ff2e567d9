//! The parameter section: groups of named values.

use super::{BLOCK, KEY};

/// Intel's order of bytes.
const PROCESSOR: u8 = 84;
const CHARACTERS: i8 = -1;
const WORDS: i8 = 2;
const FLOATS: i8 = 4;
/// Longest text: a length is one byte.
const MAX_TEXT: usize = 255;

/// Parameters in the order in which they were added; each belongs to the group before it.
pub(super) struct Parameters {
    items: Vec<Vec<u8>>,
    /// Number of the open group.
    group: i8,
}

impl Parameters {
    pub(super) const fn new() -> Self {
        Self { items: Vec::new(), group: 0 }
    }

    /// Opens a group.
    pub(super) fn group(&mut self, name: &str, description: &str) {
        self.group += 1;
        self.item(name, -self.group, &[], description);
    }

    /// Unsigned 16-bit numbers: one alone, or a list.
    pub(super) fn words(&mut self, name: &str, values: &[u16], description: &str) {
        let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.values(name, WORDS, values.len(), &data, description);
    }

    /// 32-bit floats: one alone, or a list.
    pub(super) fn floats(&mut self, name: &str, values: &[f32], description: &str) {
        let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.values(name, FLOATS, values.len(), &data, description);
    }

    /// One text.
    pub(super) fn text(&mut self, name: &str, text: &str, description: &str) {
        let text = shortened(text);
        let mut content = vec![CHARACTERS as u8, 1, text.len() as u8];
        content.extend(text);
        self.item(name, self.group, &content, description);
    }

    /// At most 255 texts, filled up with spaces to the length of the longest.
    pub(super) fn texts(&mut self, name: &str, texts: &[&str], description: &str) {
        let texts: Vec<&[u8]> = texts.iter().map(|text| shortened(text)).collect();
        let length = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        let mut content = vec![CHARACTERS as u8, 2, length as u8, texts.len() as u8];
        for text in texts {
            content.extend(text);
            content.extend(std::iter::repeat_n(b' ', length - text.len()));
        }
        self.item(name, self.group, &content, description);
    }

    fn values(&mut self, name: &str, kind: i8, count: usize, data: &[u8], description: &str) {
        let mut content = vec![kind as u8];
        if count == 1 {
            content.push(0);
        } else {
            content.extend([1, count as u8]);
        }
        content.extend(data);
        self.item(name, self.group, &content, description);
    }

    /// Name, group and what follows the pointer to the next item.
    fn item(&mut self, name: &str, group: i8, content: &[u8], description: &str) {
        let description = shortened(description);
        let mut item = vec![name.len() as u8, group as u8];
        item.extend(name.as_bytes());
        // From the pointer itself to the next item.
        let next = 2 + content.len() + 1 + description.len();
        item.extend((next as u16).to_le_bytes());
        item.extend(content);
        item.push(description.len() as u8);
        item.extend(description);
        self.items.push(item);
    }

    /// The section: whole blocks.
    pub(super) fn to_blocks(&self) -> Vec<u8> {
        let mut blocks = vec![1, KEY, 0, PROCESSOR];
        blocks.extend(self.items.iter().flatten());
        // A name without characters ends the section.
        blocks.extend([0, 0]);
        blocks.resize(blocks.len().next_multiple_of(BLOCK), 0);
        blocks[2] = (blocks.len() / BLOCK) as u8;
        blocks
    }
}

/// The bytes of a text as far as they fit, not cut within a character.
fn shortened(text: &str) -> &[u8] {
    &text.as_bytes()[..text.floor_char_boundary(MAX_TEXT)]
}
