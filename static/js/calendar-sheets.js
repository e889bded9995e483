// Empty slots and empty places open in the sheet; what has no script follows the same links to pages.
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
  const slot = event.target.closest?.("#calendar .slot-planned.is-open[data-post]");
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
