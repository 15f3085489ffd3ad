/* The last ninety days as a chart and as a table, and what the platforms changed afterwards. */
"use strict";

wholeday.trend = {
  chart: null,

  /** Draw the chart in the sheet's colours, as wide as there is room. */
  draw() {
    const { byId, data } = wholeday;
    const place = byId("trend-chart");
    if (!place || !data.trend.length) return;
    const [dates, score, whole, expected] = data.trend;
    const sheet = getComputedStyle(document.documentElement);
    const colour = (name) => sheet.getPropertyValue(`--${name}`).trim();
    const axis = { stroke: colour("quiet"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line") } };
    this.chart?.destroy();
    this.chart = new uPlot({
      width: place.clientWidth, height: 220,
      cursor: { drag: { x: false } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { y: { range: (_, least) => [Math.max(0, Math.min(90, Math.floor(least) - 2)), 100.5] } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map((tick) => new Date(tick * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" })) },
        axis,
      ],
      series: [
        { value: (_, at) => (at === null ? "" : wholeday.day(new Date(at * 1000).toISOString().slice(0, 10))), label: "day" },
        { label: "score", stroke: colour("accent"), width: 2, value: (_, value) => value?.toFixed(1) ?? "–" },
        { label: "clients whole, %", stroke: colour("warn"), width: 1.5, dash: [5, 4], value: (_, value) => value?.toFixed(1) ?? "–" },
      ],
    }, [
      dates.map((date) => Date.parse(`${date}T00:00:00Z`) / 1000), score,
      whole.map((count, at) => (100 * count) / expected[at]),
    ], place);
  },

  table() {
    const { byId, data } = wholeday;
    if (!byId("trend-table") || !data.trend.length) return;
    const [dates, score, whole, expected] = data.trend;
    byId("trend-table").replaceChildren(wholeday.table(["Day", "Score", "Clients whole"],
      dates.map((date, at) => [wholeday.day(date), score[at] ?? "–", `${whole[at]} of ${expected[at]}`]).reverse()));
  },

  /** The restatement triangle: how far a day's figure had moved by a number of days later, in percent. */
  restated() {
    const { byId, data } = wholeday;
    const choice = byId("restated-metric");
    if (!choice) return;
    const ages = [1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 28, 35];
    const rows = data.restated.filter((row) => row.metric === choice.value && row.first);
    const reached = Math.max(0, ...rows.flatMap((row) => Object.keys(row.changes).map(Number)));
    const shown = ages.filter((age, at) => at === 0 || ages[at - 1] < reached);
    byId("restated-table").replaceChildren(wholeday.table(
      ["Day", "Shown first", ...shown.map((age) => `+${age} d`)],
      rows.map((row) => [wholeday.day(row.date), row.first.toLocaleString("en-GB", { maximumFractionDigits: 1 }), ...shown.map((age) => this.moved(row, age))]),
      { class: "triangle" }));
  },

  moved(row, age) {
    const old = (Date.now() - Date.parse(`${row.date}T00:00:00Z`)) / 86_400_000;
    if (old < age) return "";
    const change = Object.entries(row.changes).reduce((sum, [at, value]) => (Number(at) <= age ? sum + value : sum), 0);
    const percent = (100 * change) / row.first;
    const depth = Math.min(3, Math.ceil(Math.abs(percent) / 2));
    return wholeday.el("span", { class: `moved moved-${percent < 0 ? "down" : "up"}-${depth}` },
      percent === 0 ? "0" : `${percent > 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)} %`);
  },
};
