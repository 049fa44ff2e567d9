/** The client's page: puts the parts together. */

import { Encoder } from "./capture/encoder.js";
import { Source, SourceError, listCameras } from "./capture/source.js";
import { Timeline } from "./motion/timeline.js";
import { CLOSE, Connection, streamUrl } from "./stream/connection.js";
import { Flow, PictureSize } from "./stream/flow.js";
import { Sender } from "./stream/sender.js";
import { bindControls, SettingsStore } from "./ui/settings.js";
import { bindShortcuts } from "./ui/shortcuts.js";
import { bindTabs } from "./ui/tabs.js";
import { askForToken, Notice, StatePill } from "./ui/notices.js";
import { DataPanel } from "./view/data_panel.js";
import { Figures, FiguresView } from "./view/figures.js";
import { PictureView } from "./view/picture.js";
import { Recorder } from "./view/record.js";
import { saveJson } from "./ui/save.js";
import { SkeletonView } from "./view/skeleton.js";

/** @template {HTMLElement} T @returns {T} */
const element = (id) => document.getElementById(id);

const store = new SettingsStore();
const connection = new Connection(streamUrl(location));
const source = new Source(element("video"));
const flow = new Flow();
const size = new PictureSize();
const sender = new Sender({ source, encoder: new Encoder(), connection, flow, size });
const timeline = new Timeline();
const figures = new Figures();
const recorder = new Recorder();
const skeletonView = new SkeletonView(element("skeleton"));
const pictureView = new PictureView(element("delayed"), source.video);
const figuresView = new FiguresView(element("figures"));
const dataPanel = new DataPanel({
  people: element("people"), choice: element("person"), angles: element("angles"), coordinates: element("coordinates"),
});
const statePill = new StatePill(element("state"), element("state-label"), element("trouble"));
const notice = new Notice(element("notice"));
const systemMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** @type {import("./view/avatar.js").AvatarView | null} */
let avatarView = null;
let avatarFailed = false;
/** @type {import("./protocol/messages.js").Configured | null} */
let held = null;
/** @type {import("./protocol/messages.js").Pose | null} */
let newestPose = null;
let keptShownAt = 0;
/** @type {import("./motion/timeline.js").ShownPerson[]} */
let people = [];

// --- the server ----------------------------------------------------------------------------------------------------

function configure() {
  const { hands, people, smoothing, ordering, avatar } = store.values;
  connection.configure({
    hands, people, rig: avatar && avatarView !== null, smoothing: smoothing || undefined, ordering: ordering || undefined,
  });
}

connection.addEventListener("status", ({ detail: status }) => {
  statePill.show(status);
  if (status.state === "refused" && status.closeCode === CLOSE.BAD_TOKEN) {
    askForToken(element("token-dialog"), (token) => {
      store.set({ token });
      connection.setToken(token);
      if (!connection.isOpen) connection.retry();
    });
  }
  if (status.state !== "open") {
    held = null;
    newestPose = null;
  }
});

connection.addEventListener("message", ({ detail: message }) => {
  if (message.kind !== "configured") return;
  held = message.configured;
  const smoothing = held.smoothing || "none";
  element("held").textContent =
    `${held.server}, model ${held.model}: hands ${held.hands ? "on" : "off"}, ${held.people} ${held.people === 1 ? "person" : "people"}, ${smoothing}`;
});

sender.addEventListener("refused", ({ detail: error }) => {
  // Being too fast or too many settles itself; the rest somebody should know.
  if (!["rate_limit", "busy"].includes(error.code)) notice.say(error.message || error.code);
});

sender.addEventListener("result", ({ detail: result }) => {
  newestPose = result.pose;
  timeline.push(result.pose, result.capturedAtMs, result.arrivedAtMs);
  figures.addResult(result);
  recorder.add(result);
});

// --- the source ----------------------------------------------------------------------------------------------------

/** @param {import("./capture/source.js").SourceChoice} choice */
async function start(choice) {
  const problem = element("start-problem");
  problem.textContent = "";
  element("start").setAttribute("aria-busy", "true");
  try {
    await source.start(choice);
    timeline.clear();
    pictureView.clear();
    setRunning(true);
    setPaused(false);
    connection.open();
    if (choice.kind === "camera") await showCameras();
  } catch (error) {
    stop();
    problem.textContent = error instanceof SourceError ? error.message : `The source cannot be started: ${error}`;
    if (!(error instanceof SourceError)) console.warn(error);
  } finally {
    element("start").removeAttribute("aria-busy");
  }
}

