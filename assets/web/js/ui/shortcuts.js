/** Keys that do what buttons do. */

/**
 * Calls the action of a key, unless somebody types, a dialog is open, or the shortcuts are off.
 * @param {Record<string, () => void>} actions by `KeyboardEvent.key`, letters in lower case
 * @param {() => boolean} areOn
 */
export function bindShortcuts(actions, areOn) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !areOn()) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("input, select, textarea, [contenteditable]") || document.querySelector("dialog[open]")) return;
    // Space presses the button that has the focus.
    if (event.key === " " && target?.closest("button, summary, a, [role=tab]")) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || event.repeat) return;
    event.preventDefault();
    action();
  });
}
