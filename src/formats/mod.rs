//! Versioned records and file formats: what leaves the program and comes back.

pub mod avatar;
pub mod record;
pub mod take;
pub mod truth;
pub mod vmc;
