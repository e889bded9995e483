// The best hours of the week as a faint tint behind it; they come after the page, which does not wait for them.
import { calendar } from "./calendar-move.js";

let best = null;

async function load(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  best = new Map((await answer.json()).hours.map(([weekday, hour, tint, score]) => [weekday * 24 + hour, [tint, score]]));
  tint();
}

function tint() {
  if (!best?.size) return;
  for (const box of calendar.querySelectorAll(".hour[data-at]")) {
    const weekday = (new Date(`${box.dataset.day}T00:00Z`).getUTCDay() + 6) % 7;
    const found = best.get(weekday * 24 + Number(box.dataset.hour));
    if (!found) continue;
    box.classList.add(`heat-${found[0]}`);
    box.title ||= `Worth ${found[1]} of 100`;
  }
  const note = calendar.querySelector("#heat-note");
  if (note) note.hidden = false;
}

const url = calendar?.querySelector("[data-heat]")?.dataset.heat;
if (url) load(url);
calendar?.addEventListener("htmx:afterSwap", tint);
