// When a piece that fetches itself again may be swapped: not under a press, for a click is pressed and released on one
// element, nor under a question or a post that is carried; and no oftener than every `data-every` seconds. What waits is
// fetched anew.
const LATE_CLICK_MS = 100;
const reasons = new Set();
const waiting = new Set();
const askAgain = new WeakMap();
const asked = new WeakMap();
let lettingGo = 0;

export function hold(reason) {
  reasons.add(reason);
}

export function release(reason) {
  reasons.delete(reason);
  if (reasons.size) return;
  const pieces = [...waiting];
  waiting.clear();
  for (const piece of pieces) askAgain.get(piece)(true);
}

export const isLive = (event) => Boolean(event?.type.startsWith("live:"));
export const isTyped = (event) => ["input", "change"].includes(event?.type);

// Nobody presses anything to get these.
const isByItself = (event) => isLive(event) || isTyped(event);

// The first change shows at once, the last one as soon as its time has come; those between need no turn of their own.
function pace(event, piece, issueRequest) {
  const now = performance.now();
  const before = asked.get(piece) ?? -Infinity;
  const next = before + 1000 * piece.dataset.every;
  if (next > now) event.preventDefault();
  if (before > now) return;
  asked.set(piece, Math.max(next, now));
  if (next > now) setTimeout(() => issueRequest(true), next - now);
}

document.addEventListener("htmx:confirm", (event) => {
  const { elt, issueRequest, triggeringEvent } = event.detail;
  if (!isByItself(triggeringEvent)) return;
  askAgain.set(elt, issueRequest);
  if (elt.dataset.every) pace(event, elt, issueRequest);
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!reasons.size || !isByItself(detail.requestConfig.triggeringEvent)) return;
  detail.shouldSwap = false;
  waiting.add(detail.requestConfig.elt);
});

function press() {
  clearTimeout(lettingGo);
  lettingGo = 0;
  hold("press");
}

// The click ends a press; that of a finger comes a little after the finger has left. Answers to it are not held up.
function clicked() {
  clearTimeout(lettingGo);
  lettingGo = setTimeout(() => release("press"));
}

function letGo() {
  if (reasons.has("press")) lettingGo ||= setTimeout(() => release("press"), LATE_CLICK_MS);
}

addEventListener("pointerdown", (event) => { if (event.button === 0) press(); }, true);
addEventListener("keydown", (event) => { if (event.key === " ") press(); }, true);
for (const end of ["pointerup", "pointercancel", "keyup", "contextmenu"]) addEventListener(end, letGo, true);
addEventListener("blur", letGo);
addEventListener("click", clicked, true);
// A button that was let go outside the window is seen to be up when the pointer is back.
addEventListener("pointermove", (event) => { if (!event.buttons) letGo(); }, true);
