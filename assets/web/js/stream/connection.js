/**
 * The binary websocket to the server, opened again by itself when it is lost.
 *
 * @typedef {"idle" | "connecting" | "open" | "waiting" | "refused"} ConnectionState
 *   `waiting`: lost, and tried again at `retryAt`; `refused`: a token is needed before it makes sense to try again.
 *
 * @typedef {object} ConnectionStatus
 * @property {ConnectionState} state
 * @property {string} message for people
 * @property {number | null} retryAt when it is tried again, on `performance.now()`'s clock
 * @property {number} closeCode of the last connection; 0 where none was closed
 */

import { decodeServerMessage, encodeConfigure, encodePing } from "../protocol/messages.js";

export const CLOSE = Object.freeze({
  GOING_AWAY: 1001, UNSUPPORTED: 1003, POLICY: 1008, TOO_BIG: 1009, SLOW_READER: 3008, BAD_TOKEN: 3500, TOO_MANY: 3504,
});

const SUBPROTOCOL = "livedance.v1";
const FIRST_DELAY_MS = 250;
// A server that is being started again is to be found within a second or so; one that stays away for long is left in peace.
const LONGEST_DELAY_MS = 1000;
const PATIENT_ATTEMPTS = 90;
const LONGEST_DELAY_LATER_MS = 10000;
const DELAY_WHEN_FULL_MS = 10000;
const HANDSHAKE_MS = 5000;
// Below the server's idle time of 30 s, and soon enough to notice a connection that died silently.
const PING_EVERY_MS = 5000;
const SILENCE_MS = 12000;

/**
 * How long to wait before trying again, milliseconds.
 * @param {number} code why the last connection was closed
 * @param {number} attempt how many failed in a row, from 1
 * @param {number} random 0 to 1
 * @returns {number | null} `null`: not before somebody does something
 */
export function retryDelay(code, attempt, random) {
  if (code === CLOSE.BAD_TOKEN) return null;
  if (code === CLOSE.TOO_MANY) return DELAY_WHEN_FULL_MS * (1 + 0.5 * random);
  const attempts = attempt > PATIENT_ATTEMPTS ? attempt - PATIENT_ATTEMPTS + 2 : attempt;
  const most = attempt > PATIENT_ATTEMPTS ? LONGEST_DELAY_LATER_MS : LONGEST_DELAY_MS;
  return Math.min(most, FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 10)) * (0.5 + 0.5 * random);
}

/**
 * What a closed connection means, for people.
 * @param {number} code
 * @param {boolean} wasOpen
 * @param {string} reason that the server gave
 */
export function closeMessage(code, wasOpen, reason) {
  switch (code) {
    case CLOSE.BAD_TOKEN:
      return "The server asks for an access token, or does not know the one it was given.";
    case CLOSE.TOO_MANY:
      return reason ? `No place at the server: ${reason}.` : "The server is full. Waiting for a place.";
    case CLOSE.GOING_AWAY:
      return "The server was stopped.";
    case CLOSE.TOO_BIG:
      return "The server refused a picture as too large.";
    case CLOSE.SLOW_READER:
      return "This connection was too slow for the server.";
    default:
      if (reason) return `The server closed the connection: ${reason}`;
      return wasOpen ? "The connection was lost." : "The server cannot be reached.";
  }
}

/** Events: `status` (see {@link Connection.status}) and `message` (`detail`: a server's message, decoded). */
export class Connection extends EventTarget {
  #url;
  #token = "";
  #configure = {};
  /** @type {WebSocket | null} */
  #socket = null;
  #attempt = 0;
  #timer = 0;
  #pinger = 0;
  #heardAt = 0;
  #wanted = false;
  #pingToken = 0;
  /** @type {Map<number, number>} */
  #pings = new Map();

  /** @type {ConnectionStatus} */
  status = { state: "idle", message: "Not connected.", retryAt: null, closeCode: 0 };
  /** Time of the last ping's way there and back, milliseconds; NaN before there was one. */
  pingMs = NaN;

