/** Figures over the last seconds: rates and percentiles. */

/** Counts events and says how many there are a second. */
export class Rate {
  #times = [];
  #spanMs;

  /** @param {number} spanMs that is looked back */
  constructor(spanMs = 2000) {
    this.#spanMs = spanMs;
  }

  /** @param {number} now milliseconds */
  add(now) {
    this.#times.push(now);
    this.#forget(now);
  }

  /** @param {number} now milliseconds @returns {number} events a second, 0 when nothing happened for the span */
  perSecond(now) {
    this.#forget(now);
    if (this.#times.length < 2) return 0;
    // Until the span is full, what has passed of it counts.
    const since = Math.min(this.#spanMs, Math.max(now - this.#times[0], 250));
    return (this.#times.length / since) * 1000;
  }

  clear() {
    this.#times.length = 0;
  }

  #forget(now) {
    let old = 0;
    while (old < this.#times.length && now - this.#times[old] > this.#spanMs) old++;
    if (old > 0) this.#times.splice(0, old);
  }
}

/** Keeps the last values and says what is usual among them. */
export class Window {
  #values = [];
  #capacity;

  /** @param {number} capacity */
  constructor(capacity = 120) {
    this.#capacity = capacity;
  }

  /** @param {number} value left out when it is no number */
  add(value) {
    if (!Number.isFinite(value)) return;
    this.#values.push(value);
    if (this.#values.length > this.#capacity) this.#values.shift();
  }

  /** @param {number} share 0 to 1; 0.5 is the median @returns {number} NaN while there is none */
  percentile(share) {
    if (this.#values.length === 0) return NaN;
    const sorted = this.#values.toSorted?.((a, b) => a - b) ?? [...this.#values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }

  get mean() {
    if (this.#values.length === 0) return NaN;
    return this.#values.reduce((sum, value) => sum + value, 0) / this.#values.length;
  }

  get last() {
    return this.#values.at(-1) ?? NaN;
  }

  clear() {
    this.#values.length = 0;
  }
}

/** A value that follows what it is given, slowly. */
export class Smoothed {
  value = NaN;
  #share;

  /** @param {number} share of a new value, 0 to 1 */
  constructor(share = 0.1) {
    this.#share = share;
  }

  /** @param {number} value left out when it is no number */
  add(value) {
    if (!Number.isFinite(value)) return this.value;
    this.value = Number.isNaN(this.value) ? value : this.value + this.#share * (value - this.value);
    return this.value;
  }

  clear() {
    this.value = NaN;
  }
}
