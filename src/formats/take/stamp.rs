//! Dates and times as people and file names have them.

use chrono::{DateTime, Local};

/// `2026-03-14 09:26:53` where the user is, for seconds since 1970 began; empty for a time that no calendar has.
#[must_use]
pub fn local_time(unix_s: u64) -> String {
    let at = i64::try_from(unix_s).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    at.map(|at| at.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

/// [`local_time`] as a file may be named on every system: `2026-03-14 09-26-53`.
#[must_use]
pub fn file_stem(unix_s: u64) -> String {
    match local_time(unix_s) {
        time if time.is_empty() => "take".to_owned(),
        time => time.replace(':', "-"),
    }
}

/// Seconds as `m:ss`, from an hour on `h:mm:ss`.
#[must_use]
pub fn clock(seconds: f64) -> String {
    let whole = if seconds.is_finite() { seconds.max(0.0) as u64 } else { 0 };
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Bytes as people write them: `812 B`, `3.4 kB`, `12.0 MB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        _ if bytes < 1e3 => format!("{bytes:.0} B"),
        _ if bytes < 1e6 => format!("{:.1} kB", bytes / 1e3),
        _ if bytes < 1e9 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_write_them() {
        let time = local_time(1_773_480_413);
        assert!(time.starts_with("2026-03-1") && time.len() == 19 && time.ends_with("53"), "{time}");
        assert_eq!(file_stem(1_773_480_413), time.replace(':', "-"));
        assert_eq!(local_time(u64::MAX), "");
        assert_eq!(file_stem(u64::MAX), "take");
        assert_eq!([0.0, 59.9, 75.0, 3675.0, f64::NAN].map(clock), ["0:00", "0:59", "1:15", "1:01:15", "0:00"]);
        assert_eq!(
            [0, 999, 1500, 12_000_000, 3_000_000_000].map(size),
            ["0 B", "999 B", "1.5 kB", "12.0 MB", "3.0 GB"]
        );
    }
}
