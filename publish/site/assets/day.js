/* One day of one client and platform: its figures, findings, versions and how it was collected. */
"use strict";

wholeday.dayPanel = {
  months: new Map(),
  waiting: new Map(),

  /** Load the days of a client's month; resolves to null where there are none. */
  load(client, month) {
    const key = `${client} ${month}`;
    if (!this.months.has(key)) {
      this.months.set(key, new Promise((resolve) => {
        this.waiting.set(key, resolve);
        const script = wholeday.el("script", { src: `data/days/${encodeURIComponent(wholeday.folder(client))}/${month}.js` });
        script.addEventListener("error", () => resolve(null));
        document.head.append(script);
      }));
    }
    return this.months.get(key);
  },

  /** The rows of a table of columns for which a test holds, as objects. */
  rows(columns, test) {
    const names = Object.keys(columns);
    const found = [];
    for (let at = 0; at < (columns.date ?? []).length; at += 1) {
      const row = Object.fromEntries(names.map((name) => [name, columns[name][at]]));
      if (test(row)) found.push(row);
    }
    return found;
  },

  async open({ row, day }) {
    const { data, calendar, byId } = wholeday;
    const [number, platform] = calendar.rows[row];
    const [client, name] = data.clients[number];
    const date = calendar.date(day);
    const month = await this.load(client, date.slice(0, 7));
    const panel = byId("day");
    panel.replaceChildren(...this.content(client, name, platform, date, month));
    panel.hidden = false;
    panel.focus();
  },

  content(client, name, platform, date, month) {
    const { el } = wholeday;
    const close = el("button", { type: "button" }, "Close");
    close.addEventListener("click", () => {
      wholeday.byId("day").hidden = true;
      wholeday.byId("calendar-grid").focus();
    });
    const title = el("header", {},
      el("h3", { id: "day-title" }, `${name}, ${platform}, ${wholeday.day(date)}`), close);
    const ours = (row) => row.date === date && row.platform === platform;
    const accounts = month ? this.rows(month.accounts, ours) : [];
    if (!accounts.length) return [title, el("p", {}, "This day is not expected, or it is not closed yet.")];
    const [figures] = this.rows(month.figures, ours);
    const names = new Set(accounts.map((row) => row.account));
    const same = (row) => row.date === date && names.has(row.account);
    return [
      title,
      ...this.state(client, platform, date, accounts, figures),
      ...this.findings(month.findings.filter(ours)),
      ...this.collected(accounts, this.rows(month.versions, same), month.changes.filter(same)),
    ];
  },

  state(client, platform, date, accounts, figures) {
    const { el } = wholeday;
    const bad = accounts.filter((row) => row.status !== "whole");
    if (figures) return [el("p", {}, wholeday.status("whole"), ` ${figures.maturity}, quality ${figures.quality}`), this.figures(figures)];
    // Collected again it would be the same; judged by the corrected file it is whole.
    const registered = bad.length > 0 && bad.every((row) => row.reason?.startsWith("registered: "));
    const command = registered ? "make run" : `make backfill CLIENT=${client} PLATFORM=${platform} FROM=${date} TO=${date}`;
    const heal = JSON.stringify({ client, platform, from: date, to: date });
    return [
      ...bad.map((row) => el("p", {}, wholeday.status(row.status), ` account ${row.account}: ${row.reason ?? row.status}${row.waived ? " (waived)" : ""}`)),
      el("p", {}, "No figure of this day is shown: a gap, never a zero."),
      el("p", registered ? {} : { "data-heal": heal }, registered ? "Correct agency/accounts.csv, then " : "", el("code", { class: "command" }, command), " ", wholeday.copy(command)),
    ];
  },

  figures(day) {
    const money = (value) => (value === null ? "no data" : `${Number(value).toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${day.currency}`);
    const count = (value) => (value === null ? "no data" : Number(value).toLocaleString("en-GB", { maximumFractionDigits: 2 }));
    const told = [
      ["spend", money(day.spend)], ["impressions", count(day.impressions)], ["clicks", count(day.clicks)],
      ["calls", count(day.calls)], ["e-mail contacts", count(day.emails)], ["reservations", count(day.reservations)],
      ["reservation value", money(day.value)],
    ];
    return wholeday.el("dl", { class: "figures" }, told.map(([name, value]) =>
      wholeday.el("div", {}, wholeday.el("dt", {}, name), wholeday.el("dd", {}, value))));
  },

  findings(found) {
    const { el } = wholeday;
    if (!found.length) return [el("p", { class: "quiet" }, "No rule found anything.")];
    return [
      el("h4", {}, wholeday.counted(found.length, "finding")),
      el("div", { class: "wide" }, wholeday.table(
        ["Rule", "Severity", "Campaign", "Figure", "Observed", "Expected", "In words"],
        found.map((row) => [
          el("a", { href: `runbooks/${row.rule}.html` }, row.rule.replaceAll("_", " ")), row.severity, row.campaign ?? "",
          row.metric, row.observed ?? "", row.expected ?? "", row.message,
        ]))),
    ];
  },

  collected(accounts, versions, changes) {
    const { el } = wholeday;
    const current = new Set(accounts.map((row) => row.version));
    const tables = [
      el("h4", {}, "How it was collected"),
      el("div", { class: "wide" }, wholeday.table(
        ["Account", "Status", "Asked", "Last confirmed"],
        accounts.map((row) => [
          row.account, wholeday.status(row.status), `${row.attempts} times`, row.confirmed === null ? "never" : wholeday.instant(row.confirmed),
        ]))),
    ];
    if (versions.length) {
      tables.push(el("div", { class: "wide" }, wholeday.table(
        ["Version", "Shown", "Collected", "Why", "API", "Requests", "Rows", "Run"],
        versions.map((row) => [
          el("code", {}, row.version), current.has(row.version) ? "✓ this one" : "", wholeday.instant(row.collected),
          row.source, row.api, row.requests, row.rows, el("code", {}, row.run),
        ]))));
    }
    if (changes.length) {
      tables.push(el("h4", {}, "What the platform changed"), el("div", { class: "wide" }, wholeday.table(
        ["Figure", "Before", "After", "When"],
        changes.map((row) => [row.metric, row.before, row.after, wholeday.instant(row.at)]))));
    }
    return tables;
  },
};

/** Take the days of a client's month; data/days/…/….js calls it. */
wholeday.days = (client, month, content) => wholeday.dayPanel.waiting.get(`${client} ${month}`)(content);
