/* Tables whose columns sort: a click on a heading, or Enter on it. */
"use strict";

for (const table of document.querySelectorAll("table.sortable")) {
  const collator = new Intl.Collator("en", { numeric: true });
  table.querySelectorAll("thead th").forEach((heading, column) => {
    const button = wholeday.el("button", { type: "button", class: "sort" }, ...heading.childNodes);
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const text = (row) => row.cells[column].textContent.trim();
      const rows = [...table.tBodies[0].rows].sort((a, b) => collator.compare(text(a), text(b)));
      table.tBodies[0].append(...(down ? rows.reverse() : rows));
    });
  });
}
