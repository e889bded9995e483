// What somebody has opened, typed or reached in a piece of the page outlives its live update; what they typed on while
// an answer was on its way outlives the answer, and is asked for in its turn.
import { isLive, isTyped } from "./refreshes.js";

const CONTROLS = "input:not([type=hidden], [type=file]), select, textarea";
const TICKED = "[type=checkbox], [type=radio]";
const SEEN = "input[name=seen]";
const held = new WeakMap();
let kept = null;

// Elements are new after a swap; one that leads to the same place from the same place is the same to people.
function likeness(element) {
  const names = ["id", "href", "name", ...(element.matches(`button, ${TICKED}`) ? ["value"] : [])];
  const own = names.map((name) => element.getAttribute(name));
  const form = element.closest("form")?.getAttribute("action");
  const words = element.matches("summary, button") ? element.textContent.trim() : "";
  return JSON.stringify([...own, form, element.parentElement.closest("[id]")?.id, words]);
}

const traceOf = (element, told) => ({ tag: element.localName, like: likeness(element), told, state: stateOf(element) });
const successor = ({ tag, like }) => [...document.querySelectorAll(tag)].find((element) => likeness(element) === like);

const stateOf = (control) => (control.matches(TICKED) ? control.checked : control.value);
const controlsOf = (piece) => [...piece.querySelectorAll(CONTROLS)];

function isAsSent(control) {
  if (control.options) return [...control.options].every((one) => one.selected === one.defaultSelected);
  return control.matches(TICKED) ? control.checked === control.defaultChecked : control.value === control.defaultValue;
}

// What a form was opened with goes with what was typed into it: else it would overwrite what others changed meanwhile.
function look(piece) {
  const opened = [...piece.querySelectorAll("details[open] > summary")].map((summary) => traceOf(summary));
  const changed = controlsOf(piece).filter((control) => !isAsSent(control));
  const seen = [...new Set(changed.map((control) => control.form?.querySelector(SEEN)))].filter(Boolean);
  const typed = [...seen, ...changed].map((control) => traceOf(control, "input"));
  return { opened, typed, reached: piece.contains(document.activeElement) && traceOf(document.activeElement) };
}

function typedSince(piece, before) {
  const changed = controlsOf(piece).filter((control) => before?.has(control) && before.get(control) !== stateOf(control));
  const typed = changed.map((control) => traceOf(control, control.matches(`select, ${TICKED}`) ? "change" : "input"));
  return { opened: [], typed, reached: null };
}

function putBack(control, { state, told }) {
  if (stateOf(control) === state) return;
  control[control.matches(TICKED) ? "checked" : "value"] = state;
  control.dispatchEvent(new Event(told, { bubbles: true }));
}

function restore({ opened, typed, reached }) {
  for (const trace of opened) successor(trace)?.parentElement.setAttribute("open", "");
  for (const trace of typed) {
    const control = successor(trace);
    if (control) putBack(control, trace);
  }
  if (reached && document.activeElement === document.body) successor(reached)?.focus({ preventScroll: true });
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (isTyped(detail.triggeringEvent)) held.set(detail.elt, new Map(controlsOf(detail.target).map((one) => [one, stateOf(one)])));
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target, requestConfig: { elt, triggeringEvent } } = detail;
  kept = null;
  // Two texts to choose from stay until somebody has chosen.
  if (isLive(triggeringEvent) && target.querySelector("[data-clash]")) detail.shouldSwap = false;
  const { shouldSwap } = detail;
  if (shouldSwap && isLive(triggeringEvent)) kept = look(target);
  else if (shouldSwap && isTyped(triggeringEvent)) kept = typedSince(target, held.get(elt));
});
// Settling gives elements their own attributes back, so what was opened is opened after it.
document.addEventListener("htmx:afterSettle", () => {
  if (kept) restore(kept);
  kept = null;
});
