// data-copy="#id" copies the text of that element and says so on the button.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  const words = button.querySelector("[data-copy-text]") ?? button;
  const before = words.dataset.before ?? words.textContent;
  words.dataset.before = before;
  words.textContent = (await copied(source)) ? "Copied" : "Press Ctrl C";
  setTimeout(() => { words.textContent = before; }, 2000);
});

async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    // Without permission, or over plain HTTP, the text is selected for the person to copy.
    getSelection().selectAllChildren(source);
    return false;
  }
}
