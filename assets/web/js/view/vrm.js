/**
 * A VRM 1.0 humanoid moved by rotations of the normalised rig (rest pose T, facing +z, every bone's rest rotation the identity).
 */

import { Quaternion, Vector3 } from "../../vendor/three/three.module.min.js";
import { HUMANOID_BONES } from "../protocol/anatomy.js";

/**
 * The nodes of the humanoid's bones by name, from a file's `VRMC_vrm`.
 * @param {import("../../vendor/three/GLTFLoader.js").GLTF} gltf
 * @returns {Promise<Map<string, import("../../vendor/three/three.module.min.js").Object3D>>}
 */
export async function humanoidNodes(gltf) {
  const bones = gltf.parser.json.extensions?.VRMC_vrm?.humanoid?.humanBones ?? {};
  const nodes = new Map();
  for (const [name, { node }] of Object.entries(bones)) nodes.set(name, await gltf.parser.getDependency("node", node));
  return nodes;
}

/** One avatar's bones. */
export class Humanoid {
  #bones;
  #root;
  #rotation = new Quaternion();
  #place = new Vector3();

  /**
   * @param {import("../../vendor/three/three.module.min.js").Object3D} root of the avatar, at rest
   * @param {Map<string, import("../../vendor/three/three.module.min.js").Object3D>} nodes of its bones by VRM's names
   */
  constructor(root, nodes) {
    this.#root = root;
    root.updateWorldMatrix(true, true);
    const rootTurn = root.getWorldQuaternion(new Quaternion()).invert();
    this.#bones = HUMANOID_BONES.map((name) => {
      const node = nodes.get(name);
      if (!node) return null;
      const parent = node.parent.getWorldQuaternion(new Quaternion()).premultiply(rootTurn);
      return { node, rest: node.quaternion.clone(), parent, fromParent: parent.clone().invert() };
    });
    if (!this.#bones[0]) throw new Error("the avatar has no hips");
  }

  /** Stands at ease: as in the file, but with the arms down. */
  relax() {
    const rotations = new Float32Array(HUMANOID_BONES.length * 4);
    for (let at = 3; at < rotations.length; at += 4) rotations[at] = 1;
    for (const [name, degrees] of [["leftUpperArm", -68], ["rightUpperArm", 68], ["leftLowerArm", -8], ["rightLowerArm", 8]]) {
      const half = (degrees * Math.PI) / 360;
      const at = HUMANOID_BONES.indexOf(name) * 4;
      rotations[at + 2] = Math.sin(half);
      rotations[at + 3] = Math.cos(half);
    }
    const hips = this.#root.worldToLocal(this.#bones[0].node.getWorldPosition(this.#place));
    this.apply(Float32Array.of(hips.x, hips.y, hips.z), rotations);
  }

  /**
   * Normalised rotations become the file's own: seen from the parent at rest, before the bone's own rest rotation.
   * @param {Float32Array} hips x, y, z from the avatar's place on the floor, metres
   * @param {Float32Array} rotations four numbers a bone
   */
  apply(hips, rotations) {
    for (let index = 0; index < this.#bones.length; index++) {
      const bone = this.#bones[index];
      if (!bone || index * 4 + 4 > rotations.length) continue;
      this.#rotation.fromArray(rotations, index * 4);
      bone.node.quaternion.copy(bone.fromParent).multiply(this.#rotation).multiply(bone.parent).multiply(bone.rest);
    }
    const { node } = this.#bones[0];
    this.#place.fromArray(hips);
    this.#root.localToWorld(this.#place);
    node.parent.worldToLocal(this.#place);
    node.position.copy(this.#place);
  }
}
