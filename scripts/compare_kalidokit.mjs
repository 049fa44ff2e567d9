// Compares LiveDance's avatar with Kalidokit's on the same landmarks: how far bones point from where the landmarks say,
// and how often they jump. Run it through compare_kalidokit.sh, which fetches Kalidokit.
//
// Kalidokit's conventions, as its own VRM example has them: the avatar is a mirror image (the avatar's right arm follows
// the person's left), rotations are Euler angles in the order XYZ, radians, set on the bones of a VRM 0 model, which faces
// -z in a T-pose with its right arm along +x, and whose scene is then turned about y to face the viewer. Hips take 0.7 of
// the hips' rotation, spine and chest 0.45 and 0.25 of the spine's. Hands are turned only where a hand solver has landmarks,
// feet and head are not part of Pose.solve: they stay as their parents are, which is also nearer to the landmarks here.
// The example eases every bone by 0.3 a frame; the row "eased" does that too, the other takes each pose as it is.
//
// Directions, thresholds and the 60 pictures a second are those of `livedance bench --quality --avatar`
// (src/motion/quality/avatar), whose figures stand beside them: degrees, median / 95th percentile; jumps, and in brackets
// how many of them the landmarks make too. LiveDance's jumps include the head's.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const [library, ...given] = process.argv.slice(2);
const Kalidokit = createRequire(import.meta.url)(library);
const clips = given.filter((argument) => !argument.startsWith("--"));
const BINARY = process.env.LIVEDANCE_BINARY;

const MIN_VISIBILITY = 0.5;
const MIN_LENGTH_M = 0.01;
const POP_DEG = 20;
const SHOWN_HZ = 60;
const EASE = 0.3;

// ---- vectors and quaternions ([x, y, z], [x, y, z, w]) ----

const sub = (a, b) => a.map((value, axis) => value - b[axis]);
const add = (a, b) => a.map((value, axis) => value + b[axis]);
const scaled = (a, factor) => a.map((value) => value * factor);
const dot = (a, b) => a.reduce((sum, value, axis) => sum + value * b[axis], 0);
const length = (a) => Math.sqrt(dot(a, a));
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const middle = (a, b) => scaled(add(a, b), 0.5);
const degrees = (radians) => (radians * 180) / Math.PI;
const angleBetween = (a, b) => degrees(Math.atan2(length(cross(a, b)), dot(a, b)));

const product = ([ax, ay, az, aw], [bx, by, bz, bw]) => [
  aw * bx + ax * bw + ay * bz - az * by,
  aw * by - ax * bz + ay * bw + az * bx,
  aw * bz + ax * by - ay * bx + az * bw,
  aw * bw - ax * bx - ay * by - az * bz,
];
const turned = (q, v) => {
  const t = scaled(cross(q, v), 2);
  return add(add(v, scaled(t, q[3])), cross(q, t));
};
const slerp = (a, b, t) => {
  let cosine = dot(a, b);
  const to = cosine < 0 ? scaled(b, -1) : b;
  cosine = Math.min(1, Math.abs(cosine));
  const angle = Math.acos(cosine);
  if (angle < 1e-6) return to;
  return add(scaled(a, Math.sin((1 - t) * angle) / Math.sin(angle)), scaled(to, Math.sin(t * angle) / Math.sin(angle)));
};
const quaternionAngle = (a, b) => degrees(2 * Math.acos(Math.min(1, Math.abs(dot(a, b)))));
/** three.js' Euler order XYZ: turns about x, then the new y, then the new z. */
const fromEuler = ({ x = 0, y = 0, z = 0 } = {}, share = 1) => {
  const about = (axis, angle) => {
    const q = [0, 0, 0, Math.cos((angle * share) / 2)];
    q[axis] = Math.sin((angle * share) / 2);
    return q;
  };
  return product(product(about(0, x), about(1, y)), about(2, z));
};

// ---- the avatar ----

const PARENTS = {
  hips: null,
  spine: "hips",
  chest: "spine",
  upperChest: "chest",
  leftShoulder: "upperChest",
  rightShoulder: "upperChest",
};
for (const side of ["left", "right"]) {
  Object.assign(PARENTS, {
    [`${side}UpperArm`]: `${side}Shoulder`,
    [`${side}LowerArm`]: `${side}UpperArm`,
    [`${side}Hand`]: `${side}LowerArm`,
    [`${side}IndexProximal`]: `${side}Hand`,
    [`${side}LittleProximal`]: `${side}Hand`,
    [`${side}UpperLeg`]: "hips",
    [`${side}LowerLeg`]: `${side}UpperLeg`,
    [`${side}Foot`]: `${side}LowerLeg`,
    [`${side}Toes`]: `${side}Foot`,
  });
}

