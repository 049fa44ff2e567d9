/**
 * What the user chose, kept in this browser.
 *
 * @typedef {object} Settings
 * @property {string} camera device id; empty for the browser's own choice
 * @property {number} resolution lines that are asked of the camera
 * @property {number} side shorter side of what is sent, pixels; 0 chooses by itself
 * @property {number} quality of the JPEG, percent; 0 chooses by itself
 * @property {number} inFlight frames at once; 0 chooses by itself
 * @property {boolean} hands
 * @property {number} people
 * @property {"" | import("../protocol/messages.js").SmoothingName} smoothing empty: the server's default
 * @property {"" | import("../protocol/messages.js").OrderingName} ordering empty: the server's default
 * @property {boolean} mirrorCamera
 * @property {boolean} mirrorFile
 * @property {boolean} picture
 * @property {"live" | "step"} timing of the picture: as it comes, or as late as the skeleton
 * @property {boolean} skeleton
 * @property {boolean} avatar
 * @property {boolean} figures
 * @property {boolean} sidebar
 * @property {boolean} shortcuts
 * @property {"system" | "reduced" | "full"} motion
 * @property {number} recordSeconds
 * @property {string} token
 */

const KEY = "livedance.settings";

/** @type {Settings} */
export const DEFAULTS = Object.freeze({
  camera: "", resolution: 720, side: 0, quality: 0, inFlight: 0, hands: true, people: 1, smoothing: "", ordering: "",
  mirrorCamera: true, mirrorFile: false, picture: true, timing: "live", skeleton: true, avatar: true, figures: true, sidebar: true,
  shortcuts: true, motion: "system", recordSeconds: 60, token: "",
});

const CHOICES = {
  smoothing: ["", "none", "ema", "one-euro", "mediapipe"],
  ordering: ["", "latest", "sequence"],
  timing: ["live", "step"],
  motion: ["system", "reduced", "full"],
};
const RANGES = {
  resolution: [240, 2160], side: [0, 1080], quality: [0, 100], inFlight: [0, 4], people: [1, 8], recordSeconds: [5, 600],
};

/**
 * What was stored, as far as it makes sense; the rest is as by default.
 * @param {unknown} stored
 * @returns {Settings}
 */
export function sanitized(stored) {
  const settings = { ...DEFAULTS };
  if (typeof stored !== "object" || stored === null) return settings;
  for (const [name, fallback] of Object.entries(DEFAULTS)) {
    const value = stored[name];
    if (typeof value !== typeof fallback) continue;
    if (CHOICES[name] && !CHOICES[name].includes(value)) continue;
    if (RANGES[name] && !(value >= RANGES[name][0] && value <= RANGES[name][1])) continue;
    settings[name] = value;
  }
  return settings;
}

/** Events: `change` (`detail`: names of what changed). */
export class SettingsStore extends EventTarget {
  /** @type {Settings} */
  values;

  constructor() {
    super();
    let stored = null;
    try {
      stored = JSON.parse(localStorage.getItem(KEY) ?? "null");
    } catch {
      // Storage is forbidden or holds something else: the defaults do.
    }
    this.values = sanitized(stored);
  }

  /** @param {Partial<Settings>} change */
  set(change) {
    const next = sanitized({ ...this.values, ...change });
    const names = Object.keys(next).filter((name) => next[name] !== this.values[name]);
    if (names.length === 0) return;
    this.values = next;
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // Then they hold for this visit.
    }
    this.dispatchEvent(new CustomEvent("change", { detail: names }));
  }

  /** Everything as it was at first, but for the token. */
  reset() {
    this.set({ ...DEFAULTS, token: this.values.token });
  }
}

/**
 * Ties controls to settings: each control's `data-setting` names one.
 * @param {HTMLElement} root
 * @param {SettingsStore} store
 */
export function bindControls(root, store) {
  const controls = [...root.querySelectorAll("[data-setting]")];
  const show = () => {
    for (const control of controls) {
      const value = store.values[control.dataset.setting];
      if (control.type === "checkbox") control.checked = value;
      else if (control.value !== String(value) && control !== document.activeElement) control.value = String(value);
    }
  };
  for (const control of controls) {
    control.addEventListener("change", () => {
      const name = control.dataset.setting;
      const value = control.type === "checkbox" ? control.checked : typeof DEFAULTS[name] === "number" ? Number(control.value) : control.value;
      store.set({ [name]: value });
      show();
    });
  }
  store.addEventListener("change", show);
  show();
}
