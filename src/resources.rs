//! What the process holds, and what the machine has left for it, where the system tells it in `/proc`.

/// Clock ticks a second in `/proc`, the same on every Linux.
#[cfg(feature = "server")]
const TICKS_A_SECOND: f64 = 100.0;

/// Resident memory now, MiB.
pub(crate) fn resident_mib() -> Option<f64> {
    status_mib("VmRSS:")
}

/// The most resident memory so far, MiB.
pub(crate) fn peak_resident_mib() -> Option<f64> {
    status_mib("VmHWM:")
}

/// Memory that programs may still take before the system has to swap, bytes.
pub(crate) fn available_bytes() -> Option<u64> {
    let mib = field_mib(&std::fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")?;
    Some((mib * 1024.0 * 1024.0) as u64)
}

/// Open file descriptors now, without the one that counting takes.
pub(crate) fn open_files() -> Option<usize> {
    std::fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count().saturating_sub(1))
}

/// Seconds of all cores that the process has used, in itself and in the system for it.
#[cfg(feature = "server")]
pub(crate) fn cpu_seconds() -> Option<f64> {
    ticks(&std::fs::read_to_string("/proc/self/stat").ok()?).map(|ticks| ticks as f64 / TICKS_A_SECOND)
}

fn status_mib(field: &str) -> Option<f64> {
    field_mib(&std::fs::read_to_string("/proc/self/status").ok()?, field)
}

fn field_mib(status: &str, field: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// Fields 14 and 15 of `/proc/self/stat`; the second field is the program's name, which may hold anything.
#[cfg(feature = "server")]
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_mib() {
        let status = "Name:\tlivedance\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n";
        assert_eq!(field_mib(status, "VmRSS:"), Some(100.0));
        assert_eq!(field_mib(status, "VmHWM:"), Some(200.0));
        assert_eq!(field_mib(status, "VmSwap:"), None);
    }

    #[cfg(feature = "server")]
    #[test]
    fn ticks_are_found_behind_any_name() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194304 1 2 3 4 150 50 6 7 20 0 1 0";
        assert_eq!(ticks(stat), Some(200));
        assert_eq!(ticks("7 (cut"), None);
    }
}
