// Looks closer at a stretch of a task's pictures: by dragging, or by arrow keys, Shift and Enter.
// The stretch becomes the time that the form below asks for, so the address has it.
"use strict";
(() => {
  // Which picture, where the cursor is and where the stretch began: by moments, as bars come and go.
  let state = null;

  const figureOf = (element) => element.closest("[data-course]");
  const barsOf = (figure) => [...figure.querySelectorAll("rect[data-begin]")];
  const edge = (bar, name) => Number(bar.getAttribute(name));

  function ends(bars) {
    const found = (moment) => bars.findIndex((bar) => bar.dataset.begin === moment);
    const [at, from] = [found(state.at), found(state.from)];
    return at < 0 || from < 0 ? null : { at, first: Math.min(at, from), last: Math.max(at, from) };
  }

  function draw() {
    for (const figure of document.querySelectorAll("[data-course]")) {
      const bars = barsOf(figure);
      const [probe, read] = [figure.querySelector(".probe"), figure.querySelector(".read")];
      const chosen = figure.querySelector(".chosen");
      const found = state && state.course === figure.dataset.course ? ends(bars) : null;
      if (!found) {
        chosen.setAttribute("width", 0);
        read.textContent = read.dataset.hint;
        continue;
      }
      const [first, last] = [bars[found.first], bars[found.last]];
      const left = edge(first, "x");
      chosen.setAttribute("x", left);
      chosen.setAttribute("width", edge(last, "x") + edge(last, "width") - left);
      const title = (bar) => bar.querySelector("title").textContent;
      const text = first === last ? title(first) : `${title(first)} … ${title(last)}`;
      probe.setAttribute("aria-valuenow", found.at + 1);
      probe.setAttribute("aria-valuetext", text);
      read.textContent = text;
    }
  }

  function put(figure, place, keeps) {
    const at = barsOf(figure)[place].dataset.begin;
    const goesOn = keeps && state && state.course === figure.dataset.course;
    state = { course: figure.dataset.course, at, from: goesOn ? state.from : at };
    draw();
  }

  function drop() {
    state = null;
    draw();
  }

  function show(figure) {
    const bars = barsOf(figure);
    const found = state && ends(bars);
    if (!found) return;
    const form = document.getElementById(figure.closest("[data-stretches]").dataset.stretches);
    const moments = bars.slice(found.first, found.last + 1).map((bar) => bar.dataset.begin);
    // A retry may have begun before the first attempt of a run that was due earlier.
    const times = moments.map((moment) => Date.parse(`${moment}Z`));
    const write = (time) => new Date(time).toISOString().slice(0, -1);
    form.elements.begin.value = write(Math.min(...times));
    // What begins at the end is left out.
    form.elements.end.value = write(Math.max(...times) + 1);
    state = null;
    form.requestSubmit();
  }

  function nearest(figure, event) {
    const box = figure.querySelector("svg").getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 600;
    const away = barsOf(figure).map((bar) => Math.abs(edge(bar, "x") + edge(bar, "width") / 2 - x));
    return away.indexOf(Math.min(...away));
  }

  let dragged = false;

  document.addEventListener("pointerdown", (event) => {
    const svg = event.target.closest("[data-course] svg");
    if (!svg || event.button) return;
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    dragged = true;
    put(figureOf(svg), nearest(figureOf(svg), event), false);
  });

  document.addEventListener("pointermove", (event) => {
    const figure = dragged && figureOf(event.target);
    if (figure) put(figure, nearest(figure, event), true);
  });

  document.addEventListener("pointerup", (event) => {
    const figure = dragged && figureOf(event.target);
    dragged = false;
    // A click alone tells what a bar is.
    if (figure && state && state.at !== state.from) show(figure);
  });

  document.addEventListener("pointercancel", () => {
    if (dragged) drop();
    dragged = false;
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches(".probe") || event.ctrlKey || event.altKey || event.metaKey) return;
    const figure = figureOf(event.target);
    const bars = barsOf(figure);
    const isHere = state && state.course === figure.dataset.course;
    const found = isHere ? ends(bars) : null;
    const at = found ? found.at : bars.length;
    const places = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowDown: at - 1, ArrowUp: at + 1 };
    Object.assign(places, { Home: 0, End: bars.length - 1 });
    if (event.key in places) {
      const place = Math.min(Math.max(places[event.key], 0), bars.length - 1);
      put(figure, place, event.shiftKey);
    } else if (event.key === "Enter") {
      show(figure);
    } else if (event.key === "Escape") {
      drop();
    } else {
      return;
    }
    event.preventDefault();
  });

  draw();
  document.addEventListener("htmx:after:swap", draw);
})();
