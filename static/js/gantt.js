// The Gantt chart for pointer and keyboard: what a bar is stands beside it, arrow keys go from bar to bar, + and − zoom,
// a new zoom keeps the hour in the middle, and the line that shows now moves on.
const tip = document.createElement("div");
tip.className = "gantt-tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);
let middle = null;

const chart = () => document.querySelector("[data-gantt]");
const rows = () => [...document.querySelectorAll("[data-row]")].map((row) => [...row.querySelectorAll(".act")]);

// The words leave the title, else the browser shows them a second time.
function wordsOf(bar) {
  const title = bar.querySelector("title");
  if (title) {
    bar.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  return bar.getAttribute("aria-label");
}

function tell(bar, x) {
  tip.textContent = wordsOf(bar);
  tip.hidden = false;
  const box = bar.getBoundingClientRect();
  const left = Math.min(x ?? Math.max(box.left, 8), innerWidth - tip.offsetWidth - 8);
  const above = box.top - tip.offsetHeight - 6;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${above > 4 ? above : box.bottom + 6}px`;
}

function go(bar) {
  if (!bar) return;
  for (const other of document.querySelectorAll(".act[tabindex]")) other.removeAttribute("tabindex");
  wordsOf(bar);
  bar.tabIndex = -1;
  bar.focus({ preventScroll: true });
  const wrap = chart();
  const box = bar.getBoundingClientRect();
  const view = wrap.getBoundingClientRect();
  const names = wrap.querySelector(".gantt-names").getBoundingClientRect().width;
  if (box.left < view.left + names || box.left > view.right - 40) wrap.scrollLeft += box.left - view.left - names - 24;
  bar.scrollIntoView({ block: "nearest", inline: "nearest" });
  tell(bar);
}

function nearest(bars, x) {
  return bars.reduce((best, bar) => (Math.abs(bar.x.baseVal.value - x) < Math.abs(best.x.baseVal.value - x) ? bar : best), bars[0]);
}

function step(key, current) {
  const all = rows().filter((bars) => bars.length);
  if (!current) return all[0]?.[0];
  const at = all.findIndex((bars) => bars.includes(current));
  const own = all[at];
  const place = own.indexOf(current);
  if (key === "ArrowRight") return own[place + 1] ?? all[at + 1]?.[0];
  if (key === "ArrowLeft") return own[place - 1] ?? all[at - 1]?.at(-1);
  if (key === "Home") return own[0];
  if (key === "End") return own.at(-1);
  const other = all[at + (key === "ArrowDown" ? 1 : -1)];
  return other && nearest(other, current.x.baseVal.value);
}

function zoom(by) {
  const links = [...document.querySelectorAll("[data-zoom]")];
  links[links.findIndex((link) => link.ariaCurrent === "true") + by]?.click();
}

document.addEventListener("keydown", (event) => {
  const wrap = event.target.closest?.("[data-gantt]");
  if (!wrap || event.ctrlKey || event.metaKey || event.altKey) return;
  const current = event.target.closest(".act");
  if (event.key === "+" || event.key === "=") zoom(-1);
  else if (event.key === "-") zoom(1);
  else if (event.key === "Escape") {
    tip.hidden = true;
    wrap.focus();
  } else if (/^(Arrow|Home$|End$)/.test(event.key)) {
    event.preventDefault();
    go(step(event.key, current));
  }
});

document.addEventListener("pointerover", (event) => {
  const bar = event.target.closest?.(".act");
  if (bar) tell(bar, event.clientX);
  else if (!document.activeElement?.matches(".act")) tip.hidden = true;
});
document.addEventListener("focusout", (event) => {
  if (event.target.matches?.(".act")) tip.hidden = true;
});
document.addEventListener("scroll", () => { tip.hidden = true; }, true);

// What was looked for is brought into sight, unless some of it is there already.
function showHits() {
  const wrap = chart();
  const hits = [...(wrap?.querySelectorAll(".is-hit") ?? [])];
  const view = wrap?.getBoundingClientRect();
  const seen = (box) => box.right > view.left + 180 && box.left < view.right && box.top < view.bottom && box.bottom > view.top;
  if (!hits.length || hits.some((hit) => seen(hit.getBoundingClientRect()))) return;
  const box = hits[0].getBoundingClientRect();
  wrap.scrollBy(box.left - view.left - 240, box.top - view.top - 60);
}

showHits();
document.addEventListener("htmx:beforeSwap", () => {
  const wrap = chart();
  tip.hidden = true;
  middle = wrap && { hour: (wrap.scrollLeft + wrap.clientWidth / 2) / Number(wrap.dataset.gantt), focused: wrap.contains(document.activeElement), left: wrap.scrollLeft };
});
document.addEventListener("htmx:afterSettle", () => {
  const wrap = chart();
  if (!wrap) return;
  if (middle?.left) wrap.scrollLeft = middle.hour * Number(wrap.dataset.gantt) - wrap.clientWidth / 2;
  if (middle?.focused) wrap.focus({ preventScroll: true });
  showHits();
  middle = null;
});

const SECONDS = 20;
setInterval(() => {
  for (const line of document.querySelectorAll("[data-per-hour]")) {
    const x = Number(line.getAttribute("x1")) + (Number(line.dataset.perHour) * SECONDS) / 3600;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
  }
}, SECONDS * 1000);
