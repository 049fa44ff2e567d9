//! Files for browsers: pages and what they are made of.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::answer::Refusal;

/// Caches may keep a file and ask each time whether it still holds.
const CACHING: &str = "no-cache";
/// Which other pages may hold these, what they tell others, and what they may use of the machine: of all that, the
/// camera alone.
const RULES: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
];

/// A file as it is handed out.
pub(super) struct File<'a> {
    pub(super) content_type: &'a str,
    /// Value of `ETag`, quotes included.
    pub(super) etag: &'a str,
    /// Value of `Content-Security-Policy`.
    pub(super) policy: &'static str,
    pub(super) bytes: Cow<'static, [u8]>,
}

/// The file, or that the browser has it already, or that there is none.
pub(super) fn hand_out(file: Option<File<'_>>, request: &HeaderMap) -> Response {
    let Some(File { content_type, etag, policy, bytes }) = file else {
        let message = "there is nothing here; see /openapi.json for what there is";
        return Refusal::new(StatusCode::NOT_FOUND, "not_found", message).into_response();
    };
    let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if known.is_some_and(|known| names(known, etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (StatusCode::OK, bytes).into_response()
    };
    let headers = response.headers_mut();
    let own = [
        (header::CONTENT_TYPE, content_type),
        (header::ETAG, etag),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, CACHING),
    ];
    for (name, value) in own.into_iter().chain(RULES) {
        // They are all plain letters.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// Whether a value of `If-None-Match` names this tag.
fn names(if_none_match: &str, etag: &str) -> bool {
    if_none_match.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> File<'static> {
        let bytes = Cow::Borrowed(&b"<p>"[..]);
        File { content_type: "text/html", etag: "\"1a\"", policy: "default-src 'self'", bytes }
    }

    #[test]
    fn a_file_comes_with_its_rules() {
        let response = hand_out(Some(file()), &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::OK);
        for (name, value) in [
            ("content-type", "text/html"),
            ("etag", "\"1a\""),
            ("content-security-policy", "default-src 'self'"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(response.headers().get(name).map(HeaderValue::as_bytes), Some(value.as_bytes()), "{name}");
        }
    }

    #[test]
    fn what_a_browser_has_is_not_sent_again() {
        for (known, status) in [("\"1a\"", 304), ("W/\"0\", W/\"1a\"", 304), ("*", 304), ("\"1b\"", 200), ("", 200)] {
            let mut request = HeaderMap::new();
            request.insert(header::IF_NONE_MATCH, known.parse().expect("a header"));
            assert_eq!(hand_out(Some(file()), &request).status(), status, "{known}");
        }
    }

    #[test]
    fn what_is_not_there_is_said_so() {
        assert_eq!(hand_out(None, &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
    }
}