/** The T-pose's joints of a glTF avatar, facing +z. */
function readJoints(file) {
  const data = readFileSync(file);
  const document = JSON.parse(data.subarray(20, 20 + data.readUInt32LE(12)).toString("utf8"));
  const places = new Map();
  const visit = (index, origin, rotation) => {
    const node = document.nodes[index];
    const place = add(origin, turned(rotation, node.translation ?? [0, 0, 0]));
    places.set(index, place);
    for (const child of node.children ?? []) visit(child, place, product(rotation, node.rotation ?? [0, 0, 0, 1]));
  };
  for (const index of document.scenes[document.scene ?? 0].nodes) visit(index, [0, 0, 0], [0, 0, 0, 1]);
  const bones = document.extensions.VRMC_vrm.humanoid.humanBones;
  return Object.fromEntries(Object.keys(PARENTS).map((bone) => [bone, places.get(bones[bone].node)]));
}

const ABOUT_FACE = [0, 1, 0, 0];
const REST = readJoints(path.join(ROOT, "assets/avatar/livedance.glb"));
/** The same joints as a VRM 0 model has them, facing -z. */
const REST_VRM0 = Object.fromEntries(Object.entries(REST).map(([bone, place]) => [bone, turned(ABOUT_FACE, place)]));

/** The rotations that Kalidokit's example sets, by bone. */
function rotationsOf(rig) {
  const rotations = {
    hips: fromEuler(rig.Hips.rotation, 0.7),
    spine: fromEuler(rig.Spine, 0.45),
    chest: fromEuler(rig.Spine, 0.25),
  };
  for (const side of ["Left", "Right"]) {
    for (const part of ["UpperArm", "LowerArm", "UpperLeg", "LowerLeg"]) {
      rotations[`${side.toLowerCase()}${part}`] = fromEuler(rig[`${side}${part}`]);
    }
  }
  return rotations;
}

/** Joints and turns with the model facing the viewer (+z), as a mirror image of the person. */
function posed(rotations) {
  const turns = {};
  const joints = {};
  for (const [bone, parent] of Object.entries(PARENTS)) {
    const own = rotations[bone] ?? [0, 0, 0, 1];
    turns[bone] = parent ? product(turns[parent], own) : product(ABOUT_FACE, own);
    joints[bone] = parent
      ? add(joints[parent], turned(turns[parent], sub(REST_VRM0[bone], REST_VRM0[parent])))
      : turned(ABOUT_FACE, REST_VRM0[bone]);
  }
  return { turns, joints };
}

// ---- the parts that are compared ----

const LANDMARKS = {
  UpperArm: [[11], [13]],
  LowerArm: [[13], [15]],
  Hand: [[15], [19, 17]],
  UpperLeg: [[23], [25]],
  LowerLeg: [[25], [27]],
  Foot: [[29], [31]],
};
const TO_RIGHT = 1;
const PARTS = [];
for (const side of ["left", "right"]) {
  const shift = side === "left" ? 0 : TO_RIGHT;
  // The mirror image: the person's left is the avatar's right.
  const shown = side === "left" ? "right" : "left";
  const chains = {
    UpperArm: ["upper_arms", ["UpperArm"], ["LowerArm"]],
    LowerArm: ["forearms", ["LowerArm"], ["Hand"]],
    Hand: ["hands", ["Hand"], ["IndexProximal", "LittleProximal"]],
    UpperLeg: ["thighs", ["UpperLeg"], ["LowerLeg"]],
    LowerLeg: ["shins", ["LowerLeg"], ["Foot"]],
    Foot: ["feet", ["Foot"], ["Toes"]],
  };
  for (const [bone, [name, from, to]] of Object.entries(chains)) {
    const [begin, end] = LANDMARKS[bone].map((points) => points.map((point) => point + shift));
    PARTS.push({
      name,
      bone: `${shown}${bone}`,
      landmarks: [begin, end],
      joints: [from.map((joint) => shown + joint), to.map((joint) => shown + joint)],
      level: bone === "Foot",
    });
  }
}
PARTS.push({
  name: "trunk",
  bone: "chest",
  landmarks: [[23, 24], [11, 12]],
  joints: [["leftUpperLeg", "rightUpperLeg"], ["leftUpperArm", "rightUpperArm"]],
});
const NAMES = [...new Set(PARTS.map((part) => part.name))];
const WATCHED = ["hips", "chest", ...PARTS.filter((part) => part.bone !== "chest").map((part) => part.bone)];

