// Moves the bar of an import; loads the page anew when the import has come to its next state.
const bar = document.querySelector("[data-progress]");
const meter = bar.querySelector("progress");
const text = bar.querySelector("[data-progress-text]");
const numbers = new Intl.NumberFormat(document.documentElement.lang);

async function look() {
  try {
    const answer = await fetch(bar.dataset.progress, { headers: { accept: "application/json" } });
    const { state, done, total } = await answer.json();
    if (state !== bar.dataset.state) return location.reload();
    if (total) {
      meter.max = total;
      meter.value = done;
      text.textContent = `${numbers.format(done)} / ${numbers.format(total)}`;
    }
  } catch {
    // The next look may find the server again.
  }
  setTimeout(look, 1500);
}
setTimeout(look, 1000);
