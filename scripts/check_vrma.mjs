// Reads VRM animations with three-vrm-animation and compares the joints with the positions beside them. Run it through
// check_vrma.sh, which fetches the libraries.

import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, folder, ...names] = process.argv.slice(2);
// By file, as Node looks for packages beside this script only. These are the files that the libraries themselves import.
const load = (file) => import(pathToFileURL(path.join(modules, file)));
const THREE = await load("three/build/three.module.js");
const { GLTFLoader } = await load("three/examples/jsm/loaders/GLTFLoader.js");
const { VRMAnimationLoaderPlugin } = await load("@pixiv/three-vrm-animation/lib/three-vrm-animation.module.js");
const { VRMHumanBoneParentMap } = await load("@pixiv/three-vrm-core/lib/three-vrm-core.module.js");

// The loader says when it begins and ends to a browser's window.
globalThis.ProgressEvent ??= class {};

const LIMIT_M = 0.01;
// The format has no eyes.
const LOST = ["leftEye", "rightEye"];
let failed = false;

function check(what, isRight, found) {
  console.log(`${isRight ? "ok" : "FAILED"}  ${what}: ${found}`);
  failed ||= !isRight;
}

function sampled(track, time) {
  return Array.from(track.createInterpolant().evaluate(time));
}

/** Where the joints are when normalised rotations are put onto the T-pose. */
function joints(rest, animation, time) {
  const turns = {};
  const found = {};
  const place = (bone) => {
    if (found[bone]) {
      return;
    }
    let parent = VRMHumanBoneParentMap[bone];
    while (parent && !rest[parent]) {
      parent = VRMHumanBoneParentMap[parent];
    }
    const track = animation.humanoidTracks.rotation.get(bone);
    const own = new THREE.Quaternion(...(track ? sampled(track, time) : [0, 0, 0, 1]));
    if (!parent) {
      turns[bone] = own;
      found[bone] = new THREE.Vector3(...sampled(animation.humanoidTracks.translation.get("hips"), time));
      return;
    }
    place(parent);
    turns[bone] = turns[parent].clone().multiply(own);
    const offset = new THREE.Vector3(...rest[bone]).sub(new THREE.Vector3(...rest[parent]));
    found[bone] = offset.applyQuaternion(turns[parent]).add(found[parent]);
  };
  Object.keys(rest).forEach(place);
  return found;
}

for (const name of names) {
  const bytes = readFileSync(path.join(folder, `${name}.vrma`));
  const expected = JSON.parse(readFileSync(path.join(folder, `${name}.json`), "utf8"));
  const loader = new GLTFLoader();
  loader.register((parser) => new VRMAnimationLoaderPlugin(parser));
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const gltf = await loader.parseAsync(data, "");
  const [animation] = gltf.userData.vrmAnimations;
  console.log(`check ${name}.vrma with three-vrm-animation`);
  const bones = Object.keys(expected.rest).filter((bone) => !LOST.includes(bone));
  const { rotation } = animation.humanoidTracks;
  check("bones", bones.every((bone) => rotation.has(bone)) && rotation.size === bones.length, rotation.size);
  check("duration", Math.abs(animation.duration - expected.duration_s) < 1e-4, `${animation.duration} s`);
  const hips = animation.restHipsPosition.distanceTo(new THREE.Vector3(...expected.rest.hips));
  check("hips at rest", hips < 1e-4, `${(hips * 1000).toFixed(3)} mm off`);
  const blink = animation.expressionTracks.preset.get("blink");
  check("blink", blink !== undefined && Math.max(...blink.values) > 0.9, blink && `${blink.times.length} keys`);
  for (const { frame, joints: wanted } of expected.samples) {
    const found = joints(expected.rest, animation, frame / expected.fps);
    const off = bones.map((bone) => found[bone].distanceTo(new THREE.Vector3(...wanted[bone])));
    check(`frame ${frame}`, Math.max(...off) < LIMIT_M, `at most ${(Math.max(...off) * 1000).toFixed(3)} mm off`);
  }
}
process.exit(failed ? 1 : 0);
