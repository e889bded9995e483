// One press, one request; filters that apply themselves; errors that are found at once.
function release(form) {
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-busy");
    button.removeAttribute("aria-disabled");
  }
}

function hold(form, button) {
  form.setAttribute("aria-busy", "true");
  button?.setAttribute("aria-busy", "true");
  button?.setAttribute("aria-disabled", "true");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (form.method === "dialog" || form.target === "_blank" || form.hasAttribute("data-download")) return;
  // Waits a turn: a handler may still stop the event, and the button's own value must be sent along.
  const byHtmx = form.matches("[hx-post], [hx-get], [hx-put], [hx-patch], [hx-delete]");
  setTimeout(() => {
    if (byHtmx || !event.defaultPrevented) hold(form, event.submitter);
  });
}, true);

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});

// A page that comes back from the browser's cache must not stay busy.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[aria-busy]")) release(form);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-autosubmit]");
  if (form) form.requestSubmit();
});

// A sheet was chosen of the file before: the next one is not asked for it while its own sheets are on their way.
document.addEventListener("change", (event) => {
  if (event.target.id === "id_file") document.querySelector(".sheet-field")?.replaceChildren();
});

// Empty filters are left out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form[data-autosubmit], form.filters")) return;
  for (const [name, value] of [...event.formData]) {
    if (value === "") event.formData.delete(name);
  }
});

function showErrors(root) {
  root.querySelector?.("[data-form-errors]")?.focus();
}

showErrors(document);
document.addEventListener("htmx:afterSettle", (event) => showErrors(event.target));
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-form-errors] a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const control = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
  (control ?? field).focus();
  (control ?? field).scrollIntoView({ block: "center" });
});
