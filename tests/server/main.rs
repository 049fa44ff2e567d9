//! The server, run on a free port and spoken to by real clients: what it does for those who keep to the rules, and what
//! it does to those who do not.
#![cfg(feature = "server")]
#![expect(clippy::disallowed_methods, reason = "tests start programs of every kind")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

#[cfg(unix)]
mod balancer;
mod examples;
mod hostile;
mod http;
#[cfg(target_os = "linux")]
mod load;
mod program;
#[path = "../support/requirement.rs"]
mod requirement;
mod shutdown;
mod slow;
mod socketio;
mod streams;
mod support;
#[path = "../support/program.rs"]
mod there;
mod tls;
