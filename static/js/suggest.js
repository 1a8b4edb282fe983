// Suggestions below the search field: a combobox with a list, as WAI-ARIA describes it. Without this script the form searches.

const field = document.getElementById("site-search");
const list = document.getElementById("site-search-list");
const status = document.getElementById("site-search-status");
const PAUSE = 150; // milliseconds without a key before the shop is asked

let waiting; // the timer of the pause
let asking; // what stops the request that is on its way
let shownFor = ""; // the text whose suggestions the list holds

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");
const isOpen = () => field.getAttribute("aria-expanded") === "true";

function open() {
  if (!options().length) return close();
  list.hidden = false;
  field.setAttribute("aria-expanded", "true");
}

function close() {
  choose(null);
  list.hidden = true;
  field.setAttribute("aria-expanded", "false");
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

function step(by) {
  const all = options();
  const here = all.indexOf(chosen());
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by;
  choose(all[next] ?? null); // past either end the typed text is chosen again
}

function tell(count) {
  const { one, many, none } = status.dataset;
  status.textContent = count === 1 ? one : count ? many.replace("%(count)s", count.toLocaleString(document.documentElement.lang)) : none;
}

async function ask(text) {
  asking?.abort();
  asking = new AbortController();
  const address = `${field.form.dataset.suggestions}?${new URLSearchParams({ q: text })}`;
  const response = await fetch(address, { signal: asking.signal, credentials: "same-origin" });
  if (!response.ok || field.value.trim() !== text) return;
  choose(null);
  list.innerHTML = (await response.text()).trim();
  shownFor = text;
  tell(options().length);
  if (document.activeElement === field) open();
}

function typed() {
  clearTimeout(waiting);
  asking?.abort();
  const text = field.value.trim();
  if (text.length < 2) {
    list.replaceChildren();
    status.textContent = "";
    shownFor = "";
    return close();
  }
  waiting = setTimeout(() => ask(text).catch(() => {}), PAUSE);
}

function pressed(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  const { key } = event;
  if (key === "ArrowDown" || key === "ArrowUp") {
    event.preventDefault();
    if (!isOpen()) {
      if (shownFor !== field.value.trim()) return typed();
      open();
      if (event.altKey) return;
    }
    if (event.altKey && key === "ArrowUp") return close();
    step(key === "ArrowDown" ? 1 : -1);
  } else if (key === "Enter" && isOpen() && chosen()) {
    event.preventDefault();
    chosen().click();
  } else if (key === "Escape" && isOpen()) {
    event.preventDefault(); // the first press closes the list, the next one empties the field
    close();
  } else if (key === "Home" || key === "End" || key === "ArrowLeft" || key === "ArrowRight") {
    choose(null); // these keys move in the text again
  }
}

if (field) {
  for (const [name, value] of Object.entries({
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  }))
    field.setAttribute(name, value);
  field.addEventListener("input", typed);
  field.addEventListener("keydown", pressed);
  field.addEventListener("focus", () => shownFor && shownFor === field.value.trim() && open());
  field.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // a click must not take the focus first
}
