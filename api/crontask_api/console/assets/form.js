// Asks before what was written into a form is thrown away.
"use strict";
(() => {
  const form = document.querySelector("form[data-guarded]");
  if (!form) return;
  let unsaved = form.dataset.guarded === "unsaved";
  form.addEventListener("input", () => {
    unsaved = true;
  });
  form.addEventListener("submit", () => {
    unsaved = false;
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
})();
