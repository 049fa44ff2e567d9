//! Tests of takes as a whole.

mod crash;
mod damage;
mod fixture;
mod full_disk;
mod measure;
mod round_trip;
