// An item's page: accept, correct and undo, each a click; the page is drawn anew with what holds then.
import { ask, say } from "./page.js";

const place = document.getElementById("decide");
const note = document.getElementById("note");

async function decide(decision) {
  try {
    await ask("/v1/decisions", { method: "POST", json: { decisions: [{ item: place.dataset.item, ...decision }] } });
    location.reload();
  } catch (error) {
    say(note, error.message);
  }
}

place.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-verdict]");
  if (button) decide({ attribute: button.dataset.attribute, verdict: button.dataset.verdict });
});
place.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target, label = form.elements.label.value.trim();
  if (label) decide({ attribute: form.dataset.attribute, verdict: "corrected", label });
});
