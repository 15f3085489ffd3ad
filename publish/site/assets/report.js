/* One client's report: the month that is chosen, against the month before and the same month a year ago. */
"use strict";

{
  const { byId, el, figures } = wholeday;
  const read = (grain) => figures.rows(JSON.parse(byId(`data-${grain}`).textContent));
  const months = read("months");
  const campaigns = read("campaigns");
  const changes = read("changes");
  const client = byId("title").textContent;
  const choice = byId("month");

  const of = (month, platform, currency) =>
    months.find((row) => row.month === month && row.platform === platform && row.currency === currency);

  /** How a row moved since an earlier month; nothing where the two are not comparable. */
  const moved = (row, month) => changes.find((change) => change.month === row.month && change.compared_with === month
    && change.platform === row.platform && change.currency === row.currency);

  /** Say what a month is: complete, still running, or with days missing. */
  const completeness = (rows) => {
    const total = rows.filter((row) => !row.platform);
    const whole = total.reduce((sum, row) => sum + row.days_whole, 0);
    const expected = total.reduce((sum, row) => sum + row.days_expected, 0);
    if (total.every((row) => row.status === "complete")) return { name: "complete", told: "every expected day is whole" };
    const running = total.some((row) => row.status === "in_progress");
    const missing = expected - whole;
    return {
      name: running ? "in_progress" : "incomplete",
      told: `${running ? "the month is still running" : "the month is over"}; ${whole} of ${expected} platform-days are whole`
        + (missing ? `, ${missing} are left out (${total.map((row) => row.reason).filter(Boolean).join("; ")})` : ""),
    };
  };

  const tile = (measure, row, platforms) => {
    const compare = (back) => {
      const month = figures.shift(row.month, back);
      return el("dd", {}, figures.compare(measure, row, of(month, "", row.currency), month, moved(row, month)));
    };
    const { source, updated, quality, maturity } = figures.lineage(row, platforms, true);
    return el("div", { class: "tile", "data-measure": measure.key },
      el("dt", {}, measure.name),
      el("dd", { class: "tile-value" }, figures.cell(measure, row, platforms)),
      compare(-1),
      row.status === "complete" && compare(-12),
      el("dd", { class: "lineage" }, `${source}, updated ${updated}, ${quality}, ${maturity}`));
  };

  const headings = (first) => [
    ...first, ...figures.MEASURES.map(({ name }) => name), "Status", "Source", "Last updated", "Quality", "Maturity",
  ];

  const line = (first, row, platforms) => {
    const { source, updated, quality, maturity } = figures.lineage(row, platforms);
    return [
      ...first, ...figures.MEASURES.map((measure) => figures.cell(measure, row, platforms)),
      wholeday.status(row.status), source, updated, quality.replace("quality ", ""), wholeday.status(maturity),
    ];
  };


  /** A platform's row, and below it how it moved where both periods are complete. */
  const platformRows = (row, platforms) => {
    const rows = [line([el("strong", {}, row.platform)], row, platforms)];
    for (const back of [-1, -12]) {
      const other = of(figures.shift(row.month, back), row.platform, row.currency);
      const change = other && moved(row, other.month);
      if (!change) continue;
      rows.push([
        el("span", { class: "quiet" }, `on ${figures.month(other.month)}`),
        ...figures.MEASURES.map((measure) => el("span", { class: "change", title: `${figures.month(other.month)}: ${other[measure.key] ?? "no data"}` },
          figures.moved(change[measure.key]))),
        ...Array(5).fill(""),
      ]);
    }
    return rows;
  };

  const show = () => {
    const month = choice.value;
    const rows = months.filter((row) => row.month === month);
    const platforms = rows.filter((row) => row.platform);
    const { name, told } = completeness(rows);
    const label = figures.month(month);
    byId("title").textContent = name === "complete" ? `${client}, ${label}` : `${client}, ${label}: not complete`;
    byId("completeness").replaceChildren(wholeday.status(name, name === "in_progress" ? "still running" : name), ` ${told}.`);
    document.title = `${name === "complete" ? "" : "Not complete: "}${client}, ${label} · wholeday`;
    byId("totals").replaceChildren(...rows.filter((row) => !row.platform).map((row) =>
      el("dl", { class: "tiles", "aria-label": `All platforms, ${row.currency ?? "no currency"}` },
        figures.MEASURES.map((measure) => tile(measure, row, platforms)))));
    byId("platform-table").replaceChildren(wholeday.table(
      headings(["Platform"]), platforms.flatMap((row) => platformRows(row, platforms))));
    const own = campaigns.filter((row) => row.month === month);
    byId("campaign-table").replaceChildren(own.length
      ? wholeday.table(headings(["Campaign", "Platform"]), own.map((row) =>
        line([el("bdi", {}, row.campaign_name ?? row.campaign_id), row.platform], row, platforms)))
      : el("p", {}, "No campaign had delivery on a whole day of this month."));
    history.replaceState(null, "", `#${month.slice(0, 7)}`);
  };

  const all = [...new Set(months.map((row) => row.month))].sort().reverse();
  const over = (month) => months.filter((row) => row.month === month).every((row) => row.status !== "in_progress");
  choice.replaceChildren(...all.map((month) => {
    const { name } = completeness(months.filter((row) => row.month === month));
    const told = { complete: "", in_progress: " (still running)", incomplete: " (not complete)" }[name];
    return el("option", { value: month }, figures.month(month) + told);
  }));
  choice.value = all.find((month) => location.hash === `#${month.slice(0, 7)}`) ?? all.find(over) ?? all[0] ?? "";
  choice.addEventListener("change", show);
  if (all.length) show();
  else byId("completeness").textContent = "No closed day yet.";
  document.documentElement.dataset.ready = "true";
}
