//! The overlay, driven without a window: what is read through accessibility labels, clicked, and typed.

#![cfg(feature = "app")]

mod fixture;
mod keyboard;
mod panels;
mod recording;
mod recordings;
mod remote;
mod robustness;
mod scene;
mod settings;
