//! What some tests need beyond this package. A test whose need is not met says so and ends, or fails where
//! `LIVEDANCE_REQUIRE` names the need: a list like `media,ffmpeg`.

use std::io::Write as _;

/// What can be required.
const NAMES: [&str; 8] = [
    // The reference footage: a folder that `LIVEDANCE_MEDIA` names.
    "media",    // A library of ONNX Runtime.
    "runtime",  // ffmpeg and ffprobe.
    "ffmpeg",   // A C compiler.
    "cc",       // A graphics adapter, if only a processor that draws.
    "graphics", // Python and Node with what the examples import: scripts/check_examples.sh installs it.
    "python", "node", // HAProxy: scripts/check_balancer.sh installs it.
    "haproxy",
];

/// What was found; `None`, said aloud, where the need is not met: the test that asks is to end there. `what` says what is
/// missing and how to get it.
///
/// # Panics
/// Where `LIVEDANCE_REQUIRE` names this need, or one that there is not.
pub(crate) fn need<T>(name: &str, found: Option<T>, what: &str) -> Option<T> {
    let required = std::env::var("LIVEDANCE_REQUIRE").unwrap_or_default();
    let found = need_of(&required, name, found, what);
    if found.is_none() {
        // Not by `println`, which a test that passes says to nobody.
        let test = std::thread::current();
        let _ = writeln!(std::io::stderr(), "SKIPPED {}: {what}", test.name().unwrap_or("a test"));
    }
    found
}

/// As [`need`], silently, where these needs are required.
fn need_of<T>(required: &str, name: &str, found: Option<T>, what: &str) -> Option<T> {
    assert!(NAMES.contains(&name), "`{name}` is on no list of needs");
    let required: Vec<&str> = required.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let unknown = required.iter().find(|name| !NAMES.contains(name));
    assert!(unknown.is_none(), "LIVEDANCE_REQUIRE names `{}`; there are {}", unknown.unwrap_or(&""), NAMES.join(", "));
    assert!(found.is_some() || !required.contains(&name), "LIVEDANCE_REQUIRE asks for `{name}`, but {what}");
    found
}

/// Runs in every program that includes this file, so that none of them skips what it must not.
#[test]
fn a_need_that_is_required_must_be_met() {
    let fails = |required: &str, found: Option<u8>| {
        let asked = || need_of(required, "media", found, "there is none");
        std::panic::catch_unwind(asked).err().and_then(|panic| panic.downcast_ref::<String>().cloned())
    };
    for required in ["", "ffmpeg", "runtime, ffmpeg,"] {
        assert_eq!(fails(required, None), None, "{required:?}");
        assert_eq!(need_of(required, "media", None::<u8>, "there is none"), None);
        assert_eq!(need_of(required, "media", Some(3), "there is none"), Some(3));
    }
    for required in ["media", "ffmpeg, media", "media,"] {
        let said = fails(required, None).unwrap_or_else(|| panic!("{required:?} is let through"));
        assert!(said.contains("`media`") && said.contains("there is none"), "{said}");
        assert_eq!(fails(required, Some(3)), None, "{required:?}");
    }
    let said = fails("medai", Some(3)).expect("a need that there is not");
    assert!(said.contains("`medai`") && NAMES.iter().all(|name| said.contains(name)), "{said}");
}
