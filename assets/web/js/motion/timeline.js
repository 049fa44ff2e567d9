/**
 * What is shown between results. Results come late and at their own rate; the screen shows the pose of a moment a little ago,
 * between two results where there are two, a bounded step beyond the newest where there are not. No clock: times are given.
 *
 * @typedef {object} ShownPerson
 * @property {number} id
 * @property {number} alpha 0 to 1, fades people in and out
 * @property {boolean} isThere whether the newest result holds them; if not, they are about to go
 * @property {Float32Array} landmarks 33 × (x, y, z, visibility, presence), x and y as parts of the picture, 0 to 1
 * @property {ShownHand | null} leftHand
 * @property {ShownHand | null} rightHand
 * @property {{hips: Float32Array, rotations: Float32Array} | null} rig
 *
 * @typedef {{alpha: number, landmarks: Float32Array}} ShownHand
 */

import { Window } from "../stream/stats.js";
import { slerp } from "./quaternion.js";

// Beyond the newest result motion is guessed, so not far.
const LONGEST_GUESS_MS = 60;
// What corrects a guess comes in softly.
const SOFTEN_MS = 22;
const FADE_MS = 160;
// Without results people are not left standing as if they were seen.
const STALE_MS = 900;
const KEPT = 12;
// The delay moves slowly, or time itself would jerk.
const DELAY_SLEW = 0.08;

const LANDMARK_STRIDE = 5;
const HAND_STRIDE = 3;

export class Timeline {
  /** @type {{time: number, people: Map<number, Scaled>}[]} oldest first */
  #samples = [];
  /** @type {Map<number, Shown>} */
  #shown = new Map();
  #latency = new Window(45);
  #interval = new Window(45);
  #delay = NaN;
  #lastShownAt = NaN;

  /** How far behind the camera the shown moment is, milliseconds; NaN before there are results. */
  get delayMs() {
    return this.#delay;
  }