  /** @param {string} url of the stream, `ws:` or `wss:` */
  constructor(url) {
    super();
    this.#url = url;
    // Whoever comes back from sleep or to the network does not wait for the next attempt.
    const hurry = () => {
      if (this.status.state === "waiting") this.#open();
    };
    globalThis.addEventListener?.("online", hurry);
    globalThis.document?.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());
  }

  /** Connects, and stays connected until {@link Connection.close}. */
  open() {
    this.#wanted = true;
    if (!this.#socket && this.status.state !== "connecting") this.#open();
  }

  /** Goes away for good. */
  close() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#drop();
    this.#say({ state: "idle", message: "Not connected.", retryAt: null });
  }

  /** @param {string} token asked for by the server, or empty; takes effect at once */
  setToken(token) {
    if (token === this.#token) return;
    this.#token = token;
    if (this.#wanted) {
      this.#drop();
      this.#attempt = 0;
      this.#open();
    }
  }

  /** Tries again now, whatever the last answer was. */
  retry() {
    this.#wanted = true;
    this.#drop();
    this.#open();
  }

  /** @param {import("../protocol/messages.js").Configure} configure sent now and after every connection */
  configure(configure) {
    this.#configure = configure;
    if (this.isOpen) this.#socket?.send(encodeConfigure(configure));
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN && this.status.state === "open";
  }

  /** Bytes that have not left yet. */
  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} bytes of one message
   * @returns {boolean} whether it went out
   */
  send(bytes) {
    if (!this.isOpen) return false;
    this.#socket?.send(bytes);
    return true;
  }

  #open() {
    clearTimeout(this.#timer);
    this.#say({ state: "connecting", message: this.#attempt > 0 ? "Reconnecting…" : "Connecting…", retryAt: null });
    const protocols = [SUBPROTOCOL];
    if (this.#token) protocols.push(`bearer.${this.#token}`);
    let socket;
    try {
      socket = new WebSocket(this.#url, protocols);
    } catch {
      // A token with characters that no header holds.
      this.#say({ state: "refused", message: closeMessage(CLOSE.BAD_TOKEN, false, ""), retryAt: null, closeCode: CLOSE.BAD_TOKEN });
      return;
    }
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let wasOpen = false;
    const handshake = setTimeout(() => socket.close(), HANDSHAKE_MS);
    socket.onopen = () => {
      clearTimeout(handshake);
      wasOpen = true;
      this.#heardAt = performance.now();
      this.#pings.clear();
      this.#pinger = setInterval(() => this.#ping(), PING_EVERY_MS);
      this.#say({ state: "open", message: "Connected.", retryAt: null, closeCode: 0 });
      socket.send(encodeConfigure(this.#configure));
      this.#ping();
    };
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = (event) => {
      clearTimeout(handshake);
      if (socket !== this.#socket) return;
      this.#socket = null;
      clearInterval(this.#pinger);
      if (this.#wanted) this.#lost(event.code, wasOpen, event.reason);
    };
  }

  #lost(code, wasOpen, reason) {
    this.#attempt += 1;
    const message = closeMessage(code, wasOpen, reason);
    const delay = retryDelay(code, this.#attempt, Math.random());
    if (delay === null) {
      this.#say({ state: "refused", message, retryAt: null, closeCode: code });
      return;
    }
    this.#say({ state: "waiting", message, retryAt: performance.now() + delay, closeCode: code });
    this.#timer = setTimeout(() => this.#open(), delay);
  }

  #hear(data) {
    this.#heardAt = performance.now();
    if (!(data instanceof ArrayBuffer)) return;
    let message;
    try {
      message = decodeServerMessage(new Uint8Array(data));
    } catch (error) {
      console.warn("a message of the server cannot be read", error);
      return;
    }
    // Only a server that answers counts as found: one that closes every connection again is asked ever more rarely.
    if (message.kind !== "error") this.#attempt = 0;
    if (message.kind === "pong") {
      const sentAt = this.#pings.get(message.token);
      if (sentAt !== undefined) this.pingMs = this.#heardAt - sentAt;
      this.#pings.delete(message.token);
    }
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  #ping() {
    const now = performance.now();
    if (this.#pings.size > 100) this.#pings.clear();
    // Timers of hidden pages are late; only a ping that was truly sent and not answered says anything.
    const oldest = Math.min(...this.#pings.values());
    if (now - oldest > SILENCE_MS && this.#heardAt < oldest) {
      this.#drop();
      this.#lost(1006, true, "");
      return;
    }
    this.#pingToken += 1;
    this.#pings.set(this.#pingToken, now);
    this.send(encodePing(this.#pingToken));
  }

  #drop() {
    clearTimeout(this.#timer);
    clearInterval(this.#pinger);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  /** @param {Partial<ConnectionStatus>} change */
  #say(change) {
    this.status = { ...this.status, ...change };
    this.dispatchEvent(new CustomEvent("status", { detail: this.status }));
  }
}

/**
 * Where the stream is, seen from this page.
 * @param {Location | URL} location
 */
export function streamUrl(location) {
  const url = new URL("/v1/stream", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