const startCamera = () => start({ kind: "camera", deviceId: store.values.camera, height: store.values.resolution });

function stop() {
  source.stop();
  connection.close();
  setRunning(false);
  timeline.clear();
  pictureView.clear();
  figures.clear();
  newestPose = null;
}

function setRunning(isRunning) {
  const hadFocus = document.activeElement === element("stop") || element("start").contains(document.activeElement);
  element("start").hidden = isRunning;
  element("pause").disabled = element("stop").disabled = !isRunning;
  if (!isRunning) setPaused(false);
  showMirror();
  // The button that was pressed is gone or off now; the focus must not get lost with it.
  if (hadFocus) element(isRunning ? "pause" : "start-camera").focus();
}

function setPaused(isPaused) {
  sender.paused = isPaused;
  if (source.choice) {
    if (isPaused) source.video.pause();
    else source.video.play().catch(() => {});
  }
  const button = element("pause");
  button.querySelector(".text").textContent = isPaused ? "Go on" : "Pause";
  button.querySelector(".icon").dataset.icon = isPaused ? "play" : "pause";
  button.setAttribute("aria-label", isPaused ? "Go on" : "Pause");
}

async function showCameras() {
  const select = element("camera");
  const cameras = await listCameras();
  const known = cameras.filter((camera) => camera.deviceId !== "");
  select.replaceChildren(
    new Option("Browser’s choice", ""),
    ...known.map((camera, index) => new Option(camera.label || `Camera ${index + 1}`, camera.deviceId)),
  );
  select.value = store.values.camera;
  if (select.selectedIndex < 0) select.value = "";
}

source.addEventListener("frame", ({ detail: takenAt }) => {
  figures.frames.add(takenAt);
  if (isInStep()) pictureView.add(takenAt);
});
source.addEventListener("ended", () => {
  stop();
  element("start-problem").textContent = "The camera was disconnected. Connect it again, then start.";
});

// --- what is shown -------------------------------------------------------------------------------------------------

const isInStep = () => store.values.timing === "step" && store.values.picture;
const isMirrored = () => (source.choice?.kind === "file" ? store.values.mirrorFile : store.values.mirrorCamera);

function toggleMirror() {
  if (source.choice?.kind === "file") store.set({ mirrorFile: !store.values.mirrorFile });
  else store.set({ mirrorCamera: !store.values.mirrorCamera });
}

function showMirror() {
  element("picture").classList.toggle("mirrored", isMirrored());
  element("mirror").setAttribute("aria-pressed", String(isMirrored()));
}

async function openAvatar() {
  if (avatarView || avatarFailed || !store.values.avatar) return;
  const problem = element("avatar-problem");
  try {
    const { AvatarView } = await import("./view/avatar.js");
    avatarView = new AvatarView(element("avatar"));
    avatarView.reducedMotion = wantsLessMotion();
    configure();
    await avatarView.load();
  } catch (error) {
    problem.textContent = avatarView ? "The avatar cannot be loaded." : "This browser offers no WebGL, which the avatar needs.";
    problem.hidden = false;
    element("avatar-home").hidden = true;
    avatarFailed = true;
    console.warn("no avatar:", error);
  }
}

const wantsLessMotion = () => store.values.motion === "reduced" || (store.values.motion === "system" && systemMotion.matches);

function applySettings() {
  const { picture, skeleton, avatar, figures: showFigures, sidebar, side, quality, inFlight, recordSeconds, motion } = store.values;
  element("picture").classList.toggle("without-picture", !picture);
  element("picture").classList.toggle("in-step", isInStep());
  element("delayed").hidden = !isInStep();
  if (!isInStep()) pictureView.clear();
  element("skeleton").hidden = !skeleton;
  element("avatar-view").hidden = !avatar;
  element("stage").classList.toggle("single", !avatar);
  element("figures").hidden = !showFigures;
  element("sidebar").hidden = !sidebar;
  element("sidebar-toggle").setAttribute("aria-expanded", String(sidebar));
  document.documentElement.dataset.motion = motion;
  size.fix(side, quality / 100);
  flow.fixWindow(inFlight);
  recorder.seconds = recordSeconds;
  if (avatarView) avatarView.reducedMotion = wantsLessMotion();
  showMirror();
  openAvatar();
}

