// Moving a post: shown at once, decided by the server. What it refuses goes back to where it was, and says why.
import { toast } from "./toasts.js";

export const calendar = document.querySelector("#calendar");
const status = document.querySelector("#cal-status");
const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
let carrying = false;
let missed = false;

export function announce(text) {
  if (status) status.textContent = text;
}

export function refresh() {
  document.body.dispatchEvent(new CustomEvent("live:posts"));
}

// While a post is carried, nothing may be swapped away under it.
export function carry(yes) {
  carrying = yes;
  document.body.classList.toggle("is-carrying", yes);
  if (!yes && missed) {
    missed = false;
    refresh();
  }
}

calendar?.addEventListener("htmx:beforeSwap", (event) => {
  if (!carrying || event.detail.target !== calendar) return;
  missed = true;
  event.detail.shouldSwap = false;
});

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

async function ask(id, fields) {
  const answer = await fetch(`/calendar/posts/${id}${location.search}`, {
    method: "POST", headers: { ...token, Accept: "application/json" }, body: new URLSearchParams(fields),
  });
  const isJson = answer.headers.get("content-type")?.includes("json");
  const said = isJson ? await answer.json() : { message: "This could not be moved. Reload the page and try again." };
  return { ok: answer.ok && isJson, ...said };
}

export async function move(chip, place) {
  if (isHere(place, chip)) return;
  const seen = chip.querySelector("time").dateTime;
  const fields = place.box.dataset.at
    ? { at: new Date(instantOf(place)).toISOString(), seen } : { date: place.box.dataset.day, seen };
  const item = chip.closest("li");
  const home = { shelf: item?.parentElement, next: item?.nextElementSibling };
  if (item && !item.classList.contains("agenda-row")) settle(item, shelfOf(place.box), null);
  chip.classList.add("is-moving");
  carry(true);
  let said;
  try {
    said = await ask(chip.dataset.post, fields);
  } catch {
    said = { message: "The server cannot be reached. The post stays where it was." };
  }
  chip.classList.remove("is-moving");
  if (!said.ok && item) settle(item, home.shelf, home.next);
  tell(chip.dataset.post, said);
  carry(false);
  refresh();
}

// Notices are read out by themselves.
function tell(id, said) {
  const shown = toast(said.message, said.ok ? "success" : "error");
  if (!said.ok || !said.was) return;
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "btn btn-small";
  undo.textContent = "Undo";
  shown.querySelector(".toast-text").after(undo);
  undo.addEventListener("click", async () => {
    shown.remove();
    const back = await ask(id, { at: said.was, seen: said.at });
    toast(back.ok ? "Moved back." : back.message, back.ok ? "success" : "error");
    refresh();
  });
}
