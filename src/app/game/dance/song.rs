//! What plays while a dance is danced, and where it is just now.

use std::path::PathBuf;

use bevy::prelude::*;

use crate::app::game::Match;

/// A correction beyond this is no drift but a mistake, seconds.
const MAX_OFFSET_S: f64 = 2.0;

/// The music of the dance that is danced: what plays it does what stands here. There is none while nobody dances, and for
/// dances without music.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Song {
    /// The file.
    pub path: PathBuf,
    /// How fast it is played, 1 for its own speed. It has to be just that: the coach and the scores follow it.
    pub rate: f64,
    /// When it begins, on the match's clock, seconds.
    pub starts_at_clock_s: f64,
    /// Whether it is to be heard now: not while the match counts down or is paused. It goes on where it stopped.
    pub is_playing: bool,
}

impl Song {
    /// Where in the file it has to be, seconds of the file's own time; below zero before it begins.
    #[must_use]
    pub fn position_s(&self, clock_s: f64) -> f64 {
        (clock_s - self.starts_at_clock_s) * self.rate
    }
}

/// How far the music that is heard is ahead of the match's clock.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Default)]
pub struct SongClock {
    /// Seconds of the match's clock: above zero where the music is ahead, below where it is behind, as by the delay of a
    /// loudspeaker. Written by what plays the [`Song`]: `position / rate - (clock_s - starts_at_clock_s)`. 0 without sound.
    pub offset_s: f64,
}

impl SongClock {
    /// Seconds of the song that have passed when the match's clock shows `clock_s`: what players hear.
    #[must_use]
    pub fn song_time_s(&self, clock_s: f64) -> f64 {
        let offset_s = if self.offset_s.is_finite() { self.offset_s.clamp(-MAX_OFFSET_S, MAX_OFFSET_S) } else { 0.0 };
        clock_s - STARTS_AT_S + offset_s
    }

    /// As [`SongClock::song_time_s`], of a match, `ahead_s` after its last step; before the song during the countdown that
    /// comes first.
    #[must_use]
    pub fn now_s(&self, current: &Match, ahead_s: f64) -> f64 {
        if current.is_waiting() {
            // After a pause the countdown stands where the song stopped.
            let before_s = if current.clock_s > 0.0 { 0.0 } else { current.wait_s - ahead_s };
            return self.song_time_s(current.clock_s) - before_s;
        }
        self.song_time_s(current.clock_s + ahead_s)
    }
}

/// When songs begin, on the match's clock, seconds.
pub(super) const STARTS_AT_S: f64 = 0.0;

/// How much of the beat has passed: 0 on a beat, rising to 1 before the next one. For everything that pulses.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Default)]
pub struct BeatPhase(pub f32);

/// How much of the beat has passed at a song time; 1 before the first beat and well after the last.
pub(super) fn phase(beats_s: &[f64], song_s: f64) -> f32 {
    let next = beats_s.partition_point(|beat| *beat <= song_s);
    let Some(last_s) = next.checked_sub(1).map(|last| beats_s[last]) else { return 1.0 };
    let period_s = beats_s.get(next).map_or(0.5, |next| next - last_s);
    ((song_s - last_s) / period_s).clamp(0.0, 1.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_song_follows_what_is_heard() {
        let clock = SongClock { offset_s: -0.1 };
        assert!((clock.song_time_s(2.0) - 1.9).abs() < 1e-9);
        assert_eq!(SongClock { offset_s: f64::NAN }.song_time_s(2.0), 2.0);
        let song = Song { path: PathBuf::new(), rate: 0.85, starts_at_clock_s: 1.0, is_playing: true };
        assert!((song.position_s(3.0) - 1.7).abs() < 1e-9);
    }

    #[test]
    fn the_phase_runs_from_beat_to_beat() {
        let beats = [1.0, 2.0, 2.5];
        let found: Vec<f32> = [0.5, 1.0, 1.25, 2.0, 2.25, 2.5, 9.0].map(|time_s| phase(&beats, time_s)).to_vec();
        assert_eq!(found, [1.0, 0.0, 0.25, 0.0, 0.5, 0.0, 1.0]);
    }
}
