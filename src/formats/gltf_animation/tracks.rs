//! The animation of a file, to be asked where a node stands at a time. Numbers are taken from the file's data when they are
//! asked for, so that lists that are named many times take no memory.

use std::collections::BTreeMap;

use glam::{Affine3A, Quat, Vec3, Vec4};
use serde::Deserialize;

use super::document::Path;
use super::error::{GltfAnimationError, wrong};
use crate::formats::animation::{MAX_FRAMES, rate};
use crate::formats::avatar::accessor::Elements;
use crate::formats::avatar::container::Container;

/// Most keys of all tracks together.
const MAX_KEYS: usize = 32 << 20;
/// Latest key, seconds.
const LATEST_S: f32 = 1e6;
/// Frames a second of animations whose keys do not come at a rate of their own.
const USUAL_FPS: f64 = 60.0;
/// Slowest and fastest rate of keys that is taken over.
const RATES: std::ops::RangeInclusive<f64> = 12.0..=1000.0;

#[derive(Debug, Deserialize)]
struct Animation {
    name: Option<String>,
    #[serde(default)]
    channels: Vec<Channel>,
    #[serde(default)]
    samplers: Vec<Sampler>,
}

#[derive(Debug, Deserialize)]
struct Channel {
    sampler: usize,
    target: Target,
}

#[derive(Debug, Deserialize)]
struct Target {
    node: Option<usize>,
    path: String,
}

#[derive(Debug, Deserialize)]
struct Sampler {
    input: usize,
    output: usize,
    interpolation: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interpolation {
    Step,
    Linear,
    Cubic,
}

/// One track: keys over time.
#[derive(Debug)]
struct Track<'a> {
    times: Elements<'a>,
    values: Elements<'a>,
    interpolation: Interpolation,
}

/// An animation.
#[derive(Debug)]
pub(in crate::formats) struct Tracks<'a> {
    /// Its name, empty when it has none.
    pub name: String,
    /// By node, and what of it they move.
    moved: BTreeMap<(usize, Path), Track<'a>>,
    begin_s: f32,
    end_s: f32,
}

impl<'a> Tracks<'a> {
    /// The first animation of a file, as far as it moves one of these nodes.
    ///
    /// # Errors
    /// [`GltfAnimationError`] when there is none, or it does not hold together.
    pub(in crate::formats) fn read(
        container: &'a Container<'_>,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Self, GltfAnimationError> {
        let first = container.document.animations.get(0).ok_or_else(|| wrong("there is none"))?;
        let animation = Animation::deserialize(first).map_err(|error| wrong(error.to_string()))?;
        let name = animation.name.unwrap_or_default().chars().take(200).collect();
        let mut found = Self { name, moved: BTreeMap::new(), begin_s: f32::MAX, end_s: 0.0 };
        let mut keys = 0_usize;
        for channel in &animation.channels {
            let Some(node) = channel.target.node.filter(|node| wanted(*node)) else { continue };
            let Some(path) = Path::from_name(&channel.target.path) else { continue };
            let sampler = animation.samplers.get(channel.sampler).ok_or_else(|| wrong("a sampler is not there"))?;
            for accessor in [sampler.input, sampler.output] {
                let count = container.document.accessors.get(accessor).map_or(0, |accessor| accessor.count);
                keys = keys.saturating_add(count);
            }
            if keys > MAX_KEYS {
                return Err(wrong(format!("more than {} million keys", MAX_KEYS >> 20)));
            }
            let track = Track::open(container, sampler, path)?;
            let last = track.times.count - 1;
            found.begin_s = found.begin_s.min(track.time(0));
            found.end_s = found.end_s.max(track.time(last));
            found.moved.insert((node, path), track);
        }
        if found.moved.is_empty() {
            return Err(wrong("it moves none of the bones"));
        }
        Ok(found)
    }

    /// Frames a second: those of the track with most keys where they come evenly, else enough to see every motion.
    pub(in crate::formats) fn fps(&self) -> f64 {
        let densest = self.moved.values().max_by_key(|track| track.times.count);
        densest.and_then(Track::even_rate).filter(|rate| RATES.contains(rate)).unwrap_or(USUAL_FPS)
    }

    /// The times of the frames at a rate, from the first key to the last, in the animation's own seconds.
    ///
    /// # Errors
    /// [`GltfAnimationError::Animation`] when they are too many.
    pub(in crate::formats) fn times(&self, fps: f64) -> Result<impl Iterator<Item = f32>, GltfAnimationError> {
        let begin = f64::from(self.begin_s);
        // A frame that would lie a hair after the last key is the last key's.
        let last = ((f64::from(self.end_s) - begin) * fps - 0.01).ceil().max(0.0);
        if last >= MAX_FRAMES as f64 {
            return Err(wrong(format!("{last} frames; at most {MAX_FRAMES} are read")));
        }
        Ok((0..=last as usize).map(move |frame| (begin + frame as f64 / fps) as f32))
    }

    /// Where a node stands, against its parent; what no track moves stands as at rest.
    pub(in crate::formats) fn local(&self, node: usize, rest: (Vec3, Quat, Vec3), time_s: f32) -> Affine3A {
        let value = |path| self.moved.get(&(node, path)).map(|track| track.value(time_s, path == Path::Rotation));
        let translation = value(Path::Translation).map_or(rest.0, Vec4::truncate);
        let rotation = value(Path::Rotation).map_or(rest.1, Quat::from_vec4);
        let scale = value(Path::Scale).map_or(rest.2, Vec4::truncate);
        Affine3A::from_scale_rotation_translation(scale, rotation, translation)
    }

    /// The translation of a node; `None` when no track moves it.
    pub(in crate::formats) fn translation(&self, node: usize, time_s: f32) -> Option<Vec3> {
        Some(self.moved.get(&(node, Path::Translation))?.value(time_s, false).truncate())
    }
}

impl<'a> Track<'a> {
    fn open(container: &'a Container<'_>, sampler: &Sampler, path: Path) -> Result<Self, GltfAnimationError> {
        let interpolation = match sampler.interpolation.as_deref() {
            None | Some("LINEAR") => Interpolation::Linear,
            Some("STEP") => Interpolation::Step,
            Some("CUBICSPLINE") => Interpolation::Cubic,
            Some(_) => return Err(wrong("it asks for an unknown interpolation")),
        };
        let times = Elements::open(container, sampler.input)?;
        let values = Elements::open(container, sampler.output)?;
        let components = if path == Path::Rotation { 4 } else { 3 };
        let each = if interpolation == Interpolation::Cubic { 3 } else { 1 };
        if times.components != 1 || values.components != components {
            return Err(wrong(format!("a {path:?} has keys of a wrong type")));
        }
        if times.count == 0 || times.count.checked_mul(each) != Some(values.count) {
            return Err(wrong(format!("a {path:?} has {} times and {} values", times.count, values.count)));
        }
        let track = Self { times, values, interpolation };
        let mut before = -LATEST_S;
        for key in 0..track.times.count {
            let time = track.time(key);
            if !(time >= before && time <= LATEST_S) {
                return Err(wrong(format!("the times of a {path:?} do not rise from 0 to {LATEST_S} seconds")));
            }
            before = time;
        }
        Ok(track)
    }

