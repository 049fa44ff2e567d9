//! The inference server: pictures in, poses out, for many clients at once.
