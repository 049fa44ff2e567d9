//! What is heard: sounds of [`Cue`]s, the music of menus and games, the song of a dance. Without a device to play on, games go
//! on without sound, and it is told once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bevy::prelude::*;
use crossbeam_channel::Receiver;
use kira::sound::FromFileError;
use kira::sound::static_sound::StaticSoundData;
use kira::sound::streaming::{StreamingSoundData, StreamingSoundHandle};
use kira::track::{TrackBuilder, TrackHandle};
use kira::{AudioManager, AudioManagerSettings, Decibels, DefaultBackend, Tween};

use super::cue::{Cue, Sound};
use super::dance::{Song, SongClock};
use super::phase::GamePhase;
use super::registry::Games;
use super::round::Match;
use crate::app::preferences::Preferences;
use crate::paths::shipped_folder;

/// The music of the menus.
const MENU: &str = "menu";
/// How long music takes to fall silent.
const FADE: Duration = Duration::from_millis(400);
/// A song that is farther from where it has to be is set there, seconds: less is corrected by the game's clock.
const FARTHEST_S: f64 = 0.5;
/// How loud music is while a match counts down or is paused.
const QUIET: f32 = 0.35;

/// Plays sounds and music. For the window only: rules know nothing of it.
pub struct SoundPlugin;

impl Plugin for SoundPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<SoundsReady>()
            .add_systems(OnExit(GamePhase::Off), open.run_if(not(non_send_exists)))
            .add_systems(OnEnter(GamePhase::Off), fall_silent.run_if(non_send_exists))
            .add_systems(Update, (take_loaded, play_cues, follow_music).chain().run_if(non_send_exists));
    }
}

/// Whether every sound has been read, or could not be.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SoundsReady(pub bool);

/// The device and what plays on it. Opened when games are entered first: the studio makes no sound.
struct Speaker {
    /// `None` without a device.
    output: Option<Output>,
    sounds: HashMap<Sound, StaticSoundData>,
    loading: Receiver<(Sound, Result<StaticSoundData, FromFileError>)>,
}

struct Output {
    /// Keeps the device open.
    _manager: AudioManager<DefaultBackend>,
    effects: TrackHandle,
    music: TrackHandle,
    playing: Option<Playing>,
    /// Music that could not be played.
    failed: Option<PathBuf>,
}

/// The piece of music that plays.
struct Playing {
    path: PathBuf,
    handle: StreamingSoundHandle<FromFileError>,
    is_held: bool,
}

/// What shall be heard.
struct Piece<'a> {
    path: &'a Path,
    loops: bool,
    /// How fast, 1 for its own speed.
    rate: f64,
    /// Where it begins, seconds.
    from_s: f64,
}

fn non_send_exists(speaker: Option<NonSend<Speaker>>) -> bool {
    speaker.is_some()
}

/// Where a piece of music lies.
fn music_path(name: &str) -> PathBuf {
    shipped_folder("assets").join("music").join(format!("{name}.ogg"))
}

/// Of a volume from 0 to 1 as people set it: half sounds half as loud.
fn decibels(volume: f32) -> Decibels {
    let volume = if volume.is_finite() { volume.clamp(0.0, 1.0) } else { 1.0 };
    // Loudness doubles every ten decibels.
    if volume <= 0.0 { Decibels::SILENCE } else { Decibels((33.2 * volume.log10()).max(Decibels::SILENCE.0)) }
}

fn open(world: &mut World) {
    let (sender, loading) = crossbeam_channel::bounded(Sound::ALL.len());
    let folder = shipped_folder("assets").join("sounds");
    let read = move || {
        for sound in Sound::ALL {
            let data = StaticSoundData::from_file(folder.join(format!("{}.ogg", sound.name())));
            if sender.send((sound, data)).is_err() {
                return;
            }
        }
    };
    if let Err(error) = std::thread::Builder::new().name("sounds".to_owned()).spawn(read) {
        warn!("sounds cannot be read: {error}");
    }
    let output = Output::open().map_err(|reason| warn!("games play without sound: {reason}")).ok();
    world.insert_non_send(Speaker { output, sounds: HashMap::new(), loading });
}

