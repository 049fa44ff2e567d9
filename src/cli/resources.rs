//! What the process holds, where the system tells it in `/proc`.

use serde::Serialize;

/// Resident memory in MiB at several moments; none on systems without `/proc`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct MemoryReport {
    /// Before the source and the models were opened.
    pub(super) start: Option<f64>,
    /// After 200 frames; none when there were fewer.
    pub(super) after_200: Option<f64>,
    /// After the last frame.
    pub(super) end: Option<f64>,
    /// The most there ever was.
    pub(super) peak: Option<f64>,
}

/// Open file descriptors; none on systems without `/proc`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct OpenFiles {
    /// After the first frame.
    pub(super) start: Option<usize>,
    /// After the last frame.
    pub(super) end: Option<usize>,
}

/// Resident memory now.
pub(super) fn resident_mib() -> Option<f64> {
    status_mib("VmRSS:")
}

/// The most resident memory so far.
pub(super) fn peak_resident_mib() -> Option<f64> {
    status_mib("VmHWM:")
}

/// Open file descriptors now, without the one that counting takes.
pub(super) fn open_files() -> Option<usize> {
    std::fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count().saturating_sub(1))
}

fn status_mib(field: &str) -> Option<f64> {
    field_mib(&std::fs::read_to_string("/proc/self/status").ok()?, field)
}

fn field_mib(status: &str, field: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024.0)
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
}
