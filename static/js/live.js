// Live updates. A frame names topics; every piece of the page that listens for one fetches itself again:
//   <div hx-get="…" hx-trigger="live:calendar from:body">
import { tellLoggedOut } from "./toasts.js";
import { renew } from "./tokens.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;
const PING_MS = 25000;
const SILENCE_MS = 60000;
const SIGNED_OUT = 4401;
const GATHER_MS = 80;
const GIVE_UP_AFTER = 4;
const WORDS = { connecting: "Connecting", connected: "Live", reconnecting: "Reconnecting", offline: "Offline", out: "Logged out" };

const body = document.body;
const indicator = document.querySelector("#live");
const waiting = new Set();
let gathering = 0;

// One socket that comes back by itself for as long as the page lives.
class Line {
  constructor(path) {
    this.url = new URL(path, location.href);
    this.url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.failures = 0;
    this.wasOpen = false;
    this.state = "connecting";
  }

  open() {
    this.socket = new WebSocket(this.url);
    this.heard = Date.now();
    this.socket.addEventListener("open", () => this.opened());
    this.socket.addEventListener("message", (event) => this.received(event.data));
    this.socket.addEventListener("close", (event) => this.closed(event.code));
  }

  opened() {
    const missed = this.wasOpen || this.failures > 0;
    this.failures = 0;
    this.state = "connected";
    this.heard = Date.now();
    this.pinger = setInterval(() => this.ping(), PING_MS);
    show();
    if (missed) refreshEverything();
    this.wasOpen = true;
  }

  ping() {
    // A line that was cut without a word still looks open; silence gives it away.
    if (Date.now() - this.heard > SILENCE_MS) this.socket.close();
    else this.socket.send(JSON.stringify({ type: "ping" }));
  }

  received(text) {
    this.heard = Date.now();
    let frame;
    try {
      frame = JSON.parse(text);
    } catch (error) {
      console.warn("a live frame is not JSON", error);
      return;
    }
    handle(frame);
  }

  closed(code) {
    clearInterval(this.pinger);
    clearTimeout(this.timer);
    this.failures += 1;
    this.state = this.failures > GIVE_UP_AFTER ? "offline" : "reconnecting";
    show();
    if (code === SIGNED_OUT) this.end();
    else this.timer = setTimeout(() => this.openAgain(), waitFor(this.failures));
  }

  // A line that is refused says no reason: it may be that nobody is signed in any more.
  async openAgain() {
    const person = await renew().catch(() => body.dataset.person);
    if (!person) this.end();
    else if (this.socket.readyState === WebSocket.CLOSED) this.open();
  }

  end() {
    this.state = "out";
    show();
    tellLoggedOut();
  }

  hurry() {
    if (this.socket?.readyState !== WebSocket.CLOSED) return;
    clearTimeout(this.timer);
    this.open();
  }
}

const lines = (body.dataset.liveSockets ?? "").split(/\s+/).filter(Boolean).map((path) => new Line(path));

// 1, 2, 4 … 30 s, each somewhere between half and full, so that many pages do not return at one moment.
function waitFor(failures) {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return longest * (0.5 + Math.random() / 2);
}

function handle(frame) {
  if (frame.type === "hello") catchUp(frame.data?.changed_at);
  else if (frame.type === "changed") gather(frame.data?.topics ?? []);
  else if (frame.type === "progress") showProgress(frame.data ?? {});
  else if (frame.type === "toast") body.dispatchEvent(new CustomEvent("toast", { bubbles: true, detail: frame.data }));
  body.dispatchEvent(new CustomEvent("live:frame", { detail: frame }));
}

// One change often arrives as many frames: they are told once. A hidden page hears of them when it is seen again.
function gather(topics) {
  for (const topic of topics) waiting.add(topic);
  if (!gathering && !document.hidden) gathering = setTimeout(tell, GATHER_MS);
}

function tell() {
  gathering = 0;
  const topics = [...waiting];
  waiting.clear();
  for (const topic of topics) body.dispatchEvent(new CustomEvent(`live:${topic}`));
}

// What changed between this page's making and its socket's opening was told to nobody here.
function catchUp(changedAt) {
  if (changedAt && changedAt * 1000 > Number(body.dataset.liveSince)) refreshEverything();
}

// Frames were missed while the line was down; nobody knows which, so every live piece fetches itself.
function refreshEverything() {
  body.dispatchEvent(new CustomEvent("live:reconnected"));
  const topics = new Set();
  for (const element of document.querySelectorAll('[hx-trigger*="live:"]:not([hx-trigger*="live:reconnected"])')) {
    topics.add(/live:([^\s,[]+)/.exec(element.getAttribute("hx-trigger"))[1]);
  }
  gather([...topics]);
}

function showProgress({ topic, percent, message }) {
  for (const element of document.querySelectorAll(`[data-progress="${CSS.escape(topic ?? "")}"]`)) {
    const bar = element.querySelector("progress");
    const known = typeof percent === "number";
    if (bar && known) bar.value = percent;
    setText(element.querySelector("[data-progress-percent]"), known ? `${Math.round(percent)} %` : undefined);
    setText(element.querySelector("[data-progress-message]"), message);
  }
}

function setText(element, text) {
  if (element && text !== undefined && element.textContent !== text) element.textContent = text;
}

function overall() {
  if (!navigator.onLine) return "offline";
  const states = new Set(lines.map((line) => line.state));
  return ["out", "offline", "reconnecting", "connecting"].find((state) => states.has(state)) ?? "connected";
}

function show() {
  if (!indicator) return;
  const state = overall();
  indicator.dataset.liveState = state;
  setText(indicator.querySelector(".live-text"), WORDS[state]);
}

function hurryAll() {
  show();
  for (const line of lines) line.hurry();
}

if (lines.length) {
  if (indicator) indicator.hidden = false;
  show();
  for (const line of lines) line.open();
  window.addEventListener("online", hurryAll);
  window.addEventListener("offline", show);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    hurryAll();
    if (waiting.size) tell();
  });
}
