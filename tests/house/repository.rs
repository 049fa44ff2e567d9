//! The files of this repository, and what is looked for in their text.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that are made, not written.
const MADE: &[&str] = &[".git", "target", "out", "runtime"];

/// The package's folder and the names of the files that belong to it.
pub(crate) struct Repository {
    root: PathBuf,
    files: Vec<String>,
}

impl Repository {
    /// The files that git tracks; where there is no git, as in an unpacked archive, all that were not made.
    pub(crate) fn here() -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let files = tracked(&root).unwrap_or_else(|| {
            let mut files = Vec::new();
            walk(&root, &root, &mut files);
            files
        });
        assert!(files.len() > 20, "only {} files were found in {}", files.len(), root.display());
        Self { root, files }
    }

    /// Where the package lies.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Paths of the files from the package's folder, with `/` between folders.
    pub(crate) fn files(&self) -> &[String] {
        &self.files
    }

    /// A file's text; empty for what is not text.
    pub(crate) fn text(&self, file: &str) -> String {
        let bytes = std::fs::read(self.root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        String::from_utf8(bytes).unwrap_or_default()
    }
}

#[expect(clippy::disallowed_methods, reason = "git knows which files are the repository's")]
fn tracked(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().ok()?;
    let names = String::from_utf8(output.stdout).ok()?;
    // A file that was deleted but not yet committed is still listed.
    let files: Vec<String> = names.split('\0').filter(|name| root.join(name).is_file()).map(str::to_owned).collect();
    (output.status.success() && !files.is_empty()).then_some(files)
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !MADE.iter().any(|made| path == root.join(made)) {
                walk(root, &path, files);
            }
        } else if let Ok(inside) = path.strip_prefix(root) {
            files.push(inside.to_string_lossy().replace('\\', "/"));
        }
    }
}

/// Paths and hosts in a text that mean something on one machine only.
pub(crate) fn foreign_words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for folder in ["home", "root", "work", "Users", "farm"] {
            let path = format!("/{folder}/");
            let begins = |at: usize| {
                !line[..at].ends_with(|before: char| before.is_alphanumeric() || "._~$}-/".contains(before))
            };
            if line.match_indices(&path).any(|(at, _)| begins(at)) {
                found.push(format!("line {}: {path}", number + 1));
            }
        }
        for (at, scheme) in line.match_indices("://") {
            let rest = &line[at + scheme.len()..];
            let host: String = rest.chars().take_while(|&c| c.is_ascii_alphanumeric() || ".-".contains(c)).collect();
            if ["index", "registry", "artifact", "mirror"].iter().any(|word| host.contains(word)) {
                found.push(format!("line {}: {host}", number + 1));
            }
        }
    }
    found
}

/// Targets of a Markdown text's links that are files: no addresses, no anchors.
pub(crate) fn links(text: &str) -> Vec<String> {
    text.match_indices("](")
        .filter_map(|(at, opening)| text[at + opening.len()..].split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .map(|target| target.split('#').next().unwrap_or_default().to_owned())
        .collect()
}

/// The rows of the table of keys in a Markdown text: the keys as the help shows them, and what they do.
pub(crate) fn key_table(text: &str) -> Vec<(String, String)> {
    let is_row = |line: &&str| line.starts_with('|');
    let rows = text.lines().skip_while(|line| !line.starts_with("| key |")).take_while(is_row).skip(2);
    let cells = |row: &str| {
        let (keys, description) = row.trim().trim_matches('|').split_once(" | ")?;
        Some((keys.trim().replace('`', ""), description.trim().to_owned()))
    };
    rows.filter_map(cells).collect()
}
