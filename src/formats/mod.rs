//! Versioned records and file formats: what leaves the program and comes back.

mod animation;
pub mod avatar;
pub mod bvh;
pub mod c3d;
pub mod csv;
pub mod dance;
pub mod exercise;
pub mod gltf_animation;
pub mod lab;
pub mod record;
#[cfg(test)]
mod samples;
pub mod take;
#[cfg(test)]
mod test_clips;
pub mod trc;
pub mod truth;
pub mod vmc;
pub mod vrma;
