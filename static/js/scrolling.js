// A piece that scrolls within itself can be reached and scrolled by keyboard; one that fits is no stop on the way.
const SCROLLS = ".table-wrap, .chart-wrap, .hours-wrap, .picker, .code pre";

function mark() {
  for (const piece of document.querySelectorAll(SCROLLS)) {
    const fits = piece.scrollWidth <= piece.clientWidth && piece.scrollHeight <= piece.clientHeight;
    piece.toggleAttribute("tabindex", !fits);
    if (!fits) piece.tabIndex = 0;
  }
}

// Of tabs that do not fit, the one that is open is in sight; of a chart of days, the last ones.
function reach() {
  for (const chart of document.querySelectorAll(".chart-wrap:has(> .chart-wide)")) chart.scrollLeft ||= chart.scrollWidth;
  for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
}

mark();
reach();
addEventListener("resize", mark);
document.addEventListener("toggle", mark, true);
document.addEventListener("htmx:afterSwap", mark);
document.addEventListener("htmx:afterSettle", reach);
