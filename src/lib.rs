//! LiveDance: an ordinary camera moves a rigged 3D avatar.
//!
//! This page is the map of the house. Each folder imports only from folders to its left:
//!
//! ```text
//! motion, frame, slot, helper_thread, resources <- settings <- formats <- avatar_library <- {dance_library, export, net, wire} <- {capture, inference} <- pipeline <- {app, server} <- cli <- main
//! ```
//!
//! - [`motion`]: pure maths. Landmarks, joint angles, filters, interpolation, retargeting. No clock, no IO, no Bevy, no serde.
//! - [`frame`]: the picture and the tracked result that travel between threads.
//! - [`slot`]: the single place, newest wins, where two threads meet.
//! - [`helper_thread`]: a thread that does numbered jobs for one owner and outlives panics.
//! - `resources`: memory and open files of this process.
//! - [`settings`]: what a user can set, from defaults, file, environment and command line.
//! - [`formats`]: versioned records and files; VMC's messages.
//! - [`avatar_library`]: which avatars there are.
//! - [`dance_library`]: which dances there are, and how one is made.
//! - [`export`]: from a take to the files that other programs read.
//! - [`net`]: sockets, each on a thread of its own: poses in and out.
//! - `wire`: what travels between clients and inference servers.
//! - `capture`: cameras, videos, images, folders: everything that yields [`frame::Frame`]s.
//! - `inference`: the only user of ONNX Runtime: detector, region tracking, landmark model.
//! - `pipeline`: frames in, tracked people out; synchronous for files, on two threads when live.
//! - `app`: the Bevy application and the offscreen renderer.
//! - `server`: poses for others' pictures; knows nothing of the application.
//! - `cli`: one file for each subcommand.
//!
//! # Frames of reference
//!
//! - Image: pixels, origin top left, y down. `z` has the scale of x; smaller is nearer.
//! - World landmarks: metres, origin between the hips, x right in the image, y down, z away from the camera.
//! - Scene: metres, right-handed, y up, the avatar faces +z.
//! - Angles are radians inside, degrees on screens and in files (suffix `_deg`).
//! - `left` and `right` are the person's own. Mirroring is a view setting, applied once, at retargeting.
//!
//! # Invariants
//!
//! - Filters run on capture time, never on the time between rendered frames.
//! - A live source never waits for inference, and inference never waits for the renderer: the newest value wins and losses are counted.
//! - Timestamps handed to the tracker rise strictly.

#![cfg_attr(test, allow(clippy::float_cmp, reason = "tests compare with the very value that went in"))]

pub mod avatar_library;
pub mod dance_library;
pub mod export;
pub mod formats;
pub mod frame;
pub mod helper_thread;
pub mod motion;
pub mod net;
pub mod paths;
pub mod settings;
pub mod slot;

#[cfg(feature = "inference")]
pub mod capture;
#[cfg(feature = "inference")]
pub mod inference;
#[cfg(feature = "inference")]
pub mod pipeline;
#[cfg(feature = "inference")]
mod resources;

#[cfg(feature = "remote")]
pub mod wire;

#[cfg(feature = "app")]
pub mod app;
#[cfg(feature = "server")]
pub mod server;

#[cfg(feature = "inference")]
pub mod cli;
