/** The 3D view: avatars in a studio, looked at from wherever the user turns the camera. */

import {
  AmbientLight, CanvasTexture, CircleGeometry, Color, DirectionalLight, Fog, Group, HemisphereLight, Mesh, MeshBasicMaterial,
  MeshStandardMaterial, NeutralToneMapping, PCFShadowMap, PerspectiveCamera, PlaneGeometry, RingGeometry, Scene, TextureLoader, Vector3,
  WebGLRenderer,
} from "../../vendor/three/three.module.min.js";
import { GLTFLoader } from "../../vendor/three/GLTFLoader.js";
import { OrbitControls } from "../../vendor/three/OrbitControls.js";
import { clone } from "../../vendor/three/SkeletonUtils.js";
import { mirrorRotations } from "../motion/quaternion.js";
import { OPPOSITE_BONES } from "../protocol/anatomy.js";
import { Humanoid, humanoidNodes } from "./vrm.js";

const AVATAR_URL = new URL("../../avatar.glb", import.meta.url);
const HOME = new Vector3(0, 1.35, 3.9);
const TARGET = new Vector3(0, 0.92, 0);
const SPACING = 1.15;
const FIELD_OF_VIEW = 34;
const ORBIT_STEP = Math.PI / 24;

const shadeGeometry = new PlaneGeometry(1.15, 1.15);
let shadeMaterial = null;

export class AvatarView {
  #canvas;
  #renderer;
  #scene = new Scene();
  #camera = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.1, 60);
  #controls;
  #key;
  /** @type {import("../../vendor/three/three.module.min.js").Object3D | null} */
  #model = null;
  #boneNames = new Map();
  /** @type {Map<number, Avatar>} by person */
  #avatars = new Map();
  #resting = null;
  #slots = new Map();
  #detail = new Detail();
  #mirrored = new Float32Array(0);

