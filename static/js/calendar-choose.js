// Choosing many posts: Ctrl or Shift and a press, X on the keyboard, the boxes of the list, or the Choose button for fingers.
import { calendar } from "./calendar-move.js";

const form = document.querySelector("#bulk");
const mode = document.querySelector("#choose-mode");
const chosen = new Set();

// What goes along when a post is taken up: all that are chosen, if it is one of them.
export const company = (chip) => (chosen.has(chip.dataset.post) ? [...chosen] : [chip.dataset.post]);

const chips = () => [...calendar.querySelectorAll(".slot[data-post]")];

function show() {
  for (const chip of chips()) {
    const isIn = chosen.has(chip.dataset.post);
    chip.classList.toggle("is-chosen", isIn);
    if (isIn) chip.setAttribute("aria-describedby", "chosen-note");
    else chip.removeAttribute("aria-describedby");
  }
  for (const box of calendar.querySelectorAll("input[name=post]")) box.checked = chosen.has(box.value);
  form.querySelector("[data-chosen-count]").textContent = chosen.size;
  form.classList.toggle("is-open", chosen.size > 0);
}

function toggle(id) {
  if (!chosen.delete(id)) chosen.add(id);
  show();
}

if (form) {
  document.addEventListener("click", (event) => {
    const chip = event.target.closest?.("#calendar .slot[data-post]");
    const wants = event.ctrlKey || event.metaKey || event.shiftKey || mode?.getAttribute("aria-pressed") === "true";
    if (!chip || !wants) return;
    event.preventDefault();
    event.stopPropagation();
    toggle(chip.dataset.post);
  }, true);
  calendar.addEventListener("change", (event) => { if (event.target.name === "post") toggle(event.target.value); });
  // Not before: settling gives elements with an id the classes that the server sent.
  calendar.addEventListener("htmx:afterSettle", show);
  document.addEventListener("keydown", (event) => {
    const chip = event.target.closest?.("#calendar .slot[data-post]");
    if (!event.defaultPrevented && event.key === "x" && chip && !event.ctrlKey && !event.metaKey) toggle(chip.dataset.post);
  });
  mode?.addEventListener("click", () => mode.setAttribute("aria-pressed", String(mode.getAttribute("aria-pressed") !== "true")));
  form.addEventListener("click", (event) => {
    const which = event.target.closest("[data-choose]")?.dataset.choose;
    if (!which) return;
    chosen.clear();
    if (which === "all") for (const chip of chips()) chosen.add(chip.dataset.post);
    show();
  });
  form.addEventListener("formdata", (event) => {
    event.formData.delete("post");
    for (const id of chosen) event.formData.append("post", id);
  });
  for (const box of calendar.querySelectorAll("input[name=post]:checked")) chosen.add(box.value);
  show();
}
