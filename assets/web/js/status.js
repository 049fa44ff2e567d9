/** The operator's page: asks the server each second how it is. */

import { askForToken } from "./ui/notices.js";
import { SettingsStore } from "./ui/settings.js";
import { drawSparkline, History } from "./status/sparkline.js";
import { SortedTable } from "./status/table.js";
import { bytes, duration, label, plain } from "./status/words.js";

const EVERY_MS = 1000;
const KEPT = 120;
const PATIENCE_MS = 4000;

const element = (id) => document.getElementById(id);
const store = new SettingsStore();
const histories = { frames: new History(KEPT), results: new History(KEPT), clients: new History(KEPT), busy: new History(KEPT) };
const perClient = new Map();
const perWorker = new Map();

const charts = {
  frames: addChart("Frames in", "/s", "#ff5ca8"),
  results: addChart("Results out", "/s", "#2fe0c8"),
  clients: addChart("Clients", "", "#ffc457"),
  busy: addChart("Workers busy", "%", "#8fb4ff"),
};

const workers = new SortedTable(element("workers"), "Workers", [
  { key: "id", title: "Worker", isHead: true },
  { key: "state", title: "State", show: (cell, worker) => {
    cell.textContent = worker.state;
    cell.classList.toggle("busy", worker.state === "busy");
  } },
  { key: "frames", title: "Frames", isNumber: true },
  { key: "busy_share", title: "Busy", show: showShare },
  { key: "trend", title: "Trend", isSortable: false, show: (cell, worker) => spark(cell, historyOf(perWorker, worker.id), "#8fb4ff", 1) },
]);

const clients = new SortedTable(element("clients"), "Clients", [
  { key: "id", title: "Client", isHead: true },
  { key: "address", title: "Address" },
  { key: "transport", title: "Way in" },
  { key: "connected_s", title: "Connected", isNumber: true, text: duration },
  { key: "frames_in_per_s", title: "Frames/s", isNumber: true, digits: 1 },
  { key: "results_per_s", title: "Results/s", isNumber: true, digits: 1 },
  { key: "trend", title: "Trend", isSortable: false, show: (cell, client) => spark(cell, historyOf(perClient, client.id), "#2fe0c8") },
  { key: "latency_ms_p50", title: "p50 ms", isNumber: true, digits: 0 },
  { key: "latency_ms_p95", title: "p95 ms", isNumber: true, digits: 0 },
  { key: "dropped", title: "Dropped", isNumber: true },
  { key: "queued", title: "Queued", isNumber: true },
  { key: "config", title: "Asks for", isSortable: false, text: (config) => askedFor(config) },
]);

let before = null;

