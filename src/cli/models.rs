//! `livedance models`: which models are there, and the library that runs them.

use std::io::{self, Write};

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use crate::inference::{InferenceError, ModelSpec, ModelStore, runtime_info};

/// Arguments of `models`.
#[derive(Debug, Clone, Args)]
pub(super) struct ModelsArgs {
    /// Print JSON instead of the table
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Serialize)]
struct Report {
    folder: String,
    models: Vec<ModelState>,
    runtime: RuntimeState,
}

#[derive(Serialize)]
struct ModelState {
    name: String,
    /// `ok`, `missing` or `altered`.
    state: &'static str,
    bytes: u64,
    source: String,
    licence: String,
    sha256: String,
}

#[derive(Serialize)]
struct RuntimeState {
    path: Option<String>,
    version: Option<String>,
    error: Option<String>,
}

/// Lists models.
///
/// # Errors
/// After the list: which models are missing or altered, or that there is no ONNX Runtime library.
pub(super) fn run(args: &ModelsArgs) -> anyhow::Result<()> {
    let store = ModelStore::shipped()?;
    let models: Vec<_> = store.models().iter().map(|spec| state(&store, spec)).collect();
    let runtime = runtime_info();
    let report = Report {
        folder: store.folder().display().to_string(),
        models,
        runtime: RuntimeState {
            path: runtime.as_ref().ok().map(|info| info.path.display().to_string()),
            version: runtime.as_ref().ok().map(|info| info.version.clone()),
            error: runtime.as_ref().err().map(ToString::to_string),
        },
    };
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        print(&mut out, &report)?;
    }
    let unusable: Vec<_> = report.models.iter().filter(|model| model.state != "ok").collect();
    if let Some(first) = unusable.first() {
        let rest = match unusable.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        bail!("model {} in {} is {}{rest}; restore the models folder", first.name, report.folder, first.state);
    }
    runtime?;
    Ok(())
}

fn state(store: &ModelStore, spec: &ModelSpec) -> ModelState {
    let state = match store.read(&spec.name) {
        Ok(_) => "ok",
        Err(InferenceError::ModelAltered { .. }) => "altered",
        Err(_) => "missing",
    };
    let source = &spec.source;
    ModelState {
        name: spec.name.clone(),
        state,
        bytes: spec.bytes,
        source: format!("{} {} ({} package)", source.package, source.version, source.registry),
        licence: spec.licence.clone(),
        sha256: spec.sha256.clone(),
    }
}

fn print(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out, "{:<20} {:<8} {:>6}  {:<11} {:<51} SHA-256", "MODEL", "STATE", "MB", "LICENCE", "SOURCE")?;
    for model in &report.models {
        let megabytes = model.bytes as f64 / 1e6;
        let ModelState { name, state, licence, source, sha256, .. } = model;
        writeln!(out, "{name:<20} {state:<8} {megabytes:>6.2}  {licence:<11} {source:<51} {}…", &sha256[..12])?;
    }
    writeln!(out, "in {}", report.folder)?;
    if let (Some(path), Some(version)) = (&report.runtime.path, &report.runtime.version) {
        writeln!(out, "ONNX Runtime {version}: {path}")?;
    }
    Ok(())
}
