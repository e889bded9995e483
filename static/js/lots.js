// The tables of a new plan: what the check finds wrong is marked where it is, and cells of a spreadsheet can be pasted.
const table = () => document.querySelector("[data-lots]");
const COLUMNS = 7;

function mark() {
  for (const input of table()?.querySelectorAll("[aria-invalid]") ?? []) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("title");
  }
  for (const wrong of document.querySelectorAll(".is-wrong[data-row]")) {
    const input = document.querySelector(`#row-${wrong.dataset.row} [name="row_${wrong.dataset.field}"]`);
    input?.setAttribute("aria-invalid", "true");
    input?.setAttribute("title", wrong.dataset.message);
  }
}

// The same for rules in rows; the row under one's hands is left in peace. Blank rows have no number.
function markRules() {
  for (const cell of document.querySelectorAll(".rule-rows .rule-wrong")) cell.parentElement.remove();
  for (const input of document.querySelectorAll(".rule-rows [aria-invalid]")) input.removeAttribute("aria-invalid");
  for (const { dataset } of document.querySelectorAll("[data-rule-table]")) {
    const rows = [...document.querySelectorAll(`.rule-${dataset.ruleTable} tbody tr`)];
    const row = rows.filter((one) => [...one.querySelectorAll("input")].some((input) => input.value))[dataset.number];
    if (!row || row.contains(document.activeElement)) continue;
    for (const input of row.querySelectorAll("input")) input.setAttribute("aria-invalid", "true");
    const cell = row.parentElement.insertRow(row.sectionRowIndex + 1).insertCell();
    Object.assign(cell, { className: "rule-wrong", colSpan: 3, textContent: dataset.message });
  }
}

function addRow() {
  const body = table().tBodies[0];
  const row = body.rows[body.rows.length - 1].cloneNode(true);
  const number = Number(row.cells[0].textContent) + 1;
  row.id = `row-${number}`;
  row.cells[0].textContent = number;
  for (const input of row.querySelectorAll("input")) {
    input.value = "";
    input.removeAttribute("aria-invalid");
    input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+$/, number));
  }
  body.append(row);
}

document.addEventListener("paste", (event) => {
  const first = event.target.closest?.("[data-lots] input");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!first || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const cells = text.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
  const body = table().tBodies[0];
  const top = first.closest("tr").rowIndex - 1;
  const left = first.closest("td").cellIndex - 1;
  while (body.rows.length < Math.min(top + cells.length, 500)) addRow();
  cells.slice(0, 500 - top).forEach((line, i) => line.slice(0, COLUMNS - left).forEach((value, j) => {
    body.rows[top + i].querySelectorAll("input")[left + j].value = value.trim();
  }));
  first.dispatchEvent(new Event("change", { bubbles: true }));
});

// Enter in a table goes down a row; it would send the form.
document.addEventListener("keydown", (event) => {
  const input = event.target.closest?.("[data-lots] input, .matrix input");
  if (!input || !["Enter", "ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const row = input.closest("tr");
  if (event.key !== "ArrowUp" && !row.nextElementSibling && table()?.contains(input)) addRow();
  const other = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
  other?.cells[input.closest("td").cellIndex].querySelector("input")?.focus();
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "check") return;
  mark();
  markRules();
});