async function poll() {
  try {
    const headers = store.values.token ? { Authorization: `Bearer ${store.values.token}` } : {};
    const response = await fetch("/api/status", { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.status === 401 || response.status === 403) {
      say("refused", "Refused", "The server asks for an access token.");
      askForToken(element("token-dialog"), (token) => {
        store.set({ token });
        poll();
      });
      return;
    }
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    show(await response.json());
    say("open", "Live", "");
  } catch (error) {
    before = null;
    say("waiting", "No answer", error.name === "SyntaxError" ? "The server's answer cannot be read." : "The server does not answer. Asking again by itself; the figures are the last ones known.");
  }
  setTimeout(poll, EVERY_MS);
}

function say(state, text, trouble) {
  element("state").dataset.state = state;
  if (element("state-label").textContent !== text) element("state-label").textContent = text;
  if (element("trouble").textContent !== trouble) element("trouble").textContent = trouble;
  element("trouble").hidden = trouble === "";
}

function show(status) {
  const { totals = {}, workers: pool = [], clients: connected = [], limits = {} } = status;
  const at = performance.now();
  terms(element("about"), [
    ["Version", status.server], ["Model", status.model], ["Up for", duration(status.uptime_s)], ["Connections", plain(totals.clients)],
    ["Frames", plain(totals.frames)], ["Results", plain(totals.results)], ["Dropped", plain(totals.dropped)],
    ["Refused", plain(totals.refused)], ["Errors", plain(totals.errors), totals.errors > 0],
  ]);
  if (before) {
    const seconds = (at - before.at) / 1000;
    // A restarted server counts from zero again.
    const rate = (name) => Math.max(0, (totals[name] - before.totals[name]) / seconds);
    histories.frames.add(rate("frames"));
    histories.results.add(rate("results"));
    histories.clients.add(connected.length);
    histories.busy.add(pool.length === 0 ? 0 : (100 * pool.reduce((sum, worker) => sum + worker.busy_share, 0)) / pool.length);
    charts.frames(histories.frames, 1);
    charts.results(histories.results, 1);
    charts.clients(histories.clients, 0);
    charts.busy(histories.busy, 0, 100);
  }
  before = { at, totals };
  remember(perClient, connected, "results_per_s");
  remember(perWorker, pool, "busy_share");
  workers.show(pool);
  clients.show(connected);
  element("nobody").hidden = connected.length > 0;
  element("clients").hidden = connected.length === 0;
  showLimits(limits);
}

function terms(list, rows) {
  if (list.children.length !== rows.length) {
    list.replaceChildren(...rows.map(([name]) => {
      const group = document.createElement("div");
      const term = document.createElement("dt");
      term.textContent = name;
      group.append(term, document.createElement("dd"));
      return group;
    }));
  }
  rows.forEach(([name, text, isBad = false], index) => {
    const [term, cell] = list.children[index].children;
    if (term.textContent !== name) term.textContent = name;
    if (cell.textContent !== text) cell.textContent = text;
    cell.classList.toggle("bad", isBad);
  });
}

function showLimits(limits) {
  const value = (name, it) => (it === null ? "none" : /bytes/.test(name) ? bytes(it) : typeof it === "number" ? plain(it) : String(it));
  terms(element("limits"), Object.entries(limits).map(([name, it]) => [label(name), value(name, it)]));
}

function addChart(title, unit, color) {
  const box = document.createElement("div");
  box.className = "chart";
  const heading = document.createElement("h3");
  heading.textContent = title;
  const value = document.createElement("p");
  value.textContent = "–";
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  box.append(heading, value, canvas);
  element("charts").append(box);
  return (history, digits, most) => {
    value.textContent = `${history.last.toFixed(digits)}${unit === "%" ? " %" : unit ? ` ${unit}` : ""}`;
    drawSparkline(canvas, history, color, most);
  };
}

function historyOf(histories, id) {
  if (!histories.has(id)) histories.set(id, new History(60));
  return histories.get(id);
}

function remember(histories, rows, key) {
  for (const row of rows) historyOf(histories, row.id).add(row[key]);
  for (const id of histories.keys()) if (!rows.some((row) => row.id === id)) histories.delete(id);
}

function spark(cell, history, color, most) {
  let canvas = cell.firstElementChild;
  if (!canvas) {
    canvas = document.createElement("canvas");
    canvas.className = "spark";
    canvas.setAttribute("aria-hidden", "true");
    cell.append(canvas);
  }
  drawSparkline(canvas, history, color, most);
}

function showShare(cell, { busy_share: share }) {
  if (!cell.firstElementChild) {
    const meter = document.createElement("meter");
    meter.setAttribute("aria-hidden", "true");
    cell.append(meter, document.createElement("span"));
  }
  cell.firstElementChild.value = share;
  cell.lastElementChild.textContent = `${Math.round(share * 100)} %`;
}

function askedFor(config) {
  if (!config) return "–";
  const people = config.people === 1 ? "1 person" : `${config.people} people`;
  return config.hands ? `${people}, hands` : people;
}

const address = new URL(location.href);
const given = address.searchParams.get("token");
if (given) {
  store.set({ token: given });
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}
poll();
