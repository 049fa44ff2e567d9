#!/usr/bin/env bash
# Clippy over every target with warnings denied, without compiling the dependencies a second time.
#
# `cargo clippy` checks dependencies (metadata only), which `cargo test` has already compiled in full; on a small
# machine that costs many minutes. Here cargo builds as it does for the tests, with clippy's driver in the place of
# rustc for this workspace alone. This crate's own artefacts go to the same folder under other names.
set -euo pipefail
cd "$(dirname "$0")/.."

if command -v rustup >/dev/null 2>&1; then
  driver=$(rustup which clippy-driver)
else
  driver=$(command -v clippy-driver)
fi
# Nobody runs what comes out, so this crate is compiled unoptimised; the dependencies keep their own profile.
export CARGO_PROFILE_DEV_OPT_LEVEL=0 CARGO_PROFILE_DEV_DEBUG=0
# The words of `cargo clippy -- -D warnings`, in the form in which it hands them to its driver.
export RUSTC_WORKSPACE_WRAPPER=$driver CLIPPY_ARGS="-Dwarnings__CLIPPY_HACKERY__"
exec "${CARGO:-cargo}" build --locked --all-targets "$@"
