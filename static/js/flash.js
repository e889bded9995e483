// What changed is lit once, softly: after a swap every [data-flash="key"] whose text differs from before.
const LASTS_MS = 1400;
const known = new Map();

function remember(root) {
  for (const element of root.querySelectorAll("[data-flash]")) known.set(element.dataset.flash, element.textContent.trim());
}

export function light(element) {
  element.classList.remove("flash");
  void element.offsetWidth; // restarts the animation of an element that is still lit
  element.classList.add("flash");
  setTimeout(() => element.classList.remove("flash"), LASTS_MS);
}

function compare() {
  for (const element of document.querySelectorAll("[data-flash]")) {
    const key = element.dataset.flash;
    const text = element.textContent.trim();
    if (known.has(key) && known.get(key) !== text) light(element);
    known.set(key, text);
  }
}

remember(document);
document.addEventListener("htmx:afterSwap", compare);
document.addEventListener("htmx:oobAfterSwap", compare);
