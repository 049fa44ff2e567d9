//! How good a landmark filter looks: how much it lets tremble, how late it is, how it answers to a jump.
//!
//! Signals are [`DVec3`]s at a constant frame rate: points in metres, or angles in degrees with only `x` in use. What a
//! filter gives is compared with a *reference*: the truth where it is known, else the unfiltered signal smoothed
//! forwards and backwards ([`zero_phase`]), which is late by nothing.
//!
//! - [`unbroken`], [`joint_series`] and [`AngleSpans`] turn tracked frames into signals.
//! - [`measure`] compares signals with their references.
//! - [`StepResponse`] is what a filter makes of a made-up jump.
//! - [`avatar`] measures the avatar that moves by it.

pub mod avatar;
mod measure;
mod series;
mod step;

pub use super::filter::{usable_cutoff, zero_phase};
pub use glam::DVec3;
pub use measure::{Against, Figures, REFERENCE_HZ, SWAY_HZ, measure};
pub use series::{AngleSpans, SHORTEST_SPAN, joint_series, unbroken};
pub use step::StepResponse;