impl Output {
    fn open() -> Result<Self, String> {
        let mut manager = AudioManager::<DefaultBackend>::new(AudioManagerSettings::default())
            .map_err(|error| format!("no device to play on ({error})"))?;
        let mut track = || manager.add_sub_track(TrackBuilder::new()).map_err(|error| error.to_string());
        let (effects, music) = (track()?, track()?);
        Ok(Self { _manager: manager, effects, music, playing: None, failed: None })
    }

    /// Plays this piece instead of what plays now; nothing for none. One that plays already goes on.
    fn play_music(&mut self, piece: Option<&Piece>) {
        if self.failed.as_deref() == piece.map(|piece| piece.path) && piece.is_some() {
            return;
        }
        if self.playing.as_ref().map(|playing| playing.path.as_path()) == piece.map(|piece| piece.path) {
            return;
        }
        if let Some(mut before) = self.playing.take() {
            before.handle.stop(Tween { duration: FADE, ..Tween::default() });
        }
        let Some(&Piece { path, loops, rate, from_s }) = piece else { return };
        let read = StreamingSoundData::from_file(path).map_err(|error| error.to_string());
        let started = read.and_then(|data| {
            let data = data.playback_rate(rate).start_position(from_s.max(0.0));
            let data = if loops { data.loop_region(0.0..) } else { data };
            self.music.play(data).map_err(|error| error.to_string())
        });
        match started {
            Ok(handle) => self.playing = Some(Playing { path: path.to_owned(), handle, is_held: false }),
            Err(reason) => {
                // Told once, not every frame.
                warn!("{}: this music cannot be played: {reason}", path.display());
                self.failed = Some(path.to_owned());
            }
        }
    }

    /// Holds the music, or lets it go on.
    fn hold(&mut self, is_held: bool) {
        let Some(playing) = self.playing.as_mut().filter(|playing| playing.is_held != is_held) else { return };
        playing.is_held = is_held;
        let at_once = Tween { duration: Duration::from_millis(20), ..Tween::default() };
        if is_held {
            playing.handle.pause(at_once);
        } else {
            playing.handle.resume(at_once);
        }
    }
}

fn take_loaded(mut speaker: NonSendMut<Speaker>, mut ready: ResMut<SoundsReady>) {
    if ready.0 {
        return;
    }
    loop {
        match speaker.loading.try_recv() {
            Ok((sound, Ok(data))) => {
                speaker.sounds.insert(sound, data);
            }
            Ok((sound, Err(error))) => warn!("the sound {} cannot be read: {error}", sound.name()),
            Err(crossbeam_channel::TryRecvError::Empty) => return,
            Err(crossbeam_channel::TryRecvError::Disconnected) => {
                ready.0 = true;
                return;
            }
        }
    }
}

fn play_cues(mut speaker: NonSendMut<Speaker>, mut cues: MessageReader<Cue>, preferences: Res<Preferences>) {
    let Speaker { output: Some(output), sounds, .. } = &mut *speaker else {
        cues.clear();
        return;
    };
    if preferences.is_changed() {
        output.effects.set_volume(decibels(preferences.settings.games.effects), Tween::default());
    }
    let mut heard: Vec<Sound> = Vec::new();
    for cue in cues.read() {
        // Several of a kind in one frame are one sound.
        if heard.contains(&cue.sound) {
            continue;
        }
        heard.push(cue.sound);
        if let Some(data) = sounds.get(&cue.sound)
            && let Err(error) = output.effects.play(data.volume(decibels(cue.loudness)))
        {
            debug!("{}: {error}", cue.sound.name());
        }
    }
}

