// One key a decision, whole groups at once, undo, progress; decisions are sent in the order they were made.
import { ask, imageOf, make, percent, say } from "./page.js";

const $ = (id) => document.getElementById(id);
const values = JSON.parse($("values").textContent);
const note = $("note");
let queue = [], done = [], decided = 0, waiting = 0, began = null, pending = [], busy = null;

const current = () => queue[0];

async function load() {
  const found = await ask("/v1/review?limit=300");
  const mine = new Set(done.flat().map((one) => one.item + "\n" + one.attribute));
  queue = found.doubts.filter((one) => !mine.has(one.item + "\n" + one.attribute));
  // Groups are numbered anew with every load: the numbers of what was decided before mean others now.
  for (const one of done.flat()) one.alike = null;
  decided = found.decided;
  waiting = found.waiting;
  draw();
}

const suggestedSo = (one) => queue.filter((each) => each.attribute === one.attribute && each.suggested === one.suggested);

const lookAlike = (one) => one.alike === null ? [] : queue.filter((each) => each.alike === one.alike);

function draw() {
  const all = decided + waiting;
  $("bar").max = Math.max(all, 1);
  $("bar").value = decided;
  $("count").textContent = `${decided.toLocaleString("en")} of ${all.toLocaleString("en")} decided`;
  const hours = began ? (performance.now() - began) / 3.6e6 : 0;
  $("pace").textContent = done.flat().length > 4 && hours > 0 ? `${Math.round(done.flat().length / hours).toLocaleString("en")} an hour` : "";
  $("undo").disabled = done.length === 0;
  const one = current();
  $("card").hidden = !one;
  $("empty").hidden = Boolean(one);
  if (!one) return;
  $("photo").src = imageOf(one.item, 640);
  $("photo").alt = `Photo of ${one.title || one.item}`;
  $("title").textContent = one.title || one.item;
  $("link").href = `/catalog/item?id=${encodeURIComponent(one.item)}`;
  $("suggested").textContent = one.suggested;
  $("sure").textContent = `${one.attribute}: the model is ${percent(one.probability)} sure`;
  const known = values[one.attribute] || [];
  $("choices").replaceChildren(...known.filter((value) => value !== one.suggested).slice(0, 9).map((value, at) =>
    make("button", { type: "button", onclick: () => decide("corrected", value) }, make("kbd", {}, String(at + 1)), value)));
  $("known").replaceChildren(...known.map((value) => make("option", { value })));
  const alike = suggestedSo(one);
  $("group-said").textContent = `All ${alike.length} suggested as “${one.suggested}”`;
  const near = lookAlike(one);
  $("open-alike").hidden = near.length < 2;
  $("alike-said").textContent = `${near.length} of them that look alike`;
  // The next photo is fetched while this one is looked at.
  if (queue[1]) new Image().src = imageOf(queue[1].item, 640);
}

// What is decided while an answer is awaited goes together with the next: fingers are quicker than disks.
function send(decisions) {
  pending.push(...decisions);
  busy ??= flush().finally(() => { busy = null; });
  return busy;
}

async function flush() {
  while (pending.length) {
    const decisions = pending.splice(0, 1000);
    try {
      await ask("/v1/decisions", { method: "POST", json: { decisions } });
      say(note, "");
    } catch (error) {
      // All or none were kept; what waits still is asked for anew, so that nothing is passed over.
      pending = [];
      done = [];
      await load().catch(() => {});
      say(note, error.message);
    }
  }
}

async function more() {
  await busy;
  await load().catch((error) => say(note, error.message));
}

function decide(verdict, label) {
  const one = current();
  if (!one) return;
  began ??= performance.now();
  queue.shift();
  done.push(one);
  decided += 1;
  waiting = Math.max(0, waiting - 1);
  send([{ item: one.item, attribute: one.attribute, verdict, ...(label ? { label } : {}) }]);
  draw();
  if (queue.length < 20 && waiting > queue.length) more();
}

function skip() {
  if (queue.length > 1) queue.push(queue.shift());
  draw();
}

function undo() {
  const one = done.pop();
  if (!one) return;
  const several = Array.isArray(one) ? one : [one];
  queue.unshift(...several);
  decided -= several.length;
  waiting += several.length;
  send(several.map((each) => ({ item: each.item, attribute: each.attribute, verdict: "undone" })));
  draw();
}

function openGroup(members) {
  const one = current();
  if (!one) return;
  const alike = members(one).slice(0, 120);
  if (!alike.length) return;
  $("group-title").textContent = `Suggested as “${one.suggested}”: leave out what is something else`;
  $("group-items").replaceChildren(...alike.map((each, at) => make("li", {}, make("label", { class: "card" },
    make("input", { type: "checkbox", checked: true, value: at }),
    make("img", { src: imageOf(each.item, 200), alt: each.title || each.item, loading: "lazy", width: 200, height: 200 }),
    make("span", { class: "small" }, percent(each.probability))))));
  $("group").hidden = false;
  $("card").hidden = true;
  $("accept-group").onclick = () => {
    const chosen = [...$("group-items").querySelectorAll("input:checked")].map((box) => alike[Number(box.value)]);
    closeGroup();
    if (!chosen.length) return;
    began ??= performance.now();
    const taken = new Set(chosen);
    queue = queue.filter((each) => !taken.has(each));
    done.push(chosen);
    decided += chosen.length;
    waiting = Math.max(0, waiting - chosen.length);
    send(chosen.map((each) => ({ item: each.item, attribute: each.attribute, verdict: "accepted" })));
    draw();
    if (queue.length < 20 && waiting > queue.length) more();
  };
  $("accept-group").focus();
}

function closeGroup() {
  $("group").hidden = true;
  $("card").hidden = !current();
}

$("accept").onclick = () => decide("accepted");
$("reject").onclick = () => decide("rejected");
$("skip").onclick = skip;
$("undo").onclick = undo;
$("open-group").onclick = () => openGroup(suggestedSo);
$("open-alike").onclick = () => openGroup(lookAlike);
$("close-group").onclick = closeGroup;
$("correct").addEventListener("submit", (event) => {
  event.preventDefault();
  const value = $("value").value.trim();
  $("value").value = "";
  $("value").blur();
  if (value) decide("corrected", value);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input[type=text], select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const open = !$("group").hidden;
  if (open && event.key === "Escape") return closeGroup();
  if (open) return;
  const choices = $("choices").querySelectorAll("button");
  const keys = { a: () => decide("accepted"), r: () => decide("rejected"), s: skip, u: undo,
    g: () => openGroup(suggestedSo), l: () => openGroup(lookAlike),
    c: () => $("value").focus() };
  const act = keys[event.key.toLowerCase()] || (/^[1-9]$/.test(event.key) && choices[event.key - 1] && (() => choices[event.key - 1].click()));
  if (!act) return;
  event.preventDefault();
  act();
});
window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
load().catch((error) => say(note, error.message));
