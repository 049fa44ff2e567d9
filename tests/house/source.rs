//! Reads what Rust code refers to, by its text: enough for imports and paths, without a parser.

/// The code with line comments cut off, doc comments included: a link in a comment is no dependency.
pub(crate) fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Names of this crate's top modules that the code refers to: in `use crate::a::b`, in `use crate::{a, b::c}`,
/// in a path inside a function, and behind the crate's own name.
pub(crate) fn crate_modules(code: &str) -> Vec<String> {
    let mut found = names_below(code, "crate::");
    found.extend(names_below(code, "livedance::"));
    found.sort();
    found.dedup();
    found
}

/// First names of all that the code refers to below a path, which ends in `::`.
pub(crate) fn names_below(code: &str, root: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(root) {
        if code[..at].ends_with(is_word) {
            continue;
        }
        let rest = &code[at + root.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(first_names(group)),
            None => found.extend(leading_name(rest)),
        }
    }
    found.sort();
    found.dedup();
    found
}

fn leading_name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|&character| is_word(character)).collect();
    (!name.is_empty()).then_some(name)
}

/// First name of each entry of a `use` group whose opening brace was already taken.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut expecting) = (0_u32, Vec::new(), true);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expecting = true,
            _ if depth == 0 && expecting && is_word(character) => {
                names.extend(leading_name(&group[at..]));
                expecting = false;
            }
            _ => {}
        }
    }
    names
}

/// Whether the code refers to a path that begins with `name`, such as a foreign crate or a module of `std`.
pub(crate) fn foreign_crates(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let starts = !before.ends_with(|character: char| is_word(character) || character == ':');
        let goes_on = after.starts_with("::") || (after.starts_with(';') && before.trim_end().ends_with("use"));
        starts && goes_on
    })
}

/// The keys of the overlay's table and what each does, as its source writes them.
pub(crate) fn key_bindings(code: &str) -> Vec<(String, String)> {
    let bindings = code.lines().filter(|line| line.trim_start().starts_with("bind(&["));
    let texts = |line: &str| {
        let mut texts = line.split('"').skip(1).step_by(2).map(str::to_owned);
        texts.next().zip(texts.next())
    };
    bindings.filter_map(texts).collect()
}
