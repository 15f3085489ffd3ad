/* The calendar's rows: which there are, in which order, and what each says of a day. */
"use strict";

wholeday.calendar = {
  shown: 35,
  rows: [],
  cursor: { row: 0, day: 0 },

  /** The number of days a run-length string covers. */
  length(text) {
    let days = 0;
    for (const [, , count] of text.matchAll(/(\D)(\d+)/g)) days += Number(count);
    return days;
  },

  /** The states of one row, one code a day from the first day on. */
  decode(text) {
    let told = "";
    for (const [, code, count] of text.matchAll(/(\D)(\d+)/g)) told += code.repeat(Number(count));
    return told.padEnd(wholeday.data.days, "-");
  },

  /** How many of the shown days are whole, and how many need someone. */
  count(text) {
    const from = wholeday.data.days - this.shown;
    const found = { whole: 0, trouble: 0 };
    let at = 0;
    for (const [, code, count] of text.matchAll(/(\D)(\d+)/g)) {
      const end = at + Number(count);
      const days = Math.max(0, end - Math.max(at, from));
      if (code === "w") found.whole += days;
      else if ("pmius".includes(code)) found.trouble += days;
      at = end;
    }
    return found;
  },

  /** The date of a day's number. */
  date: (number) => wholeday.clock.addDays(wholeday.data.first, number),

  /** Choose and sort the rows by what stands in the tools. */
  choose() {
    const { data, byId } = wholeday;
    const wanted = byId("search").value.trim().toLocaleLowerCase();
    const matches = data.rows.filter(([client, platform]) =>
      `${data.clients[client][0]} ${data.clients[client][1]} ${platform}`.toLocaleLowerCase().includes(wanted));
    const name = (row) => data.clients[row[0]][1];
    const score = (row) => data.clients[row[0]][2] ?? -1;
    const seen = (row) => data.clients[row[0]][3] ?? 0;
    const trouble = new Map(matches.map((row) => [row, this.count(row[2]).trouble]));
    const orders = {
      trouble: (a, b) => data.clients[b[0]][7] - data.clients[a[0]][7] || trouble.get(b) - trouble.get(a),
      name: () => 0,
      score: (a, b) => score(a) - score(b),
      stale: (a, b) => seen(a) - seen(b),
    };
    const collator = new Intl.Collator();
    const order = orders[byId("sort").value];
    // Ended clients come last, whatever is asked for.
    this.rows = matches.sort((a, b) => data.clients[b[0]][5] - data.clients[a[0]][5] || order(a, b)
      || collator.compare(name(a), name(b)) || collator.compare(a[1], b[1]));
    this.cursor = { row: 0, day: data.days - 1 };
    byId("matches").textContent = `${this.rows.length.toLocaleString("en-GB")} of ${data.rows.length.toLocaleString("en-GB")} rows`;
  },

  /** What is said of the day under the cursor. */
  say({ row, day }) {
    const { data } = wholeday;
    const [client, platform, text] = this.rows[row];
    const state = data.statuses.find((status) => status.code === this.decode(text)[day]);
    return `${data.clients[client][1]}, ${platform}, ${wholeday.day(this.date(day))}: ${state.name.replaceAll("_", " ")}`;
  },

  /** Move the cursor by a key; returns whether the key was one of the calendar's. */
  move(key) {
    const steps = {
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
      PageUp: [-10, 0], PageDown: [10, 0], Home: [0, -Infinity], End: [0, Infinity],
    };
    if (!(key in steps) || !this.rows.length) return false;
    const [down, right] = steps[key];
    const { days } = wholeday.data;
    const within = (value, least, most) => Math.min(most, Math.max(least, value));
    this.cursor = {
      row: within(this.cursor.row + down, 0, this.rows.length - 1),
      day: within(this.cursor.day + right, days - this.shown, days - 1),
    };
    return true;
  },

  /** The rows as a table, for everyone who does not see a picture. */
  asTable() {
    const { data } = wholeday;
    const now = Date.now();
    const rows = this.rows.slice(0, 200).map(([client, platform, text]) => {
      const [id, name, score, seen] = data.clients[client];
      const { whole, trouble } = this.count(text);
      const codes = this.decode(text);
      const last = data.statuses.find((status) => status.code === codes[this.length(text) - 1]);
      return [
        wholeday.el("a", { href: `reports/${wholeday.folder(id)}/index.html` }, name), platform,
        last ? wholeday.status(last.name) : "", whole, trouble, score ?? "–",
        seen === null ? "never" : `${wholeday.age(now - seen)} ago`,
      ];
    });
    return wholeday.table(
      ["Client", "Platform", "Last day", "Whole days", "Days that need you", "Score", "Collected"], rows);
  },
};

/** The folder of a client in reports/ and data/days/. */
wholeday.folder = (client) => (client.startsWith(".") ? client.replaceAll(".", "_.") : client);
