// Data: what an audit found in a run's images; each is kept, given another label, or left out.
import { ask, make, say } from "./page.js";
import { begin, goOn } from "./work.js";

const $ = (id) => document.getElementById(id);
const note = $("note"), place = $("findings"), run = place?.dataset.run;
const path = `/v1/runs/${encodeURIComponent(run ?? "")}`;
const WORDS = { keep: "stays", drop: "left out" };
let check = "", offset = 0, classes = [];

async function load(fresh) {
  if (fresh) {
    offset = 0;
    $("list").replaceChildren();
  }
  const asked = new URLSearchParams({ offset, ...(check ? { check } : {}) });
  let found;
  try {
    found = await ask(`${path}/findings?${asked}`);
  } catch (error) {
    say(note, error.message);
    return;
  }
  classes = found.classes;
  const all = Object.values(found.checks).reduce((sum, n) => sum + n, 0);
  $("checks").replaceChildren(...[["", all], ...Object.entries(found.checks)].map(([name, n]) =>
    make("button", { type: "button", "aria-pressed": String(name === check), onclick: () => { check = name; load(true); } }, `${name || "all"} ${n.toLocaleString("en")}`)));
  $("list").append(...found.findings.map(row));
  offset += found.findings.length;
  $("count").textContent = all ? `${offset.toLocaleString("en")} of ${found.total.toLocaleString("en")} shown` : "It found nothing to decide on.";
  $("more").hidden = offset >= found.total;
}

function row(found) {
  return make("li", { class: `panel ${found.images.length > 1 ? "wide" : ""}` },
    make("p", {}, make("span", { class: `chip ${found.severity === "serious" ? "unknown" : ""}` }, found.check), ` ${found.message}`),
    make("ul", { class: "others looked" }, ...found.images.map((one) => image(one, found.suggestion))),
    found.more ? make("p", { class: "quiet small" }, `${found.more.toLocaleString("en")} more images`) : null);
}

function image(one, suggestion) {
  const said = make("span", { class: "chip person" });
  const choice = make("select", { "aria-label": `Another label for ${one.id}` }, make("option", { value: "" }, "another label…"),
    ...classes.filter((name) => name !== one.label).map((name) => make("option", { value: name }, name)));
  const whole = make("li", { "data-id": one.id },
    make("img", { src: `${path}/images/${one.number}`, alt: `${one.id}, ${one.label || "no label"}`, loading: "lazy", width: 140, height: 140 }),
    make("span", { class: "small" }, `${one.label || "no label"} `, make("span", { class: "quiet" }, one.part)), said,
    make("div", { class: "row" },
      make("button", { type: "button", onclick: () => decide("keep") }, "Keep"),
      make("button", { type: "button", onclick: () => decide("drop") }, "Leave out"),
      suggestion && suggestion !== one.label ? make("button", { type: "button", onclick: () => decide("relabel", suggestion) }, `It is ${suggestion}`) : null,
      choice));
  choice.addEventListener("change", () => choice.value && decide("relabel", choice.value));
  const draw = (verdict, label) => {
    said.textContent = verdict === "relabel" ? `is ${label}` : WORDS[verdict] || "";
    said.hidden = !verdict;
    choice.value = "";
  };
  async function decide(verdict, label) {
    try {
      const found = await ask(`${path}/decisions`, { method: "POST", json: { decisions: [{ number: one.number, verdict, ...(label ? { label } : {}) }] } });
      draw(verdict, label);
      say(note, "");
      $("train").hidden = false;
      $("command").textContent = found.command;
    } catch (error) {
      say(note, error.message);
    }
  }
  draw(one.verdict, one.decided);
  return whole;
}

if (place) {
  const done = () => location.reload();
  if (place.dataset.load && !$("job").dataset.running) begin({ kind: "images", run }, done);
  if ($("audit")) $("audit").onclick = () => begin({ kind: "audit", run }, done);
  if ($("more")) $("more").onclick = () => load(false);
  goOn(done);
  if (place.dataset.audited) load(true);
}
