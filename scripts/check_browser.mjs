// Drives the web client in headless Chromium before a real server, and looks whether it does what it should.
//
//   node check_browser.mjs NODE_MODULES CHROMIUM LIVEDANCE CAMERA_FILE REPOSITORY

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const [modules, chromium, livedance, camera, root] = process.argv.slice(2);
const require = createRequire(`${path.resolve(modules)}/`);
const playwright = require("playwright-core");
const axeSource = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
const out = path.join(root, "out", "browser");
const TOKEN = "check-browser";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
  `--use-file-for-fake-video-capture=${camera}`, "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
];

// --- the server ----------------------------------------------------------------------------------------------------

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const port = await freePort();
const address = `http://localhost:${port}`;
let server = null;

async function startServer(...more) {
  server = spawn(livedance, ["serve", "--addr", `127.0.0.1:${port}`, "--workers", "1", ...more], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  server.stderr.on("data", (data) => (said = (said + data).slice(-4000)));
  const until = Date.now() + 60000;
  while (!(await fetch(`${address}/health`).then((answer) => answer.ok, () => false))) {
    if (server.exitCode !== null || Date.now() > until) throw new Error(`the server does not come up:\n${said}`);
    await sleep(50);
  }
}

async function stopServer() {
  if (!server || server.exitCode !== null) return;
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  await ended;
}

// --- the browser ---------------------------------------------------------------------------------------------------

const browser = await playwright.chromium.launch({ executablePath: chromium, args: FLAGS });
const complaints = [];
const elsewhere = new Set();
// What a browser says by itself while a server is away, or asks for a token; and what drawing without a GPU brings with it.
const EXPECTED = /WebSocket connection to|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|GL Driver Message|401 \(Unauthorized\)|software WebGL|willReadFrequently/;

async function newPage(viewport, url = "/") {
  const context = await browser.newContext({ viewport, acceptDownloads: true });
  await context.grantPermissions(["camera", "clipboard-read", "clipboard-write"], { origin: address });
  const page = await context.newPage();
  page.on("console", (message) => {
    const isBad = message.type() === "error" || message.type() === "warning";
    if (isBad && !EXPECTED.test(message.text())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (!["blob:", "data:"].includes(protocol) && host !== `localhost:${port}`) elsewhere.add(request.url());
  });
  page.on("websocket", (socket) => {
    if (new URL(socket.url()).host !== `localhost:${port}`) elsewhere.add(socket.url());
  });
  await page.goto(address + url);
  return page;
}

const figure = async (page, name) => Number.parseFloat(await page.locator(`[data-figure="${name}"]`).textContent());
const state = (page) => page.locator("#state").getAttribute("data-state");
const shot = (page, name, options = {}) => page.screenshot({ path: path.join(out, `${name}.png`), ...options });

async function until(what, condition, ms = 30000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms / 1000} s`);
    await sleep(40);
  }
}

const hasResults = (page) => until("results", async () => (await figure(page, "results")) > 0, 60000);

/** Pixels of the skeleton's colours, and a sum that changes when they move. */
function skeletonPixels(page) {
  return page.evaluate(() => {
    const canvas = document.getElementById("skeleton");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let pink = 0;
    let teal = 0;
    let place = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] < 100) continue;
      if (data[at] > 200 && data[at + 1] < 150) pink += 1;
      else if (data[at] < 120 && data[at + 1] > 180) teal += 1;
      place += at % 4801;
    }
    return { pink, teal, place };
  });
}

/** The share of pixels that differ between two pictures of an element. */
async function differing(page, before, after) {
  return page.evaluate(async (pictures) => {
    const [a, b] = await Promise.all(pictures.map(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
    }));
    let different = 0;
    for (let at = 0; at < a.length; at += 4) {
      if (Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2]) > 40) different += 1;
    }
    return different / (a.length / 4);
  }, [before.toString("base64"), after.toString("base64")]);
}

async function accessible(page, name) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(" ")).slice(0, 4).join("; ")})`);
  assert.deepEqual(found, [], `${name}: ${found.join("\n")}`);
}

// --- what is looked at ---------------------------------------------------------------------------------------------

const results = [];

