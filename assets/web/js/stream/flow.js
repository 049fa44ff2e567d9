/**
 * What may be sent when: few frames on their way at once, and pictures only as large as the way bears. Knows neither sockets
 * nor clocks; times are milliseconds that rise.
 *
 * @typedef {object} Sent
 * @property {number} sequence
 * @property {number} capturedAtMs when the picture was taken
 * @property {number} sentAtMs when it left
 * @property {number} encodeMs from the picture's being taken up to its JPEG
 * @property {number} bytes
 */

import { Smoothed } from "./stats.js";

/** Frames on their way at once, at most. */
export const LARGEST_WINDOW = 4;
// An answer that has not come by then does not come: the frame was overtaken, or the server has lost it.
const LOST_AFTER_MS = 2500;
// Looked at once every so many results, so that one change shows before the next.
const DECIDE_EVERY = 12;

/** Shorter sides that pictures are scaled to, pixels. */
export const SIDES = [256, 288, 320, 352, 384, 432, 480];
/** JPEG qualities. */
export const QUALITIES = [0.5, 0.6, 0.7, 0.8, 0.88];

/** Frames that were sent and not answered yet. */
export class Flow {
  /** @type {Map<number, Sent>} in rising order of sequence */
  #inFlight = new Map();
  #window = 1;
  #fixed = 0;
  #results = 0;
  #starved = 0;
  #wait = new Smoothed(0.2);
  #service = new Smoothed(0.2);
  #interval = 0;
  #lastSentMs = -Infinity;
  /** Frames that were given up without an answer. */
  lost = 0;

  get inFlight() {
    return this.#inFlight.size;
  }

  /** How many may be on their way at once just now. */
  get window() {
    return this.#fixed || this.#window;
  }

  /** @param {number} count 1 to 4, or 0 to find the best by itself */
  fixWindow(count) {
    this.#fixed = Math.min(LARGEST_WINDOW, Math.max(0, count));
  }

  /** @param {number} perSecond frames that the server takes, 0 without limit */
  limitRate(perSecond) {
    // A little less, so that jitter on the way does not make two of them count as too close.
    this.#interval = perSecond > 0 ? 1000 / (perSecond * 0.97) : 0;
  }

  /**
   * Whether a frame may be sent now.
   * @param {number} now
   * @param {number} bufferedBytes that have not left the machine yet
   */
  maySend(now, bufferedBytes) {
    this.expire(now);
    if (bufferedBytes > 0 || now - this.#lastSentMs < this.#interval - 1) return false;
    if (this.#inFlight.size >= this.window) {
      this.#starved += 1;
      return false;
    }
    return true;
  }

  /** @param {Sent} frame */
  sent(frame) {
    this.#inFlight.set(frame.sequence, frame);
    this.#lastSentMs = frame.sentAtMs;
  }

  /**
   * An answer came: it settles its frame and every older one, which was overtaken.
   * @param {number} sequence
   * @param {{wait: number, total: number}} timings of the server, milliseconds
   * @returns {Sent | null} the frame that was answered
   */
  answered(sequence, timings) {
    const frame = this.#inFlight.get(sequence) ?? null;
    for (const older of this.#inFlight.keys()) {
      if (older > sequence) break;
      this.#inFlight.delete(older);
      if (older < sequence) this.lost += 1;
    }
    this.#wait.add(timings.wait);
    this.#service.add(Math.max(1, timings.total - timings.wait));
    this.#decide();
    return frame;
  }

  /** The server refused a frame. @param {number} sequence */
  refused(sequence) {
    this.#inFlight.delete(sequence);
  }

  /** Gives up what was sent too long ago. @param {number} now */
  expire(now) {
    for (const [sequence, frame] of this.#inFlight) {
      if (now - frame.sentAtMs < LOST_AFTER_MS) break;
      this.#inFlight.delete(sequence);
      this.lost += 1;
    }
  }

  /** The connection was lost: nothing that is on its way is answered. */
  reset() {
    this.lost += this.#inFlight.size;
    this.#inFlight.clear();
    this.#window = 1;
    this.#results = 0;
    this.#starved = 0;
    this.#wait.clear();
    this.#service.clear();
    this.#lastSentMs = -Infinity;
  }

  /**
   * A frame that waits for a worker only grows old, so waiting means one too many; pictures that could not be sent while no
   * frame ever waits mean that the worker idles while others travel.
   */
  #decide() {
    this.#results += 1;
    if (this.#results < DECIDE_EVERY) return;
    const waitShare = this.#wait.value / this.#service.value;
    if (waitShare > 0.4 && this.#window > 1) this.#window -= 1;
    else if (waitShare < 0.08 && this.#starved >= this.#results / 2 && this.#window < LARGEST_WINDOW) this.#window += 1;
    this.#results = 0;
    this.#starved = 0;
  }
}

/** Size and quality of the pictures that are sent. */
export class PictureSize {
  #side = SIDES.indexOf(384);
  #quality = QUALITIES.indexOf(0.7);
  #largest = SIDES.length - 1;
  #fixedSide = 0;
  #fixedQuality = 0;
  #network = new Smoothed(0.15);
  #encode = new Smoothed(0.15);
  #count = 0;
  #good = 0;

  /** Pixels of the shorter side. */
  get side() {
    return this.#fixedSide || SIDES[Math.min(this.#side, this.#largest)];
  }

  /** JPEG quality, 0 to 1. */
  get quality() {
    return this.#fixedQuality || QUALITIES[this.#quality];
  }

  /** @param {number} side pixels, 0 to choose by itself @param {number} quality 0 to 1, 0 to choose by itself */
  fix(side, quality) {
    this.#fixedSide = side;
    this.#fixedQuality = quality;
  }

  /** @param {number} side that the server scales down to anyway; 0 where it does not */
  limit(side) {
    const fitting = SIDES.findLastIndex((candidate) => side === 0 || candidate <= side);
    this.#largest = fitting < 0 ? 0 : fitting;
  }

  /**
   * @param {number} networkMs of a frame: there and back without the server's own time
   * @param {number} encodeMs
   */
  measured(networkMs, encodeMs) {
    this.#network.add(networkMs);
    this.#encode.add(encodeMs);
    this.#count += 1;
    if (this.#count < DECIDE_EVERY) return;
    this.#count = 0;
    if (this.#network.value > 70 || this.#encode.value > 30) {
      this.#good = 0;
      this.#smaller();
    } else if (this.#network.value < 35 && this.#encode.value < 16) {
      // Larger only after a while of good measurements, or it goes back and forth.
      this.#good += 1;
      if (this.#good >= 3) {
        this.#good = 0;
        this.#larger();
      }
    } else {
      this.#good = 0;
    }
  }

  #smaller() {
    // Quality costs bytes, size costs bytes and encoding; by turns, quality first while it is high.
    if (this.#quality > 1 && this.#encode.value <= 30) this.#quality -= 1;
    else if (this.#side > 0) this.#side = Math.min(this.#side, this.#largest) - 1;
    else if (this.#quality > 0) this.#quality -= 1;
    this.#side = Math.max(0, this.#side);
  }

  #larger() {
    if (this.#side < this.#largest) this.#side += 1;
    else if (this.#quality < QUALITIES.length - 1) this.#quality += 1;
  }
}