  /**
   * Throws where the browser offers no WebGL.
   * @param {HTMLCanvasElement} canvas
   */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#renderer = new WebGLRenderer({ canvas, antialias: true, powerPreference: "high-performance" });
    this.#renderer.toneMapping = NeutralToneMapping;
    this.#renderer.toneMappingExposure = 1.05;
    this.#renderer.shadowMap.enabled = true;
    this.#renderer.shadowMap.type = PCFShadowMap;
    this.#furnish();
    this.#controls = new OrbitControls(this.#camera, canvas);
    Object.assign(this.#controls, {
      enableDamping: true, dampingFactor: 0.12, minDistance: 1.2, maxDistance: 9, maxPolarAngle: Math.PI * 0.52, zoomSpeed: 0.7,
    });
    this.home();
    canvas.addEventListener("keydown", (event) => this.#steer(event));
  }

  /** Loads the avatar. */
  async load() {
    const loader = new GLTFLoader();
    // Pictures inside the file become <img>s: fetching their blobs would need a wider content policy.
    loader.register((parser) => {
      parser.textureLoader = new TextureLoader(parser.options.manager);
      return { name: "livedance_image_textures" };
    });
    const gltf = await loader.loadAsync(AVATAR_URL.href);
    this.#model = gltf.scene;
    this.#model.traverse((object) => {
      if (object.isMesh) {
        object.castShadow = true;
        object.receiveShadow = true;
        // Skinned meshes leave the box that they have at rest.
        object.frustumCulled = false;
      }
    });
    for (const [bone, node] of await humanoidNodes(gltf)) this.#boneNames.set(bone, node.name);
    this.#resting = new Avatar(this.#model, this.#boneNames, this.#scene);
    this.#resting.relax();
  }

  /** The camera goes back to where it was at first. */
  home() {
    this.#camera.position.copy(HOME);
    this.#controls.target.copy(TARGET);
    this.#controls.update();
  }

  /** @param {boolean} reduced whether motion that nobody asked for is left out */
  set reducedMotion(reduced) {
    this.#controls.enableDamping = !reduced;
  }

  /**
   * @param {import("../motion/timeline.js").ShownPerson[]} people
   * @param {boolean} mirror
   * @param {number} now milliseconds
   */
  draw(people, mirror, now) {
    if (this.#model) this.#detail.measure(now);
    if (!this.#detail.isDue()) return;
    this.#fit();
    if (this.#model) this.#pose(people, mirror);
    this.#controls.update();
    this.#renderer.render(this.#scene, this.#camera);
  }

  #pose(people, mirror) {
    // Avatars do not fade: who goes is gone, or somebody who was lost and found would stand beside themselves.
    const seen = people.filter((person) => person.rig && person.isThere);
    this.#seat(seen, mirror);
    for (const [id, avatar] of this.#avatars) {
      if (!seen.some((person) => person.id === id)) {
        avatar.dispose();
        this.#avatars.delete(id);
      }
    }
    // Nobody is seen: the last one stays in the studio instead of an empty floor.
    this.#resting.root.visible = seen.length === 0;
    for (const person of seen) {
      let avatar = this.#avatars.get(person.id);
      if (!avatar) {
        avatar = new Avatar(this.#model, this.#boneNames, this.#scene);
        this.#avatars.set(person.id, avatar);
      }
      avatar.root.visible = true;
      avatar.root.position.x += (this.#slots.get(person.id) - avatar.root.position.x) * (avatar.isPlaced ? 0.08 : 1);
      avatar.isPlaced = true;
      const { hips, rotations } = mirror ? this.#mirror(person.rig) : person.rig;
      avatar.apply(hips, rotations);
      if (person === seen[0]) this.#resting.apply(hips, rotations);
    }
  }

  /** Several people stand beside one another as they do in the picture. */
  #seat(people, mirror) {
    const across = (person) => (mirror ? -1 : 1) * (person.landmarks.length > 0 ? (person.landmarks[23 * 5] + person.landmarks[24 * 5]) / 2 : 0);
    const order = people.toSorted((a, b) => across(a) - across(b));
    this.#slots.clear();
    order.forEach((person, index) => this.#slots.set(person.id, (index - (order.length - 1) / 2) * SPACING));
  }

  #mirror({ hips, rotations }) {
    if (this.#mirrored.length !== rotations.length) this.#mirrored = new Float32Array(rotations.length);
    mirrorRotations(rotations, OPPOSITE_BONES, this.#mirrored);
    return { hips: [-hips[0], hips[1], hips[2]], rotations: this.#mirrored };
  }

  #furnish() {
    const ground = new Color("#1a1c24");
    this.#scene.background = ground;
    this.#scene.fog = new Fog(ground, 6, 13);
    this.#scene.add(new HemisphereLight("#eef1ff", "#4a3f45", 1.9), new AmbientLight("#ffffff", 0.35));
    const key = new DirectionalLight("#fff2e2", 2.6);
    key.position.set(1.3, 4.2, 3.6);
    key.castShadow = true;
    key.shadow.mapSize.set(1024, 1024);
    Object.assign(key.shadow.camera, { left: -2.6, right: 2.6, top: 2.6, bottom: -2.2, near: 0.5, far: 11 });
    key.shadow.bias = -0.0004;
    key.shadow.normalBias = 0.025;
    key.shadow.radius = 5;
    this.#key = key;
    const rim = new DirectionalLight("#b4c2ff", 1.4);
    rim.position.set(-2.4, 2.6, -3);
    const warm = new DirectionalLight("#ff9fc4", 0.5);
    warm.position.set(-3, 1.2, 2);
    this.#scene.add(key, rim, warm);
    const floor = new Mesh(new CircleGeometry(14, 64), new MeshStandardMaterial({ color: "#3b3d47", roughness: 0.95 }));
    floor.rotation.x = -Math.PI / 2;
    floor.receiveShadow = true;
    this.#scene.add(floor, ...rings());
  }

  #fit() {
    const width = this.#canvas.clientWidth;
    const height = this.#canvas.clientHeight;
    if (width === 0 || height === 0) return;
    const { scale, shadows } = this.#detail.level;
    this.#key.castShadow = shadows;
    const ratio = Math.min(devicePixelRatio || 1, 2) * scale;
    if (this.#canvas.width !== Math.floor(width * ratio) || this.#canvas.height !== Math.floor(height * ratio)) {
      this.#renderer.setPixelRatio(ratio);
      this.#renderer.setSize(width, height, false);
      this.#camera.aspect = width / height;
    }
    this.#widen();
  }

  /** Looks as wide as it takes to see everybody's arms, from where the camera stands at first. */
  #widen() {
    const across = 1.9 + Math.max(0, this.#slots.size - 1) * SPACING;
    const needed = (across / 2 / HOME.z / this.#camera.aspect) * 1.05;
    const fov = Math.min(80, Math.max(FIELD_OF_VIEW, (2 * Math.atan(needed) * 180) / Math.PI));
    if (Math.abs(fov - this.#camera.fov) > 0.01) this.#camera.fov += (fov - this.#camera.fov) * 0.1;
    this.#camera.updateProjectionMatrix();
  }

  /** Arrow keys turn, plus and minus go nearer and away, Home comes back. */
  #steer(event) {
    const offset = this.#camera.position.clone().sub(this.#controls.target);
    const turn = (angle) => offset.applyAxisAngle(new Vector3(0, 1, 0), angle);
    const tilt = (angle) => {
      const polar = Math.acos(offset.y / offset.length()) + angle;
      if (polar < 0.15 || polar > this.#controls.maxPolarAngle) return;
      offset.applyAxisAngle(new Vector3(offset.z, 0, -offset.x).normalize(), angle);
    };
    const zoom = (factor) => offset.setLength(Math.min(9, Math.max(1.2, offset.length() * factor)));
    const steps = {
      ArrowLeft: () => turn(-ORBIT_STEP), ArrowRight: () => turn(ORBIT_STEP),
      ArrowUp: () => tilt(-ORBIT_STEP), ArrowDown: () => tilt(ORBIT_STEP),
      "+": () => zoom(0.9), "=": () => zoom(0.9), "-": () => zoom(1 / 0.9),
    };
    if (event.key === "Home") this.home();
    else if (steps[event.key]) {
      steps[event.key]();
      this.#camera.position.copy(this.#controls.target).add(offset);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** One copy of the model in the scene. */
class Avatar {
  isPlaced = false;
  #humanoid;
  #shade;

  constructor(model, boneNames, scene) {
    this.root = new Group();
    const body = clone(model);
    this.root.add(body);
    const nodes = new Map();
    for (const [bone, name] of boneNames) {
      const node = body.getObjectByName(name);
      if (node) nodes.set(bone, node);
    }
    this.#shade = shade();
    this.root.add(this.#shade);
    scene.add(this.root);
    this.#humanoid = new Humanoid(this.root, nodes);
  }

  apply(hips, rotations) {
    this.root.updateWorldMatrix(true, true);
    this.#humanoid.apply(hips, rotations);
    this.#shade.position.set(hips[0], 0.004, hips[2]);
  }

  relax() {
    this.#humanoid.relax();
  }

  dispose() {
    this.root.removeFromParent();
    this.root.traverse((object) => object.skeleton?.dispose());
  }
}

/** The soft dark spot where somebody stands; there even where the machine is too slow for true shadows. */
function shade() {
  if (!shadeMaterial) {
    const canvas = Object.assign(document.createElement("canvas"), { width: 128, height: 128 });
    const context = canvas.getContext("2d");
    const gradient = context.createRadialGradient(64, 64, 0, 64, 64, 64);
    gradient.addColorStop(0, "rgb(0 0 0 / 70%)");
    gradient.addColorStop(0.45, "rgb(0 0 0 / 32%)");
    gradient.addColorStop(1, "rgb(0 0 0 / 0%)");
    context.fillStyle = gradient;
    context.fillRect(0, 0, 128, 128);
    shadeMaterial = new MeshBasicMaterial({ map: new CanvasTexture(canvas), transparent: true, depthWrite: false, fog: false });
  }
  const mesh = new Mesh(shadeGeometry, shadeMaterial);
  mesh.rotation.x = -Math.PI / 2;
  mesh.renderOrder = 1;
  return mesh;
}

/** Circles on the floor, so that turning the camera and stepping aside can be seen. */
function rings() {
  return [0.9, 1.8, 2.7, 3.6].map((radius) => {
    const ring = new Mesh(
      new RingGeometry(radius - 0.006, radius + 0.006, 96),
      new MeshBasicMaterial({ color: "#9aa2ba", transparent: true, opacity: 0.22 }),
    );
    ring.rotation.x = -Math.PI / 2;
    ring.position.y = 0.002;
    return ring;
  });
}

/** Draws with fewer pixels, at last without shadows and less often, where the machine cannot keep up. */
class Detail {
  static #LEVELS = [
    { scale: 1, shadows: true, every: 1 }, { scale: 0.75, shadows: true, every: 1 }, { scale: 0.6, shadows: true, every: 1 },
    { scale: 0.5, shadows: false, every: 2 }, { scale: 0.4, shadows: false, every: 3 },
  ];
  #level = 0;
  #last = NaN;
  #late = 0;
  #count = 0;

  get level() {
    return Detail.#LEVELS[this.#level];
  }

  /** @returns {boolean} whether this picture is to be drawn */
  isDue() {
    this.#count += 1;
    return this.#count % this.level.every === 0;
  }

  /** @param {number} now milliseconds */
  measure(now) {
    const elapsed = now - this.#last;
    this.#last = now;
    // Longer gaps are a hidden page's.
    if (!(elapsed < 1500)) return;
    // Two seconds of being late in all, at 25 pictures a second or less, are no hitch any more.
    this.#late = elapsed > 40 ? this.#late + elapsed : Math.max(0, this.#late - elapsed / 2);
    if (this.#late < 2000 || this.#level === Detail.#LEVELS.length - 1) return;
    this.#late = 0;
    this.#level += 1;
  }
}
