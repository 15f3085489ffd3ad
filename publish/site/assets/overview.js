/* The overview: what happens when someone looks, types, clicks or waits. */
"use strict";

{
  const { byId, calendar, clock, draw, dayPanel, trend, data } = wholeday;

  clock.show();
  setInterval(() => clock.show(), 60_000);

  for (const button of document.querySelectorAll("button.copy[hidden]")) {
    button.replaceWith(wholeday.copy(button.previousElementSibling.textContent));
  }

  if (byId("calendar-grid") && data.first) {
    const again = () => {
      calendar.choose();
      byId("calendar-scroll").scrollTop = 0;
      draw.all();
      if (!byId("calendar-table").hidden) byId("calendar-table").replaceChildren(calendar.asTable());
    };
    const open = (cursor) => {
      calendar.cursor = cursor;
      draw.all();
      dayPanel.open(cursor);
    };
    again();
    byId("calendar-tools").addEventListener("submit", (event) => event.preventDefault());
    byId("search").addEventListener("input", again);
    byId("sort").addEventListener("change", again);
    for (const button of document.querySelectorAll("button[data-days]")) {
      button.addEventListener("click", () => {
        for (const other of document.querySelectorAll("button[data-days]")) other.setAttribute("aria-pressed", String(other === button));
        calendar.shown = Number(button.dataset.days);
        again();
      });
    }
    byId("as-table").addEventListener("click", () => {
      const table = byId("calendar-table");
      table.hidden = !table.hidden;
      byId("as-table").setAttribute("aria-expanded", String(!table.hidden));
      if (!table.hidden) table.replaceChildren(calendar.asTable());
    });
    const grid = byId("calendar-grid");
    grid.addEventListener("focus", () => draw.all());
    grid.addEventListener("blur", () => draw.all());
    grid.addEventListener("keydown", (event) => {
      if (event.target !== grid) return;
      if (event.key === "Enter" && calendar.rows.length) dayPanel.open(calendar.cursor);
      else if (calendar.move(event.key)) {
        draw.follow();
        byId("calendar-said").textContent = calendar.say(calendar.cursor);
      } else return;
      event.preventDefault();
    });
    byId("calendar-scroll").addEventListener("scroll", () => requestAnimationFrame(() => draw.all()));
    const canvas = byId("calendar-canvas");
    canvas.addEventListener("click", (event) => {
      const cursor = draw.under(event);
      if (cursor) open(cursor);
    });
    canvas.addEventListener("mousemove", (event) => {
      const cursor = draw.under(event);
      canvas.title = cursor ? calendar.say(cursor) : "";
    });
  }

  const paint = () => {
    if (byId("calendar-grid") && data.first) draw.all();
    trend.draw();
  };
  trend.table();
  trend.restated();
  byId("restated-metric")?.addEventListener("change", () => trend.restated());
  trend.draw();
  let soon;
  window.addEventListener("resize", () => {
    clearTimeout(soon);
    soon = setTimeout(paint, 100);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  document.documentElement.dataset.ready = "true";
}