/// The music that belongs to the screen and the game.
fn follow_music(
    mut speaker: NonSendMut<Speaker>,
    phase: Res<State<GamePhase>>,
    current: Option<Res<Match>>,
    song: Option<Res<Song>>,
    clock: Option<ResMut<SongClock>>,
    games: Res<Games>,
    preferences: Res<Preferences>,
    mut was: Local<Option<f32>>,
) {
    let Some(output) = &mut speaker.output else { return };
    let game = current.as_ref().and_then(|current| games.get(current.game));
    let is_waiting = current.as_ref().is_some_and(|current| current.is_waiting());
    let mut is_quiet = is_waiting || *phase.get() == GamePhase::Paused;
    if let (Some(current), Some(song)) = (&current, song.filter(|_| phase.get().is_match())) {
        is_quiet = false;
        follow_song(output, &song, current, clock);
    } else {
        let path = match phase.get() {
            GamePhase::Off | GamePhase::Loading => None,
            GamePhase::Playing | GamePhase::Paused => game.and_then(|game| game.music).map(music_path),
            _ => Some(music_path(MENU)),
        };
        let piece = path.as_deref().map(|path| Piece { path, loops: true, rate: 1.0, from_s: 0.0 });
        output.play_music(piece.as_ref());
    }
    let volume = preferences.settings.games.music * if is_quiet { QUIET } else { 1.0 };
    if *was != Some(volume) {
        *was = Some(volume);
        output.music.set_volume(decibels(volume), Tween::default());
    }
}

/// A dance's music begins with the dance, stops with it, and tells how far it is from the match's clock.
fn follow_song(output: &mut Output, song: &Song, current: &Match, clock: Option<ResMut<SongClock>>) {
    let wanted_s = song.position_s(current.clock_s);
    if song.is_playing && wanted_s >= 0.0 {
        let piece = Piece { path: &song.path, loops: false, rate: song.rate, from_s: wanted_s };
        output.play_music(Some(&piece));
    } else if output.playing.as_ref().is_some_and(|playing| playing.path != song.path) {
        output.play_music(None);
    }
    output.hold(!song.is_playing);
    let (Some(playing), Some(mut clock)) = (&mut output.playing, clock) else { return };
    if !song.is_playing || song.rate <= 0.0 {
        return;
    }
    let off_s = (playing.handle.position() - wanted_s) / song.rate;
    if off_s.abs() > FARTHEST_S {
        playing.handle.seek_to(wanted_s.max(0.0));
    } else {
        // Positions come in the device's blocks: their mean is the drift.
        let offset_s = clock.offset_s + 0.02 * (off_s - clock.offset_s);
        clock.offset_s = offset_s;
    }
}

fn fall_silent(mut speaker: NonSendMut<Speaker>) {
    if let Some(output) = &mut speaker.output {
        output.play_music(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sound_and_piece_of_music_is_there_and_can_be_read() {
        for sound in Sound::ALL {
            let path = shipped_folder("assets").join("sounds").join(format!("{}.ogg", sound.name()));
            let data = StaticSoundData::from_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let length_s = data.duration().as_secs_f64();
            assert!((0.02..4.0).contains(&length_s), "{}: {length_s} s", sound.name());
            let loudest = data.frames.iter().map(|frame| frame.left.abs()).fold(0.0, f32::max);
            assert!((0.05..=1.0).contains(&loudest), "{}: {loudest}", sound.name());
        }
        let mut app = App::new();
        app.add_plugins((bevy::state::app::StatesPlugin, crate::app::schedule::plugin, crate::app::game::GamesPlugin));
        for name in app.world().resource::<Games>().0.iter().filter_map(|game| game.music).chain([MENU]) {
            let data =
                StreamingSoundData::from_file(music_path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(data.duration().as_secs_f64() > 20.0, "{name}");
        }
    }

    #[test]
    fn half_the_volume_is_half_as_loud() {
        assert_eq!(decibels(1.0), Decibels(0.0));
        assert!((decibels(0.5).0 + 10.0).abs() < 0.1);
        assert_eq!(decibels(0.0), Decibels::SILENCE);
        assert_eq!(decibels(f32::NAN), Decibels(0.0));
    }
}
