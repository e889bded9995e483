// Signing in elsewhere makes the tokens of an open page too old. A page that is seen again gets new ones, and so does a
// long form before it is sent. Signing out forgets what this browser has kept for the person.
import { tellLoggedOut } from "./toasts.js";

// Who is signed in now, blank for nobody; the page's forms have new tokens by then.
export async function renew() {
  const answer = await fetch("/form-token", { headers: { Accept: "application/json" } });
  const { token, person } = await answer.json();
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  return person;
}

async function renewQuietly() {
  try {
    const person = await renew();
    if (!person && document.body.dataset.person) tellLoggedOut();
  } catch (error) {
    console.warn("no new token", error);
  }
}

document.addEventListener("htmx:responseError", ({ detail }) => { if (detail.xhr.status === 403) renewQuietly(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) renewQuietly(); });
addEventListener("pageshow", (event) => {
  const [entry] = performance.getEntriesByType("navigation");
  if (event.persisted || entry?.type === "back_forward") renewQuietly();
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-sign-out]") || event.defaultPrevented) return;
  event.preventDefault();
  const { dropAll } = await import("./kept.js");
  await dropAll();
  // Asked by nothing any more: `submit` tells no listener.
  form.submit();
});

if (document.cookie.includes("saved_forms=")) import("./kept.js").then(({ tidy }) => tidy());
