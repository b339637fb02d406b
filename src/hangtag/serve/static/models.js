// Models: what another tagging would change, using it, going back; and tagging with a further run.
import { ask, make, say } from "./page.js";

const note = document.getElementById("note");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-use], button[data-look]");
  if (!button) return;
  button.disabled = true;
  try {
    if (button.dataset.use) {
      const found = await ask(`/v1/taggings/${button.dataset.use}:use`, { method: "POST" });
      sessionStorage.setItem("said", `${found.changed.toLocaleString("en")} items have another tag now. What people decided stays.`);
      location.reload();
    } else {
      await look(button);
    }
  } catch (error) {
    say(note, error.message);
  } finally {
    button.disabled = false;
  }
});

async function look(button) {
  const found = await ask(`/v1/taggings/${button.dataset.look}`);
  const place = document.getElementById(`moved-${button.dataset.look}`);
  const total = found.moved.reduce((sum, one) => sum + one.items, 0);
  const rows = found.moved.slice(0, 12).map((one) => make("tr", {},
    make("td", {}, one.before), make("td", {}, one.after), make("td", { class: "number" }, one.items.toLocaleString("en"))));
  place.replaceChildren(
    make("p", {}, total ? `${total.toLocaleString("en")} items would have another tag:` : "No item would have another tag."),
    total ? make("table", {}, make("thead", {}, make("tr", {},
      make("th", { scope: "col" }, "now"), make("th", { scope: "col" }, "then"), make("th", { scope: "col", class: "number" }, "items"))),
      make("tbody", {}, ...rows)) : "");
  place.hidden = false;
}

const form = document.getElementById("tag");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(form), json = { model: data.get("model"), attribute: data.get("attribute") };
  try {
    follow(await ask("/v1/jobs", { method: "POST", json }));
  } catch (error) {
    say(note, error.message);
  }
});

function follow(job) {
  const place = document.getElementById("job"), bar = place.querySelector("progress");
  place.hidden = false;
  document.getElementById("stop").onclick = () => ask(`/v1/jobs/${job.id}`, { method: "DELETE" }).catch((error) => say(note, error.message));
  const events = new EventSource(`/v1/jobs/${job.id}/events`);
  const told = (event) => {
    const now = JSON.parse(event.data);
    bar.max = Math.max(now.total, 1);
    bar.value = now.done;
    document.getElementById("far").textContent = `${now.done.toLocaleString("en")} of ${now.total.toLocaleString("en")} items`;
    if (now.state === "running") return;
    events.close();
    if (now.state === "done") {
      sessionStorage.setItem("said", `${now.total.toLocaleString("en")} items answered. Below is what would change; nothing is in use before you say so.`);
      location.reload();
    } else {
      say(note, now.problem?.detail || now.state);
    }
  };
  for (const name of ["running", "done", "failed", "stopped"]) events.addEventListener(name, told);
}

const said = sessionStorage.getItem("said");
if (said) {
  sessionStorage.removeItem("said");
  say(note, said, true);
}
const running = document.getElementById("job")?.dataset.running;
if (running) follow({ id: running });
