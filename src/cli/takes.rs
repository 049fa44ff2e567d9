//! `livedance takes`: what was recorded.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Serialize;

use crate::formats::take::{TakeSummary, clock, local_time, size, takes_in};
use crate::paths::takes_folder;
use crate::settings::Settings;

/// Arguments of `takes`.
#[derive(Debug, Clone, Args)]
pub(super) struct TakesArgs {
    /// Takes, or folders of takes [default: the folder that the app records into]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
}

/// A take, or why it is none.
#[derive(Serialize)]
struct Row {
    path: PathBuf,
    name: String,
    frames: usize,
    duration_s: f64,
    last_time_s: f64,
    bytes: u64,
    people: usize,
    created_unix_s: Option<u64>,
    /// `whole`, `cut` or `broken`.
    state: &'static str,
    error: Option<String>,
}

/// Lists takes.
///
/// # Errors
/// After the list: how many cannot be opened, and why not the first.
pub(super) fn run(args: &TakesArgs) -> anyhow::Result<()> {
    let mut folders = args.paths.clone();
    if folders.is_empty() {
        let settings = Settings::load_usual()?;
        folders.push(takes_folder(&settings.takes_folder));
    }
    let mut rows = Vec::new();
    for path in &folders {
        if path.is_dir() || (args.paths.is_empty() && !path.exists()) {
            let takes = takes_in(path).with_context(|| format!("{} cannot be read", path.display()))?;
            rows.extend(takes.iter().map(|take| row(take)));
        } else {
            rows.push(row(path));
        }
    }
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &rows)?;
        writeln!(out)?;
    } else {
        print(&mut out, &rows, &folders)?;
    }
    let broken: Vec<_> = rows.iter().filter_map(|row| row.error.as_deref()).collect();
    match broken.as_slice() {
        [] => Ok(()),
        [one] => bail!("{one}"),
        [first, ..] => bail!("{} takes cannot be opened, the first: {first}", broken.len()),
    }
}

fn row(path: &Path) -> Row {
    match TakeSummary::read(path) {
        Ok(take) => Row {
            name: take.name(),
            frames: take.frames,
            duration_s: take.duration_s,
            last_time_s: take.last_time_s,
            bytes: take.bytes,
            people: take.people,
            created_unix_s: take.created_unix_s,
            state: if take.is_whole() { "whole" } else { "cut" },
            error: None,
            path: take.path,
        },
        Err(error) => Row {
            path: path.to_owned(),
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            frames: 0,
            duration_s: 0.0,
            last_time_s: 0.0,
            bytes: std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            people: 0,
            created_unix_s: None,
            state: "broken",
            error: Some(error.to_string()),
        },
    }
}

fn print(out: &mut dyn Write, rows: &[Row], folders: &[PathBuf]) -> io::Result<()> {
    if rows.is_empty() {
        let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        return writeln!(out, "no takes in {}", folders.join(", "));
    }
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).clamp(4, 40);
    writeln!(
        out,
        "{:<width$} {:>7} {:>8} {:>9} {:>6}  {:<19} {:<6} FILE",
        "NAME", "FRAMES", "LENGTH", "SIZE", "PEOPLE", "RECORDED", "STATE"
    )?;
    for row in rows {
        let Row { name, frames, people, state, .. } = row;
        let (length, size) = (clock(row.duration_s), size(row.bytes));
        let recorded = row.created_unix_s.map(local_time).unwrap_or_default();
        let path = row.path.display();
        writeln!(
            out,
            "{name:<width$} {frames:>7} {length:>8} {size:>9} {people:>6}  {recorded:<19} {state:<6} {path}"
        )?;
    }
    Ok(())
}
