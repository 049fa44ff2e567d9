//! The games' shell, driven without a window: what is read through accessibility labels, pressed by keys, by a gamepad and
//! by a resting hand.

#![cfg(feature = "app")]

mod fixture;
mod hands;
mod keys;
mod layout;
mod robustness;
