// Nothing typed is lost: a form with a key that names a draft (`{% form_key "post-new" %}`) is kept in the browser while it
// is filled in, filled again when it is next opened, and asks before it is left. The server says which forms are saved.
import { ask } from "./confirm.js";
import { drop, filesOf, keep, keepFiles, open, read, tidy } from "./kept.js";
import { renew } from "./tokens.js";
import { toast } from "./toasts.js";

const KEY = "input[data-draft]";
const UNTYPED = ["file", "password", "submit", "button", "image", "reset", "hidden"];
const OWN = ["form_key", "csrfmiddlewaretoken"];
const WAIT_MS = 300;
const LEAVE = {
  confirm: "Leave without saving?",
  confirmText: "What you typed is kept in this browser. You find it when you open the form again.",
  confirmLabel: "Leave",
  confirmStay: "Stay",
};
// By what they edit: what the page came with, and whether somebody has changed it. A live update may replace the form.
const begun = new Map();
let timer = 0;
let isLeaving = false;
const renewed = new WeakSet();
const renewing = new WeakSet();

const keyOf = (form) => form?.querySelector(KEY);
const nameOf = (form) => keyOf(form)?.dataset.draft;
const stateOf = (form) => begun.get(nameOf(form));
const forms = () => [...document.querySelectorAll(KEY)].map((key) => key.form);
const filesIn = (form) => [...form.querySelectorAll("input[type=file]")];
const isTicked = (control) => ["checkbox", "radio"].includes(control.type);
const isTyped = (control) => control.name && control.matches("input, select, textarea") && !UNTYPED.includes(control.type);
const hiddenIn = (form) => [...form.elements].filter((one) => one.type === "hidden" && !OWN.includes(one.name));

// --- what stands in a form: lists of values by the names of fields

function valuesOf(control, asServed) {
  if (isTicked(control)) return (asServed ? control.defaultChecked : control.checked) ? [control.value] : [];
  if (!control.options) return [asServed ? control.defaultValue : control.value];
  const options = [...control.options];
  const chosen = options.filter((option) => (asServed ? option.defaultSelected : option.selected));
  if (!chosen.length && asServed && control.type === "select-one") chosen.push(...options.slice(0, 1));
  return chosen.map((option) => option.value);
}

function contentOf(form, asServed = false) {
  const content = {};
  for (const control of [...form.elements].filter(isTyped)) (content[control.name] ??= []).push(...valuesOf(control, asServed));
  return content;
}

function changesIn(form) {
  const served = stateOf(form).served;
  const isChanged = ([name, values]) => JSON.stringify(values) !== JSON.stringify(served[name]);
  return Object.fromEntries(Object.entries(contentOf(form)).filter(isChanged));
}

const hiddenOf = (form) => Object.fromEntries(hiddenIn(form).map((one) => [one.name, one.value]));

function putHidden(form, values) {
  for (const one of hiddenIn(form)) one.value = values[one.name] ?? one.value;
}

// --- keeping

function keepNow(form) {
  const state = stateOf(form);
  if (!state?.isTouched) return;
  const fields = changesIn(form);
  const hasFiles = filesIn(form).some((input) => input.files.length);
  if (!hasFiles && !Object.keys(fields).length) {
    state.isTouched = false;
    drop(nameOf(form));
    return;
  }
  const served = Object.fromEntries(Object.keys(fields).map((name) => [name, state.served[name] ?? null]));
  const draft = { mark: keyOf(form).dataset.mark, at: Date.now(), fields, served, hidden: hiddenOf(form) };
  if (!keep(nameOf(form), draft)) sayOnce(state, "This browser has no room to keep what you type. Save before you leave.");
}

function keepAll() {
  clearTimeout(timer);
  for (const form of forms()) keepNow(form);
}

function sayOnce(state, text) {
  if (!state.isTold) toast(text, "warning");
  state.isTold = true;
}

