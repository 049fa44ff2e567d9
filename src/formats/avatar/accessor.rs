//! Numbers out of buffers, with every bound checked once, when an accessor is opened.

use super::container::Container;
use super::document::Accessor;
use super::error::{AvatarError, damaged, too_large};

/// Most elements of one accessor.
const MAX_COUNT: usize = 16 << 20;

/// The elements of an accessor, each a few numbers.
#[derive(Debug)]
pub(in crate::formats) struct Elements<'a> {
    base: Option<Strided<'a>>,
    sparse: Option<(Vec<u32>, Strided<'a>)>,
    kind: Component,
    normalized: bool,
    /// Numbers in each element.
    pub components: usize,
    /// Number of elements.
    pub count: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Component {
    I8,
    U8,
    I16,
    U16,
    U32,
    F32,
}

impl Component {
    fn from_code(code: u32) -> Result<Self, AvatarError> {
        Ok(match code {
            5120 => Self::I8,
            5121 => Self::U8,
            5122 => Self::I16,
            5123 => Self::U16,
            5125 => Self::U32,
            5126 => Self::F32,
            _ => return Err(damaged("an accessor has an unknown component type")),
        })
    }

    const fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::U32 | Self::F32 => 4,
        }
    }
}

/// Elements at even distances.
#[derive(Debug, Clone, Copy)]
struct Strided<'a> {
    bytes: &'a [u8],
    stride: usize,
}

impl<'a> Strided<'a> {
    /// `count` elements of `size` bytes in a buffer view from `offset` on.
    fn new(bytes: &'a [u8], offset: usize, stride: usize, size: usize, count: usize) -> Result<Self, AvatarError> {
        if stride < size {
            return Err(damaged("the elements of an accessor overlap"));
        }
        let length = count.checked_sub(1).map_or(Some(0), |last| last.checked_mul(stride)?.checked_add(size));
        let bytes = length
            .and_then(|length| bytes.get(offset..offset.checked_add(length)?))
            .ok_or_else(|| damaged("an accessor reaches beyond its buffer view"))?;
        Ok(Self { bytes, stride })
    }

    fn element(&self, index: usize) -> &'a [u8] {
        index.checked_mul(self.stride).and_then(|at| self.bytes.get(at..)).unwrap_or_default()
    }
}

impl<'a> Elements<'a> {
    /// Opens an accessor.
    ///
    /// # Errors
    /// [`AvatarError`] when it is not there or reaches beyond its data.
    pub(in crate::formats) fn open(container: &'a Container<'_>, index: usize) -> Result<Self, AvatarError> {
        let accessor = container.document.accessors.get(index).ok_or_else(|| damaged("an accessor is not there"))?;
        let kind = Component::from_code(accessor.component_type)?;
        let components = match accessor.kind.as_str() {
            "SCALAR" => 1,
            "VEC2" => 2,
            "VEC3" => 3,
            "VEC4" => 4,
            "MAT4" => 16,
            _ => return Err(damaged("an accessor has an unknown type")),
        };
        if accessor.count > MAX_COUNT {
            return Err(too_large(format!("an accessor of {} elements; at most {MAX_COUNT} are read", accessor.count)));
        }
        let size = kind.size() * components;
        let base = match accessor.buffer_view {
            Some(view) => {
                let stride = container.document.buffer_views.get(view).and_then(|view| view.byte_stride);
                let bytes = container.view(view)?;
                Some(Strided::new(bytes, accessor.byte_offset, stride.unwrap_or(size), size, accessor.count)?)
            }
            None => None,
        };
        let sparse = sparse(container, accessor, size)?;
        Ok(Self { base, sparse, kind, normalized: accessor.normalized, components, count: accessor.count })
    }

    /// Number `component` of element `index`; 0 beyond the end.
    pub(in crate::formats) fn number(&self, index: usize, component: usize) -> f32 {
        let raw = self.raw(index, component);
        let value = match self.kind {
            Component::I8 => f32::from(i8::from_le_bytes([raw[0]])),
            Component::U8 => f32::from(raw[0]),
            Component::I16 => f32::from(i16::from_le_bytes([raw[0], raw[1]])),
            Component::U16 => f32::from(u16::from_le_bytes([raw[0], raw[1]])),
            Component::U32 => u32::from_le_bytes(raw) as f32,
            Component::F32 => f32::from_le_bytes(raw),
        };
        match self.kind {
            _ if !self.normalized => value,
            Component::I8 => (value / 127.0).max(-1.0),
            Component::U8 => value / 255.0,
            Component::I16 => (value / 32_767.0).max(-1.0),
            Component::U16 => value / 65_535.0,
            Component::U32 | Component::F32 => value,
        }
    }

    /// An element as `N` numbers; those that it lacks are 0.
    pub(in crate::formats) fn numbers<const N: usize>(&self, index: usize) -> [f32; N] {
        std::array::from_fn(|component| if component < self.components { self.number(index, component) } else { 0.0 })
    }

    /// The same as an unsigned whole number: an index.
    pub(in crate::formats) fn whole(&self, index: usize, component: usize) -> Option<u32> {
        let raw = self.raw(index, component);
        match self.kind {
            Component::U8 => Some(u32::from(raw[0])),
            Component::U16 => Some(u32::from(u16::from_le_bytes([raw[0], raw[1]]))),
            Component::U32 => Some(u32::from_le_bytes(raw)),
            Component::I8 | Component::I16 | Component::F32 => None,
        }
    }

    fn raw(&self, index: usize, component: usize) -> [u8; 4] {
        let replaced = self
            .sparse
            .as_ref()
            .and_then(|(indices, values)| Some(values.element(indices.binary_search(&(index as u32)).ok()?)));
        let element = replaced.or_else(|| Some(self.base?.element(index))).unwrap_or_default();
        let size = self.kind.size();
        let mut raw = [0; 4];
        for (to, from) in raw.iter_mut().zip(element.iter().skip(component * size).take(size)) {
            *to = *from;
        }
        raw
    }
}

/// The elements that a sparse accessor replaces: where, and by what.
fn sparse<'a>(
    container: &'a Container<'_>,
    accessor: &Accessor,
    size: usize,
) -> Result<Option<(Vec<u32>, Strided<'a>)>, AvatarError> {
    let Some(sparse) = &accessor.sparse else { return Ok(None) };
    if sparse.count > accessor.count {
        return Err(damaged("a sparse accessor replaces more than it has"));
    }
    let kind = Component::from_code(sparse.indices.component_type)?;
    let (width, bytes) = (kind.size(), container.view(sparse.indices.buffer_view)?);
    let indices = Strided::new(bytes, sparse.indices.byte_offset, width, width, sparse.count)?;
    let at = |index: usize| {
        let mut raw = [0; 4];
        for (to, from) in raw.iter_mut().zip(indices.element(index).iter().take(width)) {
            *to = *from;
        }
        u32::from_le_bytes(raw)
    };
    let indices: Vec<u32> = (0..sparse.count).map(at).collect();
    if !indices.is_sorted_by(|a, b| a < b) || indices.last().is_some_and(|last| *last as usize >= accessor.count) {
        return Err(damaged("the indices of a sparse accessor do not rise within its bounds"));
    }
    let bytes = container.view(sparse.values.buffer_view)?;
    let values = Strided::new(bytes, sparse.values.byte_offset, size, size, sparse.count)?;
    Ok(Some((indices, values)))
}
