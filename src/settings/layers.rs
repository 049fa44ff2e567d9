//! One layer over the other, each value checked as it is laid, so that the message names where it came from.

use std::ffi::OsString;
use std::path::Path;

use toml::{Table, Value};

use super::{Setting, Settings, SettingsError, declared, file, settings_path};

/// All settings by their keys, as the file would hold them.
pub(super) fn values(settings: &Settings) -> Result<Table, String> {
    Table::try_from(settings).map_err(|error| error.to_string())
}

/// The value of a key, which may stand in a table.
pub(super) fn find<'a>(values: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        Some((table, key)) => values.get(table)?.get(key),
        None => values.get(key),
    }
}

/// Puts a value where [`find`] finds it.
fn put(values: &mut Table, key: &str, value: Value) {
    let (table, key) = match key.split_once('.') {
        Some((table, key)) => (values.get_mut(table).and_then(Value::as_table_mut), key),
        None => (Some(values), key),
    };
    if let Some(table) = table {
        table.insert(key.to_owned(), value);
    }
}

/// The settings with one value laid over, or what is wrong with it, by its key.
fn laid(settings: &Settings, setting: &Setting, value: Value) -> Result<Settings, String> {
    setting.check(&value).map_err(|reason| format!("{} {reason}", setting.key))?;
    let mut values = values(settings)?;
    put(&mut values, setting.key, value);
    let laid: Settings =
        values.try_into().map_err(|error: toml::de::Error| format!("{}: {}", setting.key, error.message()))?;
    laid.calibration.map_or(Ok(()), |calibration| calibration.check())?;
    Ok(laid)
}

impl Settings {
    /// Defaults, then `path` if it is there, then `LIVEDANCE_*` variables.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] when a layer cannot be read or a value is out of its range.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        Self::load_with(Some(path), |name| std::env::var_os(name))
    }

    /// As [`Settings::load`], with the file where [`settings_path`] says, if anywhere.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn load_usual() -> Result<Self, SettingsError> {
        Self::load_with(settings_path().as_deref(), |name| std::env::var_os(name))
    }

    /// As [`Settings::load`], with other variables than those of the process, and no file for `None`.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn load_with(path: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        if let Some(path) = path {
            settings = settings.with_file(path).map_err(|reason| {
                let origin = path.display().to_string();
                SettingsError::Invalid { origin, reason }
            })?;
        }
        for setting in declared() {
            let Some(name) = setting.variable() else { continue };
            let Some(text) = variable(&name) else { continue };
            let laid = text.to_str().ok_or_else(|| "it holds no readable text".to_owned());
            laid.and_then(|text| settings.lay_over(setting, text))
                .map_err(|reason| SettingsError::Invalid { origin: name, reason })?;
        }
        Ok(settings)
    }

    fn with_file(self, path: &Path) -> Result<Self, String> {
        let mut settings = self;
        for (key, value) in flat(file::read(path)?) {
            settings = match declared().find(|setting| setting.key == key) {
                Some(setting) => laid(&settings, setting, value)?,
                None if is_table(&key) => return Err(format!("{key} must be a table")),
                None => return Err(format!("there is no setting {key}")),
            };
        }
        Ok(settings)
    }

    /// Lays a value over that was given as text: by a variable, on the command line.
    ///
    /// # Errors
    /// The setting, what it must be and what it was instead, as one sentence; nothing is changed then.
    pub fn lay_over(&mut self, setting: &Setting, text: &str) -> Result<(), String> {
        let value = setting.read(text).map_err(|reason| format!("{} {reason}", setting.key))?;
        *self = laid(self, setting, value)?;
        Ok(())
    }

    /// Says which value is out of its range, if any.
    ///
    /// # Errors
    /// The setting, its range and its value, as one sentence.
    pub fn check(&self) -> Result<(), String> {
        let values = values(self)?;
        for setting in declared() {
            let checked = find(&values, setting.key).map_or(Ok(()), |value| setting.check(value));
            checked.map_err(|reason| format!("{} {reason}", setting.key))?;
        }
        self.calibration.map_or(Ok(()), |calibration| calibration.check())
    }

    /// Writes what differs from `before` into the file, and leaves everything else in it as it is, whoever wrote it. A
    /// value that became the default again is written, too: it was chosen. What became `None` is taken out.
    ///
    /// # Errors
    /// [`SettingsError::Write`] with what the system said, or why the file that is there cannot be added to; it is as it
    /// was then.
    pub fn save_changes(&self, before: &Self, path: &Path) -> Result<(), SettingsError> {
        let save = || {
            let (before, after) = (values(before)?, values(self)?);
            let changes =
                declared().map(|setting| (setting.key, find(&before, setting.key), find(&after, setting.key)));
            file::write(path, changes.filter(|(_, before, after)| before != after).map(|(key, _, after)| (key, after)))
        };
        save().map_err(|reason| SettingsError::Write { path: path.to_owned(), reason })
    }
}

/// Whether the settings of a table stand under this key.
fn is_table(key: &str) -> bool {
    declared().any(|setting| setting.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

/// A file's values by their keys, those in tables of settings after the table's name and a dot.
fn flat(table: Table) -> Vec<(String, Value)> {
    let mut values = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(inner) if is_table(&key) => {
                values.extend(inner.into_iter().map(|(name, value)| (format!("{key}.{name}"), value)));
            }
            value => values.push((key, value)),
        }
    }
    values
}
