// Fetches the number of things in the cart into the header: the page itself is the same for everybody.

const badge = document.getElementById("cart-badge");

async function refresh() {
  const response = await fetch(badge.dataset.source, { credentials: "same-origin", cache: "no-store" });
  if (response.ok) badge.innerHTML = (await response.text()).trim();
}

if (badge) {
  refresh().catch(() => {}); // without the number the link still leads to the cart
  window.addEventListener("pageshow", (event) => event.persisted && refresh().catch(() => {}));
}
