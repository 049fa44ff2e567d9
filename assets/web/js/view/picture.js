/** The picture as late as the skeleton, so that both show the same moment. */

import { fitted } from "./skeleton.js";

// Enough for a delay of over half a second at 30 pictures a second; later results are shown over the oldest that is kept.
const KEPT = 18;

export class PictureView {
  #canvas;
  #context;
  #video;
  /** @type {{takenAt: number, bitmap: ImageBitmap}[]} oldest first */
  #pictures = [];
  #shown = null;
  #run = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLVideoElement} video
   */
  constructor(canvas, video) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false });
    this.#video = video;
  }

  /** Keeps what the video shows now. @param {number} takenAt milliseconds */
  async add(takenAt) {
    const run = this.#run;
    let bitmap;
    try {
      bitmap = await createImageBitmap(this.#video);
    } catch {
      // The source was changed in the middle.
      return;
    }
    if (run !== this.#run) {
      bitmap.close();
      return;
    }
    this.#pictures.push({ takenAt, bitmap });
    if (this.#pictures.length > KEPT) this.#pictures.shift().bitmap.close();
  }

  /** Forgets every picture. */
  clear() {
    this.#run += 1;
    for (const { bitmap } of this.#pictures) bitmap.close();
    this.#pictures.length = 0;
    this.#shown = null;
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** Draws the picture of a moment. @param {number} moment milliseconds */
  draw(moment) {
    const picture = this.#pictures.findLast(({ takenAt }) => takenAt <= moment) ?? this.#pictures[0];
    const ratio = Math.min(2, devicePixelRatio || 1);
    const width = Math.round(this.#canvas.clientWidth * ratio);
    const height = Math.round(this.#canvas.clientHeight * ratio);
    const isResized = this.#canvas.width !== width || this.#canvas.height !== height;
    if (!picture || (picture === this.#shown && !isResized)) return;
    if (isResized) Object.assign(this.#canvas, { width, height });
    this.#shown = picture;
    const { bitmap } = picture;
    const box = fitted(width, height, bitmap.width, bitmap.height);
    this.#context.drawImage(bitmap, box.x, box.y, box.width, box.height);
  }
}
