// Shows price, stock, picture and GTIN of the chosen variant. Without this script every chip tells its own, and the
// details name every GTIN.

const form = document.querySelector(".buy-form");
const price = document.getElementById("chosen-price");
const stock = document.getElementById("chosen-stock");
const quantity = form?.querySelector("input[name=quantity]");
const codes = [...document.querySelectorAll("[data-gtin-of]")];

function show(input) {
  const chip = input.closest(".variant-chip");
  const part = (name) => chip.querySelector(`[data-part=${name}]`).cloneNode(true);
  price.replaceChildren(...part("price").childNodes);
  price.firstElementChild?.classList.add("price--large");
  const words = part("stock");
  if (stock.textContent.trim() !== words.textContent.trim()) stock.replaceChildren(...words.childNodes);
  if (quantity) {
    quantity.max = input.dataset.available;
    if (Number(quantity.value) > Number(quantity.max)) quantity.value = quantity.max;
  }
  const own = codes.some((code) => code.dataset.gtinOf === input.value) ? input.value : "";
  for (const code of codes) code.hidden = code.dataset.gtinOf !== own;
}

function bringForward(input) {
  const item = input.dataset.picture && document.getElementById(input.dataset.picture);
  if (!item) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const move = () => {
    item.parentElement.prepend(item);
    item.parentElement.scrollTo({ left: 0, behavior: "instant" });
  };
  if (document.startViewTransition && !still) document.startViewTransition(move);
  else move();
}

form?.addEventListener("change", (event) => {
  if (event.target.name !== "variant") return;
  show(event.target);
  bringForward(event.target);
});

const chosen = form?.querySelector("input[name=variant]:checked");
if (chosen) show(chosen);
if (chosen && new URLSearchParams(location.search).has("variant")) bringForward(chosen); // somebody was led to just this one
