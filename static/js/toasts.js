// Notices at the corner: Django's messages, `HX-Trigger: {"toast": {"message": …, "level": …}}`, and failed requests.
const LASTS_MS = 6000;
// A notice that offers something lasts until it can have been read, weighed and reached by keyboard.
const OFFERS_MS = 20000;
const LEVELS = ["info", "success", "warning", "error"];
const stack = document.querySelector("#toasts");
const home = stack?.parentElement;

export function toast(message, level = "info", offer = null) {
  const known = LEVELS.includes(level) ? level : "info";
  const element = document.querySelector(`#toast-${known}`).content.firstElementChild.cloneNode(true);
  element.querySelector(".toast-text").textContent = message;
  if (offer) element.querySelector(".toast-text").after(button(element, offer));
  host().append(stack);
  stack.append(element);
  expire(element);
  return element;
}

function button(element, { label, act }) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-small";
  made.textContent = label;
  made.addEventListener("click", () => { element.remove(); act(); });
  return made;
}

// Behind a modal dialog a notice could be neither read nor dismissed, so the stack moves into it for the while.
function host() {
  const dialogs = document.querySelectorAll("dialog:modal");
  return dialogs[dialogs.length - 1] ?? home;
}

// Errors and warnings stay until they are dismissed; the rest leaves, but not while somebody points at it.
function expire(element) {
  if (["error", "warning"].includes(element.dataset.toast)) return;
  const offers = element.querySelector(".btn:not([data-toast-close])");
  let timer = setTimeout(() => element.remove(), offers ? OFFERS_MS : LASTS_MS);
  for (const held of ["pointerenter", "focusin"]) element.addEventListener(held, () => clearTimeout(timer));
  for (const left of ["pointerleave", "focusout"]) {
    element.addEventListener(left, () => {
      clearTimeout(timer);
      timer = setTimeout(() => element.remove(), LASTS_MS / 2);
    });
  }
}

function explain(status) {
  if (status === 403) return "You may not do this. If you logged in or out in another tab, press again.";
  if (status === 404) return "This no longer exists. Reload the page to see what is there now.";
  if (status === 409) return "Somebody or something changed this first. Reload the page and look again.";
  if (status === 429) return "Too many requests. Wait a moment and try again.";
  return `The server could not do this (error ${status}). Try again in a minute.`;
}

// Once is enough: every piece of the page that updates itself finds it out.
let isLoggedOut = false;
export function tellLoggedOut() {
  if (isLoggedOut) return;
  isLoggedOut = true;
  const act = () => location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  toast("You are logged out. Log in to go on where you are.", "error", { label: "Log in", act });
}

document.addEventListener("close", (event) => {
  if (event.target.contains?.(stack)) host().append(stack);
}, true);
for (const element of stack?.querySelectorAll(".toast") ?? []) expire(element);
document.addEventListener("toast", (event) => toast(event.detail.message ?? event.detail.value, event.detail.level));
document.addEventListener("click", (event) => {
  event.target.closest?.("[data-toast-close]")?.closest(".toast").remove();
});
document.addEventListener("htmx:responseError", (event) => {
  // A server that says itself what went wrong has said it through HX-Trigger.
  const told = event.detail.xhr.getResponseHeader("HX-Trigger")?.includes('"toast"');
  if (event.detail.xhr.status === 401) tellLoggedOut();
  else if (!told) toast(explain(event.detail.xhr.status), "error");
});
document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. Check the connection and try again.", "error"));
