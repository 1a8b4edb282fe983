// Shows the attributes of the chosen product type. All of them are in the form; the server keeps the type's own.
function start() {
  const type = document.querySelector("#id_product_type");
  const rows = [...document.querySelectorAll("[data-attribute-types]")];
  const hint = document.querySelector("[data-attributes-hint]");
  if (!type || !rows.length) return;
  const show = () => {
    for (const row of rows) row.hidden = !row.dataset.attributeTypes.split(" ").includes(type.value);
    if (hint) hint.hidden = rows.some((row) => !row.hidden);
  };
  type.addEventListener("change", show);
  show();
}
document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
