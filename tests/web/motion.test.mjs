// What is shown between results.

import assert from "node:assert/strict";
import test from "node:test";

import { slerp, mirrorRotations } from "../../assets/web/js/motion/quaternion.js";
import { Timeline } from "../../assets/web/js/motion/timeline.js";
import { OPPOSITE_BONES, HUMANOID_BONES } from "../../assets/web/js/protocol/anatomy.js";

const WIDTH = 400;

function pose(x, { id = 1, isNew = false, width = WIDTH, people = 1, angle = 0 } = {}) {
  const landmarks = Float32Array.from({ length: 165 }, (_, i) => (i % 5 === 0 ? x * width : i % 5 === 3 ? 0.9 : 100));
  const rotations = Float32Array.from({ length: 216 }, (_, i) => (i % 4 === 3 ? Math.cos(angle / 2) : i % 4 === 1 ? Math.sin(angle / 2) : 0));
  const person = { id, landmarks, isNew, leftHand: null, rightHand: null, rig: { hips: Float32Array.of(x, 1, 0), rotations } };
  return { width, height: 300, people: people ? [person] : [] };
}

/** Plays a motion as results with a latency, and returns what a screen of 60 Hz shows. */
function play({ motion, everyMs = 66, latencyMs = 80, jitterMs = 0, seconds = 4, width = () => WIDTH }) {
  const timeline = new Timeline();
  const arrivals = [];
  for (let at = 0; at < seconds * 1000; at += everyMs) arrivals.push({ at, arrives: at + latencyMs + ((at * 7919) % (jitterMs + 1)) });
  const shown = [];
  for (let now = 0; now < seconds * 1000; now += 1000 / 60) {
    while (arrivals[0]?.arrives <= now) {
      const { at, arrives } = arrivals.shift();
      timeline.push(pose(motion(at), { width: width(at), angle: motion(at) }), at, arrives);
    }
    const [person] = timeline.at(now);
    if (person) shown.push({ now, x: person.landmarks[0], hips: person.rig.hips[0], turn: 2 * Math.atan2(person.rig.rotations[1], person.rig.rotations[3]) });
  }
  return { shown, timeline };
}

test("steady motion is shown steadily, between results and with jitter on the way", () => {
  const { shown, timeline } = play({ motion: (t) => t / 10000, jitterMs: 25 });
  const settled = shown.slice(90);
  for (let i = 1; i < settled.length; i++) {
    for (const key of ["x", "hips", "turn"]) {
      const step = settled[i][key] - settled[i - 1][key];
      assert.ok(step > 0.0004 && step < 0.0035, `${key} steps ${step} at ${settled[i].now}`);
    }
  }
  assert.ok(timeline.delayMs > 40 && timeline.delayMs < 170, String(timeline.delayMs));
});

test("the shown moment is the delay behind the camera", () => {
  const { shown, timeline } = play({ motion: (t) => t / 10000 });
  const last = shown.at(-1);
  const behind = last.now - last.x * 10000;
  assert.ok(Math.abs(behind - timeline.delayMs) < 40, `${behind} and ${timeline.delayMs}`);
});

test("motion that stops is not overshot by much", () => {
  const { shown } = play({ motion: (t) => Math.min(t, 2000) / 10000 });
  const most = Math.max(...shown.map(({ x }) => x));
  assert.ok(most < 0.2 + 0.0065, String(most));
  assert.ok(Math.abs(shown.at(-1).x - 0.2) < 1e-4);
});

test("pictures may change their size without the skeleton's jumping", () => {
  const { shown } = play({ motion: () => 0.5, width: (t) => (t > 2000 ? 320 : 480) });
  for (const { x } of shown) assert.ok(Math.abs(x - 0.5) < 1e-5);
});

test("who is gone fades, who is new appears where they are", () => {
  const timeline = new Timeline();
  timeline.push(pose(0.2), 0, 50);
  for (let now = 50; now < 400; now += 16) timeline.at(now);
  assert.equal(timeline.at(400)[0].alpha, 1);
  timeline.push(pose(0, { people: 0 }), 350, 400);
  const fading = timeline.at(440)[0];
  assert.ok(fading.alpha < 1);
  for (let now = 450; now < 900; now += 16) timeline.at(now);
  assert.deepEqual(timeline.at(900), []);
  timeline.push(pose(0.8, { id: 2, isNew: true }), 880, 910);
  assert.ok(Math.abs(timeline.at(920)[0].landmarks[0] - 0.8) < 1e-6);
});

test("without results nobody stays as if they were seen", () => {
  const timeline = new Timeline();
  timeline.push(pose(0.2), 0, 50);
  for (let now = 50; now < 3000; now += 16) timeline.at(now);
  assert.deepEqual(timeline.at(3000), []);
});

test("results out of order are left out", () => {
  const timeline = new Timeline();
  timeline.push(pose(0.5), 100, 150);
  timeline.push(pose(0.1), 50, 160);
  assert.ok(Math.abs(timeline.at(200)[0].landmarks[0] - 0.5) < 1e-6);
});

test("quaternions are turned along the shorter way and stay of length one", () => {
  const turn = (angle) => Float32Array.of(0, Math.sin(angle / 2), 0, Math.cos(angle / 2));
  const out = new Float32Array(4);
  for (const [from, to, t, expected] of [[0, 1, 0.5, 0.5], [0, 1, 1.2, 1.2], [0.3, 0.3, 0.5, 0.3], [-2, 2, 0.5, Math.PI]]) {
    slerp(out, turn(from), turn(to), 0, t);
    assert.ok(Math.abs(Math.hypot(...out) - 1) < 1e-6);
    const angle = 2 * Math.atan2(out[1], out[3]);
    assert.ok(Math.abs(Math.cos(angle - expected) - 1) < 1e-5, `${angle} and ${expected}`);
  }
  slerp(out, turn(0.4), turn(1).map((value) => -value), 0, 0.5);
  assert.ok(Math.abs(2 * Math.atan2(Math.abs(out[1]), Math.abs(out[3])) - 0.7) < 1e-5);
});

test("the mirror image of the mirror image is the pose itself", () => {
  const rotations = Float32Array.from({ length: HUMANOID_BONES.length * 4 }, (_, i) => Math.sin(i));
  const once = new Float32Array(rotations.length);
  const twice = new Float32Array(rotations.length);
  mirrorRotations(rotations, OPPOSITE_BONES, once);
  mirrorRotations(once, OPPOSITE_BONES, twice);
  assert.deepEqual(twice, rotations);
  const left = HUMANOID_BONES.indexOf("leftUpperArm") * 4;
  const right = HUMANOID_BONES.indexOf("rightUpperArm") * 4;
  assert.deepEqual([...once.subarray(left, left + 4)], [rotations[right], -rotations[right + 1], -rotations[right + 2], rotations[right + 3]]);
});
