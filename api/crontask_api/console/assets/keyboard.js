// Everything by keyboard: / j k x Enter, g and a letter, and ? for help.
"use strict";
(() => {
  const places = {
    t: "/console/tasks",
    o: "/console/",
    r: "/console/runs",
    a: "/console/api",
    n: "/console/new",
  };
  let went = 0;

  function isTyping(element) {
    if (element.matches("textarea, select, [contenteditable]")) return true;
    return element.matches("input") && element.type !== "checkbox";
  }

  function links() {
    return [...document.querySelectorAll("[data-row] a[data-open]")];
  }

  function move(step) {
    const all = links();
    if (!all.length) return;
    const row = document.activeElement.closest("[data-row]");
    const place = row ? all.findIndex((link) => row.contains(link)) : step > 0 ? -1 : all.length;
    const next = all[Math.min(Math.max(place + step, 0), all.length - 1)];
    next.focus();
    next.closest("[data-row]").scrollIntoView({ block: "nearest" });
  }

  const keys = {
    "/": () => document.getElementById("text")?.select(),
    j: () => move(1),
    k: () => move(-1),
    x: () => document.activeElement.closest("[data-row]")?.querySelector("input")?.click(),
    "?": () => document.getElementById("help").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") {
        // Which would empty a search that is left.
        event.preventDefault();
        event.target.blur();
      }
      return;
    }
    const place = performance.now() - went < 1000 ? places[event.key] : undefined;
    went = event.key === "g" ? performance.now() : 0;
    if (place) {
      location.assign(place);
    } else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });
})();
