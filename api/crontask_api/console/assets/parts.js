// Dialogs, selections and copying. Without it the pages work, one address after the other.
"use strict";
(() => {
  const ask = document.getElementById("ask");

  function picks(form) {
    return [...form.querySelectorAll("tbody .pick input")];
  }

  function count(form) {
    const boxes = picks(form);
    const chosen = boxes.filter((box) => box.checked).length;
    const all = form.querySelector("input[data-all]");
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    const output = form.querySelector("[data-chosen]");
    if (output) output.textContent = output.dataset.chosen.replace("{count}", chosen);
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("#selection");
    if (!form) return;
    if (event.target.matches("input[data-all]")) {
      for (const box of picks(form)) box.checked = event.target.checked;
    }
    count(form);
  });

  document.addEventListener("htmx:after:swap", () => {
    const form = document.getElementById("selection");
    if (form) count(form);
    if (document.getElementById("ask-title") && !ask.open) ask.showModal();
  });

  ask.addEventListener("close", () => document.getElementById("ask-body").replaceChildren());

  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-opens]");
    if (opens) document.getElementById(opens.dataset.opens).showModal();
    const closes = event.target.closest("dialog [data-closes]");
    if (closes) {
      event.preventDefault();
      ask.close();
      // The page of a task that was deleted shows nothing any more.
      if ("leaves" in closes.dataset && !document.getElementById("list")) location.assign(closes.href);
    }
    const copies = event.target.closest("[data-copies]");
    if (copies) {
      const text = document.getElementById(copies.dataset.copies).textContent;
      navigator.clipboard.writeText(text).then(() => {
        copies.textContent = copies.dataset.copied;
      });
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  // The stream says so when the session is over, and the next page is the login.
  document.addEventListener("ended", () => location.reload());
})();