async function keepChosen(form) {
  const chosen = filesIn(form).flatMap((input) => [...input.files].map((file) => ({ field: input.name, file })));
  const fits = await keepFiles(nameOf(form), chosen);
  if (!fits) toast("These files are larger than 20 MB, so they are not kept if you leave. Your text is.", "warning");
}

function touched(event) {
  const form = event.target.form;
  const state = stateOf(form);
  if (!state || !event.isTrusted && !state.isTouched) return;
  open();
  state.isTouched = true;
  clearTimeout(timer);
  timer = setTimeout(keepAll, WAIT_MS);
}

document.addEventListener("input", touched);
document.addEventListener("change", (event) => {
  touched(event);
  if (event.target.type !== "file" || !stateOf(event.target.form)) return;
  keepNow(event.target.form);
  if (event.isTrusted) keepChosen(event.target.form);
});
// Pasted rows and added ones are written by scripts.
document.addEventListener("paste", (event) => {
  const state = stateOf(event.target.form);
  if (state) state.isTouched = true;
});
addEventListener("pagehide", keepAll);
document.addEventListener("visibilitychange", () => { if (document.hidden) keepAll(); });

// --- filling again

function fill(control, values, number) {
  if (isTicked(control)) control.checked = values.includes(control.value);
  else if (!control.options) control.value = values[number] ?? control.value;
  else for (const option of control.options) option.selected = values.includes(option.value);
  const around = control.closest("details");
  if (around) around.open = true;
}

// The names of fields that the form does not have, or not as many of.
function fillAll(form, fields) {
  const missing = [];
  const controls = Object.groupBy([...form.elements].filter(isTyped), (control) => control.name);
  for (const [name, values] of Object.entries(fields)) {
    const own = controls[name] ?? [];
    own.forEach((control, number) => fill(control, values, number));
    if (!own.length || (values.length > own.length && !own[0].options)) missing.push(name);
  }
  return missing;
}

// htmx listens only when the whole page is there.
function tellOthers(form) {
  if ("ready" in document.documentElement.dataset) tellNow(form);
  else addEventListener("DOMContentLoaded", () => tellNow(form), { once: true });
}

function tellNow(form) {
  const control = [...form.elements].find(isTyped);
  for (const kind of ["input", "change"]) control?.dispatchEvent(new Event(kind, { bubbles: true }));
}

