/* The figures of a report: what they are called, how they are written, and why one is not there. */
"use strict";

wholeday.figures = {
  MEASURES: [
    { key: "total_spend", name: "spend", kind: "money" },
    { key: "total_impressions", name: "impressions", kind: "count" },
    { key: "total_clicks", name: "clicks", kind: "count" },
    { key: "average_ctr", name: "CTR", kind: "percent", missing: "no impressions" },
    { key: "average_cpc", name: "CPC", kind: "money", missing: "no clicks" },
    { key: "click_to_call", name: "calls", kind: "count", conversion: true },
    { key: "email_contacts", name: "e-mail contacts", kind: "count", conversion: true },
    { key: "reservations", name: "reservations", kind: "count", conversion: true },
    { key: "reservation_value", name: "reservation value", kind: "money", conversion: true },
    { key: "cost_per_reservation", name: "cost per reservation", kind: "money", of: "reservations", missing: "no reservations" },
  ],

  /** Turn lists by column into a list of rows. */
  rows(columns) {
    const names = Object.keys(columns);
    return (columns[names[0]] ?? []).map((_, at) => Object.fromEntries(names.map((name) => [name, columns[name][at]])));
  },

  /** Write a figure that is there. */
  write(measure, value, currency) {
    const number = (least, most) => Number(value).toLocaleString("en-GB", { minimumFractionDigits: least, maximumFractionDigits: most });
    if (measure.kind === "money") return `${number(2, 2)} ${currency}`;
    return measure.kind === "percent" ? `${number(2, 2)} %` : number(0, 2);
  },

  /** Say why a figure of a row is not there; `platforms` are the month's rows by platform. */
  why(measure, row, platforms) {
    const { el } = wholeday;
    const known = measure.of ? this.MEASURES.find(({ key }) => key === measure.of) : measure;
    if (!row.days_whole) return [`no day of this month is whole${row.reason ? ` (${row.reason})` : ""}`];
    if (!known.conversion || row[known.key] !== null) return [measure.missing ?? (row.platform ? `${row.platform} does not tell it` : "not known on every platform")];
    const lacking = row.platform ? [row] : platforms.filter((other) => other[known.key] === null);
    return lacking.flatMap((other, at) => [
      at ? "; " : "",
      other.conversions_state.includes("not_configured") ? `conversion tracking is not set up on ${other.platform}` : `nothing on ${other.platform} counts as ${known.name}`,
      ": ",
      el("a", { href: `../../conversion_tracking/${other.platform}.html` }, "what to do"),
    ]);
  },

  /** Write a figure, or say that there is none and why. */
  cell(measure, row, platforms) {
    const { el } = wholeday;
    const value = row[measure.key];
    if (value !== null && value !== undefined) return el("span", { class: "figure" }, this.write(measure, value, row.currency));
    return el("span", { class: "no-data" }, "no data: ", ...this.why(measure, row, platforms));
  },

  /** Name a month: "2026-10-01" is "October 2026". */
  month(iso) {
    return new Date(`${iso}T00:00:00Z`).toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
  },

  /** The first day of a month some months away. */
  shift(iso, months) {
    const date = new Date(`${iso}T00:00:00Z`);
    date.setUTCMonth(date.getUTCMonth() + months);
    return date.toISOString().slice(0, 10);
  },

  /** Say by how much a figure moved, in percent; empty where it is not known. */
  moved(percent) {
    if (percent === null) return "";
    const told = `${Math.abs(percent).toFixed(1)} %`;
    if (Math.abs(percent) < 0.05) return "= 0 %";
    return percent > 0 ? `▲ +${told}` : `▼ −${told}`;
  },

  /** Say how a figure moved; only whole periods are compared with one another. */
  compare(measure, row, other, month, change) {
    const { el } = wholeday;
    const than = this.month(month);
    const told = (text, kind = "quiet") => el("span", { class: `change ${kind}` }, text);
    if (row.status !== "complete") return told("no comparison: this month is not complete");
    if (!other) return told(`no comparison: ${than} was not collected`);
    if (other.status !== "complete") return told(`no comparison: ${than} is not complete`);
    if (!row.is_full_month || !other.is_full_month) return told(`no comparison with ${than}: not expected on every day of both months`);
    const [now, before] = [row[measure.key], other[measure.key]];
    if (now === null || before === null) return told(`no comparison with ${than}`);
    if (!before) return told(`${than}: 0`);
    return told(`${this.moved(change[measure.key])} on ${than} (${this.write(measure, before, row.currency)})`, "moved");
  },

  /** Say where figures come from, when they were last updated, how good and how settled they are. */
  lineage(row, platforms, short = false) {
    const names = row.platform || platforms.map(({ platform }) => platform).join(" and ");
    const seen = row.confirmed_at === null ? "never" : wholeday.instant(row.confirmed_at);
    return {
      source: short || !row.data_source ? names : `${names} (${row.data_source})`,
      updated: seen,
      quality: row.quality_score === null ? "no quality known" : `quality ${row.quality_score}`,
      maturity: row.maturity ?? "not known",
    };
  },
};
