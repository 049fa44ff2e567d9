/** Small lines of the last values. */

/** The last values of something. */
export class History {
  values = [];
  #capacity;

  /** @param {number} capacity */
  constructor(capacity) {
    this.#capacity = capacity;
  }

  /** @param {number} value */
  add(value) {
    this.values.push(Number.isFinite(value) ? value : 0);
    if (this.values.length > this.#capacity) this.values.shift();
  }

  get last() {
    return this.values.at(-1) ?? 0;
  }

  get capacity() {
    return this.#capacity;
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {History} history
 * @param {string} color
 * @param {number} [most] value at the top; by default the greatest there is
 */
export function drawSparkline(canvas, history, color, most) {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (width === 0 || height === 0) return;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  const { values, capacity } = history;
  if (values.length < 2) return;
  const top = Math.max(most ?? Math.max(...values), 1e-9);
  const pad = 2 * ratio;
  // The newest value is at the right edge.
  const x = (index) => width - ((values.length - 1 - index) / (capacity - 1)) * width;
  const y = (value) => height - pad - (Math.min(value, top) / top) * (height - 2 * pad);
  context.beginPath();
  values.forEach((value, index) => context.lineTo(x(index), y(value)));
  context.strokeStyle = color;
  context.lineWidth = 1.5 * ratio;
  context.lineJoin = "round";
  context.stroke();
  context.lineTo(width, height);
  context.lineTo(x(0), height);
  context.globalAlpha = 0.16;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
}
