// Gives gaps and incidents a button that has their days collected again, and shows how far that is.
// An element says what heals it: data-heal='{"client": …, "platform": …, "from": …, "to": …}', or a list of these.
"use strict";

const words = {
  queued: () => "waits for its turn",
  waiting: (job) => `waits: ${job.sentence}`,
  collecting: (job) => (job.days ? `collected ${job.daysDone} of ${job.days} account-days` : "collecting"),
  building: () => "building, judging and publishing",
  done: (job) => job.sentence,
  failed: (job) => job.sentence,
};

async function ask({ client, platform, from, to }) {
  const answer = await fetch("/api/backfill", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client, platform: platform || null, from, to }),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.detail);
  return found;
}

function follow(job, tell) {
  return new Promise((resolve) => {
    const events = new EventSource(`/api/backfill/${job.id}/events`);
    const show = (event) => {
      const now = JSON.parse(event.data);
      tell(words[now.state](now));
      return now;
    };
    events.addEventListener("progress", show);
    events.addEventListener("end", (event) => {
      events.close();
      resolve(show(event));
    });
  });
}

async function heal(wanted, button, told) {
  button.disabled = true;
  let healed = true;
  try {
    for (const [number, days] of wanted.entries()) {
      const place = wanted.length > 1 ? `${number + 1} of ${wanted.length}: ` : "";
      const job = await ask(days);
      const end = await follow(job, (text) => (told.textContent = place + text));
      healed &&= end.state === "done";
    }
    // The page that is there now was made by the run that healed.
    if (healed) setTimeout(() => location.reload(), 1500);
  } catch (problem) {
    told.textContent = problem.message;
  }
  button.disabled = false;
}

function dress(element) {
  element.dataset.healable = "";
  const found = JSON.parse(element.dataset.heal);
  const wanted = Array.isArray(found) ? found : [found];
  // The rows of an incident have buttons of their own; one for all of them is for more than one.
  if (!wanted.length || (Array.isArray(found) && wanted.length === 1 && element.querySelector("[data-heal]"))) return;
  const box = document.createElement("span");
  const button = document.createElement("button");
  const told = document.createElement("output");
  box.className = "heal";
  button.type = "button";
  button.textContent = wanted.length > 1 ? `Heal all ${wanted.length}` : "Heal";
  const { client, platform, from, to } = wanted[0];
  if (wanted.length === 1) button.setAttribute("aria-label", `Heal ${client} on ${platform}, ${from} to ${to}`);
  button.addEventListener("click", () => heal(wanted, button, told));
  box.append(button, told);
  (element.tagName === "TR" ? element.lastElementChild : element).append(box);
}

function dressAll() {
  document.querySelectorAll("[data-heal]:not([data-healable])").forEach(dress);
}

dressAll();
// Rows are also drawn later, as the page is scrolled or a day is opened.
new MutationObserver(dressAll).observe(document.body, { childList: true, subtree: true });
