/* What all scripts of the site share. Text only ever enters a page as text. */
"use strict";

const wholeday = {
  data: null,

  /** Take the overview's data; data/overview-….js calls it, since a page of a folder cannot fetch. */
  overview(data) { this.data = data; },

  byId: (id) => document.getElementById(id),

  /** Make an element: attributes by name, children as elements or text; null and false are left out. */
  el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      made.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children.flat()) {
      if (child !== null && child !== undefined && child !== false) made.append(child);
    }
    return made;
  },

  /** Make a table: a list of headings, and rows of cells; a cell is text, a number or an element. */
  table(headings, rows, attributes = {}) {
    const { el } = wholeday;
    const cell = (value, column) => el(column ? "td" : "th", {
      scope: column ? null : "row", class: typeof value === "number" ? "number" : null,
    }, value);
    return el("table", attributes,
      el("thead", {}, el("tr", {}, headings.map((heading) => el("th", { scope: "col" }, heading)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell)))));
  },

  /** Say a date: "2026-11-21" is "21 November 2026". */
  day(iso) {
    const told = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
    return told.format(new Date(`${iso}T00:00:00Z`));
  },

  /** Say an instant in UTC. */
  instant(ms) {
    const iso = new Date(ms).toISOString();
    return `${wholeday.day(iso.slice(0, 10))}, ${iso.slice(11, 16)} UTC`;
  },

  /** Say how long: "12 min", "5 h", "3 days". */
  age(ms) {
    const minutes = Math.max(0, Math.floor(ms / 60_000));
    if (minutes < 60) return `${minutes} min`;
    return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
  },

  counted: (count, one) => `${count.toLocaleString("en-GB")} ${one}${count === 1 ? "" : "s"}`,

  glyphs: { healthy: "✓", warning: "▲", critical: "✕", complete: "✓", in_progress: "…", incomplete: "▲" },

  /** Make a status: a glyph, a word and a colour, never one of them alone. */
  status(name, told) {
    const { el, glyphs, data } = wholeday;
    const known = data?.statuses.find((status) => status.name === name);
    const glyph = known?.glyph ?? glyphs[name] ?? "✕";
    return el("span", { class: `status is-${name}` },
      el("span", { "aria-hidden": "true" }, glyph), ` ${told ?? name.replaceAll("_", " ")}`);
  },

  /** Make a button that copies a text. */
  copy(text) {
    const button = wholeday.el("button", { type: "button", class: "copy" }, "Copy");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        const selection = getSelection();
        selection.selectAllChildren(button.previousElementSibling ?? button);
        button.textContent = "Selected";
      }
    });
    return button;
  },
};
