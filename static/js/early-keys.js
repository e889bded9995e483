// Runs before the modules: keys pressed until they listen are kept, and pressed again once they do. From then on
// <html> has data-ready. What is typed into fields needs no script.
(() => {
  const kept = [];
  const isField = (element) => element.matches?.("input, textarea, select, [contenteditable]");
  const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;

  function keep(event) {
    if (isField(event.target)) return;
    kept.push(event);
    // The browser's own search would take the focus out of the page.
    if (hasModifier(event) && event.key === "k") event.preventDefault();
  }

  function press(event) {
    const element = document.activeElement ?? document.body;
    const isUnused = element.dispatchEvent(new KeyboardEvent("keydown", event));
    // The first keys may have led into a field, where a key that a script presses writes nothing by itself.
    if (!isUnused || !isField(element) || event.key.length > 1 || hasModifier(event)) return;
    element.setRangeText?.(event.key, element.selectionStart, element.selectionEnd, "end");
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("keydown", keep, true);
  // Modules have run before this event, and htmx hears it at the document, before the window does.
  window.addEventListener("DOMContentLoaded", () => {
    document.removeEventListener("keydown", keep, true);
    document.documentElement.dataset.ready = "";
    kept.forEach(press);
  });
})();
