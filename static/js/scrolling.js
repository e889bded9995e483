// A piece that scrolls within itself can be reached and scrolled by keyboard; one that fits is no stop on the way.
const SCROLLS = ".table-wrap, .hours-wrap, .picker, .code pre";

function mark() {
  for (const piece of document.querySelectorAll(SCROLLS)) {
    const fits = piece.scrollWidth <= piece.clientWidth && piece.scrollHeight <= piece.clientHeight;
    piece.toggleAttribute("tabindex", !fits);
    if (!fits) piece.tabIndex = 0;
  }
}

mark();
addEventListener("resize", mark);
document.addEventListener("toggle", mark, true);
document.addEventListener("htmx:afterSwap", mark);
