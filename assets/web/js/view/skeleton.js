/** The skeleton over the picture. */

import { HAND_CONNECTIONS, POSE_CONNECTIONS } from "../protocol/anatomy.js";

const BODY = "#ff5ca8";
const BODY_DOT = "#ffd6e9";
const HAND = "#2fe0c8";
const HAND_DOT = "#d3fff8";
const HIDDEN_ALPHA = 0.16;
// Wrist to pinky, index and thumb of the body's own landmarks: the hand's skeleton shows them better.
const PALM = { left: new Set([17, 19, 21]), right: new Set([18, 20, 22]) };
const FACE_LAST = 10;

/**
 * Where a picture lies in an element that shows it whole (`object-fit: contain`).
 * @param {number} boxWidth @param {number} boxHeight @param {number} width of the picture @param {number} height
 */
export function fitted(boxWidth, boxHeight, width, height) {
  const scale = Math.min(boxWidth / width, boxHeight / height);
  return { x: (boxWidth - width * scale) / 2, y: (boxHeight - height * scale) / 2, width: width * scale, height: height * scale };
}

/**
 * How clearly a landmark is drawn: faded below visibility 0.5, without a hard step there.
 * @param {number} visibility 0 to 1
 */
export function clarity(visibility) {
  const share = Math.min(1, Math.max(0, (visibility - 0.42) / 0.16));
  return HIDDEN_ALPHA + (1 - HIDDEN_ALPHA) * share;
}

export class SkeletonView {
  #canvas;
  #context;

  /** @param {HTMLCanvasElement} canvas that lies exactly over the video */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
  }

  /**
   * @param {import("../motion/timeline.js").ShownPerson[]} people
   * @param {{width: number, height: number, mirror: boolean}} picture
   */
  draw(people, { width, height, mirror }) {
    const ratio = Math.min(2, devicePixelRatio || 1);
    const canvas = this.#canvas;
    const wide = Math.round(canvas.clientWidth * ratio);
    const high = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    const context = this.#context;
    context.clearRect(0, 0, wide, high);
    if (people.length === 0 || width === 0) return;
    const box = fitted(wide, high, width, height);
    const place = (landmarks, at) => [
      box.x + (mirror ? 1 - landmarks[at] : landmarks[at]) * box.width,
      box.y + landmarks[at + 1] * box.height,
    ];
    context.lineCap = "round";
    const unit = Math.max(1.6 * ratio, Math.min(box.width, box.height) / 190);
    for (const person of people) {
      this.#body(person, place, unit);
      if (person.leftHand) this.#hand(person.leftHand, person.alpha, place, unit);
      if (person.rightHand) this.#hand(person.rightHand, person.alpha, place, unit);
    }
    context.globalAlpha = 1;
  }

  #body(person, place, unit) {
    const { landmarks, alpha } = person;
    if (landmarks.length === 0) return;
    const left = (person.leftHand?.alpha ?? 0) > 0.5;
    const right = (person.rightHand?.alpha ?? 0) > 0.5;
    const leftOut = (index) => (left && PALM.left.has(index)) || (right && PALM.right.has(index));
    const clear = (index) => clarity(landmarks[index * 5 + 3]) * alpha;
    const context = this.#context;
    // A dark edge keeps the lines apart from bright pictures.
    for (const edge of [true, false]) {
      context.strokeStyle = edge ? "#12060d" : BODY;
      for (const [a, b] of POSE_CONNECTIONS) {
        if (leftOut(a) || leftOut(b)) continue;
        const thickness = a <= FACE_LAST ? 0.8 : 1.5;
        context.lineWidth = unit * thickness + (edge ? unit * 0.9 : 0);
        context.globalAlpha = Math.min(clear(a), clear(b)) * (edge ? 0.45 : 1);
        this.#line(place(landmarks, a * 5), place(landmarks, b * 5));
      }
    }
    context.fillStyle = BODY_DOT;
    for (let index = 0; index * 5 < landmarks.length; index++) {
      if (leftOut(index)) continue;
      context.globalAlpha = clear(index);
      this.#dot(place(landmarks, index * 5), unit * (index <= FACE_LAST ? 0.7 : 1.35));
    }
  }

  #hand({ landmarks, alpha }, personAlpha, place, unit) {
    const context = this.#context;
    for (const edge of [true, false]) {
      context.strokeStyle = edge ? "#03110f" : HAND;
      context.lineWidth = unit * (edge ? 1.5 : 0.9);
      context.globalAlpha = alpha * personAlpha * (edge ? 0.4 : 1);
      for (const [a, b] of HAND_CONNECTIONS) this.#line(place(landmarks, a * 3), place(landmarks, b * 3));
    }
    context.fillStyle = HAND_DOT;
    for (let at = 0; at < landmarks.length; at += 3) this.#dot(place(landmarks, at), unit * 0.6);
  }

  #line([ax, ay], [bx, by]) {
    const context = this.#context;
    context.beginPath();
    context.moveTo(ax, ay);
    context.lineTo(bx, by);
    context.stroke();
  }

  #dot([x, y], radius) {
    const context = this.#context;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }
}