  /**
   * @param {import("../protocol/messages.js").Pose} pose
   * @param {number} capturedAt
   * @param {number} arrivedAt on the same clock
   */
  push(pose, capturedAt, arrivedAt) {
    const newest = this.#samples.at(-1);
    if (newest && capturedAt <= newest.time) return;
    if (newest && capturedAt - newest.time < 1000) this.#interval.add(capturedAt - newest.time);
    this.#latency.add(arrivedAt - capturedAt);
    const people = new Map(pose.people.map((person) => [person.id, scaled(person, pose.width, pose.height)]));
    this.#samples.push({ time: capturedAt, people });
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  /** Forgets everything, as when the source changes. */
  clear() {
    this.#samples.length = 0;
    this.#shown.clear();
    this.#latency.clear();
    this.#interval.clear();
    this.#delay = NaN;
  }

  /**
   * What to draw at this moment. The arrays are used again for the next moment.
   * @param {number} now
   * @returns {ShownPerson[]}
   */
  at(now) {
    const elapsed = Number.isNaN(this.#lastShownAt) ? 16 : Math.min(100, Math.max(0, now - this.#lastShownAt));
    this.#lastShownAt = now;
    const newest = this.#samples.at(-1);
    if (!newest) return [];
    this.#settleDelay(elapsed);
    const moment = now - this.#delay;
    const stale = now - newest.time > this.#delay + Math.max(STALE_MS, 2 * (this.#interval.percentile(0.8) || 0));
    const step = elapsed / FADE_MS;
    const keep = Math.exp(-elapsed / SOFTEN_MS);
    for (const id of newest.people.keys()) if (!this.#shown.has(id)) this.#shown.set(id, new Shown(id));
    const people = [];
    for (const [id, shown] of this.#shown) {
      const isThere = !stale && newest.people.has(id);
      shown.isThere = isThere;
      shown.alpha = Math.min(1, Math.max(0, shown.alpha + (isThere ? step : -step)));
      if (shown.alpha === 0 && !isThere) {
        this.#shown.delete(id);
        continue;
      }
      const span = this.#span(id, moment);
      if (span) shown.move(span, keep, step);
      if (shown.isSet) people.push(shown);
    }
    return people;
  }

  #settleDelay(elapsed) {
    const interval = this.#interval.percentile(0.8);
    const usual = Number.isNaN(interval) ? 50 : interval;
    const target = Math.max(0, this.#latency.percentile(0.8) + usual - Math.min(LONGEST_GUESS_MS, 0.75 * usual));
    if (Number.isNaN(this.#delay) || Math.abs(target - this.#delay) > 500) this.#delay = target;
    const most = elapsed * DELAY_SLEW;
    this.#delay += Math.min(most, Math.max(-most, target - this.#delay));
  }

  /** The two sights of a person around a moment, and where between (or a bit after) them it lies. */
  #span(id, moment) {
    let before = null;
    let after = null;
    for (let i = this.#samples.length - 1; i >= 0; i--) {
      const person = this.#samples[i].people.get(id);
      if (!person) {
        if (after) break;
        continue;
      }
      const sight = { time: this.#samples[i].time, person };
      if (after === null) {
        after = sight;
      } else {
        before = sight;
        if (before.time <= moment) break;
        after = before;
        before = null;
      }
      if (after.person.isNew) break;
    }
    if (!after) return null;
    if (!before) return { a: after.person, b: after.person, t: 1 };
    const length = after.time - before.time;
    const t = (moment - before.time) / length;
    return { a: before.person, b: after.person, t: Math.max(0, Math.min(t, 1 + LONGEST_GUESS_MS / length)) };
  }
}

/**
 * @typedef {object} Scaled a person with image landmarks as parts of the picture, so that its size may change between results
 * @property {boolean} isNew
 * @property {Float32Array} landmarks
 * @property {Float32Array | null} leftHand
 * @property {Float32Array | null} rightHand
 * @property {{hips: Float32Array, rotations: Float32Array} | null} rig
 */

/** @returns {Scaled} */
function scaled(person, width, height) {
  const points = (landmarks, stride) => {
    const out = landmarks.slice();
    for (let i = 0; i + stride <= out.length; i += stride) {
      out[i] /= width;
      out[i + 1] /= height;
      out[i + 2] /= width;
    }
    return out;
  };
  const hand = (it) => (it && it.landmarks.length > 0 ? points(it.landmarks, HAND_STRIDE) : null);
  const hasRig = person.rig && person.rig.hips.length === 3 && person.rig.rotations.length > 0;
  return {
    isNew: person.isNew,
    landmarks: points(person.landmarks, LANDMARK_STRIDE),
    leftHand: hand(person.leftHand),
    rightHand: hand(person.rightHand),
    rig: hasRig ? person.rig : null,
  };
}

/** What is shown of one person. @implements {ShownPerson} */
class Shown {
  alpha = 0;
  isThere = false;
  landmarks = new Float32Array(0);
  leftHand = null;
  rightHand = null;
  rig = null;
  isSet = false;
  #target = new Float32Array(0);

  constructor(id) {
    this.id = id;
  }

  /** Goes towards the moment `t` between two sights; `keep` is the share of what is shown that stays. */
  move({ a, b, t }, keep, step) {
    const share = this.isSet ? keep : 0;
    this.landmarks = this.#blend(this.landmarks, a.landmarks, b.landmarks, t, share);
    this.leftHand = this.#hand(this.leftHand, a.leftHand, b.leftHand, t, share, step);
    this.rightHand = this.#hand(this.rightHand, a.rightHand, b.rightHand, t, share, step);
    this.#turn(a.rig, b.rig, t, share);
    this.isSet = true;
  }

  #hand(shown, a, b, t, keep, step) {
    const from = a ?? b;
    const to = b ?? a;
    if (!b || !to) {
      if (!shown || shown.alpha <= step) return null;
      shown.alpha -= step;
      return shown;
    }
    const next = shown ?? { alpha: 0, landmarks: new Float32Array(0) };
    next.landmarks = this.#blend(next.landmarks, from, to, t, shown ? keep : 0);
    next.alpha = Math.min(1, next.alpha + step);
    return next;
  }

  #blend(shown, a, b, t, keep) {
    if (a.length !== b.length) a = b;
    const fresh = shown.length !== b.length;
    const out = fresh ? new Float32Array(b.length) : shown;
    const stays = fresh ? 0 : keep;
    for (let i = 0; i < b.length; i++) {
      const target = a[i] + (b[i] - a[i]) * t;
      out[i] = target + (out[i] - target) * stays;
    }
    return out;
  }

  #turn(a, b, t, keep) {
    if (!b) {
      this.rig = null;
      return;
    }
    const from = a?.rotations.length === b.rotations.length ? a : b;
    const fresh = this.rig?.rotations.length !== b.rotations.length;
    if (fresh) this.rig = { hips: new Float32Array(3), rotations: b.rotations.slice() };
    if (this.#target.length !== b.rotations.length) this.#target = b.rotations.slice();
    const stays = fresh ? 0 : keep;
    this.rig.hips = this.#blend(this.rig.hips, from.hips, b.hips, t, stays);
    for (let at = 0; at < b.rotations.length; at += 4) {
      slerp(this.#target, from.rotations, b.rotations, at, t);
      slerp(this.rig.rotations, this.rig.rotations, this.#target, at, 1 - stays);
    }
  }
}
