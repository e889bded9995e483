// data-confirm="Question?" on a form, button or link asks before it acts. More: data-confirm-text (what will
// happen), data-confirm-label (the verb on the button), data-confirm-level="danger".
import { hold, release } from "./refreshes.js";

const passed = new WeakSet();

export function ask({ confirm, confirmText = "", confirmLabel = "Continue", confirmStay = "Keep as it is", confirmLevel = "" }) {
  const dialog = document.querySelector("#confirm-dialog");
  const yes = dialog.querySelector("[data-confirm-yes]");
  dialog.querySelector("#confirm-title").textContent = confirm;
  dialog.querySelector("#confirm-text").textContent = confirmText;
  yes.textContent = confirmLabel;
  dialog.querySelector("[value=no]").textContent = confirmStay;
  yes.className = confirmLevel === "danger" ? "btn btn-danger-fill" : "btn btn-primary";
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

function intercept(event, element, proceed) {
  if (passed.delete(element)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // What asks must still be there when it is answered.
  hold("confirm");
  ask(element.dataset).then((yes) => {
    if (yes) {
      passed.add(element);
      proceed();
      // A form that its own checks hold back must ask again the next time.
      passed.delete(element);
    }
    release("confirm");
  });
}

// Capturing, so that neither htmx nor the double-submit guard sees the event before the person has answered.
document.addEventListener("click", (event) => {
  const element = event.target.closest?.("a[data-confirm], button[data-confirm], input[data-confirm]");
  if (element) intercept(event, element, () => element.click());
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-confirm]");
  if (form) intercept(event, form, () => form.requestSubmit(event.submitter));
}, true);
