//! Motion as pure mathematics: no clock, no files, no engine.

pub mod angle;
pub mod angle_series;
pub mod avatar_solver;
pub mod beats;
pub mod blink;
pub mod clip;
pub mod dance;
pub mod difficulty;
pub mod ease;
pub mod exercise;
pub mod expressions;
pub mod filter;
pub mod fit;
pub mod hand;
pub mod interpolation;
pub mod landmark;
pub mod locomotion;
pub mod offline;
pub mod player;
pub mod pose;
pub mod pose_layers;
pub mod quality;
pub mod random;
pub mod retarget;
pub mod session;
pub mod side;
pub mod skeleton;
pub mod spring;
pub mod statistics;

pub use difficulty::Difficulty;
pub use hand::{HAND_LANDMARK_COUNT, HandPose, Hands, Provenance};
pub use landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark};
pub use pose::BodyPose;
pub use side::Side;
