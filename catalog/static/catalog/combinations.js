// Adds the variants that are missing among the chosen option values, as rows of the variant form below.
const MOST = 100;

function rows() {
  const total = Number(document.querySelector("#id_variants-TOTAL_FORMS").value);
  return Array.from({ length: total }, (_, number) => `id_variants-${number}`).filter(
    (id) => document.getElementById(`${id}-DELETE`)?.value !== "1" && document.getElementById(`${id}-option_1`),
  );
}

const field = (row, name) => document.getElementById(`${row}-${name}`);
const optionFields = ["option_1", "option_2", "option_3"];
const key = (values) => [...values].filter(Boolean).sort().join(" ");

function chosen(panel) {
  const groups = [...panel.querySelectorAll("fieldset")].map((group) =>
    [...group.querySelectorAll("input:checked")].map((box) => box.value),
  );
  return groups.filter((values) => values.length);
}

function product(groups) {
  return groups.reduce((all, values) => all.flatMap((row) => values.map((value) => [...row, value])), [[]]);
}

function fill(row, values, like) {
  values.forEach((value, index) => (field(row, optionFields[index]).value = value));
  if (!like) return;
  for (const name of ["price", "weight_grams"]) field(row, name).value ||= field(like, name).value;
  if (field(row, "weight_grams").value === "0") field(row, "weight_grams").value = field(like, "weight_grams").value;
}

function add(panel) {
  const said = panel.querySelector("[role=status]");
  const groups = chosen(panel);
  const existing = new Set(rows().map((row) => key(optionFields.map((name) => field(row, name).value))));
  const missing = groups.length ? product(groups).filter((values) => !existing.has(key(values))) : [];
  const say = (name) => (said.textContent = panel.dataset[name].replace("{number}", missing.length));
  if (!groups.length) return say("sayNone");
  if (groups.length > optionFields.length) return say("sayOptions");
  if (missing.length > MOST) return say("sayMany");
  const like = rows()[0];
  for (const values of missing) {
    document.querySelector("#id_variants-ADD").click();
    fill(rows().at(-1), values, like);
  }
  say(missing.length ? "sayAdded" : "sayComplete");
}

function start() {
  const panel = document.querySelector("[data-combinations]");
  panel?.querySelector("button").addEventListener("click", () => add(panel));
}
document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
