// A job that a page begins: its bar, how long it takes still, and an end to it.
import { ask, count, say } from "./page.js";

const place = document.getElementById("job"), note = document.getElementById("note");

export function follow(job, done) {
  const bar = place.querySelector("progress");
  place.hidden = false;
  document.getElementById("stop").onclick = () => ask(`/v1/jobs/${job.id}`, { method: "DELETE" }).catch((error) => say(note, error.message));
  const events = new EventSource(`/v1/jobs/${job.id}/events`);
  const told = (event) => {
    const now = JSON.parse(event.data);
    bar.max = Math.max(now.total, 1);
    bar.value = now.done;
    document.getElementById("far").textContent = [now.stage, now.total ? `${count(now.done)} of ${count(now.total)}` : "", now.left].filter(Boolean).join(" · ");
    if (now.state === "running") return;
    events.close();
    place.hidden = true;
    if (now.state === "done") done(now);
    else say(note, now.problem?.detail || now.state);
  };
  for (const name of ["running", "done", "failed", "stopped"]) events.addEventListener(name, told);
}

export async function begin(json, done) {
  say(note, "");
  try {
    follow(await ask("/v1/jobs", { method: "POST", json }), done);
  } catch (error) {
    say(note, error.message);
  }
}

export function goOn(done) {
  if (place?.dataset.running) follow({ id: place.dataset.running }, done);
}