async function check(name, body) {
  const began = Date.now();
  try {
    const note = await body();
    results.push(true);
    console.log(`ok      ${name}${note ? ` (${note})` : ""}  ${((Date.now() - began) / 1000).toFixed(1)} s`);
  } catch (error) {
    results.push(false);
    console.log(`FAILED  ${name}\n        ${String(error.message ?? error).replaceAll("\n", "\n        ")}`);
  }
}

await startServer();
const page = await newPage({ width: 1440, height: 860 });

await check("everything can be reached with the keyboard, and the focus is seen", async () => {
  await page.locator("#avatar-home").waitFor();
  await shot(page, "1-start");
  const seen = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    const { id, outline } = await page.evaluate(() => {
      const it = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(it);
      return { id: it.id || it.className || it.tagName, outline: outlineStyle !== "none" && outlineWidth !== "0px" };
    });
    if (id === "BODY") break;
    assert.ok(outline, `${id} has the focus and does not show it`);
    seen.push(id);
  }
  for (const id of ["skip", "mirror", "sidebar-toggle", "help-open", "start-camera", "start-file", "avatar", "tab-data"]) {
    assert.ok(seen.includes(id), `Tab does not reach ${id}: ${seen.join(", ")}`);
  }
  return `${seen.length} stops`;
});

await check("the start page has no barriers that axe knows", () => accessible(page, "start"));

await check("keys alone start the camera, and results come", async () => {
  await page.locator("#start-camera").focus();
  await page.keyboard.press("Enter");
  await hasResults(page);
  assert.equal(await state(page), "open");
  assert.equal(await page.evaluate(() => document.activeElement.id), "pause");
});

await check("the skeleton lies over the picture and moves", async () => {
  await until("a skeleton", async () => (await skeletonPixels(page)).pink > 400);
  const places = new Set();
  for (let i = 0; i < 12; i++) {
    places.add((await skeletonPixels(page)).place);
    await sleep(250);
  }
  assert.ok(places.size >= 6, `only ${places.size} of 12 moments differ`);
  // Bodies do not wait for hands.
  await until("a hand", async () => (await skeletonPixels(page)).teal > 30);
  return `${places.size} of 12 moments differ`;
});

await check("the avatar moves", async () => {
  await shot(page, "2-dancing");
  const avatar = page.locator("#avatar");
  const before = await avatar.screenshot();
  let most = 0;
  for (let i = 0; i < 5; i++) {
    await sleep(900);
    most = Math.max(most, await differing(page, before, await avatar.screenshot()));
  }
  assert.ok(most > 0.01, `only ${(most * 100).toFixed(2)} % of its pixels changed`);
  await shot(page, "3-dancing");
  return `${(most * 100).toFixed(1)} % of its pixels changed`;
});

await check("the figures are there", async () => {
  await sleep(1000);
  const names = ["screen", "results", "frames", "p50", "p95", "shown", "encode", "network", "wait", "decode", "downscale", "detect",
    "pose", "hands", "angles", "smoothing", "total"];
  for (const name of names) assert.ok(Number.isFinite(await figure(page, name)), `${name} has no figure`);
  assert.ok((await figure(page, "pose")) > 0);
  const [screen, perSecond, p50, p95, total] = await Promise.all(["screen", "results", "p50", "p95", "total"].map((name) => figure(page, name)));
  return `screen ${screen}/s, results ${perSecond}/s, latency ${p50} and ${p95} ms, server ${total} ms`;
});

await check("the panel shows people, angles and coordinates", async () => {
  assert.match(await page.locator("#people").textContent(), /1 person/);
  const angles = await page.locator("#angles td:last-child").allTextContents();
  assert.equal(angles.length, 14);
  assert.ok(angles.filter((text) => /^\d+°$/.test(text)).length >= 10, angles.join());
  await page.locator("summary").click();
  await until("coordinates", async () => /^\d+$/.test(await page.locator("#coordinates td").first().textContent()));
  assert.equal(await page.locator("#coordinates tr").count(), 33);
  await page.locator("summary").click();
});

