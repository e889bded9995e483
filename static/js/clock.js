// Countdowns tick by the server's clock: the browser's may be wrong by minutes.
const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
const offset = serverOffset();

function serverOffset() {
  const stated = Date.parse(document.querySelector('meta[name="server-time"]')?.content ?? "");
  if (Number.isNaN(stated)) return 0;
  // The server wrote its time just before the first byte arrived, not when this script happens to run.
  const [entry] = performance.getEntriesByType("navigation");
  const arrived = entry ? performance.timeOrigin + entry.responseStart : Date.now();
  return stated - arrived;
}

export function serverNow() {
  return Date.now() + offset;
}

// The two largest units of a span in whole seconds; zeros are left out.
export function durationWords(seconds) {
  let rest = seconds;
  const amounts = UNITS.map(([size, unit]) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return [amount, unit];
  });
  const first = amounts.findIndex(([amount]) => amount > 0);
  if (first < 0) return "0 s";
  return amounts.slice(first, first + 2).filter(([amount]) => amount > 0).map((pair) => pair.join(" ")).join(" ");
}

export function countdownWords(milliseconds) {
  if (Math.abs(milliseconds) < 1000) return "now";
  const words = durationWords(Math.floor(Math.abs(milliseconds) / 1000));
  return milliseconds > 0 ? `in ${words}` : `${words} ago`;
}

function tick() {
  const now = serverNow();
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const left = Date.parse(element.dataset.countdown) - now;
    const words = countdownWords(left);
    if (element.textContent !== words) element.textContent = words;
    element.classList.toggle("is-past", left < 0);
  }
  setTimeout(tick, 1000 - (serverNow() % 1000));
}

tick();
document.addEventListener("visibilitychange", () => {
  // Hidden tabs are throttled: what is seen again must be right at once.
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-countdown]")) {
    element.textContent = countdownWords(Date.parse(element.dataset.countdown) - serverNow());
  }
});