const average = (points) => middle(points[0], points[points.length - 1]);
/** From a world landmark (y down, z away) to the mirrored scene (y up, z towards the viewer). */
const mirrored = ([x, y, z]) => [-x, -y, -z];
const onFloor = (part, [x, y, z]) => (part.level ? [x, 0, z] : [x, y, z]);
const sourceDirection = (part, world) => {
  const [from, to] = part.landmarks.map((points) => average(points.map((point) => mirrored(world[point]))));
  return onFloor(part, sub(to, from));
};
const avatarDirection = (part, { joints }) => {
  const [from, to] = part.joints.map((names) => average(names.map((name) => joints[name])));
  return onFloor(part, sub(to, from));
};
/** What moves a bone in the landmarks: its own segment, the forearm for a hand, the line across the body for the trunk. */
const turnedInSource = (bone, before, after) => {
  const forearm = bone.replace("Hand", "LowerArm");
  const trunk = PARTS.filter((part) => part.name === "trunk" && (bone === "hips" || bone === "chest"));
  const own = PARTS.filter((part) => part.bone === bone || part.bone === forearm);
  const line = { hips: [24, 23], chest: [12, 11] }[bone];
  const segments = [...trunk, ...own].map((part) => (world) => {
    const [from, to] = part.landmarks.map((points) => average(points.map((point) => mirrored(world[point]))));
    return sub(to, from);
  });
  if (line) segments.push((world) => sub(mirrored(world[line[1]]), mirrored(world[line[0]])));
  return Math.max(...segments.map((segment) => angleBetween(segment(before), segment(after))));
};
const isVisible = (part, world) => part.landmarks.flat().every((point) => world[point][3] >= MIN_VISIBILITY);

// ---- running both ----

const solve = (world, image) => {
  const object = ([x, y, z, visibility]) => ({ x, y, z, visibility });
  return Kalidokit.Pose.solve(world.map(object), image.map(object), { runtime: "mediapipe", enableLegs: true });
};

function track(clip, folder) {
  const output = path.join(folder, "landmarks.jsonl");
  execFileSync(BINARY, ["track", clip, "--no-hands", "--short-side", "0", "-o", output], { stdio: ["ignore", "ignore", "inherit"] });
  return readFileSync(output, "utf8").trim().split("\n").map((line) => JSON.parse(line));
}

/** Kalidokit's rotations for each frame with somebody in it. */
function solveAll(frames, ease) {
  let before = null;
  const solved = [];
  for (const { time_s, width, height, people } of frames) {
    if (people.length === 0) {
      before = null;
      continue;
    }
    const { world, landmarks } = people[0];
    const image = landmarks.map(([x, y, z, visibility]) => [x / width, y / height, z / width, visibility]);
    let rotations = rotationsOf(solve(world, image));
    if (ease < 1 && before) {
      rotations = Object.fromEntries(Object.entries(rotations).map(([bone, q]) => [bone, slerp(before[bone], q, ease)]));
    }
    solved.push({ time_s, world, rotations, goes_on: before !== null });
    before = rotations;
  }
  return solved;
}

const quantile = (values, rank) => {
  const sorted = [...values].sort((a, b) => a - b);
  const place = rank * (sorted.length - 1);
  const [lower, upper] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return lower + (upper - lower) * (place - Math.floor(place));
};

function measure(solved) {
  const errors = Object.fromEntries(NAMES.map((name) => [name, []]));
  for (const { world, rotations } of solved) {
    const avatar = posed(rotations);
    for (const part of PARTS) {
      const source = sourceDirection(part, world);
      if (!isVisible(part, world) || length(source) < MIN_LENGTH_M) continue;
      errors[part.name].push(angleBetween(avatarDirection(part, avatar), source));
    }
  }
  let [pops, inSource] = [0, 0];
  for (let index = 1; index < solved.length; index += 1) {
    const [from, to] = [solved[index - 1], solved[index]];
    if (!to.goes_on) continue;
    // The pictures between two results, on one clock from the clip's beginning.
    const first = Math.ceil((from.time_s - solved[0].time_s) * SHOWN_HZ - 1e-6);
    const at = (picture) => {
      const t = (picture / SHOWN_HZ + solved[0].time_s - from.time_s) / (to.time_s - from.time_s);
      const share = Math.min(Math.max(t, 0), 1);
      const rotations = Object.entries(to.rotations).map(([bone, q]) => [bone, slerp(from.rotations[bone], q, share)]);
      const between = (a, b) => add(scaled(a.slice(0, 3), 1 - share), scaled(b.slice(0, 3), share));
      const world = to.world.map((point, landmark) => between(from.world[landmark], point));
      return { turns: posed(Object.fromEntries(rotations)).turns, world };
    };
    const last = Math.ceil((to.time_s - solved[0].time_s) * SHOWN_HZ - 1e-6);
    for (let picture = first, before = at(first); picture < last; picture += 1) {
      const after = at(picture + 1);
      const popped = WATCHED.filter((bone) => quaternionAngle(before.turns[bone], after.turns[bone]) > POP_DEG);
      pops += popped.length;
      inSource += popped.filter((bone) => turnedInSource(bone, before.world, after.world) > POP_DEG).length;
      before = after;
    }
  }
  const directions = NAMES.filter((name) => errors[name].length > 0).map((part) => ({
    part,
    median_deg: quantile(errors[part], 0.5),
    p95_deg: quantile(errors[part], 0.95),
  }));
  return { directions, pops, inSource };
}

