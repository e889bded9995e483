// Empty slots and empty places open in the sheet, crowded ones beside themselves; without script the same links lead to pages.
import { open } from "./dialogs.js";
import { calendar } from "./calendar-move.js";

const sheet = document.querySelector("#sheet");

function show(opener, title, url) {
  opener.dataset.dialogTitle = title;
  open(sheet, opener);
  const body = sheet.querySelector("#sheet-body");
  body.textContent = "Loading …";
  window.htmx.ajax("GET", url, { target: body, swap: "innerHTML" });
}

function isPlain(event) {
  return !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
}

document.addEventListener("click", (event) => {
  if (!isPlain(event)) return;
  const slot = event.target.closest?.(".slot-planned.is-open[data-post]");
  const place = event.target.closest?.("a[data-new-post]");
  if (!slot && !place) return;
  event.preventDefault();
  if (slot) show(slot, "Fill the slot", `/calendar/slots/${slot.dataset.post}${location.search}`);
  else show(place, "New post", place.href);
});

// An empty place of an hour is as good as its button.
calendar?.addEventListener("click", (event) => {
  if (isPlain(event) && event.target.matches(".hour")) event.target.querySelector("a[data-new-post]")?.click();
});

const popover = document.querySelector("#cal-popover");
let opener = null;

async function showMore(link) {
  const [from, to] = link.dataset.more.split(" ");
  const query = new URLSearchParams(location.search);
  query.set("from", from);
  query.set("to", to);
  popover.textContent = "Loading …";
  popover.showPopover();
  popover.innerHTML = await fetchMore(query);
  const area = link.getBoundingClientRect();
  popover.style.left = `${Math.max(8, Math.min(area.left, innerWidth - popover.offsetWidth - 8))}px`;
  popover.style.top = `${Math.max(8, Math.min(area.top, innerHeight - popover.offsetHeight - 8))}px`;
  popover.querySelector("a")?.focus();
}

async function fetchMore(query) {
  const answer = await fetch(`/calendar/more?${query}`);
  return answer.ok ? answer.text() : "This could not be loaded. Reload the page.";
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-more]");
  if (!link || !isPlain(event)) return;
  event.preventDefault();
  opener = link.id;
  showMore(link);
});
popover?.addEventListener("toggle", (event) => {
  const held = popover.contains(document.activeElement) || document.activeElement === document.body;
  if (event.newState === "closed" && held) document.getElementById(opener)?.focus();
});
calendar?.addEventListener("htmx:afterSwap", () => {
  const link = popover?.matches(":popover-open") && document.getElementById(opener);
  if (link) showMore(link);
});
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
