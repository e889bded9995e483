// <details class="menu">: one open at a time; Escape, a press outside and leaving by Tab close it.
function openMenus() {
  return document.querySelectorAll("details.menu[open]");
}

document.addEventListener("pointerdown", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]") ?? (event.key === "Escape" ? openMenus()[0] : undefined);
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    step(menu, event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
  }
});

function step(menu, direction) {
  const items = [...menu.querySelectorAll("a[href], button:not([disabled])")].filter((item) => item.checkVisibility());
  const at = items.indexOf(document.activeElement);
  const next = at < 0 ? (direction > 0 ? 0 : items.length - 1) : (at + direction + items.length) % items.length;
  items[next]?.focus();
}
