/** The figures over the picture: how fast everything is, and where the time goes. */

import { TIMING_NAMES } from "../protocol/messages.js";
import { Rate, Smoothed, Window } from "../stream/stats.js";

const STAGES = {
  wait: "Wait", decode: "Decode", downscale: "Downscale", detect: "Detect", pose: "Pose", hands: "Hands", angles: "Angles",
  smoothing: "Smoothing", total: "All",
};
const UPDATE_EVERY_MS = 250;

/** Everything that is measured on the way. */
export class Figures {
  screen = new Rate();
  results = new Rate(4000);
  frames = new Rate();
  latency = new Window(150);
  encode = new Smoothed(0.1);
  network = new Smoothed(0.1);
  bytes = new Smoothed(0.1);
  stages = Object.fromEntries(TIMING_NAMES.map((name) => [name, new Smoothed(0.1)]));
  dropped = 0;
  #undrawn = [];

  /** @param {import("../stream/sender.js").Result} result */
  addResult(result) {
    this.results.add(result.arrivedAtMs);
    this.encode.add(result.encodeMs);
    this.network.add(result.networkMs);
    this.bytes.add(result.bytes);
    for (const name of TIMING_NAMES) this.stages[name].add(result.pose.timings[name]);
    this.dropped = result.pose.dropped;
    this.#undrawn.push(result.capturedAtMs);
  }

  /** The screen was drawn with all results that came so far. @param {number} now */
  addScreen(now) {
    this.screen.add(now);
    for (const capturedAt of this.#undrawn) this.latency.add(now - capturedAt);
    this.#undrawn.length = 0;
  }

  clear() {
    this.latency.clear();
    this.results.clear();
    this.frames.clear();
    this.#undrawn.length = 0;
    for (const smoothed of [this.encode, this.network, this.bytes, ...Object.values(this.stages)]) smoothed.clear();
  }
}

/**
 * @param {number} value @param {number} digits after the point
 * @returns {string} a dash where there is no number
 */
export function number(value, digits = 1) {
  return Number.isFinite(value) ? value.toFixed(digits) : "–";
}

/** Shows {@link Figures} in a list of terms. */
export class FiguresView {
  #cells = new Map();
  #shownAt = -Infinity;
  #root;
  #columns = document.createElement("div");

  /** @param {HTMLElement} root that the list is put into */
  constructor(root) {
    this.#root = root;
    root.append(this.#columns);
    this.#group("Rates", [["screen", "Screen", "fps"], ["results", "Results", "/s"], ["frames", "Camera", "fps"]]);
    this.#group("Camera to screen", [
      ["p50", "Median", "ms"], ["p95", "95th percentile", "ms"], ["shown", "Shown behind", "ms"], ["encode", "Capture, encode", "ms"],
      ["network", "Network", "ms"],
    ]);
    this.#group("Server", TIMING_NAMES.map((name) => [name, STAGES[name], "ms"]));
    this.#group("Traffic", [
      ["picture", "Picture", ""], ["flight", "In flight", ""], ["dropped", "Dropped", ""], ["skipped", "Not sent", ""],
    ]);
  }

  /**
   * @param {Figures} figures
   * @param {{now: number, delayMs: number, picture: string, inFlight: number, window: number, skipped: number}} more
   */
  show(figures, more) {
    if (more.now - this.#shownAt < UPDATE_EVERY_MS || this.#root.hidden) return;
    this.#shownAt = more.now;
    const set = (name, text) => {
      const cell = this.#cells.get(name);
      if (cell.textContent !== text) cell.textContent = text;
    };
    set("screen", number(figures.screen.perSecond(more.now), 0));
    set("results", number(figures.results.perSecond(more.now)));
    set("frames", number(figures.frames.perSecond(more.now), 0));
    set("p50", number(figures.latency.percentile(0.5), 0));
    set("p95", number(figures.latency.percentile(0.95), 0));
    set("shown", number(more.delayMs, 0));
    set("encode", number(figures.encode.value));
    set("network", number(figures.network.value));
    for (const name of TIMING_NAMES) set(name, number(figures.stages[name].value));
    const kilobytes = figures.bytes.value / 1000;
    set("picture", Number.isFinite(kilobytes) ? `${more.picture}, ${number(kilobytes, 0)} kB` : "–");
    set("flight", `${more.inFlight} of ${more.window}`);
    set("dropped", String(figures.dropped));
    set("skipped", String(more.skipped));
  }

  #group(title, rows) {
    const group = document.createElement("section");
    const heading = document.createElement("h2");
    heading.textContent = title;
    const list = document.createElement("dl");
    for (const [name, label, unit] of rows) {
      const term = document.createElement("dt");
      term.textContent = label;
      const cell = document.createElement("dd");
      const value = document.createElement("span");
      value.textContent = "–";
      value.dataset.figure = name;
      cell.append(value);
      if (unit) cell.append(` ${unit}`);
      list.append(term, cell);
      this.#cells.set(name, value);
    }
    group.append(heading, list);
    this.#columns.append(group);
  }
}
