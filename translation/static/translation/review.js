// A text that was written anew needs no review any more; the tick can be set again.
document.querySelector("form.message")?.addEventListener("input", (event) => {
  if (event.target.matches("textarea")) {
    const box = event.target.closest(".side__target").querySelector("input[type=checkbox]");
    if (box) box.checked = false;
  }
});
