// Jobs: what runs, how far it is and how long it takes still, what ran; each can be stopped and gone on with.
import { ask, count, make, say } from "./page.js";

const list = document.getElementById("jobs"), note = document.getElementById("note");
const said = document.getElementById("said"), rows = new Map();
const STATES = { running: "runs", done: "done", failed: "failed", stopped: "stopped" };

function words(job) {
  const asked = Object.entries(job.asked).filter(([key, value]) => key !== "kind" && value !== null && value !== false);
  return asked.map(([key, value]) => `${key} ${value}`).join(", ");
}

function far(job) {
  if (job.state === "failed" || job.state === "stopped") return job.problem?.detail || "";
  const of = job.total ? `${count(job.done)} of ${count(job.total)}` : job.done ? count(job.done) : "";
  return [job.stage, of, job.stopping ? "stops soon" : job.left, job.note].filter(Boolean).join(" · ");
}

function row(job) {
  // Kept from one look to the next, so that the button that has the focus keeps it.
  const facts = { title: make("h2", {}, job.kind), chip: make("span", { class: "chip" }),
    bar: make("progress", { "aria-label": `How far ${job.kind} is`, max: 1, value: 0 }),
    far: make("p", { class: "quiet" }), act: make("button", { type: "button" }) };
  facts.whole = make("li", { class: "panel", "data-job": job.id },
    make("div", { class: "row" }, facts.title, facts.chip,
      make("span", { class: "quiet small" }, `begun ${job.begun_at.slice(0, 16).replace("T", " ")} UTC`)),
    make("p", { class: "small" }, words(job)), facts.bar, facts.far, make("div", { class: "row" }, facts.act));
  return facts;
}

function draw(job) {
  if (!rows.has(job.id)) {
    rows.set(job.id, row(job));
    list.prepend(rows.get(job.id).whole);
  }
  const one = rows.get(job.id);
  if (one.state && one.state !== job.state) said.textContent = `${job.kind} is ${STATES[job.state]}.`;
  one.state = job.state;
  one.chip.textContent = STATES[job.state];
  one.chip.className = `chip ${job.state === "done" ? "person" : job.state === "failed" ? "unknown" : ""}`;
  one.whole.classList.toggle("now", job.state === "running");
  one.bar.hidden = job.state !== "running";
  if (job.total) { one.bar.max = job.total; one.bar.value = job.done; } else one.bar.removeAttribute("value");
  one.far.textContent = far(job);
  const again = job.state === "stopped" && "kind" in job.asked;
  one.act.hidden = job.state !== "running" && !again;
  one.act.textContent = again ? "Go on" : "Stop";
  one.act.disabled = job.stopping;
  one.act.onclick = () => act(again ? ask("/v1/jobs", { method: "POST", json: job.asked }) : ask(`/v1/jobs/${job.id}`, { method: "DELETE" }));
}

async function act(asked) {
  try {
    await asked;
    say(note, "");
  } catch (error) {
    say(note, error.message);
  }
  look();
}

let timer = 0;
async function look() {
  clearTimeout(timer);
  let running = false;
  try {
    const found = await ask("/v1/jobs");
    document.getElementById("empty").hidden = found.jobs.length > 0;
    // The oldest first, since each new one is put at the top.
    found.jobs.reverse().forEach(draw);
    running = found.jobs.some((job) => job.state === "running");
  } catch (error) {
    say(note, error.message);
  }
  // Asked anew and not a stream for each: browsers open six connections to a server and no more.
  timer = setTimeout(look, running ? 700 : 4000);
}
look();
