// Ctrl-K (or Cmd-K, or /) opens the search; arrow keys walk through what was found, Enter opens it.
const dialog = document.querySelector("#search-dialog");
const input = dialog?.querySelector("#search-input");

function links() {
  return [...dialog.querySelectorAll("#search-results a[href]")];
}

function isTyping(element) {
  return element.matches?.("input, textarea, select, [contenteditable]") ?? false;
}

function wantsSearch(event) {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) return event.key.toLowerCase() === "k";
  return event.key === "/" && !event.altKey && !isTyping(event.target);
}

function walk(event) {
  const found = links();
  const at = found.indexOf(document.activeElement);
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  if (next < 0) input.focus();
  else found[Math.min(next, found.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (!dialog) return;
  if (wantsSearch(event)) {
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) document.querySelector("[data-hotkey-search]")?.click();
    input.select();
  } else if (dialog.open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    walk(event);
  } else if (dialog.open && event.key === "Escape") {
    // A search field would only clear itself.
    event.preventDefault();
    dialog.close();
  } else if (dialog.open && event.key === "Enter" && event.target === input && links().length) {
    event.preventDefault();
    links()[0].click();
  }
});
