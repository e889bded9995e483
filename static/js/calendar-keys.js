// The keyboard: Space takes a post up, arrows carry it, Enter or Space puts it down, Escape leaves it; letters turn pages.
import { Ghost } from "./calendar-drag.js";
import { announce, calendar, carry, move, placeWords } from "./calendar-move.js";

const PAGES = { t: "#cal-today", j: "#cal-following", k: "#cal-previous", m: "#cal-month", w: "#cal-week", d: "#cal-day", l: "#cal-list", n: "#new-post" };
let lifted = null;

const boxes = () => [...calendar.querySelectorAll(".box[data-day]")];

function placeOf(chip) {
  const box = chip.closest(".box");
  const since = box.dataset.at ? (Date.parse(chip.querySelector("time").dateTime) - Date.parse(box.dataset.at)) / 60000 : 0;
  return { box, minutes: Math.floor(since) };
}

// Days keep the hour where they have it; hours go on into the next day, over clock changes as they come.
function stepped({ box, minutes }, key, isLarge) {
  const all = boxes();
  const way = key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1;
  const isAcross = key === "ArrowLeft" || key === "ArrowRight";
  if (!box.dataset.at) return { box: all[all.indexOf(box) + way * (isAcross || all.length < 28 ? 1 : 7)] ?? box, minutes };
  const days = [...new Set(all.map((one) => one.dataset.day))].sort();
  if (isAcross) {
    const column = all.filter((one) => one.dataset.day === days[days.indexOf(box.dataset.day) + way]);
    const hour = box.dataset.hour;
    return { box: column.find((one) => one.dataset.hour >= hour) ?? column.at(-1) ?? box, minutes };
  }
  const inOrder = all.sort((one, other) => Date.parse(one.dataset.at) - Date.parse(other.dataset.at));
  const on = isLarge ? minutes + 60 * way : (Math.floor(minutes / 15) + way) * 15;
  if (on >= 0 && on < 60) return { box, minutes: on };
  const next = inOrder[inOrder.indexOf(box) + way];
  return next ? { box: next, minutes: ((on % 60) + 60) % 60 } : { box, minutes };
}

function show() {
  lifted.place.box.scrollIntoView({ block: "nearest", inline: "nearest" });
  const area = lifted.place.box.getBoundingClientRect();
  lifted.ghost.show(lifted.place, area.left + 6, area.top + (area.height * lifted.place.minutes) / 60 + 2);
}

function lift(chip) {
  lifted = { chip, place: placeOf(chip), ghost: new Ghost(chip) };
  carry(true);
  show();
  announce(`${chip.textContent.trim()}: ${lifted.ghost.said()} Arrow keys carry, Enter puts down, Escape leaves all where it was.`);
}

function put(isDropped) {
  const { chip, place, ghost } = lifted;
  lifted = null;
  ghost.remove();
  carry(false);
  if (isDropped) move(chip, place, ghost.ids);
  else announce("Left where it was.");
}

function carried(event) {
  const acts = { Enter: () => put(true), " ": () => put(true), Escape: () => put(false), Tab: () => put(false) };
  if (event.key.startsWith("Arrow")) {
    lifted.place = stepped(lifted.place, event.key, event.shiftKey);
    show();
    announce(placeWords(lifted.place, lifted.chip));
  } else if (acts[event.key]) acts[event.key]();
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (lifted) return carried(event);
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open], [popover]:popover-open")) return;
  const chip = event.target.closest?.("#calendar .slot.is-open");
  if (event.key === " " && chip) {
    event.preventDefault();
    lift(chip);
  } else if (!event.target.matches("input, textarea, select, summary")) {
    document.querySelector(PAGES[event.key] ?? "#none")?.click();
  }
});
document.addEventListener("focusout", (event) => { if (lifted?.chip === event.target) put(false); });
