/** JPEG files of what a video shows just now. */

/**
 * The size of a picture whose shorter side is at most `side`; never larger than it was.
 * @param {number} width
 * @param {number} height
 * @param {number} side
 */
export function scaledSize(width, height, side) {
  const scale = Math.min(1, side / Math.min(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Encodes in a worker where the browser can, else on a canvas of the page. */
export class Encoder {
  /** @type {Worker | null} */
  #worker = null;
  #nextId = 0;
  /** @type {Map<number, {resolve: (jpeg: Uint8Array<ArrayBuffer>) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #canvas = null;

  constructor() {
    if (typeof OffscreenCanvas === "undefined" || typeof createImageBitmap === "undefined") return;
    try {
      this.#worker = new Worker(new URL("./encode_worker.js", import.meta.url));
      this.#worker.onmessage = ({ data }) => {
        const waiting = this.#waiting.get(data.id);
        this.#waiting.delete(data.id);
        if (data.error) waiting?.reject(new Error(data.error));
        else waiting?.resolve(new Uint8Array(data.jpeg));
      };
      this.#worker.onerror = () => this.#withoutWorker();
    } catch {
      this.#withoutWorker();
    }
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {number} side longest that the shorter side may be, pixels
   * @param {number} quality 0 to 1
   * @returns {Promise<{jpeg: Uint8Array<ArrayBuffer>, width: number, height: number}>}
   */
  async encode(video, side, quality) {
    const { width, height } = scaledSize(video.videoWidth, video.videoHeight, side);
    const jpeg = this.#worker ? await this.#inWorker(video, width, height, quality) : await this.#here(video, width, height, quality);
    return { jpeg, width, height };
  }

  async #inWorker(video, width, height, quality) {
    const bitmap = await createImageBitmap(video);
    if (!this.#worker) return this.#here(video, width, height, quality);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, bitmap, width, height, quality }, [bitmap]);
    });
  }

  async #here(video, width, height, quality) {
    this.#canvas ??= document.createElement("canvas");
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    this.#canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0, width, height);
    const blob = await new Promise((resolve) => this.#canvas.toBlob(resolve, "image/jpeg", quality));
    if (!blob) throw new Error("the browser made no JPEG of the picture");
    return new Uint8Array(await blob.arrayBuffer());
  }

  #withoutWorker() {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(new Error("the encoder's worker failed"));
    this.#waiting.clear();
  }
}
