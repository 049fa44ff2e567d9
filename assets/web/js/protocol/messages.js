/**
 * The messages of `livedance.v1` (the schema lies in the server's source, `src/wire/proto/livedance.proto`).
 *
 * @typedef {object} Configure
 * @property {boolean} [hands]
 * @property {number} [people]
 * @property {number} [shortSide]
 * @property {SmoothingName} [smoothing]
 * @property {OrderingName} [ordering]
 * @property {boolean} [rig]
 *
 * @typedef {"none" | "ema" | "one-euro" | "mediapipe"} SmoothingName
 * @typedef {"latest" | "sequence"} OrderingName
 *
 * @typedef {object} Configured
 * @property {boolean} hands
 * @property {number} people
 * @property {number} shortSide
 * @property {SmoothingName | ""} smoothing
 * @property {OrderingName | ""} ordering
 * @property {boolean} rig
 * @property {string} server
 * @property {string} model
 * @property {number} maxMessageBytes
 * @property {number} maxSidePx
 * @property {number} maxFramesPerSecond 0 where there is no limit
 *
 * @typedef {object} Hand
 * @property {number} score
 * @property {Float32Array} landmarks 21 × (x, y, z), pixels
 * @property {Float32Array} world 21 × (x, y, z), metres
 *
 * @typedef {object} Rig
 * @property {Float32Array} hips x, y, z, metres
 * @property {Float32Array} rotations four numbers a bone, in the order of `HUMANOID_BONES`
 *
 * @typedef {object} Person
 * @property {number} id
 * @property {number} score
 * @property {Float32Array} landmarks 33 × (x, y, z, visibility, presence), pixels; empty where only hands were looked for
 * @property {Float32Array} world the same in metres
 * @property {Float32Array} anglesDeg in the order of `ANGLE_NAMES`, NaN where hidden
 * @property {Hand | null} leftHand
 * @property {Hand | null} rightHand
 * @property {Rig | null} rig
 * @property {number} sizePx
 * @property {boolean} isNew
 *
 * @typedef {Record<TimingName, number>} Timings milliseconds
 * @typedef {"wait" | "decode" | "downscale" | "detect" | "pose" | "hands" | "angles" | "smoothing" | "total"} TimingName
 *
 * @typedef {object} Pose
 * @property {number} sequence
 * @property {number} capturedAtUs
 * @property {number} width
 * @property {number} height
 * @property {Person[]} people
 * @property {Timings} timings
 * @property {number} dropped
 *
 * @typedef {{kind: "configured", configured: Configured} | {kind: "pose", pose: Pose}
 *   | {kind: "error", error: {code: string, message: string, sequence: number | null}}
 *   | {kind: "pong", token: number} | {kind: "unknown"}} ServerMessage
 */

import { Reader, Writer } from "./protobuf.js";

/** Values of the enum `Smoothing`. */
export const SMOOTHING = ["", "none", "ema", "one-euro", "mediapipe"];
/** Values of the enum `Ordering`. */
export const ORDERING = ["", "latest", "sequence"];
/** Fields of `Timings`, from 1 on. */
export const TIMING_NAMES = ["wait", "decode", "downscale", "detect", "pose", "hands", "angles", "smoothing", "total"];

const NO_FLOATS = new Float32Array(0);

/** @param {Configure} configure what is left out is as the server has it */
export function encodeConfigure(configure) {
  const inner = new Writer();
  if (configure.hands !== undefined) inner.bool(1, configure.hands, true);
  if (configure.people !== undefined) inner.uint(2, configure.people, true);
  if (configure.shortSide !== undefined) inner.uint(3, configure.shortSide, true);
  if (configure.smoothing !== undefined) inner.uint(4, valueOf(SMOOTHING, configure.smoothing), true);
  if (configure.ordering !== undefined) inner.uint(5, valueOf(ORDERING, configure.ordering), true);
  if (configure.rig !== undefined) inner.bool(6, configure.rig, true);
  return new Writer().message(1, inner).finish();
}

/**
 * @param {number} sequence
 * @param {number} capturedAtUs whole microseconds
 * @param {Uint8Array} jpeg
 */
export function encodeFrame(sequence, capturedAtUs, jpeg) {
  return new Writer().message(2, new Writer().uint(1, sequence).uint(2, capturedAtUs).bytes(3, jpeg)).finish();
}

/** @param {number} token comes back in the answer */
export function encodePing(token) {
  return new Writer().message(3, new Writer().uint(1, token)).finish();
}

/**
 * @param {Uint8Array} bytes
 * @returns {ServerMessage}
 */
