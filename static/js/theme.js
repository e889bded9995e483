// Runs before the first paint: applies the chosen theme, and tells the style sheets that scripts run.
(() => {
  const KEY = "slotline-theme";
  const CHOICES = ["system", "light", "dark"];
  const root = document.documentElement;

  function chosen() {
    try {
      const kept = localStorage.getItem(KEY);
      return CHOICES.includes(kept) ? kept : "system";
    } catch {
      return "system"; // storage is blocked: the page follows the system
    }
  }

  function keep(choice) {
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // storage is blocked: the choice lasts as long as the page
    }
  }

  function apply(choice) {
    if (choice === "system") delete root.dataset.theme;
    else root.dataset.theme = choice;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  }

  root.classList.add("js");
  apply(chosen());
  document.addEventListener("DOMContentLoaded", () => apply(chosen()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-choice]");
    if (!button) return;
    keep(button.dataset.themeChoice);
    apply(button.dataset.themeChoice);
  });
  window.addEventListener("storage", (event) => {
    if (event.key === KEY) apply(chosen());
  });
})();
