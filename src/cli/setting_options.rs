//! Options that give settings their values, made from the settings' declarations.

use std::marker::PhantomData;

use anyhow::Context as _;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::settings::{Flag, Group, Kind, Setting, Settings, Takes, declared};

/// A group of options, as a type: commands that share some differ in others.
pub(super) trait OptionGroup {
    const GROUP: Group;
}

macro_rules! groups {
    ($($name:ident),+) => {
        $(
            #[doc = concat!("[`Group::", stringify!($name), "`].")]
            #[derive(Debug, Clone, Default)]
            pub(super) struct $name;

            impl OptionGroup for $name {
                const GROUP: Group = Group::$name;
            }
        )+
    };
}

groups!(Tracking);
#[cfg(feature = "remote")]
groups!(Remote);
#[cfg(feature = "app")]
groups!(Scene, Avatar, Games);

/// A group's options that were given, with their values as text.
#[derive(Debug, Clone, Default)]
pub(super) struct Given<G> {
    given: Vec<(&'static Setting, &'static Flag, String)>,
    group: PhantomData<G>,
}

impl<G> Given<G> {
    /// The value that was given for the setting of this key; `None` where it was left out.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.given.iter().find(|(setting, ..)| setting.key == key).map(|(.., text)| text.as_str())
    }

    /// The options that were given, without their dashes.
    #[cfg(feature = "server")]
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.given.iter().map(|(_, flag, _)| flag.name)
    }

    /// Lays what was given over the settings.
    ///
    /// # Errors
    /// A value out of its range, in words.
    pub(super) fn lay_over(&self, settings: &mut Settings) -> anyhow::Result<()> {
        for (setting, flag, text) in &self.given {
            let laid = settings.lay_over(setting, text).map_err(anyhow::Error::msg);
            laid.with_context(|| format!("--{} cannot be used", flag.name))?;
        }
        Ok(())
    }
}

impl<G: OptionGroup> Args for Given<G> {
    fn augment_args(command: Command) -> Command {
        options(G::GROUP).fold(command, |command, (setting, flag)| command.arg(arg(setting, flag)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<G: OptionGroup> FromArgMatches for Given<G> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let text = |flag: &Flag| match flag.takes {
            Takes::Nothing(value) => matches.get_flag(flag.name).then(|| value.to_owned()),
            Takes::Value(_) => matches.get_one::<String>(flag.name).cloned(),
        };
        let given = options(G::GROUP).filter_map(|(setting, flag)| Some((setting, flag, text(flag)?))).collect();
        Ok(Self { given, group: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// A group's options, in the order in which their settings are declared.
fn options(group: Group) -> impl Iterator<Item = (&'static Setting, &'static Flag)> {
    let all = declared().flat_map(|setting| setting.flags.iter().map(move |flag| (setting, flag)));
    all.filter(move |(_, flag)| flag.group == group)
}

fn arg(setting: &'static Setting, flag: &'static Flag) -> Arg {
    // Of options for the same setting the last one counts.
    let others = setting.flags.iter().map(|other| other.name).filter(|other| *other != flag.name);
    let mut arg = Arg::new(flag.name).long(flag.name).help(help(setting, flag)).overrides_with_all(others);
    if let Some(heading) = heading(flag.group) {
        arg = arg.help_heading(heading);
    }
    let Takes::Value(called) = flag.takes else { return arg.action(ArgAction::SetTrue) };
    let arg = arg.value_name(called);
    match &setting.kind {
        Kind::Choice(choices) => arg.value_parser(PossibleValuesParser::new(
            choices.iter().map(|choice| PossibleValue::new(choice.name).help(choice.means.trim_end_matches('.'))),
        )),
        _ => arg.value_parser(move |text: &str| setting.accept(text).map(|()| text.to_owned())),
    }
}

const fn heading(group: Group) -> Option<&'static str> {
    match group {
        Group::Tracking => Some("Tracking"),
        Group::Remote => Some("Remote tracking"),
        Group::Scene => Some("Scene"),
        Group::Avatar | Group::Games => None,
    }
}

/// With the default and the variable behind it.
fn help(setting: &Setting, flag: &Flag) -> String {
    let default = setting.default_text();
    let help = flag.help.replace("{default}", default.as_deref().unwrap_or("empty"));
    let is_told = help.contains("[default") || matches!(flag.takes, Takes::Nothing(_));
    let default = default.filter(|_| !is_told).map(|default| format!("[default: {default}]"));
    let variable = setting.variable().map(|name| format!("[env: {name}]"));
    [Some(help), default, variable].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The variables of settings that have no option, for the end of the help.
pub(super) fn variables_without_option() -> String {
    let settings = declared().filter(|setting| setting.flags.is_empty());
    let names: Vec<String> = settings.filter_map(Setting::variable).collect();
    format!("Settings that have no option: the settings file, or {}.", names.join(", "))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        tracking: Given<Tracking>,
    }

    fn laid(arguments: &[&str]) -> Settings {
        let line = Line::try_parse_from([&["livedance"], arguments].concat()).expect("right usage");
        let mut settings = Settings::default();
        line.tracking.lay_over(&mut settings).expect("in range");
        settings
    }

    #[test]
    fn what_is_given_is_laid_over_and_the_last_of_a_kind_counts() {
        use crate::settings::{HandsMode, ModelVariant};
        assert_eq!(laid(&[]), Settings::default());
        let expected = Settings {
            model: ModelVariant::Heavy,
            hands: HandsMode::Only,
            mirror: true,
            fit: false,
            fixed_quality: true,
            height_cm: 150.0,
            ..Settings::default()
        };
        let arguments = [
            &["--model", "heavy", "--no-hands", "--hands", "--hands-only", "--no-mirror", "--mirror"][..],
            &["--no-fit", "--fixed-quality", "--height-cm", "150"],
        ];
        assert_eq!(laid(&arguments.concat()), expected);
        assert!(!laid(&["--mirror", "--no-mirror"]).mirror);
    }

    #[test]
    fn wrong_values_are_refused_by_the_option() {
        for (option, value, word) in [
            ("--model", "huge", "heavy"),
            ("--people", "9", "between 1 and 8"),
            ("--people", "two", "whole number"),
            ("--alpha", "much", "number"),
        ] {
            let error = Line::try_parse_from(["livedance", option, value]).expect_err("refused").to_string();
            assert!(error.contains(option) && error.contains(word), "{error}");
        }
        let line = Line::try_parse_from(["livedance", "--alpha", "2"]).expect("a number");
        let error = line.tracking.lay_over(&mut Settings::default()).expect_err("out of range");
        assert!(format!("{error:#}").contains("--alpha cannot be used: alpha must be above 0"), "{error:#}");
    }
}
