/* The list of reports: only the clients that are searched for. */
"use strict";

wholeday.byId("filter")?.addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLocaleLowerCase();
  for (const row of document.querySelectorAll("#reports tbody tr")) {
    row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
  }
});