async function offerFiles(form) {
  const chosen = await filesOf(nameOf(form));
  for (const input of filesIn(form)) {
    const own = chosen.filter(({ field }) => field === input.name);
    if (!own.length || input.files.length) continue;
    const carrier = new DataTransfer();
    for (const { file } of own) carrier.items.add(file);
    input.files = carrier.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function momentOf(form, at) {
  const zone = keyOf(form).dataset.zone;
  const style = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  return new Intl.DateTimeFormat("en-GB", style).format(at);
}

function showNotice(form, draft, missing) {
  const notice = keyOf(form).nextElementSibling.content.firstElementChild.cloneNode(true);
  const place = notice.querySelector("[data-kept-at]");
  const table = form.querySelector("[data-draft-table]");
  const show = notice.querySelector("[data-show-table]");
  place.textContent = momentOf(form, draft.at);
  show.hidden = !table || !missing.length;
  show.addEventListener("click", () => showTable(form, table, draft, missing));
  notice.querySelector("[data-discard]").addEventListener("click", () => discard(form, notice));
  form.prepend(notice);
}

// Rows have no place until the page has a table, which the server makes of them. Nothing is saved by that.
function showTable(form, table, { fields, hidden }, missing) {
  const rows = missing.flatMap((name) => fields[name].map((value) => ({ name, value })));
  const marks = Object.entries(hidden).filter(([name]) => !form.elements[name]).map(([name, value]) => ({ name, value }));
  for (const field of [...rows, ...marks]) form.append(Object.assign(document.createElement("input"), field, { type: "hidden" }));
  form.requestSubmit(table);
}

function discard(form, notice) {
  const state = stateOf(form);
  drop(nameOf(form));
  notice.remove();
  form.reset();
  putHidden(form, state.hidden);
  state.isTouched = false;
  tellOthers(form);
}

function fillFrom(form, draft) {
  const missing = fillAll(form, draft.fields);
  // As the form was: what the server compares to tell that somebody else has changed it meanwhile goes along.
  putHidden(form, draft.hidden);
  stateOf(form).isTouched = true;
  showNotice(form, draft, missing);
  tellOthers(form);
}

function isShown(form, draft) {
  const content = contentOf(form);
  return Object.entries(draft.fields).every(([name, values]) => JSON.stringify(values) === JSON.stringify(content[name]));
}

function begin(form) {
  const key = keyOf(form);
  const name = key.dataset.draft;
  if (begun.has(name)) return;
  const draft = read(name);
  const wasSent = key.hasAttribute("data-sent");
  // What was sent and is shown again is still unsaved, all of it.
  const served = wasSent ? {} : contentOf(form, true);
  begun.set(name, { served, hidden: hiddenOf(form), isTouched: wasSent, isTold: false });
  if (wasSent) {
    keepNow(form);
    tellOthers(form);
  } else if (draft && !isShown(form, draft)) fillFrom(form, draft);
  if (key.hasAttribute("data-files-kept")) keepFiles(name, []);
  else if (draft) offerFiles(form);
}

// --- leaving and sending

const isUnsaved = () => forms().some((form) => stateOf(form)?.isTouched);

function isPlain(event, link) {
  const isModified = event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  return !isModified && !link.target && !link.matches("[download], [hx-get], [data-dialog], [data-confirm]");
}

function leadsAway(link) {
  const there = link.href.split("#")[0];
  const here = location.href.split("#")[0];
  return there.startsWith(`${location.origin}/`) && (there !== here || !link.hash);
}

function leave(link) {
  isLeaving = true;
  location.assign(link.href);
  // A download leaves the page where it is.
  setTimeout(() => { isLeaving = false; }, 2000);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || !isPlain(event, link) || !leadsAway(link)) return;
  keepAll();
  if (!isUnsaved()) return;
  event.preventDefault();
  ask(LEAVE).then((yes) => { if (yes) leave(link); });
});

addEventListener("beforeunload", (event) => {
  keepAll();
  if (!isLeaving && isUnsaved()) event.preventDefault();
});

// At the window and before all others: nothing else sees a form that waits for its token.
addEventListener("submit", (event) => {
  const form = event.target;
  if (!stateOf(form)) return;
  if (renewed.delete(form)) {
    isLeaving = true;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!renewing.has(form)) sendRenewed(form, event.submitter);
}, true);

// A live update would replace a form that waits, and what replaced it would not be sent.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (forms().some((form) => renewing.has(form) && detail.target.contains(form))) detail.shouldSwap = false;
});

async function sendRenewed(form, submitter) {
  renewing.add(form);
  keepNow(form);
  try {
    const person = await renew();
    if (person && person !== document.body.dataset.person) toast("You are logged in as somebody else in another tab. Log in as yourself there and send the form again.", "error");
    else send(form, submitter);
  } catch (error) {
    // The server is there and has no token: it says itself what is wrong.
    if (!(error instanceof TypeError)) send(form, submitter);
    else toast("The server cannot be reached. What you typed is kept; send the form again in a moment.", "error");
  } finally {
    renewing.delete(form);
  }
}

function send(form, submitter) {
  renewed.add(form);
  form.requestSubmit(submitter);
  renewed.delete(form);
}

// Back from the browser's cache: what was saved meanwhile needs no question.
addEventListener("pageshow", (event) => {
  isLeaving = false;
  if (!event.persisted) return;
  tidy();
  for (const [name, state] of begun) state.isTouched &&= Boolean(read(name));
});

tidy();
for (const form of forms()) begin(form);
document.addEventListener("htmx:afterSettle", () => { for (const form of forms()) begin(form); });
