//! How settings are declared: each once, with all that the file, the environment, the command line and README.md say of
//! it. To add one, add its lines to [`super::Settings`], a row to README's table, and its control to the settings panel.

use toml::Value;

use super::Settings;

/// One setting, without its value.
#[derive(Debug)]
pub struct Setting {
    /// Its key in the settings file; in the table `games` after `games.`.
    pub key: &'static str,
    /// What README's table says of it.
    pub means: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Its options on the command line; empty for none.
    pub flags: &'static [Flag],
}

/// What a setting holds, and which values are let through.
#[derive(Debug)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Whole(Range),
    /// A number.
    Number(Range),
    /// One of these names.
    Choice(&'static [Choice]),
    /// Any text.
    Text,
    /// A text in which this finds no fault.
    TextLike(fn(&str) -> Result<(), String>),
    /// Texts, which the app keeps.
    List,
    /// A table, which the app keeps.
    Table,
}

/// A value that is chosen by its name.
#[derive(Debug)]
pub struct Choice {
    /// The name in the settings file, in variables and on the command line.
    pub name: &'static str,
    /// What it stands for.
    pub means: &'static str,
}

/// An option of the command line that gives a setting its value.
#[derive(Debug)]
pub struct Flag {
    /// Its name, without the dashes.
    pub name: &'static str,
    /// What follows it.
    pub takes: Takes,
    /// What the command line's help says of it; `{default}` stands for the default, which else is added.
    pub help: &'static str,
    /// Which commands have it.
    pub group: Group,
}

/// What follows an option.
#[derive(Debug)]
pub enum Takes {
    /// Nothing: it stands for this value.
    Nothing(&'static str),
    /// A value, called so in the help.
    Value(&'static str),
}

/// Options that the same commands have, in one section of their help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// How people are tracked and solved: whatever tracks.
    Tracking,
    /// Who tracks: whatever tracks.
    Remote,
    /// What others see of the avatar: the window.
    Scene,
    /// Whose body moves: whatever shows an avatar.
    Avatar,
    /// How games are played.
    Games,
}

/// The numbers that a setting may have.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    least: f64,
    /// Whether `least` itself is no longer one of them.
    is_above: bool,
    /// Infinite where there is no end.
    most: f64,
    /// What 0 stands for, where it is let through although it lies outside.
    zero: &'static str,
    /// What follows a number in a sentence; empty where it has no unit.
    unit: &'static str,
}

impl Range {
    /// Both ends are part of it.
    pub(super) const fn between(least: f64, most: f64, unit: &'static str) -> Self {
        Self { least, is_above: false, most, zero: "", unit }
    }

    /// All from this on.
    pub(super) const fn at_least(least: f64, unit: &'static str) -> Self {
        Self::between(least, f64::INFINITY, unit)
    }

    /// Without its lower end.
    pub(super) const fn above(self) -> Self {
        Self { is_above: true, ..self }
    }

    /// With 0, and what that stands for.
    pub(super) const fn or_zero(self, means: &'static str) -> Self {
        Self { zero: means, ..self }
    }

    /// Says what is wrong with a number.
    fn check(&self, number: f64) -> Result<(), String> {
        let Self { least, is_above, most, zero, unit } = self;
        let is_inside = number.is_finite() && number >= *least && !(*is_above && number == *least) && number <= *most;
        if is_inside || (!zero.is_empty() && number == 0.0) {
            return Ok(());
        }
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let range = match (is_above, most.is_finite()) {
            (false, true) => format!("lie between {least} and {most}{unit}"),
            (false, false) => format!("be at least {least}{unit}"),
            (true, true) => format!("be above {least} and at most {most}{unit}"),
            (true, false) => format!("be above {least}{unit}"),
        };
        let zero = if zero.is_empty() { String::new() } else { format!("be 0 ({zero}) or ") };
        Err(format!("must {zero}{range}, not {number}"))
    }
}

/// An option that is followed by a value.
pub(super) const fn value(name: &'static str, called: &'static str, help: &'static str, group: Group) -> Flag {
    Flag { name, takes: Takes::Value(called), help, group }
}

/// An option that stands for a value.
pub(super) const fn stands_for(value: &'static str, name: &'static str, help: &'static str, group: Group) -> Flag {
    Flag { name, takes: Takes::Nothing(value), help, group }
}

impl Setting {
    /// The environment variable that gives it; `None` for what stands in a table or is kept by the app.
    #[must_use]
    pub fn variable(&self) -> Option<String> {
        let is_plain = !self.key.contains('.') && !matches!(self.kind, Kind::List | Kind::Table);
        is_plain.then(|| format!("LIVEDANCE_{}", self.key.to_uppercase()))
    }

