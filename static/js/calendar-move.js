// Moving a post: shown at once, decided by the server. What it refuses goes back to where it was, and says why.
import { hold, release } from "./refreshes.js";
import { toast } from "./toasts.js";

export const calendar = document.querySelector("#calendar");
const status = document.querySelector("#cal-status");
const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");

export function announce(text) {
  if (status) status.textContent = text;
}

export function refresh() {
  document.body.dispatchEvent(new CustomEvent("live:posts"));
}

// While a post is carried, nothing may be swapped away under it.
export function carry(yes) {
  document.body.classList.toggle("is-carrying", yes);
  (yes ? hold : release)("carry");
}

// A place: a box and, where the box is an hour, the minutes into it.
export function placeWords({ box, minutes }, chip) {
  const label = box.dataset.label;
  if (!box.dataset.at) return `${label}, ${chip.querySelector("time").textContent}`;
  return label.replace(":00", `:${String(minutes).padStart(2, "0")}`);
}

export function instantOf({ box, minutes }) {
  return Date.parse(box.dataset.at) + minutes * 60000;
}

function isHere({ box, minutes }, chip) {
  const at = Date.parse(chip.querySelector("time").dateTime);
  if (box.dataset.at) return instantOf({ box, minutes }) === at;
  return chip.closest(".box")?.dataset.day === box.dataset.day;
}

function shelfOf(box) {
  let shelf = box.querySelector("ul");
  if (!shelf) {
    shelf = document.createElement("ul");
    shelf.className = box.dataset.at ? "hour-slots" : "day-slots";
    box.append(shelf);
  }
  return shelf;
}

// An element that is put elsewhere loses the focus.
function settle(item, shelf, next) {
  const focused = item.contains(document.activeElement) && document.activeElement;
  shelf.insertBefore(item, next);
  if (focused) focused.focus();
}

// A box on the wall clock that the page shows, as milliseconds: clock changes do not count.
const wallOf = (box, minutes = 0) => Date.parse(`${box.dataset.day}T${box.dataset.hour ?? "00"}:00Z`) + minutes * 60000;

function boxAt(wall, like) {
  const [day, hour] = new Date(wall).toISOString().split(/[T:]/);
  return calendar.querySelector(`.box[data-day="${day}"]${like.dataset.at ? `[data-hour="${hour}"]` : ""}`);
}

const seenOf = (chip) => chip.querySelector("time").dateTime;

function minutesInto(chip, box) {
  return box.dataset.at ? (Date.parse(seenOf(chip)) - Date.parse(box.dataset.at)) / 60000 : 0;
}

// Puts the posts where they probably go; what comes back puts one of them home again.
function settleAll(chips, place) {
  const from = chips[0].closest(".box");
  const distance = from && wallOf(place.box, place.minutes) - wallOf(from, minutesInto(chips[0], from));
  const homes = new Map();
  for (const chip of chips) {
    const item = chip.closest("li");
    const own = chip.closest(".box");
    const box = chip === chips[0] ? place.box : own && distance !== null && boxAt(wallOf(own, minutesInto(chip, own)) + distance, own);
    chip.classList.add("is-moving");
    if (!item || !box || item.classList.contains("agenda-row")) continue;
    homes.set(chip.dataset.post, [item, item.parentElement, item.nextElementSibling]);
    settle(item, shelfOf(box), null);
  }
  return (id) => homes.has(id) && settle(...homes.get(id));
}

async function ask(path, fields) {
  const answer = await fetch(`${path}${location.search}`, {
    method: "POST", headers: { ...token, Accept: "application/json" }, body: new URLSearchParams(fields),
  });
  const isJson = answer.headers.get("content-type")?.includes("json");
  const said = isJson ? await answer.json() : { message: "This could not be done. Reload the page and try again." };
  return { ok: answer.ok && isJson, ...said };
}

const lost = () => ({ message: "The server cannot be reached. Everything stays as it was." });

// Moves one post, or that one and the others beside it: `ids` may name posts that the page does not show just now.
export async function move(chip, place, ids = [chip.dataset.post]) {
  if (isHere(place, chip)) return;
  const where = place.box.dataset.at ? ["at", new Date(instantOf(place)).toISOString()] : ["date", place.box.dataset.day];
  const shown = (id) => calendar.querySelector(`.slot.is-open[data-post="${id}"]`);
  const others = ids.filter((id) => id !== chip.dataset.post);
  const chips = [chip, ...others.map(shown).filter(Boolean)];
  const also = others.map((id) => ["also", `${id} ${shown(id) ? seenOf(shown(id)) : ""}`]);
  const fields = [where, ["seen", seenOf(chip)], ...also];
  const goHome = settleAll(chips, place);
  carry(true);
  const said = await ask(`/calendar/posts/${chip.dataset.post}`, fields).catch(lost);
  for (const one of chips) one.classList.remove("is-moving");
  for (const id of said.ok ? Object.keys(said.left ?? {}) : ids) goHome(id);
  tell(said);
  carry(false);
  refresh();
}

// Notices are read out by themselves.
const MOST_TOLD = 5;

function tell({ ok, message, left = {}, undo }) {
  const reasons = Object.values(left);
  if (message) toast(message, ok ? "success" : "error", undo && { label: "Undo", act: () => takeBack(undo) });
  for (const reason of reasons.slice(0, MOST_TOLD)) toast(reason, "warning");
  if (reasons.length > MOST_TOLD) toast(`${reasons.length - MOST_TOLD} more were left as they were.`, "warning");
}

async function takeBack(ticket) {
  const { said, message } = await ask("/calendar/undo", { ticket }).catch(lost);
  for (const one of said ?? [{ message, level: "error" }]) toast(one.message, one.level);
  refresh();
}
