// "?" shows the shortcuts; "g" and then a letter goes to the page whose link in the menu has that data-key.
const WAITS_MS = 1500;
let began = -Infinity;

function isBusy(event) {
  const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
  return typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]");
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || isBusy(event)) return;
  if (event.key === "?") {
    event.preventDefault();
    document.querySelector("#shortcuts-dialog")?.showModal();
  } else if (event.timeStamp - began < WAITS_MS) {
    began = -Infinity;
    event.preventDefault();
    document.querySelector(`.sidebar [data-key="${CSS.escape(event.key)}"]`)?.click();
  } else if (event.key === "g") {
    began = event.timeStamp;
  }
});