    fn time(&self, key: usize) -> f32 {
        self.times.number(key, 0)
    }

    /// Keys a second when they come evenly and straight lines lie between them.
    fn even_rate(&self) -> Option<f64> {
        let steps = self.times.count.checked_sub(1).filter(|steps| *steps > 0)?;
        let (begin, end) = (f64::from(self.time(0)), f64::from(self.time(steps)));
        let step = (end - begin) / steps as f64;
        let is_even = (0..steps).all(|key| (f64::from(self.time(key)) - begin - step * key as f64).abs() < 0.05 * step);
        (self.interpolation != Interpolation::Cubic && step > 0.0 && is_even).then(|| rate(step))
    }

    /// The value at a time: that of the first key before it, of the last one after it.
    fn value(&self, time_s: f32, is_rotation: bool) -> Vec4 {
        let (mut low, mut high) = (0, self.times.count);
        // Times of frames and keys that were meant to be one are rounded apart; a step would come a frame late.
        let reached = time_s + 2e-5 + time_s.abs() * 1e-6;
        // The first key that comes later.
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.time(middle) <= reached {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let Some(key) = low.checked_sub(1) else { return finished(self.key(0), is_rotation) };
        let next = (key + 1).min(self.times.count - 1);
        let span = self.time(next) - self.time(key);
        let t = if span > 0.0 { ((time_s - self.time(key)) / span).clamp(0.0, 1.0) } else { 0.0 };
        let (from, to) = (self.key(key), self.key(next));
        let value = match self.interpolation {
            Interpolation::Step => from,
            Interpolation::Linear if is_rotation => {
                let (from, to) = (unit(from), unit(to));
                Vec4::from(from.slerp(to, t))
            }
            Interpolation::Linear => from.lerp(to, t),
            Interpolation::Cubic => {
                let leaves = self.element(3 * key + 2) * span;
                let arrives = self.element(3 * next) * span;
                let (t2, t3) = (t * t, t * t * t);
                from * (2.0 * t3 - 3.0 * t2 + 1.0)
                    + leaves * (t3 - 2.0 * t2 + t)
                    + to * (3.0 * t2 - 2.0 * t3)
                    + arrives * (t3 - t2)
            }
        };
        finished(value, is_rotation)
    }

    fn key(&self, key: usize) -> Vec4 {
        self.element(if self.interpolation == Interpolation::Cubic { 3 * key + 1 } else { key })
    }

    fn element(&self, index: usize) -> Vec4 {
        Vec4::from_array(self.values.numbers(index))
    }
}

/// A unit quaternion; quantised ones are not quite. Identity for what is none at all.
fn unit(value: Vec4) -> Quat {
    value.try_normalize().map_or(Quat::IDENTITY, Quat::from_vec4)
}

fn finished(value: Vec4, is_rotation: bool) -> Vec4 {
    if is_rotation { Vec4::from(unit(value)) } else { value }
}
