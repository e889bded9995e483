// Dragging with mouse, pen or finger: a finger rests a moment on the post first, so that it can still scroll.
import { company } from "./calendar-choose.js";
import { announce, calendar, carry, move, placeWords } from "./calendar-move.js";

const FAR_PX = 5;
const REST_MS = 320;
const EDGE_PX = 28;
let held = null;

// What shows where the post would go: near the pointer, or at the box that the arrow keys have reached.
export class Ghost {
  constructor(chip) {
    this.chip = chip;
    this.element = chip.cloneNode(true);
    this.element.removeAttribute("id");
    this.element.className += " cal-ghost";
    this.words = this.element.querySelector("time");
    this.ids = company(chip);
    if (this.ids.length > 1) this.element.dataset.count = `${this.ids.length} posts`;
    this.element.classList.remove("is-chosen");
    this.element.style.width = `${Math.min(Math.max(chip.offsetWidth, 150), 260)}px`;
    document.body.append(this.element);
    for (const one of this.chips()) one.classList.add("is-dragging");
  }

  chips() {
    return [this.chip, ...this.ids.map((id) => document.querySelector(`#slot-${id}`)).filter(Boolean)];
  }

  said() {
    return this.ids.length > 1 ? `${this.ids.length} posts taken up.` : "Taken up.";
  }

  show(place, x, y) {
    this.place?.box.classList.remove("is-drop");
    this.place = place;
    place?.box.classList.add("is-drop");
    this.words.textContent = place ? placeWords(place, this.chip) : "…";
    this.element.style.translate = `${Math.min(x, innerWidth - this.element.offsetWidth - 6)}px ${y}px`;
  }

  remove() {
    this.place?.box.classList.remove("is-drop");
    for (const one of this.chips()) one.classList.remove("is-dragging");
    this.element.remove();
  }
}

function placeAt(x, y) {
  const box = document.elementFromPoint(x, y)?.closest("#calendar .box[data-day]");
  if (!box) return null;
  const area = box.getBoundingClientRect();
  const quarter = Math.floor((4 * (y - area.top)) / area.height);
  return { box, minutes: box.dataset.at ? 15 * Math.min(3, Math.max(0, quarter)) : 0 };
}

function begin() {
  held.ghost = new Ghost(held.chip);
  held.chip.closest("[popover]")?.hidePopover();
  carry(true);
  announce(held.ghost.said());
}

function scrollAtEdge(x, y) {
  const wrap = calendar.querySelector(".hours-wrap");
  const area = wrap?.getBoundingClientRect();
  if (area) {
    wrap.scrollTop += y < area.top + EDGE_PX + 36 ? -12 : y > area.bottom - EDGE_PX ? 12 : 0;
    wrap.scrollLeft += x < area.left + EDGE_PX ? -12 : x > area.right - EDGE_PX ? 12 : 0;
  } else {
    window.scrollBy(0, y < EDGE_PX + 52 ? -12 : y > innerHeight - EDGE_PX ? 12 : 0);
  }
}

function drag(event) {
  held.ghost.show(placeAt(event.clientX, event.clientY), event.clientX + 10, event.clientY + 10);
  scrollAtEdge(event.clientX, event.clientY);
}

function end(isDropped) {
  if (!held) return;
  clearTimeout(held.timer);
  const { chip, ghost } = held;
  held = null;
  if (!ghost) return;
  const place = ghost.place;
  ghost.remove();
  carry(false);
  if (isDropped && place) move(chip, place, ghost.ids);
  else announce("Left where it was.");
  // The press that ends a drag must not open the post too.
  const stop = (event) => { event.preventDefault(); event.stopPropagation(); };
  window.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", stop, { capture: true }), 50);
}

document.addEventListener("pointerdown", (event) => {
  const chip = event.target.closest?.(".slot.is-open[data-post]");
  if (!chip || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  held = { chip, x: event.clientX, y: event.clientY, id: event.pointerId, byFinger: event.pointerType === "touch" };
  if (held.byFinger) held.timer = setTimeout(() => { begin(); drag(event); navigator.vibrate?.(15); }, REST_MS);
});

document.addEventListener("pointermove", (event) => {
  if (!held || event.pointerId !== held.id) return;
  const far = Math.hypot(event.clientX - held.x, event.clientY - held.y) > FAR_PX;
  if (!held.ghost && far) {
    if (held.byFinger) return end(false);
    begin();
  }
  if (held?.ghost) drag(event);
});

document.addEventListener("pointerup", () => end(true));
document.addEventListener("pointercancel", () => end(false));
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && held?.ghost) { event.preventDefault(); end(false); } });
// A finger that carries a post does not scroll; links and long presses have menus and drags of their own.
document.addEventListener("touchmove", (event) => { if (held?.ghost) event.preventDefault(); }, { passive: false });
for (const own of ["dragstart", "contextmenu"]) {
  document.addEventListener(own, (event) => {
    if (event.target.closest?.(".slot.is-open") && (own === "dragstart" || held?.byFinger)) event.preventDefault();
  });
}