await check("Download JSON saves what README says", async () => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("j")]);
  const file = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.match(download.suggestedFilename(), /^livedance-.*\.json$/);
  assert.equal(file.livedance_frames, 1);
  assert.match(file.server, /livedance/);
  assert.ok(file.frames.length > 5, `${file.frames.length} frames`);
  let before = -1;
  for (const frame of file.frames) {
    assert.ok(frame.time_s > before, "times rise");
    before = frame.time_s;
    assert.ok(frame.width > 0 && frame.height > 0 && frame.timings_ms.total > 0);
  }
  const person = file.frames.findLast((frame) => frame.people.length > 0).people[0];
  assert.deepEqual([person.landmarks.length, person.landmarks[0].length, person.world.length], [33, 5, 33]);
  assert.equal(Object.keys(person.angles).length, 14);
  assert.ok("left" in person.hands && "right" in person.hands);
  return `${file.frames.length} frames`;
});

await check("Copy puts the newest frame on the clipboard", async () => {
  await page.locator("#copy").click();
  const text = await until("a copy", () => page.evaluate(() => navigator.clipboard.readText()));
  assert.ok(JSON.parse(text).timings_ms);
});

await check("Pause holds everything, and it goes on", async () => {
  await page.locator("#pause").focus();
  await page.keyboard.press("Enter");
  await sleep(1200);
  const held = await skeletonPixels(page);
  await sleep(600);
  assert.deepEqual(await skeletonPixels(page), held);
  await page.keyboard.press("Enter");
  await until("motion", async () => (await skeletonPixels(page)).place !== held.place);
});

await check("a pose is mirrored with the picture", async () => {
  const middle = () => page.evaluate(() => {
    const canvas = document.getElementById("skeleton");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 100) { sum += (at / 4) % canvas.width; count += 1; }
    return sum / count / canvas.width;
  });
  await page.locator("#pause").click();
  await sleep(400);
  const before = await middle();
  await page.keyboard.press("m");
  await until("the mirror image", async () => Math.abs((await middle()) + before - 1) < 0.02, 5000);
  assert.equal(await page.locator("#mirror").getAttribute("aria-pressed"), "false");
  await page.keyboard.press("m");
  await page.locator("#pause").click();
});

await check("the page in use has no barriers that axe knows", async () => {
  await accessible(page, "in use");
  await page.locator("#tab-settings").click();
  await shot(page, "4-settings");
  await accessible(page, "settings");
  await page.locator("#tab-data").click();
  await page.keyboard.press("?");
  await accessible(page, "help");
  await shot(page, "5-help");
  await page.keyboard.press("Escape");
});

await check("results go on after the server was stopped and started again", async () => {
  await stopServer();
  await until("a notice", async () => ["waiting", "connecting"].includes(await state(page)), 5000);
  await sleep(1500);
  await shot(page, "6-server-away");
  assert.ok(await page.locator("#trouble").isVisible(), "nothing says that the server is away");
  await startServer();
  const began = Date.now();
  const kept = await page.locator("#kept").textContent();
  await until("a connection", async () => (await state(page)) === "open", 15000);
  const connected = Date.now() - began;
  await until("results", async () => (await page.locator("#kept").textContent()) !== kept, 15000);
  return `connected after ${connected} ms, results after ${Date.now() - began} ms`;
});

await check("settings are kept", async () => {
  await page.locator("#tab-settings").click();
  await page.locator('[data-setting="people"]').selectOption("2");
  await page.locator('[data-setting="smoothing"]').selectOption("one-euro");
  await until("the server's word", async () => /2 people, one-euro/.test(await page.locator("#held").textContent()), 10000);
  await page.reload();
  await page.locator("#tab-settings").click();
  assert.equal(await page.locator('[data-setting="people"]').inputValue(), "2");
  await page.locator("#reset").click();
  assert.equal(await page.locator('[data-setting="people"]').inputValue(), "1");
});

await check("the picture can be shown as late as the skeleton", async () => {
  await page.locator("#start-camera").click();
  await hasResults(page);
  await page.locator("#tab-settings").click();
  await page.locator('[data-setting="timing"]').selectOption("step");
  const middle = () => page.evaluate(() => {
    const canvas = document.getElementById("delayed");
    return [...canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 8, 8).data].reduce((sum, value) => sum + value, 0);
  });
  await until("a picture", async () => (await middle()) > 8 * 8 * 255 + 1000);
  await shot(page, "14-in-step");
  await page.locator('[data-setting="timing"]').selectOption("live");
  assert.ok(!(await page.locator("#delayed").isVisible()));
  await page.locator("#stop").click();
});

