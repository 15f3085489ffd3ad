/* What ages: the verdict, the score and the freshness, against the reader's clock. */
"use strict";

wholeday.clock = {
  formats: new Map(),

  addDays(iso, days) {
    return new Date(Date.parse(`${iso}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
  },

  /** The newest day that is closed in a time zone: over, and the platform had its settling time. */
  closedDay(zone, now) {
    if (!this.formats.has(zone)) {
      this.formats.set(zone, new Intl.DateTimeFormat("en-CA", {
        timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit",
      }));
    }
    return this.addDays(this.formats.get(zone).format(now - wholeday.data.settling), -1);
  },

  /** The day that most clients have as their last closed one; at a tie, the later one. */
  dayOfMost(days) {
    const counts = new Map();
    for (const day of days) counts.set(day, (counts.get(day) ?? 0) + 1);
    const [most] = [...counts].sort(([day, count], [other, others]) => others - count || (other > day ? 1 : -1));
    return most?.[0] ?? wholeday.data.day ?? "";
  },

  /** The last day that the calendar knows of each client, as an ISO date. */
  lastDays() {
    const { data } = wholeday;
    const last = new Map();
    for (const [client, , text] of data.rows) {
      const days = wholeday.calendar.length(text);
      last.set(client, Math.max(last.get(client) ?? 0, days));
    }
    return last;
  },

  /**
   * Judge again. Until the next run is due the page says what the run said. From then on a client whose
   * newest closed day the calendar does not reach is not whole, and that day's score is nothing.
   */
  judge(now) {
    const { data } = wholeday;
    const due = data.run.started === null ? null : data.run.started + data.every;
    if (due === null || now < due || !data.first) return null;
    const active = data.clients.map((client, number) => ({ client, number })).filter(({ client }) => client[5]);
    const last = this.lastDays();
    const closed = data.zones.map((zone) => this.closedDay(zone, now));
    const newest = this.dayOfMost(active.map(({ client }) => closed[client[4]] ?? data.day));
    const kept = active.filter(({ client, number }) => {
      const day = this.addDays(data.first, (last.get(number) ?? 0) - 1);
      return client[6] && (client[4] === null || day >= closed[client[4]]);
    });
    const share = active.length ? kept.length / active.length : 0;
    return {
      headline: `${kept.length} of ${wholeday.counted(active.length, "client")} whole for ${wholeday.day(newest)}; `
        + "no run collected it",
      late: `The run that was due ${wholeday.instant(due)} has not happened: what you see is ${wholeday.age(now - data.run.started)}`
        + " old. Start it with make run; then look at warehouse/logs/wholeday.jsonl.",
      score: data.score === null ? null : data.score * share,
      parts: data.parts.map(([name, points, most]) => [name, points * share, most]),
    };
  },

  /** Sort clients by how long ago they were collected. */
  freshness(now) {
    const hours = [1, 6, 24, Infinity];
    const counts = [0, 0, 0, 0];
    for (const client of wholeday.data.clients) {
      if (!client[5]) continue;
      const age = client[3] === null ? Infinity : (now - client[3]) / 3_600_000;
      counts[hours.findIndex((limit) => age < limit || limit === Infinity)] += 1;
    }
    return counts;
  },

  show() {
    const { byId, el } = wholeday;
    const now = Date.now();
    const late = this.judge(now);
    if (late) {
      const card = byId("verdict-card");
      card.className = "verdict is-critical";
      byId("verdict").textContent = late.headline;
      byId("verdict-status").replaceChildren(wholeday.status("critical"));
      byId("verdict-late").textContent = late.late;
      byId("verdict-late").hidden = false;
      document.title = `✕ ${late.headline} · wholeday`;
      this.showScore(late);
    }
    const told = ["under 1 h", "under 6 h", "under 24 h", "older"];
    byId("freshness")?.replaceChildren("Collected: ", ...this.freshness(now).map((count, index) =>
      el("span", { class: `age age-${index}${count ? "" : " age-none"}` }, `${count.toLocaleString("en-GB")} ${told[index]}`)));
    for (const time of document.querySelectorAll("time[data-age]")) {
      time.textContent = wholeday.age(now - Date.parse(time.dateTime));
    }
  },

  showScore({ score, parts }) {
    const { byId } = wholeday;
    if (score === null || !byId("score")) return;
    byId("score").textContent = score.toFixed(1);
    byId("score-name").textContent = `Health score ${score.toFixed(1)} of 100`;
    byId("score-ring").setAttribute("stroke-dasharray", `${score.toFixed(1)} ${(100 - score).toFixed(1)}`);
    for (const [name, points] of parts) {
      byId(`meter-${name}`).value = points;
      byId(`points-${name}`).textContent = points.toFixed(1);
    }
  },
};
