//! Keeps a graphics library from puzzling whoever renders without a desktop.

/// Starts the program anew, in this very process, without the part of Mesa that orders graphics cards by the desktop they
/// belong to, where there is no desktop: that part prints an error about `XDG_RUNTIME_DIR` for each use of
/// Vulkan and then does nothing. It is told so by a variable, which a running program cannot set for itself safely.
/// Returns where there is nothing to be kept quiet, and where it cannot be done: the lines are harmless.
pub(super) fn keep_graphics_quiet() {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::CommandExt as _;

        /// Mesa's switch, and with it the sign that this was done already.
        const SWITCH: &str = "NODEVICE_SELECT";
        // Whoever chooses a card by these wants that part.
        let reasons = ["XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY", "DRI_PRIME", "MESA_VK_DEVICE_SELECT", SWITCH];
        if reasons.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
            return;
        }
        if let Ok(program) = std::env::current_exe() {
            // Only returns when it fails.
            #[expect(clippy::disallowed_methods, reason = "this program itself is started again")]
            let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(SWITCH, "1").exec();
            tracing::debug!("not started anew: {error}");
        }
    }
}