    /// Its default as it is written on the command line; `None` for an empty one.
    #[must_use]
    pub fn default_text(&self) -> Option<String> {
        let values = super::layers::values(&Settings::default()).ok()?;
        match super::layers::find(&values, self.key)? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Float(number) => Some(shortest(*number).to_string()),
            Value::Array(_) | Value::Table(_) => None,
            other => Some(other.to_string()),
        }
    }

    /// Says what is wrong with a text that is to become a value, so far as that is wrong usage: a number out of its range
    /// is told when it is laid over.
    ///
    /// # Errors
    /// What it must be, as the end of a sentence.
    pub fn accept(&self, text: &str) -> Result<(), String> {
        let value = self.read(text)?;
        if matches!(self.kind, Kind::Number(_)) { Ok(()) } else { self.check(&value) }
    }

    /// The value that a text stands for; whether it may be that is for [`Self::check`].
    pub(super) fn read(&self, text: &str) -> Result<Value, String> {
        let word = text.trim();
        match &self.kind {
            Kind::Switch => word.parse().map(Value::Boolean).map_err(|_| format!("must be {SWITCH}, not \"{text}\"")),
            Kind::Whole(_) => word.parse().map(Value::Integer).map_err(|_| format!("must be {WHOLE}, not \"{text}\"")),
            Kind::Number(_) => {
                let number = word.parse::<f32>().map_err(|_| format!("must be {NUMBER}, not \"{text}\""))?;
                Ok(Value::Float(shortest(number.into())))
            }
            Kind::Choice(_) | Kind::TextLike(_) => Ok(Value::String(word.to_owned())),
            Kind::Text => Ok(Value::String(text.to_owned())),
            Kind::List | Kind::Table => Err("is kept by the app".to_owned()),
        }
    }

    /// Says what a value must be instead, as the end of a sentence. Lists and tables are not looked into.
    pub(super) fn check(&self, value: &Value) -> Result<(), String> {
        let no = |what: &str| Err(format!("must be {what}, not {value}"));
        match (&self.kind, value) {
            (Kind::Whole(range) | Kind::Number(range), Value::Integer(number)) => range.check(*number as f64),
            (Kind::Number(range), Value::Float(number)) => range.check(shortest(*number)),
            (Kind::Choice(choices), Value::String(text)) if !choices.iter().any(|choice| choice.name == text) => {
                let names: Vec<&str> = choices.iter().map(|choice| choice.name).collect();
                no(&format!("one of {}", names.join(", ")))
            }
            (Kind::TextLike(check), Value::String(text)) => check(text),
            (Kind::Switch, Value::Boolean(_)) | (Kind::Text | Kind::Choice(_), Value::String(_)) => Ok(()),
            (Kind::List | Kind::Table, _) => Ok(()),
            (Kind::Switch, _) => no(SWITCH),
            (Kind::Whole(_), _) => no(WHOLE),
            (Kind::Number(_), _) => no(NUMBER),
            (Kind::Choice(_) | Kind::Text | Kind::TextLike(_), _) => no("a text in quotation marks"),
        }
    }
}

const SWITCH: &str = "true or false";
const WHOLE: &str = "a whole number";
const NUMBER: &str = "a number";

/// The number with the fewest digits that is the same in single precision, in which settings are held: 0.7, not
/// 0.699999988079071.
pub(super) fn shortest(number: f64) -> f64 {
    let single = number as f32;
    single.to_string().parse().unwrap_or(number)
}

/// A struct of settings, its defaults, and the declaration of each as `DECLARED`. A line of documentation is what README's
/// table says, `=>` begins what the setting holds and its options; a table of further settings has neither.
macro_rules! settings {
    (
        $(#[$meta:meta])*
        pub struct $name:ident in $table:literal {
            $(
                #[doc = $means:literal]
                $(#[serde($($serde:tt)*)])?
                $field:ident: $type:ty = $default:expr $(=> $kind:expr $(, $flag:expr)*)?;
            )*
        }
    ) => {
        $(#[$meta])*
        pub struct $name {
            $(
                #[doc = $means]
                $(#[serde($($serde)*)])?
                pub $field: $type,
            )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $name {
            pub(super) const DECLARED: &'static [Setting] = &[
                $($(
                    Setting {
                        key: concat!($table, stringify!($field)),
                        means: $means.trim_ascii(),
                        kind: $kind,
                        flags: &[$($flag),*],
                    },
                )?)*
            ];
        }
    };
}

/// An enum whose values are chosen by name, the one after the colon being the default, and those names as `CHOICES`.
macro_rules! choices {
    (
        $(#[$meta:meta])*
        pub enum $name:ident: $default:ident {
            $($(#[doc = $means:literal])+ $variant:ident = $text:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[doc = $means])+ #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Its values by name.
            pub const CHOICES: &'static [$crate::settings::Choice] =
                &[$($crate::settings::Choice { name: $text, means: concat!($($means),+).trim_ascii() }),+];
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }
    };
}

pub(super) use {choices, settings};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_told_in_words() {
        let message = |range: Range, number: f64| range.check(number).expect_err("it is outside");
        let side = Range::between(64.0, 4320.0, "pixels").or_zero("full size");
        assert_eq!(message(side, 63.0), "must be 0 (full size) or lie between 64 and 4320 pixels, not 63");
        let weight = Range::between(0.0, 1.0, "").above();
        assert_eq!(message(weight, 0.0), "must be above 0 and at most 1, not 0");
        assert_eq!(message(Range::at_least(0.0, "Hz").above(), f64::INFINITY), "must be above 0 Hz, not inf");
        assert_eq!(message(Range::at_least(0.0, ""), f64::NAN), "must be at least 0, not NaN");
        for (range, number) in [(side, 0.0), (side, 64.0), (side, 4320.0), (weight, 1.0), (weight, 0.001)] {
            assert_eq!(range.check(number), Ok(()), "{number}");
        }
    }

    #[test]
    fn numbers_are_held_with_few_digits() {
        assert_eq!([0.7_f32, 40.0, 0.6].map(|number| shortest(number.into())), [0.7, 40.0, 0.6]);
        assert!(shortest(f64::NAN).is_nan());
    }
}
