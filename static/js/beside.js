// Fetches what goes with a product, and what its visitor has seen, into pages that are the same for everybody.
// On a product's page it is a POST: it says that somebody looks at it.

async function fill(place) {
  const { source, product } = place.dataset;
  const asked = new URLSearchParams();
  if (product) asked.set("product", product);
  if ("popular" in place.dataset) asked.set("popular", "1");
  const options = { credentials: "same-origin", cache: "no-store" };
  const response = product
    ? await fetch(source, { ...options, method: "POST", body: asked })
    : await fetch(`${source}?${asked}`, options);
  if (response.ok) place.innerHTML = (await response.text()).trim();
}

function fillAll() {
  for (const place of document.querySelectorAll(".beside")) {
    fill(place).catch(() => {}); // without them the page says all that it has to say
  }
}

fillAll();
window.addEventListener("pageshow", (event) => event.persisted && fillAll());
