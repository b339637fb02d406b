// Models: what another tagging would change, using it, going back; and tagging with a further run.
import { ask, make, percent, say } from "./page.js";
import { begin, goOn } from "./work.js";

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

const form = document.getElementById("tag"), own = document.getElementById("own");
const done = (job) => {
  sessionStorage.setItem("said", `${job.total.toLocaleString("en")} items answered. Below is what would change; nothing is in use before you say so.`);
  location.reload();
};
let threshold = null;
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const data = new FormData(form), json = { model: data.get("model"), attribute: data.get("attribute") };
  if (data.get("own") && threshold !== null) json.threshold = threshold;
  begin(json, done);
});

// Precision against coverage: the point that answers most among those that are right often enough.
const $ = (id) => document.getElementById(id);
const curves = new Map();

async function trade() {
  const name = $("of").value;
  try {
    if (!curves.has(name)) curves.set(name, (await ask(`/v1/runs/${encodeURIComponent(name)}`)).coverage);
  } catch (error) {
    say(note, error.message);
    return;
  }
  if ($("of").value !== name) return; // another one was chosen meanwhile
  const wanted = Number($("precision").value) / 100;
  $("wanted").textContent = percent(wanted);
  $("precision").setAttribute("aria-valuetext", `${percent(wanted)} right`);
  const fitting = curves.get(name).filter((one) => one.accuracy >= wanted);
  const best = fitting.reduce((most, one) => (most && most.answered >= one.answered ? most : one), null);
  threshold = best ? best.threshold : null;
  $("answered").textContent = best ? `${percent(best.answered)} answered` : "It never is";
  $("answered").classList.toggle("unknown", !best);
  const range = (low, high) => `95 % interval ${percent(low)} to ${percent(high)}`;
  $("measured").textContent = best
    ? `${range(best.answered_low, best.answered_high)}; from ${percent(best.threshold)} sure on. Of these answers ${percent(best.accuracy)} were right (${range(best.low, best.high)}), on ${best.test_images.toLocaleString("en")} test images.`
    : "No confidence is known from which so many answers are right.";
  if (own) {
    const same = form.elements.model.selectedOptions[0]?.textContent === name;
    own.hidden = !best || !same;
    own.querySelector("span").textContent = best ? `from ${percent(best.threshold)} sure on, as above` : "";
  }
}
if ($("trade")) {
  $("of").addEventListener("change", trade);
  $("precision").addEventListener("input", trade);
  form?.elements.model.addEventListener("change", trade);
  trade();
}

const said = sessionStorage.getItem("said");
if (said) {
  sessionStorage.removeItem("said");
  say(note, said, true);
}
goOn(done);
