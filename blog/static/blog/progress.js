/* Renews the part of the page that tells how far a sending is, as long as it runs. Without a script: reload the page. */

const renew = async () => {
  const shown = document.querySelector("[data-sending]");
  if (shown?.dataset.sending !== "running") return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-sending]");
    if (answer.ok && fresh) shown.replaceWith(fresh);
  } catch {
    /* The next try may reach the server. */
  }
  setTimeout(renew, 5000);
};

setTimeout(renew, 5000);
