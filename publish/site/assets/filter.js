/* A long table: only the rows that are searched for. */
"use strict";

wholeday.byId("filter")?.addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLocaleLowerCase();
  for (const row of document.querySelectorAll("table.filtered tbody tr")) {
    row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
  }
});
