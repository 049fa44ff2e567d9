//! Even movement between tracked results: what is shown lies between two results on the capture clock.
//!
//! - [`Timeline`] holds the last few values by capture time and interpolates between them.
//! - [`PlayoutClock`] decides which capture time to show now, a little behind the newest result.
//! - [`Presence`] eases between a tracked pose and rest as people come and go.
//!
//! Nothing here reads a clock: times are given.

mod playout;
mod presence;
mod timeline;

pub use playout::PlayoutClock;
pub use presence::{LEAVING_S, Presence};
pub use timeline::{Interpolate, Timeline};
