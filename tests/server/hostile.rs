//! Clients that break the rules, by accident or on purpose.