await check("a video file is a source, too", async () => {
  await page.locator("#tab-data").click();
  await page.locator("#file").setInputFiles(path.join(root, "assets", "demo", "demo.mp4"));
  await hasResults(page);
  await until("a skeleton", async () => (await skeletonPixels(page)).pink > 400);
  assert.equal(await page.locator("#mirror").getAttribute("aria-pressed"), "false");
});

await check("the operator's page shows this client", async () => {
  const status = await newPage({ width: 1280, height: 900 }, "/status");
  await until("a client", async () => (await status.locator("#clients tbody tr").count()) > 0, 15000);
  await sleep(4000);
  assert.equal(await status.locator("#workers tbody tr").count(), 1);
  assert.match(await status.locator("#about").innerText(), /livedance/);
  const header = status.locator("#clients th button", { hasText: "p95" });
  await header.focus();
  await status.keyboard.press("Enter");
  assert.equal(await status.locator("#clients th[aria-sort]").getAttribute("aria-sort"), "descending");
  await accessible(status, "status");
  await shot(status, "7-status", { fullPage: true });
  await status.setViewportSize({ width: 390, height: 800 });
  await sleep(1200);
  await shot(status, "8-status-narrow", { fullPage: true });
  await status.context().close();
});

await check("the API's page shows what the server offers", async () => {
  const api = await newPage({ width: 1000, height: 900 }, "/openapi");
  await until("operations", async () => (await api.locator(".opblock").count()) >= 3);
  await shot(api, "9-openapi");
  await api.context().close();
});
await page.context().close();

await check("a phone's page works", async () => {
  const phone = await newPage({ width: 390, height: 844 });
  await shot(phone, "10-phone-start");
  const wide = () => phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok((await wide()) <= 0, `the page is ${await wide()} px too wide`);
  await phone.locator("#start-camera").click();
  await hasResults(phone);
  await until("a skeleton", async () => (await skeletonPixels(phone)).pink > 150);
  assert.ok((await wide()) <= 0, `the page is ${await wide()} px too wide`);
  await sleep(1500);
  await shot(phone, "11-phone");
  await shot(phone, "12-phone-whole", { fullPage: true });
  await accessible(phone, "phone");
  await phone.context().close();
});

await check("why there is no camera is said, and what to do", async () => {
  for (const [name, word] of [["NotAllowedError", "not allowed"], ["NotFoundError", "No camera"], ["NotReadableError", "another program"]]) {
    const guest = await newPage({ width: 1000, height: 700 }, "/status");
    await guest.addInitScript((error) => {
      MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("no", error));
    }, name);
    await guest.goto(address);
    await guest.locator("#start-camera").click();
    await until("a reason", async () => (await guest.locator("#start-problem").textContent()).includes(word), 8000);
    assert.ok(await guest.locator("#start-camera").isVisible());
    if (name === "NotAllowedError") await shot(guest, "15-denied");
    await guest.context().close();
  }
});

await check("a server with a token asks for it once, and lets it in", async () => {
  await stopServer();
  await startServer("--token", TOKEN);
  const guest = await newPage({ width: 1200, height: 800 });
  let sockets = 0;
  guest.on("websocket", () => (sockets += 1));
  await guest.locator("#start-camera").click();
  await guest.locator("#token-dialog[open]").waitFor({ timeout: 10000 });
  await sleep(2500);
  assert.equal(sockets, 1, "it was tried again without a token");
  await shot(guest, "13-token");
  await guest.keyboard.type(TOKEN);
  await guest.keyboard.press("Enter");
  await hasResults(guest);
  await guest.context().close();
});

await check("nothing was asked of other hosts", () => assert.deepEqual([...elsewhere], []));
await check("the browser had nothing to complain about", () => assert.deepEqual(complaints, []));

await browser.close();
await stopServer();
const failed = results.filter((good) => !good).length;
console.log(`${results.length - failed} of ${results.length} checks passed; pictures are in ${path.relative(process.cwd(), out) || out}`);
process.exit(failed === 0 ? 0 : 1);
