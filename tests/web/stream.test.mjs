// When frames are sent, and when a lost connection is tried again.

import assert from "node:assert/strict";
import test from "node:test";

import { scaledSize } from "../../assets/web/js/capture/encoder.js";
import { CLOSE, closeMessage, retryDelay, streamUrl } from "../../assets/web/js/stream/connection.js";
import { Flow, LARGEST_WINDOW, PictureSize } from "../../assets/web/js/stream/flow.js";
import { Rate, Smoothed, Window } from "../../assets/web/js/stream/stats.js";

const frame = (sequence, at) => ({ sequence, capturedAtMs: at, sentAtMs: at, encodeMs: 5, bytes: 9000 });

/** A server with one worker and a way to it, on a clock of its own; returns results a second and latencies. */
function simulate({ serviceMs, networkMs, seconds, flow = new Flow(), cameraMs = 33 }) {
  const server = { busyUntil: 0, waiting: null, dropped: 0 };
  const answers = [];
  const latencies = [];
  let sequence = 0;
  let camera = null;
  for (let now = 0; now < seconds * 1000; now++) {
    if (now % cameraMs === 0) camera = now;
    if (server.waiting && server.busyUntil <= now && server.waiting.arrives <= now) {
      const wait = now - server.waiting.arrives;
      server.busyUntil = now + serviceMs;
      answers.push({ ...server.waiting, wait, at: server.busyUntil + networkMs / 2 });
      server.waiting = null;
    }
    while (answers[0]?.at <= now) {
      const answer = answers.shift();
      flow.answered(answer.sequence, { wait: answer.wait, total: answer.wait + serviceMs });
      latencies.push(now - answer.taken);
    }
    if (camera !== null && flow.maySend(now, 0)) {
      sequence += 1;
      if (server.waiting && server.waiting.arrives <= now) server.dropped += 1;
      server.waiting = server.waiting && server.waiting.arrives > now ? server.waiting : { sequence, taken: camera, arrives: now + networkMs / 2 };
      flow.sent(frame(sequence, now));
      camera = null;
    }
  }
  return { perSecond: latencies.length / seconds, latencies, window: flow.window };
}

test("never more are on their way than the window holds", () => {
  const flow = new Flow();
  assert.ok(flow.maySend(0, 0));
  flow.sent(frame(1, 0));
  assert.ok(!flow.maySend(10, 0));
  flow.answered(1, { wait: 0, total: 30 });
  assert.ok(flow.maySend(40, 0));
  flow.fixWindow(9);
  assert.equal(flow.window, LARGEST_WINDOW);
});

test("nothing is sent while bytes wait to leave", () => {
  assert.ok(!new Flow().maySend(0, 1));
});

test("an answer settles older frames, and time those that were lost", () => {
  const flow = new Flow();
  flow.fixWindow(4);
  for (const sequence of [1, 2, 3, 4]) flow.sent(frame(sequence, sequence));
  assert.equal(flow.answered(3, { wait: 1, total: 30 }).sequence, 3);
  assert.deepEqual([flow.inFlight, flow.lost], [1, 2]);
  assert.equal(flow.answered(2, { wait: 1, total: 30 }), null);
  assert.ok(flow.maySend(5000, 0));
  assert.deepEqual([flow.inFlight, flow.lost], [0, 3]);
  flow.sent(frame(5, 5000));
  flow.refused(5);
  assert.equal(flow.inFlight, 0);
});

test("the server's limit of frames a second is kept", () => {
  const flow = new Flow();
  flow.fixWindow(4);
  flow.limitRate(10);
  let sent = 0;
  for (let now = 0; now < 5000; now++) {
    if (!flow.maySend(now, 0)) continue;
    flow.sent(frame(++sent, now));
    flow.answered(sent, { wait: 0, total: 1 });
  }
  assert.ok(sent >= 45 && sent <= 50, String(sent));
});

test("a slow server gets one frame at a time", () => {
  const { window, latencies } = simulate({ serviceMs: 100, networkMs: 4, seconds: 20 });
  assert.ok(window <= 2, String(window));
  const late = latencies.slice(-40);
  assert.ok(Math.max(...late) < 250, String(Math.max(...late)));
});

test("a long way is filled with more frames", () => {
  const one = new Flow();
  one.fixWindow(1);
  const narrow = simulate({ serviceMs: 25, networkMs: 90, seconds: 20, flow: one });
  const wide = simulate({ serviceMs: 25, networkMs: 90, seconds: 20 });
  assert.ok(wide.window >= 2, String(wide.window));
  assert.ok(wide.perSecond > 1.5 * narrow.perSecond, `${wide.perSecond} and ${narrow.perSecond}`);
});

test("pictures shrink on a slow way and grow again on a fast one", () => {
  const size = new PictureSize();
  const [side, quality] = [size.side, size.quality];
  for (let i = 0; i < 300; i++) size.measured(150, 5);
  assert.ok(size.side < side && size.quality < quality);
  assert.equal(size.side, 256);
  for (let i = 0; i < 1000; i++) size.measured(3, 5);
  assert.equal(size.side, 480);
  size.limit(384);
  assert.equal(size.side, 384);
  size.fix(320, 0.5);
  assert.deepEqual([size.side, size.quality], [320, 0.5]);
});

test("sizes keep the picture's shape and never grow", () => {
  assert.deepEqual(scaledSize(1280, 720, 360), { width: 640, height: 360 });
  assert.deepEqual(scaledSize(720, 1280, 384), { width: 384, height: 683 });
  assert.deepEqual(scaledSize(320, 240, 480), { width: 320, height: 240 });
});

test("a server that was stopped is looked for at once, then ever more rarely", () => {
  assert.ok(retryDelay(CLOSE.GOING_AWAY, 1, 0.99) <= 300);
  const delays = Array.from({ length: 120 }, (_, attempt) => retryDelay(1006, attempt + 1, 1));
  assert.deepEqual(delays, delays.toSorted((a, b) => a - b));
  assert.deepEqual([delays[2], delays[80], delays.at(-1)], [1000, 1000, 10000]);
  assert.notEqual(retryDelay(1006, 4, 0), retryDelay(1006, 4, 1));
});

test("a bad token is not tried again, a full server only later", () => {
  assert.equal(retryDelay(CLOSE.BAD_TOKEN, 1, 0.5), null);
  assert.ok(retryDelay(CLOSE.TOO_MANY, 1, 0) >= 10000);
  assert.match(closeMessage(CLOSE.BAD_TOKEN, false, ""), /token/);
  assert.match(closeMessage(CLOSE.TOO_MANY, true, ""), /full/);
  assert.match(closeMessage(1008, true, "idle"), /idle/);
});

test("the stream is where the page is", () => {
  assert.equal(streamUrl(new URL("https://example.org/a?b#c")), "wss://example.org/v1/stream");
  assert.equal(streamUrl(new URL("http://localhost:8000/")), "ws://localhost:8000/v1/stream");
});

test("rates and percentiles", () => {
  const rate = new Rate(1000);
  for (let now = 0; now <= 3000; now += 20) rate.add(now);
  assert.ok(Math.abs(rate.perSecond(3000) - 50) <= 1.5);
  assert.equal(rate.perSecond(9000), 0);
  const window = new Window(100);
  assert.ok(Number.isNaN(window.percentile(0.5)));
  for (let i = 0; i < 200; i++) window.add(i);
  assert.deepEqual([window.percentile(0.5), window.percentile(1), window.last], [150, 199, 199]);
  const smoothed = new Smoothed(0.5);
  smoothed.add(10);
  smoothed.add(NaN);
  assert.equal(smoothed.add(20), 15);
});
