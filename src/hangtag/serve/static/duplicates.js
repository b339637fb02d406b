// Duplicates and variants: each item of a group is one with the first, or stays apart; undone as quickly.
import { ask, say } from "./page.js";
import { begin, goOn } from "./work.js";

const note = document.getElementById("note");
const again = () => location.reload();

function draw(row) {
  const said = row.dataset.said, chip = row.querySelector(".chip");
  const variant = row.dataset.attribute === "variant of";
  chip.textContent = said === "same" ? (variant ? "a variant" : "one item") : "apart";
  chip.hidden = !said;
  for (const button of row.querySelectorAll("button")) button.hidden = (button.dataset.verdict === "undone") !== Boolean(said);
}

async function decide(row, verdict) {
  const { item, attribute, label } = row.dataset;
  const one = { item, attribute, verdict, ...(verdict === "undone" ? {} : { label }) };
  try {
    await ask("/v1/decisions", { method: "POST", json: { decisions: [one] } });
  } catch (error) {
    say(note, error.message);
    return;
  }
  say(note, "");
  row.dataset.said = { corrected: "same", rejected: "apart", undone: "" }[verdict];
  draw(row);
  // The focus goes on to what can be pressed next, so that a keyboard is not sent to the top.
  row.querySelector("button:not([hidden])").focus();
}

for (const row of document.querySelectorAll(".others li")) {
  draw(row);
  for (const button of row.querySelectorAll("button")) button.onclick = () => decide(row, button.dataset.verdict);
}
document.getElementById("look").onclick = () => begin({ kind: "duplicates" }, again);
goOn(again);
