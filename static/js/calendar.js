// What the calendar does beyond links and forms; without it, posts are moved and filled on their own pages.
import "./calendar-choose.js";
import "./calendar-drag.js";
import "./calendar-heat.js";
import "./calendar-keys.js";
import "./calendar-sheets.js";
import { calendar, refresh } from "./calendar-move.js";

const EARLIEST = "07";
const QUARTER_MS = 15 * 60 * 1000;
const wrap = () => calendar?.querySelector(".hours-wrap");
let kept = null;

// A day opens at its first post or at seven, whichever is earlier, and stays where it was scrolled to when it is swapped.
function open() {
  const hours = wrap();
  if (!hours) return;
  const row = hours.querySelector(`.slot, .hour[data-hour="${EARLIEST}"]`)?.closest("tr");
  if (row) hours.scrollTop = row.offsetTop - hours.querySelector("thead").offsetHeight;
}

calendar?.addEventListener("htmx:beforeSwap", () => { kept = wrap() && [wrap().scrollLeft, wrap().scrollTop]; });
calendar?.addEventListener("htmx:afterSwap", () => { if (kept && wrap()) [wrap().scrollLeft, wrap().scrollTop] = kept; });
open();
// The line that shows now, and the day that is today, move on while nothing else happens.
setInterval(refresh, QUARTER_MS);