store.addEventListener("change", ({ detail: names }) => {
  applySettings();
  const has = (...wanted) => wanted.some((name) => names.includes(name));
  if (has("hands", "people", "smoothing", "ordering", "avatar")) configure();
  if (has("token")) connection.setToken(store.values.token);
  if (has("camera", "resolution") && source.choice?.kind === "camera") startCamera();
});
systemMotion.addEventListener("change", applySettings);

function draw() {
  requestAnimationFrame(draw);
  const now = performance.now();
  // Paused, what is shown stands still, too; the avatar can still be looked at from all sides.
  if (!sender.paused) people = timeline.at(now);
  const mirror = isMirrored();
  const { videoWidth: width, videoHeight: height } = source.video;
  if (isInStep() && !sender.paused) pictureView.draw(now - (timeline.delayMs || 0));
  if (store.values.skeleton) skeletonView.draw(people, { width, height, mirror });
  if (store.values.avatar) avatarView?.draw(people, mirror, now);
  figures.addScreen(now);
  figuresView.show(figures, {
    now, delayMs: timeline.delayMs, picture: newestPose ? `${newestPose.width}×${newestPose.height}` : "–",
    inFlight: flow.inFlight, window: flow.window, skipped: sender.skipped,
  });
  dataPanel.show(newestPose, now);
  showKept(now);
}

function showKept(now) {
  if (now - keptShownAt < 500) return;
  keptShownAt = now;
  const has = recorder.length > 0;
  element("download").disabled = element("copy").disabled = !has;
  if (has) element("kept").textContent = `${recorder.length} frames, ${recorder.span.toFixed(0)} s kept`;
}

// --- what leaves the page ------------------------------------------------------------------------------------------

function download() {
  if (recorder.length === 0) return;
  const { hands, people, smoothing, ordering, shortSide } = held ?? {};
  saveJson(
    recorder.file({ server: held?.server ?? "", model: held?.model ?? "", settings: { hands, people, smoothing, ordering, short_side: shortSide } }),
    `livedance-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.json`,
  );
  notice.say(`${recorder.length} frames were saved.`);
}

async function copy() {
  const newest = recorder.newest();
  if (!newest) return;
  try {
    await navigator.clipboard.writeText(JSON.stringify(newest));
    notice.say("The newest frame was copied.");
  } catch {
    notice.say("The browser did not let this page copy. Download the file instead.");
  }
}

// --- buttons and keys ----------------------------------------------------------------------------------------------

const toggle = (name) => store.set({ [name]: !store.values[name] });
const pause = () => source.choice && setPaused(!sender.paused);
const chooseFile = () => element("file").click();

element("start-camera").addEventListener("click", startCamera);
element("start-file").addEventListener("click", chooseFile);
element("pause").addEventListener("click", pause);
element("stop").addEventListener("click", stop);
element("mirror").addEventListener("click", toggleMirror);
element("download").addEventListener("click", download);
element("copy").addEventListener("click", copy);
element("sidebar-toggle").addEventListener("click", () => toggle("sidebar"));
element("avatar-home").addEventListener("click", () => avatarView?.home());
element("reset").addEventListener("click", () => store.reset());
element("help-open").addEventListener("click", () => element("help").showModal());
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
element("file").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  if (file) start({ kind: "file", file });
  target.value = "";
});

const dropZone = element("picture");
dropZone.addEventListener("dragover", (event) => {
  event.preventDefault();
  dropZone.classList.add("dropping");
});
dropZone.addEventListener("dragleave", () => dropZone.classList.remove("dropping"));
dropZone.addEventListener("drop", (event) => {
  event.preventDefault();
  dropZone.classList.remove("dropping");
  const [file] = event.dataTransfer.files;
  if (file) start({ kind: "file", file });
});

bindShortcuts(
  {
    " ": pause, m: toggleMirror, s: () => toggle("skeleton"), a: () => toggle("avatar"), p: () => toggle("figures"),
    d: () => toggle("sidebar"), j: download, c: copy, "?": () => element("help").showModal(),
  },
  () => store.values.shortcuts,
);
bindTabs(document.querySelector("[role=tablist]"));
bindControls(document.body, store);

// A token in the address is kept, and does not stay where it can be read over a shoulder.
const address = new URL(location.href);
const token = address.searchParams.get("token");
if (token) {
  store.set({ token });
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}
connection.setToken(store.values.token);
applySettings();
configure();
showCameras();
navigator.mediaDevices?.addEventListener?.("devicechange", showCameras);
if (!isSecureContext) {
  element("start-problem").textContent = "This page was not opened over HTTPS or from this computer, so browsers give it no camera. A video file works.";
}
draw();
