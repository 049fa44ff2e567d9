//! What is heard, and told in words to those who do not hear it.

use bevy::prelude::*;

/// A sound, by what it means. Its file is `assets/sounds/NAME.ogg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the sounds themselves")]
pub enum Sound {
    UiMove,
    UiSelect,
    UiBack,
    Dwell,
    Countdown,
    Go,
    Punch,
    Kick,
    Head,
    Catch,
    Dodge,
    Break,
    Pop,
    Combo,
    Wave,
    Miss,
    Good,
    Perfect,
    Hint,
    Rep,
    SetDone,
    Pause,
    Resume,
    GameOver,
    HighScore,
    Lost,
}

impl Sound {
    /// Every sound.
    pub const ALL: [Self; 26] = [
        Self::UiMove,
        Self::UiSelect,
        Self::UiBack,
        Self::Dwell,
        Self::Countdown,
        Self::Go,
        Self::Punch,
        Self::Kick,
        Self::Head,
        Self::Catch,
        Self::Dodge,
        Self::Break,
        Self::Pop,
        Self::Combo,
        Self::Wave,
        Self::Miss,
        Self::Good,
        Self::Perfect,
        Self::Hint,
        Self::Rep,
        Self::SetDone,
        Self::Pause,
        Self::Resume,
        Self::GameOver,
        Self::HighScore,
        Self::Lost,
    ];

    /// Its file's name in `assets/sounds`, without the ending.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UiMove => "ui_move",
            Self::UiSelect => "ui_select",
            Self::UiBack => "ui_back",
            Self::Dwell => "dwell",
            Self::Countdown => "countdown",
            Self::Go => "go",
            Self::Punch => "punch",
            Self::Kick => "kick",
            Self::Head => "head",
            Self::Catch => "catch",
            Self::Dodge => "dodge",
            Self::Break => "break",
            Self::Pop => "pop",
            Self::Combo => "combo",
            Self::Wave => "wave",
            Self::Miss => "miss",
            Self::Good => "good",
            Self::Perfect => "perfect",
            Self::Hint => "hint",
            Self::Rep => "rep",
            Self::SetDone => "set_done",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::GameOver => "game_over",
            Self::HighScore => "high_score",
            Self::Lost => "lost",
        }
    }

    /// What the caption says; `None` for sounds that only go with what is seen anyway.
    #[must_use]
    pub const fn caption(self) -> Option<&'static str> {
        match self {
            Self::Countdown => Some("[beep]"),
            Self::Go => Some("[go!]"),
            Self::Punch => Some("[thump]"),
            Self::Kick => Some("[kick]"),
            Self::Head => Some("[bonk]"),
            Self::Catch => Some("[catch]"),
            Self::Dodge => Some("[whoosh]"),
            Self::Break => Some("[shatters]"),
            Self::Pop => Some("[pop]"),
            Self::Combo => Some("[combo chime]"),
            Self::Wave => Some("[horn: next wave]"),
            Self::Miss => Some("[dull buzz: missed]"),
            Self::Hint => Some("[hint chime]"),
            Self::Rep => Some("[ding: counted]"),
            Self::SetDone => Some("[fanfare: set done]"),
            Self::GameOver => Some("[gong: over]"),
            Self::HighScore => Some("[fanfare: high score]"),
            Self::Lost => Some("[low tone: nobody in view]"),
            Self::Pause => Some("[music stops]"),
            Self::Resume => Some("[music goes on]"),
            Self::UiMove | Self::UiSelect | Self::UiBack | Self::Dwell | Self::Good | Self::Perfect => None,
        }
    }
}

/// Something is to be heard.
#[derive(Message, Debug, Clone, Copy, PartialEq)]
pub struct Cue {
    /// What.
    pub sound: Sound,
    /// How loud, 0 to 1, before the user's volume.
    pub loudness: f32,
}

impl Cue {
    /// At its full loudness.
    #[must_use]
    pub const fn of(sound: Sound) -> Self {
        Self { sound, loudness: 1.0 }
    }

    /// As loud as a blow of this speed is hard, metres a second.
    #[must_use]
    pub const fn blow(sound: Sound, speed_m_s: f32) -> Self {
        Self { sound, loudness: (0.25 + speed_m_s / 8.0).clamp(0.25, 1.0) }
    }
}
