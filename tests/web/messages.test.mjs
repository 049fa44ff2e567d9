// The messages against a Protocol Buffers library that is not ours. Its folder comes in LIVEDANCE_NODE_MODULES.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { ANGLE_NAMES, HAND_NAMES, HUMANOID_BONES, OPPOSITE_BONES, POSE_NAMES } from "../../assets/web/js/protocol/anatomy.js";
import {
  decodeServerMessage, encodeConfigure, encodeFrame, encodePing, TIMING_NAMES,
} from "../../assets/web/js/protocol/messages.js";
import { Reader, Writer } from "../../assets/web/js/protocol/protobuf.js";

const schema = fileURLToPath(new URL("../../src/wire/proto/livedance.proto", import.meta.url));

function library() {
  const folder = process.env.LIVEDANCE_NODE_MODULES;
  if (!folder) return null;
  const protobuf = createRequire(`${folder}/`)("protobufjs");
  const root = protobuf.loadSync(schema);
  return { Client: root.lookupType("livedance.v1.ClientMessage"), Server: root.lookupType("livedance.v1.ServerMessage"), root };
}

const lib = library();
const withLibrary = { skip: lib ? false : "LIVEDANCE_NODE_MODULES names no folder with protobufjs" };

function asObject(bytes) {
  return lib.Client.toObject(lib.Client.decode(bytes), { longs: Number, enums: String });
}

const floats = (count, of = (i) => i / 7 - 3) => Array.from({ length: count }, (_, i) => Math.fround(of(i)));

test("what the client says is read by the library", withLibrary, () => {
  assert.deepEqual(asObject(encodeConfigure({})), { configure: {} });
  const configure = { hands: false, people: 3, shortSide: 0, smoothing: "one-euro", ordering: "sequence", rig: true };
  assert.deepEqual(asObject(encodeConfigure(configure)).configure, {
    hands: false, people: 3, shortSide: 0, smoothing: "SMOOTHING_ONE_EURO", ordering: "ORDERING_SEQUENCE", rig: true,
  });
  for (const [sequence, capturedAtUs, size] of [[1, 1, 5], [300, 2 ** 40 + 7, 70000], [Number.MAX_SAFE_INTEGER, 123456789012345, 128]]) {
    const jpeg = Uint8Array.from({ length: size }, (_, i) => i * 31);
    const { frame } = asObject(encodeFrame(sequence, capturedAtUs, jpeg));
    assert.deepEqual([frame.sequence, frame.capturedAtUs], [sequence, capturedAtUs]);
    assert.deepEqual(new Uint8Array(frame.jpeg), jpeg);
  }
  assert.deepEqual(asObject(encodePing(77)), { ping: { token: 77 } });
});

test("the bytes are the library's own", withLibrary, () => {
  const frame = { sequence: 12345, capturedAtUs: 987654321, jpeg: Uint8Array.of(255, 216, 255) };
  assert.deepEqual([...encodeFrame(12345, 987654321, frame.jpeg)], [...lib.Client.encode({ frame }).finish()]);
});

