/**
 * What was seen in one frame as JSON: the record that `livedance track` writes a line of, and files of many.
 */

import { ANGLE_NAMES } from "../protocol/anatomy.js";
import { TIMING_NAMES } from "../protocol/messages.js";

/** @param {number} value @param {number} digits */
const rounded = (value, digits) => Number(value.toFixed(digits));

function rows(numbers, stride, digits) {
  const out = [];
  for (let at = 0; at + stride <= numbers.length; at += stride) {
    out.push(Array.from(numbers.subarray(at, at + stride), (value, index) => rounded(value, index < 3 ? digits : 4)));
  }
  return out;
}

function hand(it) {
  return it && { score: rounded(it.score, 4), landmarks: rows(it.landmarks, 3, 3), world: rows(it.world, 3, 6) };
}

/**
 * @param {import("../protocol/messages.js").Pose} pose
 * @param {number} startUs `captured_at_us` of the recording's first frame
 */
export function frameRecord(pose, startUs) {
  const { wait: _, ...stages } = pose.timings;
  return {
    frame: pose.sequence,
    time_s: rounded((pose.capturedAtUs - startUs) / 1e6, 6),
    width: pose.width,
    height: pose.height,
    people: pose.people.map((person) => ({
      id: person.id,
      score: rounded(person.score, 4),
      landmarks: rows(person.landmarks, 5, 3),
      world: rows(person.world, 5, 6),
      angles: Object.fromEntries(
        Array.from(person.anglesDeg, (degrees, index) => [ANGLE_NAMES[index], Number.isNaN(degrees) ? null : rounded(degrees, 2)]),
      ),
      hands: { left: hand(person.leftHand), right: hand(person.rightHand) },
    })),
    timings_ms: Object.fromEntries(
      TIMING_NAMES.filter((name) => name in stages).map((name) => [name, rounded(stages[name], 3)]),
    ),
  };
}

/** Keeps the results of the last seconds. */
export class Recorder {
  /** @type {{at: number, pose: import("../protocol/messages.js").Pose}[]} */
  #results = [];
  seconds = 60;

  get length() {
    return this.#results.length;
  }

  /** @returns {number} seconds between the oldest and the newest result */
  get span() {
    return this.#results.length < 2 ? 0 : (this.#results.at(-1).at - this.#results[0].at) / 1000;
  }

  /** @param {import("../stream/sender.js").Result} result */
  add(result) {
    this.#results.push({ at: result.capturedAtMs, pose: result.pose });
    const oldest = result.capturedAtMs - this.seconds * 1000;
    let old = 0;
    while (this.#results[old].at < oldest) old++;
    if (old > 0) this.#results.splice(0, old);
  }

  clear() {
    this.#results.length = 0;
  }

  /** The newest frame's record, or null. */
  newest() {
    const last = this.#results.at(-1);
    return last ? frameRecord(last.pose, this.#results[0].pose.capturedAtUs) : null;
  }

  /**
   * All that is kept, in the shape of a `livedance_frames` file (see this folder's README).
   * @param {{server: string, model: string, settings: object}} about
   */
  file(about) {
    const start = this.#results[0]?.pose.capturedAtUs ?? 0;
    return {
      livedance_frames: 1,
      saved_at: new Date().toISOString(),
      ...about,
      frames: this.#results.map(({ pose }) => frameRecord(pose, start)),
    };
  }
}
