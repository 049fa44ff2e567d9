//! The settings file: read whole, written key by key, so that comments, order and what others wrote stay as they are.

use std::io::ErrorKind;
use std::path::Path;

use toml::{Table, Value};
use toml_edit::{Array, DocumentMut, Item, TableLike};

use super::declare::shortest;
use crate::files::write_atomically;

/// What the file holds; nothing where there is none.
pub(super) fn read(path: &Path) -> Result<Table, String> {
    let text = text(path)?;
    toml::from_str(&text).map_err(|error| no_toml(&text, error.span(), error.message()))
}

/// Gives these keys these values, and takes those out that have none. The file is read anew first: another program may
/// have written it since. One that cannot be read as TOML is left alone.
pub(super) fn write<'a>(
    path: &Path,
    changes: impl Iterator<Item = (&'static str, Option<&'a Value>)>,
) -> Result<(), String> {
    let text = text(path)?;
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| no_toml(&text, error.span(), error.message()))?;
    for (key, value) in changes {
        match key.split_once('.') {
            Some((name, key)) => set(within(document.as_table_mut(), name)?, key, value)?,
            None => set(document.as_table_mut(), key, value)?,
        }
    }
    let changed = document.to_string();
    if changed == text {
        return Ok(());
    }
    // Where the file is a link to one that is kept elsewhere, that one is written.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    write_atomically(&path, changed.as_bytes()).map_err(|error| error.to_string())
}

fn text(path: &Path) -> Result<String, String> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| error.to_string()),
    }
}

fn no_toml(text: &str, place: Option<std::ops::Range<usize>>, message: &str) -> String {
    let before = place.and_then(|place| text.get(..place.start)).unwrap_or_default();
    let message = message.trim_end().replace('\n', ", ");
    format!("line {} is no TOML: {message}", before.matches('\n').count() + 1)
}

/// The table of this name, made where there is none.
fn within<'a>(table: &'a mut dyn TableLike, name: &str) -> Result<&'a mut dyn TableLike, String> {
    let item = table.entry(name).or_insert_with(toml_edit::table);
    item.as_table_like_mut().ok_or_else(|| format!("{name} is no table there"))
}

/// Sets or takes out one value. A table's keys are set one by one, so that it stays in the form in which it was written.
fn set(table: &mut dyn TableLike, key: &str, value: Option<&Value>) -> Result<(), String> {
    match value {
        None => {
            table.remove(key);
        }
        Some(Value::Table(values)) => {
            let inner = within(table, key)?;
            for (key, value) in values {
                set(inner, key, Some(value))?;
            }
        }
        Some(value) => {
            let mut value = edited(value);
            match table.get_mut(key) {
                // In place: what stands above the key and behind the value stays.
                Some(item) => {
                    if let Some(before) = item.as_value() {
                        *value.decor_mut() = before.decor().clone();
                    }
                    *item = Item::Value(value);
                }
                None => {
                    table.insert(key, Item::Value(value));
                }
            }
        }
    }
    Ok(())
}

fn edited(value: &Value) -> toml_edit::Value {
    match value {
        Value::Float(number) => shortest(*number).into(),
        Value::Integer(number) => (*number).into(),
        Value::Boolean(is) => (*is).into(),
        Value::Array(values) => values.iter().map(edited).collect::<Array>().into(),
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}