test("what the server says is read as the library wrote it", withLibrary, () => {
  const hand = { score: Math.fround(0.9), landmarks: floats(63), world: floats(63, (i) => i / 1000) };
  const pose = {
    sequence: 2 ** 52 + 1, capturedAtUs: 1_000_000_007, width: 512, height: 384, dropped: 4,
    people: [
      { id: 1, score: Math.fround(0.98), landmarks: floats(165), world: floats(165, (i) => i / 500), anglesDeg: floats(14), leftHand: hand,
        rig: { hips: floats(3), rotations: floats(216) }, sizePx: 210.5, isNew: true },
      { id: 2, score: 0.5, landmarks: [], world: [], anglesDeg: [] },
    ],
    timings: Object.fromEntries(TIMING_NAMES.map((name, i) => [name, Math.fround(i + 0.25)])),
  };
  const message = decodeServerMessage(lib.Server.encode({ pose }).finish());
  assert.equal(message.kind, "pose");
  const { pose: read } = message;
  assert.deepEqual(read.timings, pose.timings);
  assert.deepEqual([read.sequence, read.capturedAtUs, read.width, read.height, read.dropped], [2 ** 52 + 1, 1_000_000_007, 512, 384, 4]);
  const [first, second] = read.people;
  assert.deepEqual([...first.landmarks], pose.people[0].landmarks);
  assert.deepEqual([...first.rig.rotations], pose.people[0].rig.rotations);
  assert.deepEqual([...first.leftHand.world], hand.world);
  assert.equal(first.rightHand, null);
  assert.deepEqual([first.id, first.isNew, first.sizePx], [1, true, 210.5]);
  assert.deepEqual([second.id, second.landmarks.length, second.rig, second.isNew], [2, 0, null, false]);
  const configured = { hands: true, people: 2, shortSide: 384, smoothing: 2, ordering: 1, rig: true, server: "livedance 0.1.0 ü", model: "full",
    maxMessageBytes: 4 << 20, maxSidePx: 4096, maxFramesPerSecond: 59.5 };
  assert.deepEqual(decodeServerMessage(lib.Server.encode({ configured }).finish()).configured,
    { ...configured, smoothing: "ema", ordering: "latest" });
  const error = { code: "bad_image", message: "no", sequence: 0 };
  assert.deepEqual(decodeServerMessage(lib.Server.encode({ error }).finish()).error, error);
  assert.deepEqual(decodeServerMessage(lib.Server.encode({ error: { code: "x" } }).finish()).error, { code: "x", message: "", sequence: null });
  assert.deepEqual(decodeServerMessage(lib.Server.encode({ pong: { token: 3 } }).finish()), { kind: "pong", token: 3 });
});

test("the names are as many as the schema's numbers", withLibrary, () => {
  assert.deepEqual(Object.keys(lib.root.lookupEnum("livedance.v1.JointAngleName").values).map((name) => name.toLowerCase()), ANGLE_NAMES);
  assert.deepEqual(Object.keys(lib.root.lookupType("livedance.v1.Timings").fields), TIMING_NAMES);
});

test("there are as many names as points and bones", () => {
  assert.deepEqual([POSE_NAMES.length, HAND_NAMES.length, HUMANOID_BONES.length], [33, 21, 54]);
  OPPOSITE_BONES.forEach((opposite, bone) => assert.equal(OPPOSITE_BONES[opposite], bone));
});

test("what is not known is left out", () => {
  const pose = new Writer().uint(1, 5).uint(90, 1).bytes(91, Uint8Array.of(1, 2, 3)).uint(3, 640);
  const message = decodeServerMessage(new Writer().uint(60, 9).message(2, pose).finish());
  assert.deepEqual([message.kind, message.pose.sequence, message.pose.width], ["pose", 5, 640]);
  assert.equal(decodeServerMessage(new Uint8Array(0)).kind, "unknown");
});

test("floats that are not packed are read, too", () => {
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  bytes[0] = bytes[5] = (3 << 3) | 5;
  view.setFloat32(1, 1.5, true);
  view.setFloat32(6, -2, true);
  const reader = new Reader(bytes);
  let all = new Float32Array(0);
  while (reader.next()) all = reader.floats(all);
  assert.deepEqual([...all], [1.5, -2]);
});

test("damaged messages are errors, never endless or silent", () => {
  for (const bytes of [[0x12, 5, 1], [0x12], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], [0x0f], [0x00], [0x12, 2, 0x0a, 0x01],
    [0x12, 7, 0x2a, 5, 0x1a, 3, 1, 2, 3]]) {
    assert.throws(() => decodeServerMessage(Uint8Array.from(bytes)), RangeError, String(bytes));
  }
  assert.throws(() => encodePing(-1), RangeError);
  assert.throws(() => encodePing(0.5), RangeError);
});
