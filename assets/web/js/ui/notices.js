/** What the page has to say: the state of the connection, short notices, and a question for the token. */

const STATES = { idle: "Off", connecting: "Connecting", open: "Connected", waiting: "Reconnecting", refused: "Refused" };
const SHOWN_MS = 6000;

/** The pill in the header; a live region, so it says only what changed. */
export class StatePill {
  #root;
  #label;
  #detail;

  /** @param {HTMLElement} root @param {HTMLElement} label @param {HTMLElement} detail line below the header, for longer words */
  constructor(root, label, detail) {
    this.#root = root;
    this.#label = label;
    this.#detail = detail;
  }

  /** @param {import("../stream/connection.js").ConnectionStatus} status */
  show({ state, message }) {
    this.#root.dataset.state = state;
    if (this.#label.textContent !== STATES[state]) this.#label.textContent = STATES[state];
    const isWrong = state === "waiting" || state === "refused";
    // While it is tried again, the reason stays readable.
    if (state === "open" || state === "idle") this.#detail.hidden = true;
    else if (isWrong) {
      const text = state === "waiting" ? `${message} Trying again by itself.` : message;
      if (this.#detail.textContent !== text) this.#detail.textContent = text;
      this.#detail.hidden = false;
    }
  }
}

/** A line at the bottom that goes away by itself. */
export class Notice {
  #root;
  #timer = 0;

  /** @param {HTMLElement} root with a role that is read out */
  constructor(root) {
    this.#root = root;
  }

  /** @param {string} text */
  say(text) {
    clearTimeout(this.#timer);
    this.#root.textContent = text;
    this.#root.classList.add("shown");
    this.#timer = setTimeout(() => this.#root.classList.remove("shown"), SHOWN_MS);
  }
}

/**
 * Asks for the server's access token.
 * @param {HTMLDialogElement} dialog
 * @param {(token: string) => void} onToken
 */
export function askForToken(dialog, onToken) {
  if (dialog.open) return;
  const form = dialog.querySelector("form");
  const input = dialog.querySelector("input");
  form.onsubmit = () => {
    if (input.value.trim() !== "") onToken(input.value.trim());
  };
  input.value = "";
  dialog.showModal();
  input.focus();
}
