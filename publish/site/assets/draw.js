/* The calendar's picture: only the rows in sight are drawn, however many there are. */
"use strict";

wholeday.draw = {
  ROW: 26,
  SIGHT: 18, // rows
  first: 0,

  /** Colours of the sheet, which knows light from dark. */
  colours() {
    const sheet = getComputedStyle(document.documentElement);
    const of = (name) => sheet.getPropertyValue(`--${name}`).trim();
    const bad = [of("bad"), of("bad-soft")];
    const warn = [of("warn"), of("warn-soft")];
    const quiet = [of("quiet"), of("neutral-soft")];
    return {
      whole: [of("good"), of("good-soft")], waived: quiet, queued: quiet, not_expected: [of("line"), of("card")],
      missing: warn, suspect: warn, invalid: bad, unreconciled: bad, split: bad, cursor: of("accent"), card: of("card"),
    };
  },

  size() {
    const { byId, calendar } = wholeday;
    const rows = Math.min(this.SIGHT, Math.max(1, calendar.rows.length));
    byId("calendar-scroll").style.height = `${rows * this.ROW}px`;
    byId("calendar-view").style.height = `${rows * this.ROW}px`;
    byId("calendar-space").style.height = `${Math.max(1, calendar.rows.length) * this.ROW}px`;
    return rows;
  },

  /** Draw everything anew. */
  all() {
    const { byId, calendar } = wholeday;
    const rows = this.size();
    this.first = Math.min(
      Math.round(byId("calendar-scroll").scrollTop / this.ROW), Math.max(0, calendar.rows.length - rows));
    const sight = calendar.rows.slice(this.first, this.first + rows);
    this.names(sight);
    this.picture(sight);
    this.head();
  },

  names(sight) {
    const { byId, el, data, calendar } = wholeday;
    const now = Date.now();
    byId("calendar-names").replaceChildren(...sight.map(([client, platform]) => {
      const [id, name] = data.clients[client];
      return el("div", { class: "calendar-name" },
        el("a", { href: `reports/${wholeday.folder(id)}/index.html`, title: `${name} (${id})` }, name),
        el("span", { class: "quiet" }, platform));
    }));
    byId("calendar-facts").replaceChildren(...sight.map(([client, , text]) => {
      const [, , score, seen, , active, , needs] = data.clients[client];
      const { trouble } = calendar.count(text);
      const age = seen === null ? Infinity : (now - seen) / 3_600_000;
      const bucket = [1, 6, 24].findIndex((limit) => age < limit);
      return el("div", { class: "calendar-fact" },
        el("span", { class: needs || trouble ? "bad" : "quiet" }, trouble ? `✕ ${trouble}` : "✓"),
        el("span", { class: "quiet", title: "score of the last day" }, score === null ? "–" : score.toFixed(0)),
        active
          ? el("span", { class: `age age-${bucket < 0 ? 3 : bucket}`, title: "since it was collected" }, seen === null ? "never" : wholeday.age(now - seen))
          : el("span", { class: "quiet" }, "ended"));
    }));
  },

  picture(sight) {
    const { byId, data, calendar } = wholeday;
    const canvas = byId("calendar-canvas");
    const width = canvas.clientWidth;
    const height = sight.length * this.ROW;
    const sharp = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const colours = this.colours();
    const states = Object.fromEntries(data.statuses.map((status) => [status.code, status]));
    const from = data.days - calendar.shown;
    const cell = width / calendar.shown;
    pen.font = `600 ${Math.min(14, cell * 0.6)}px system-ui, sans-serif`;
    sight.forEach(([, , text], index) => {
      const codes = calendar.decode(text);
      for (let day = from; day < data.days; day += 1) {
        const box = [(day - from) * cell, index * this.ROW + 2, cell, this.ROW - 4];
        this.cell(pen, states[codes[day]], colours, box);
      }
    });
    this.mark(pen, colours, cell, from);
  },

  /** Draw a day: a tile with its glyph where there is room for one, else a shape of its own. */
  cell(pen, state, colours, [x, y, width, height]) {
    const [strong, soft] = colours[state.name];
    const gap = width > 5 ? 1 : 0;
    if (state.name === "not_expected") return;
    if (width >= 13) {
      pen.fillStyle = soft;
      pen.fillRect(x + gap, y, width - 2 * gap, height);
      pen.fillStyle = strong;
      pen.fillText(state.glyph, x + width / 2, y + height / 2 + 1);
      return;
    }
    pen.fillStyle = soft;
    pen.fillRect(x + gap / 2, y, width - gap, height);
    if (state.name === "whole") return;
    pen.fillStyle = strong;
    for (const [top, bottom] of state.bands) pen.fillRect(x + gap / 2, y + top * height, Math.max(1.5, width - gap), (bottom - top) * height);
  },

  mark(pen, colours, cell, from) {
    const { byId, calendar } = wholeday;
    if (!byId("calendar-grid").matches(":focus, :focus-within")) return;
    const { row, day } = calendar.cursor;
    pen.strokeStyle = colours.cursor;
    pen.lineWidth = 2.5;
    pen.strokeRect((day - from) * cell + 1, (row - this.first) * this.ROW + 1.5, Math.max(4, cell - 2), this.ROW - 3);
  },

  /** Write dates above the picture: Mondays or first days of months. */
  head() {
    const { byId, el, data, calendar } = wholeday;
    const from = data.days - calendar.shown;
    const told = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
    const marks = [];
    for (let day = from; day < data.days; day += 1) {
      const date = new Date(`${calendar.date(day)}T00:00:00Z`);
      const wanted = calendar.shown > 100 ? date.getUTCDate() === 1 : date.getUTCDay() === 1;
      if (!wanted || (calendar.shown === 90 && marks.length && day - marks.at(-1).day < 14)) continue;
      const mark = el("span", {}, told.format(date));
      mark.style.left = `${((day - from) / calendar.shown) * 100}%`;
      marks.push({ day, mark });
    }
    byId("calendar-head").replaceChildren(el("div", {}, ...marks.map(({ mark }) => mark)));
  },

  /** The row and day under a mouse; null outside. */
  under(event) {
    const { byId, data, calendar } = wholeday;
    const box = byId("calendar-canvas").getBoundingClientRect();
    const row = this.first + Math.floor((event.clientY - box.top) / this.ROW);
    const day = data.days - calendar.shown + Math.floor(((event.clientX - box.left) / box.width) * calendar.shown);
    return row in calendar.rows && day < data.days ? { row, day } : null;
  },

  /** Scroll so that the cursor is in sight. */
  follow() {
    const { byId, calendar } = wholeday;
    const scroll = byId("calendar-scroll");
    const top = calendar.cursor.row * this.ROW;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (top + this.ROW > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top + this.ROW - scroll.clientHeight;
    this.all();
  },
};
