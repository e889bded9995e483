// What somebody has opened, typed or reached in a piece of the page outlives its live update.
import { isLive } from "./refreshes.js";

const CONTROLS = "input:not([type=hidden], [type=file]), select, textarea";
const VALUED = "button, [type=checkbox], [type=radio]";
let kept = null;

// Elements are new after a swap; one that leads to the same place from the same place is the same to people.
function likeness(element) {
  const names = ["id", "href", "name", ...(element.matches(VALUED) ? ["value"] : [])];
  const own = names.map((name) => element.getAttribute(name));
  const form = element.closest("form")?.getAttribute("action");
  const words = element.matches("summary, button") ? element.textContent.trim() : "";
  return JSON.stringify([...own, form, element.parentElement.closest("[id]")?.id, words]);
}

function successor({ tag, like }) {
  return [...document.querySelectorAll(tag)].find((element) => likeness(element) === like);
}

const traceOf = (element, state) => ({ tag: element.localName, like: likeness(element), state });

function stateOf(control) {
  if (control.matches(VALUED)) return control.checked === control.defaultChecked ? null : control.checked;
  const isAsSent = control.options ? [...control.options].every((one) => one.selected === one.defaultSelected) : control.value === control.defaultValue;
  return isAsSent ? null : control.value;
}

function putBack(control, state) {
  if (typeof state === "boolean") control.checked = state;
  else control.value = state;
}

function look(piece) {
  const typed = [...piece.querySelectorAll(CONTROLS)].map((control) => traceOf(control, stateOf(control)));
  const reached = piece.contains(document.activeElement) && traceOf(document.activeElement);
  return {
    opened: [...piece.querySelectorAll("details[open] > summary")].map((summary) => traceOf(summary)),
    typed: typed.filter(({ state }) => state !== null),
    reached,
  };
}

function restore({ opened, typed, reached }) {
  for (const trace of opened) successor(trace)?.parentElement.setAttribute("open", "");
  for (const trace of typed) {
    const control = successor(trace);
    if (control) putBack(control, trace.state);
  }
  if (reached && document.activeElement === document.body) successor(reached)?.focus({ preventScroll: true });
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  kept = detail.shouldSwap && isLive(detail.requestConfig.triggeringEvent) ? look(detail.target) : null;
});
// Settling gives elements their own attributes back, so what was opened is opened after it.
document.addEventListener("htmx:afterSettle", () => {
  if (kept) restore(kept);
  kept = null;
});