function measureOurs(clip) {
  const output = execFileSync(BINARY, ["bench", clip, "--quality", "--avatar", "--json", "--no-hands", "--short-side", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 26,
  });
  const report = JSON.parse(output);
  return { directions: report.directions, pops: report.pops.count, inSource: report.pops.in_source };
}

/** Poses whose answer is known: a wrong reading of the conventions would show here. */
function checkConventions() {
  const person = (change) => {
    const world = Array.from({ length: 33 }, () => [0, -0.6, 0, 1]);
    const put = (point, [x, y, z]) => {
      // Given for the left side with y up and +z towards the camera.
      world[point] = [x, -y, -z, 1];
      world[point + 1] = [-x, -y, -z, 1];
    };
    // Elbows a little back, as people hold them: straight along an axis Kalidokit's angles jump.
    const points = {
      11: [0.17, 0.48, 0], 13: [0.43, 0.47, -0.01], 15: [0.68, 0.46, 0.01], 17: [0.77, 0.45, -0.02],
      19: [0.77, 0.45, 0.04], 23: [0.1, 0, 0], 25: [0.1, -0.42, 0], 27: [0.1, -0.82, 0], 29: [0.1, -0.87, -0.05],
      31: [0.1, -0.87, 0.16], ...change,
    };
    for (const [point, place] of Object.entries(points)) put(Number(point), place);
    return world;
  };
  const poses = {
    "T-pose": {},
    "arms down": { 13: [0.2, 0.22, -0.01], 15: [0.22, -0.03, 0.02], 17: [0.22, -0.12, 0], 19: [0.22, -0.12, 0.06] },
    "arms forward": { 13: [0.17, 0.48, 0.26], 15: [0.17, 0.48, 0.51], 17: [0.2, 0.48, 0.6], 19: [0.14, 0.48, 0.6] },
    squat: { 25: [0.14, -0.1, 0.4], 27: [0.12, -0.45, 0.2], 29: [0.12, -0.5, 0.15], 31: [0.12, -0.5, 0.36] },
  };
  console.log(`| pose | ${NAMES.join(" | ")} |\n| --- |${NAMES.map(() => " ---: |").join("")}`);
  for (const [name, change] of Object.entries(poses)) {
    const world = person(change);
    const image = world.map(([x, y, z]) => [0.5 + x * 0.25, 0.5 + y * 0.25, z * 0.25, 1]);
    const { directions } = measure([{ time_s: 0, world, rotations: rotationsOf(solve(world, image)), goes_on: false }]);
    console.log(`| ${name} | ${directions.map(({ p95_deg }) => p95_deg.toFixed(1)).join(" | ")} |`);
  }
}

if (given.includes("--check")) {
  checkConventions();
} else {
  const folder = mkdtempSync(path.join(tmpdir(), "livedance-compare-"));
  try {
    console.log(`| clip | solver | ${NAMES.join(" | ")} | pops |\n| --- | --- |${NAMES.map(() => " ---: |").join("")} ---: |`);
    for (const clip of clips.length > 0 ? clips : ["demo"]) {
      const frames = track(clip, folder);
      const rows = {
        LiveDance: measureOurs(clip),
        Kalidokit: measure(solveAll(frames, 1)),
        "Kalidokit, eased": measure(solveAll(frames, EASE)),
      };
      for (const [solver, { directions, pops, inSource }] of Object.entries(rows)) {
        const cells = NAMES.map((name) => {
          const found = directions.find(({ part }) => part === name);
          return found ? `${found.median_deg.toFixed(1)} / ${found.p95_deg.toFixed(1)}` : "-";
        });
        console.log(`| ${path.basename(clip)} | ${solver} | ${cells.join(" | ")} | ${pops} (${inSource}) |`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
