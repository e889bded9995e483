// data-dialog="#id" opens a <dialog>; data-close, Escape and a press beside it close it. The focus goes back.
// A link or button that also fetches with htmx into #sheet-body opens the shared sheet while it loads.
const openers = new WeakMap();

export function open(dialog, opener) {
  if (dialog.open) return;
  openers.set(dialog, { element: opener, id: opener?.id });
  const title = dialog.querySelector("#sheet-title");
  if (title) title.textContent = opener?.dataset.dialogTitle ?? opener?.textContent.trim() ?? "";
  if (title && opener?.hasAttribute("hx-get")) dialog.querySelector("#sheet-body").textContent = "Loading …";
  dialog.showModal();
}

function refocus(dialog) {
  const opener = openers.get(dialog);
  openers.delete(dialog);
  // A live update may have replaced the element meanwhile; its successor has the same id.
  const target = opener?.element?.isConnected ? opener.element : opener?.id && document.getElementById(opener.id);
  if (target) target.focus();
}

function isBeside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

let pressedBeside = null;
document.addEventListener("pointerdown", (event) => {
  const dialog = event.target;
  pressedBeside = dialog instanceof HTMLDialogElement && isBeside(dialog, event) ? dialog : null;
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
  const dialog = opener && document.querySelector(opener.dataset.dialog);
  if (dialog && !modified) {
    event.preventDefault();
    open(dialog, opener);
    return;
  }
  if (event.target.closest?.("[data-close]")) event.target.closest("dialog")?.close();
  // Pressed and released beside it: marking text out of the dialog must not close it.
  if (pressedBeside === event.target && isBeside(event.target, event)) event.target.close();
});

document.addEventListener("close", (event) => {
  if (event.target instanceof HTMLDialogElement) refocus(event.target);
}, true);

// The server answers `HX-Trigger: close-dialog` when the work in a dialog is done.
document.addEventListener("close-dialog", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});