export function decodeServerMessage(bytes) {
  const reader = new Reader(bytes);
  /** @type {ServerMessage} */
  let message = { kind: "unknown" };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        message = { kind: "configured", configured: readConfigured(reader.message()) };
        break;
      case 2:
        message = { kind: "pose", pose: readPose(reader.message()) };
        break;
      case 3:
        message = { kind: "error", error: readError(reader.message()) };
        break;
      case 4:
        message = { kind: "pong", token: readToken(reader.message()) };
        break;
      default:
        reader.skip();
    }
  }
  return message;
}

function valueOf(names, name) {
  return Math.max(0, names.indexOf(name));
}

/** Reads every field with the function of its number, leaving out the unknown ones. */
function readFields(reader, fields) {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    const read = fields[field];
    if (read) read(reader);
    else reader.skip();
  }
}

function readConfigured(reader) {
  const it = {
    hands: false, people: 0, shortSide: 0, smoothing: "", ordering: "", rig: false, server: "", model: "",
    maxMessageBytes: 0, maxSidePx: 0, maxFramesPerSecond: 0,
  };
  readFields(reader, {
    1: (r) => (it.hands = r.bool()),
    2: (r) => (it.people = r.uint()),
    3: (r) => (it.shortSide = r.uint()),
    4: (r) => (it.smoothing = SMOOTHING[r.uint()] ?? ""),
    5: (r) => (it.ordering = ORDERING[r.uint()] ?? ""),
    6: (r) => (it.rig = r.bool()),
    7: (r) => (it.server = r.string()),
    8: (r) => (it.model = r.string()),
    9: (r) => (it.maxMessageBytes = r.uint()),
    10: (r) => (it.maxSidePx = r.uint()),
    11: (r) => (it.maxFramesPerSecond = r.double()),
  });
  return it;
}

function readPose(reader) {
  const it = {
    sequence: 0, capturedAtUs: 0, width: 0, height: 0, people: [], dropped: 0,
    timings: Object.fromEntries(TIMING_NAMES.map((name) => [name, 0])),
  };
  readFields(reader, {
    1: (r) => (it.sequence = r.uint()),
    2: (r) => (it.capturedAtUs = r.uint()),
    3: (r) => (it.width = r.uint()),
    4: (r) => (it.height = r.uint()),
    5: (r) => it.people.push(readPerson(r.message())),
    6: (r) => readTimings(r.message(), it.timings),
    7: (r) => (it.dropped = r.uint()),
  });
  return it;
}

function readPerson(reader) {
  const it = {
    id: 0, score: 0, landmarks: NO_FLOATS, world: NO_FLOATS, anglesDeg: NO_FLOATS,
    leftHand: null, rightHand: null, rig: null, sizePx: 0, isNew: false,
  };
  readFields(reader, {
    1: (r) => (it.id = r.uint()),
    2: (r) => (it.score = r.float()),
    3: (r) => (it.landmarks = r.floats(it.landmarks)),
    4: (r) => (it.world = r.floats(it.world)),
    5: (r) => (it.anglesDeg = r.floats(it.anglesDeg)),
    6: (r) => (it.leftHand = readHand(r.message())),
    7: (r) => (it.rightHand = readHand(r.message())),
    8: (r) => (it.rig = readRig(r.message())),
    9: (r) => (it.sizePx = r.float()),
    10: (r) => (it.isNew = r.bool()),
  });
  return it;
}

function readHand(reader) {
  const it = { score: 0, landmarks: NO_FLOATS, world: NO_FLOATS };
  readFields(reader, {
    1: (r) => (it.score = r.float()),
    2: (r) => (it.landmarks = r.floats(it.landmarks)),
    3: (r) => (it.world = r.floats(it.world)),
  });
  return it;
}

function readRig(reader) {
  const it = { hips: NO_FLOATS, rotations: NO_FLOATS };
  readFields(reader, {
    1: (r) => (it.hips = r.floats(it.hips)),
    2: (r) => (it.rotations = r.floats(it.rotations)),
  });
  return it;
}

function readTimings(reader, into) {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    const name = TIMING_NAMES[field - 1];
    if (name) into[name] = reader.float();
    else reader.skip();
  }
}

function readError(reader) {
  const it = { code: "", message: "", sequence: null };
  readFields(reader, {
    1: (r) => (it.code = r.string()),
    2: (r) => (it.message = r.string()),
    3: (r) => (it.sequence = r.uint()),
  });
  return it;
}

function readToken(reader) {
  let token = 0;
  readFields(reader, { 1: (r) => (token = r.uint()) });
  return token;
}
