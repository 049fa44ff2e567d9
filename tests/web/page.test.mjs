// What is kept, saved and written on the pages.

import assert from "node:assert/strict";
import test from "node:test";

import { cameraError, SourceError } from "../../assets/web/js/capture/source.js";
import { DEFAULTS, sanitized } from "../../assets/web/js/ui/settings.js";
import { frameRecord, Recorder } from "../../assets/web/js/view/record.js";
import { clarity, fitted } from "../../assets/web/js/view/skeleton.js";
import { bytes, duration, label } from "../../assets/web/js/status/words.js";
import { TIMING_NAMES } from "../../assets/web/js/protocol/messages.js";

const pose = (sequence, capturedAtUs) => ({
  sequence, capturedAtUs, width: 640, height: 480, dropped: 0,
  timings: Object.fromEntries(TIMING_NAMES.map((name) => [name, 1.23456])),
  people: [{
    id: 3, score: 0.98765, landmarks: new Float32Array(165).fill(1.00049), world: new Float32Array(165).fill(0.1234567),
    anglesDeg: Float32Array.from({ length: 14 }, (_, i) => (i === 2 ? NaN : 90.126)), rightHand: null, rig: null,
    leftHand: { score: 0.5, landmarks: new Float32Array(63), world: new Float32Array(63) },
  }],
});

test("what was stored and makes no sense is as by default", () => {
  assert.deepEqual(sanitized(null), DEFAULTS);
  assert.deepEqual(sanitized("x"), DEFAULTS);
  const stored = sanitized({ people: 3, hands: "yes", smoothing: "butter", side: -1, motion: "reduced", foreign: 1 });
  assert.deepEqual(stored, { ...DEFAULTS, people: 3, motion: "reduced" });
});

test("a frame is the record that `livedance track` writes", () => {
  const record = frameRecord(pose(7, 2_500_000), 1_000_000);
  assert.deepEqual(Object.keys(record), ["frame", "time_s", "width", "height", "people", "timings_ms"]);
  assert.deepEqual([record.frame, record.time_s], [7, 1.5]);
  const [person] = record.people;
  assert.deepEqual(Object.keys(person), ["id", "score", "landmarks", "world", "angles", "hands"]);
  assert.deepEqual([person.landmarks.length, person.landmarks[0].length, person.world.length], [33, 5, 33]);
  assert.deepEqual([person.landmarks[0][0], person.world[0][0]], [1, 0.123457]);
  assert.deepEqual([person.angles.left_elbow, person.angles.left_shoulder, Object.keys(person.angles).length], [90.13, null, 14]);
  assert.deepEqual([person.hands.left.landmarks.length, person.hands.left.landmarks[0].length, person.hands.right], [21, 3, null]);
  assert.deepEqual(Object.keys(record.timings_ms), ["decode", "downscale", "detect", "pose", "hands", "angles", "smoothing", "total"]);
  assert.doesNotThrow(() => JSON.parse(JSON.stringify(record)));
});

test("the last seconds are kept and no more", () => {
  const recorder = new Recorder();
  recorder.seconds = 10;
  assert.equal(recorder.newest(), null);
  for (let i = 0; i < 600; i++) recorder.add({ capturedAtMs: i * 100, pose: pose(i, i * 100_000) });
  assert.ok(recorder.span <= 10 && recorder.span > 9.8);
  const file = recorder.file({ server: "s", model: "full", settings: {} });
  assert.deepEqual([file.livedance_frames, file.frames.length, file.frames[0].time_s], [1, recorder.length, 0]);
  assert.equal(recorder.newest().frame, 599);
});

test("pictures lie in the middle, whole", () => {
  assert.deepEqual(fitted(800, 800, 640, 480), { x: 0, y: 100, width: 800, height: 600 });
  assert.deepEqual(fitted(800, 300, 640, 480), { x: 200, y: 0, width: 400, height: 300 });
});

test("hidden joints are faded", () => {
  assert.ok(clarity(0.3) < 0.3 && clarity(0.3) > 0);
  assert.equal(clarity(0.9), 1);
  assert.ok(clarity(0.49) < clarity(0.51));
});

test("numbers are written as operators read them", () => {
  assert.deepEqual([0, 59, 61, 3700, 90000, NaN].map(duration), ["0 s", "59 s", "1 min 1 s", "1 h 1 min", "1 d 1 h", "–"]);
  assert.deepEqual([bytes(100), bytes(4 << 20), bytes(2048)], ["100 B", "4 MiB", "2 KiB"]);
  assert.deepEqual([label("clients_per_address"), label("idle_s"), label("max_side_px"), label("clients")],
    ["Clients per address", "Idle (s)", "Max side (px)", "Clients"]);
});

test("whatever a camera's failure is called, it is a sentence that says what to do", () => {
  for (const [name, word] of [["NotAllowedError", /Allow it/], ["NotFoundError", /Connect one/], ["NotReadableError", /Close that program/],
    ["OverconstrainedError", /another camera/], ["AbortError", /no/]]) {
    const error = cameraError(Object.assign(new Error("no"), { name }));
    assert.ok(error instanceof SourceError);
    assert.match(error.message, word);
  }
});
