/**
 * From pictures to results: takes what the source shows, sends it when the flow allows, and hands on what comes back.
 *
 * @typedef {object} Result
 * @property {import("../protocol/messages.js").Pose} pose
 * @property {number} capturedAtMs
 * @property {number} arrivedAtMs
 * @property {number} encodeMs from capture to the JPEG
 * @property {number} networkMs there and back, without the server's own time; NaN where unknown
 * @property {number} bytes of the picture
 */

import { encodeFrame } from "../protocol/messages.js";

// A message is the picture and a few bytes around it.
const MESSAGE_OVERHEAD = 64;

/** Events: `result` (`detail`: a {@link Result}) and `refused` (`detail`: the server's error). */
export class Sender extends EventTarget {
  #source;
  #encoder;
  #connection;
  #flow;
  #size;
  #sequence = 0;
  #lastCapturedUs = 0;
  /** When the newest picture that was not sent was taken, or null. */
  #newest = null;
  #encoding = false;
  #largestMessage = 0;
  /** Pictures of the source that were never sent, because newer ones came first. */
  skipped = 0;
  paused = false;

  /**
   * @param {object} parts
   * @param {import("../capture/source.js").Source} parts.source
   * @param {import("../capture/encoder.js").Encoder} parts.encoder
   * @param {import("./connection.js").Connection} parts.connection
   * @param {import("./flow.js").Flow} parts.flow
   * @param {import("./flow.js").PictureSize} parts.size
   */
  constructor({ source, encoder, connection, flow, size }) {
    super();
    this.#source = source;
    this.#encoder = encoder;
    this.#connection = connection;
    this.#flow = flow;
    this.#size = size;
    source.addEventListener("frame", (event) => {
      if (this.#newest !== null) this.skipped += 1;
      this.#newest = event.detail;
      this.#pump();
    });
    connection.addEventListener("message", (event) => this.#hear(event.detail));
    connection.addEventListener("status", (event) => {
      if (event.detail.state !== "open") flow.reset();
    });
  }

  async #pump() {
    const takenAt = this.#newest;
    const now = performance.now();
    if (takenAt === null || this.#encoding || this.paused || !this.#connection.isOpen) return;
    if (!this.#flow.maySend(now, this.#connection.bufferedAmount)) return;
    this.#newest = null;
    this.#encoding = true;
    try {
      const picture = await this.#encoder.encode(this.#source.video, this.#size.side, this.#size.quality);
      this.#send(takenAt, picture.jpeg, performance.now() - now);
    } catch (error) {
      // The source was changed or stopped in the middle; the next picture is another try.
      if (this.#source.choice) console.warn("a picture could not be encoded", error);
    } finally {
      this.#encoding = false;
    }
  }

  #send(takenAt, jpeg, encodeMs) {
    if (this.paused || !this.#source.choice) return;
    if (this.#largestMessage > 0 && jpeg.length + MESSAGE_OVERHEAD > this.#largestMessage) return;
    // Strictly later than the one before, whatever the clock says.
    const capturedAtUs = Math.max(Math.round(takenAt * 1000), this.#lastCapturedUs + 1);
    this.#sequence += 1;
    if (!this.#connection.send(encodeFrame(this.#sequence, capturedAtUs, jpeg))) return;
    this.#lastCapturedUs = capturedAtUs;
    this.#flow.sent({
      sequence: this.#sequence,
      capturedAtMs: takenAt,
      sentAtMs: performance.now(),
      encodeMs,
      bytes: jpeg.length,
    });
  }

  #hear(message) {
    if (message.kind === "configured") {
      this.#largestMessage = message.configured.maxMessageBytes;
      this.#flow.limitRate(message.configured.maxFramesPerSecond);
      this.#size.limit(message.configured.shortSide);
    } else if (message.kind === "error") {
      if (message.error.sequence !== null) this.#flow.refused(message.error.sequence);
      this.dispatchEvent(new CustomEvent("refused", { detail: message.error }));
      this.#pump();
    } else if (message.kind === "pose") {
      const arrivedAtMs = performance.now();
      const { pose } = message;
      const sent = this.#flow.answered(pose.sequence, pose.timings);
      const networkMs = sent ? Math.max(0, arrivedAtMs - sent.sentAtMs - pose.timings.total) : NaN;
      if (sent) this.#size.measured(networkMs, sent.encodeMs);
      const result = {
        pose,
        capturedAtMs: sent?.capturedAtMs ?? pose.capturedAtUs / 1000,
        arrivedAtMs,
        encodeMs: sent?.encodeMs ?? NaN,
        networkMs,
        bytes: sent?.bytes ?? NaN,
      };
      this.dispatchEvent(new CustomEvent("result", { detail: result }));
      this.#pump();
    }
  }
}
