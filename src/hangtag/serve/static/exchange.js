// A feed: first what it would change, then the import; nothing is written before the second click.
import { ask, make, say } from "./page.js";

const form = document.getElementById("feed"), note = document.getElementById("note"), plan = document.getElementById("plan");
const write = document.getElementById("write");
const words = { new: "new", changed: "changed", back: "back again", same: "as before", gone: "gone", twice: "twice in the feed", unreadable: "photos that cannot be used" };

async function send(dry) {
  const data = new FormData(), file = form.elements.feed.files[0];
  if (!file) return say(note, "Choose a feed first.");
  data.append("feed", file, file.name);
  const keep = form.elements.keep.checked;
  for (const button of [write, form.querySelector("button")]) button.disabled = true;
  try {
    const found = await ask(`/v1/items:import?dry_run=${dry}&keep=${keep}`, { method: "POST", body: data });
    show(found);
    say(note, dry ? "" : "Imported.", true);
  } catch (error) {
    plan.hidden = true;
    say(note, error.message);
  } finally {
    for (const button of [write, form.querySelector("button")]) button.disabled = false;
  }
}

function show(found) {
  plan.hidden = false;
  document.getElementById("counts").replaceChildren(...Object.entries(words).flatMap(([key, name]) =>
    found[key] ? [make("div", {}, make("dt", {}, name), make("dd", {}, found[key].toLocaleString("en")))] : []));
  document.getElementById("some").replaceChildren(...Object.entries(found.some).flatMap(([key, ids]) => ids.length
    ? [make("details", {}, make("summary", {}, `${words[key]}: ${ids.length < found[key] ? `the first ${ids.length}` : ids.length}`),
        make("p", { class: "small" }, ids.join(", ")))] : []),
    ...(found.problems.length ? [make("details", {}, make("summary", {}, "photos that cannot be used"),
      make("ul", { class: "small" }, ...found.problems.map((one) => make("li", {}, one))))] : []));
  const moves = found.new + found.changed + found.back + found.gone;
  write.hidden = found.written || moves === 0;
  document.getElementById("verdict").textContent = found.written ? "This was written." : moves
    ? "Nothing is written yet." : "Nothing would change.";
}

form.addEventListener("submit", (event) => { event.preventDefault(); send(true); });
write.addEventListener("click", () => send(false));
