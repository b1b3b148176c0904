// Counts moments down and up, and shows them by the clock of whoever looks.
"use strict";
(() => {
  const words = document.documentElement.dataset;
  const sizes = [365 * 86400, 86400, 3600, 60, 1];
  const units = words.units.split(",");

  // The same as Language.span does on the server, so that nothing jumps.
  function span(seconds) {
    for (let place = 0; place < sizes.length; place++) {
      const count = Math.floor(seconds / sizes[place]);
      if (!count) continue;
      let told = `${count} ${units[place]}`;
      if (count < 10 && place + 1 < sizes.length) {
        const less = Math.floor((seconds % sizes[place]) / sizes[place + 1]);
        if (less) told += ` ${less} ${units[place + 1]}`;
      }
      return told;
    }
    return `0 ${units[4]}`;
  }

  // How old what a page shows of a task may be, as VIEW_LAG_SECONDS on the server.
  const viewLag = 10;

  function tell(moment, now, kind) {
    const distance = Math.floor(moment / 1000) - Math.floor(now / 1000);
    if (kind === "span") return span(Math.max(0, -distance));
    if (!distance || (kind === "due" && distance < 0 && distance >= -viewLag)) return words.now;
    const pattern = distance > 0 ? words.future : words.past;
    return pattern.replace("{span}", span(Math.abs(distance)));
  }

  // As the other columns of moments are written.
  function local(moment) {
    const at = new Date(moment);
    const two = (number) => String(number).padStart(2, "0");
    const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
    return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`;
  }

  // Whether the visitor's clock shows the same as that of another column.
  function isAtHome(table) {
    const rows = [...table.querySelectorAll("tbody tr:not(.change)")];
    const others = rows.length ? rows[0].cells.length - 1 : 0;
    const isSame = (place) =>
      rows.every(({ cells }) => cells[place].textContent === cells[others].textContent);
    return Array.from({ length: others }, (_, place) => place).some(isSame);
  }

  function change(time, text) {
    if (time.textContent !== text) time.textContent = text;
  }

  function show() {
    const now = Date.now();
    for (const time of document.querySelectorAll("time[data-tick]")) {
      change(time, tell(Date.parse(time.dateTime), now, time.dataset.tick));
    }
    for (const time of document.querySelectorAll("time[data-local]")) {
      change(time, local(Date.parse(time.dateTime)));
    }
    for (const table of document.querySelectorAll("table.moments")) {
      table.classList.toggle("at-home", isAtHome(table));
    }
  }

  show();
  setInterval(show, 1000);
  document.addEventListener("htmx:after:swap", show);
})();
