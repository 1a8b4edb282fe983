// Asks for a note to the reviewers before a draft is submitted; it travels as a field of the editor's form.
const words = document.querySelector("[data-submission-words]").dataset;

function dialog(button) {
  const box = document.createElement("dialog");
  box.className = "submission";
  box.innerHTML = `
    <form method="dialog">
      <h2 class="w-h2"></h2>
      <label for="submission-note"></label>
      <textarea id="submission-note" rows="4" maxlength="1000"></textarea>
      <p>
        <button class="button" value="send"></button>
        <button class="button button-secondary" value="" formnovalidate></button>
      </p>
    </form>`;
  box.querySelector("h2").textContent = words.heading;
  box.querySelector("label").textContent = words.label;
  const [send, cancel] = box.querySelectorAll("button");
  send.textContent = words.send;
  cancel.textContent = words.cancel;
  box.addEventListener("close", () => {
    if (box.returnValue === "send") submit(button, box.querySelector("textarea").value);
    box.remove();
  });
  document.body.append(box);
  box.showModal();
}

function submit(button, note) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "submission_note";
  field.value = note;
  button.form.append(field);
  button.dataset.noted = "yes";
  button.click();
}

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("button[name='action-submit']");
    if (!button || button.dataset.noted || !button.form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    dialog(button);
  },
  { capture: true },
);
