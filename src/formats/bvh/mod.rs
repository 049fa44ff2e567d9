//! BVH, the text format of motion that Blender, `MotionBuilder`, Maya and most others read.
//!
//! [`write()`] puts a clip into the form that all of them agree on: a T-pose at zero rotation, centimetres, y up, the root's
//! offset zero so that it does not matter whether a program adds it to the root's position or not, and angles that do
//! not jump. [`read()`] takes files of any program: any order of channels, joints named by many customs, rest poses that are
//! no T-pose or no pose at all.
//!
//! A rest pose whose limbs are off a T-pose is turned into one, each limb on the shortest way; where zero rotation is no pose that a
//! person takes, the frame that comes nearest to a T-pose stands for it, and the figure faces +z in that frame.
//!
//! Where it is weak: BVH states no unit. It is guessed from the length of the legs, and [`ReadOptions`] overrides it. Positions
//! of joints other than the root and what stands above the hips are not kept: bones do not stretch here.
//!
//! Source: Biovision's BVH as described by M. Meredith and S. Maddock, "Motion Capture File Formats Explained", 2001.

mod error;
mod euler;
mod parse;
mod read;
mod reference;
#[cfg(test)]
mod tests;
mod write;

pub use error::BvhError;
pub use read::{ReadOptions, read};
pub use write::{WriteOptions, write};

/// Centimetres a metre.
const CM: f32 = 100.0;
