"use strict";
// Tags are kept, corrected or left out, by mouse and by keyboard, and saved as a table. Without
// scripts the images are there to be looked at. One stop of the Tab key for all images.

const data = JSON.parse(document.getElementById("tags-data").textContent);
const OUT = -1;
const KEEP = -2;
const cards = [...document.querySelectorAll(".tag")];
const decided = new Map(); // number of an image → number of its class, or OUT
const dialog = document.getElementById("choose");
const field = document.getElementById("choose-filter");
let asked = 0; // the image that the dialog is about

function remember() {
  try {
    localStorage.setItem(data.key, JSON.stringify([...decided]));
  } catch {
    // Some browsers keep nothing for files: then it lasts as long as the page is open.
  }
}

function recall() {
  try {
    for (const [at, label] of JSON.parse(localStorage.getItem(data.key) ?? "[]")) {
      if (at in data.ids && (label === OUT || label in data.classes)) decided.set(at, label);
    }
  } catch {
    decided.clear();
  }
}

function draw(at) {
  const card = cards[at];
  const label = decided.get(at);
  const kept = label === data.likely[at][0];
  const state = card.querySelector(".state");
  card.classList.toggle("kept", kept);
  card.classList.toggle("corrected", label !== undefined && label !== OUT && !kept);
  card.classList.toggle("out", label === OUT);
  card.querySelector(".pick").setAttribute("aria-pressed", String(kept));
  state.hidden = label === undefined;
  state.textContent = label === undefined ? "" : label === OUT ? "left out" : kept ? "kept" : `→ ${data.classes[label]}`;
}

function count() {
  const labels = [...decided];
  const kept = labels.filter(([at, label]) => label === data.likely[at][0]).length;
  const out = labels.filter(([, label]) => label === OUT).length;
  const number = (value) => value.toLocaleString("en");
  document.getElementById("counted").textContent =
    `${number(labels.length)} of ${number(cards.length)} decided: ` +
    `${number(kept)} kept, ${number(labels.length - kept - out)} corrected, ${number(out)} left out`;
  for (const name of ["save", "forget"]) document.getElementById(name).disabled = !labels.length;
}

function decide(some, label) {
  for (const at of some) {
    if (label === undefined) decided.delete(at);
    else decided.set(at, label === KEEP ? data.likely[at][0] : label);
    draw(at);
  }
  count();
  remember();
}

function toggle(at) {
  decide([at], decided.get(at) === data.likely[at][0] ? undefined : KEEP);
}

function go(at) {
  if (!(at in cards)) return;
  for (const other of document.querySelectorAll('.pick[tabindex="0"]')) other.tabIndex = -1;
  const picture = cards[at].querySelector(".pick");
  picture.tabIndex = 0;
  picture.focus();
}

// The image above or below: the nearest in the next row, whatever group it is in.
function beside(at, step) {
  const from = cards[at].getBoundingClientRect();
  let row;
  let best = at;
  for (let to = at + step; to in cards; to += step) {
    const box = cards[to].getBoundingClientRect();
    if (Math.abs(box.top - from.top) < 2) continue;
    row ??= box.top;
    if (Math.abs(box.top - row) > 2) break;
    const near = (other) => Math.abs(other.left - from.left);
    if (best === at || near(box) < near(cards[best].getBoundingClientRect())) best = to;
  }
  return best;
}

function choose(at) {
  asked = at;
  field.value = "";
  const picture = cards[at].querySelector("img").cloneNode();
  dialog.querySelector(".choose-image").replaceChildren(picture);
  list();
  dialog.showModal();
  field.focus();
}

function list() {
  const wanted = field.value.trim().toLowerCase();
  const likely = data.likely[asked];
  const rest = data.classes.map((_, label) => label).filter((label) => !likely.includes(label));
  const found = [...likely, ...rest].filter((label) => data.classes[label].toLowerCase().includes(wanted));
  document.getElementById("choose-classes").replaceChildren(
    ...found.map((label) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small";
      button.textContent = data.classes[label];
      button.addEventListener("click", () => chosen(label));
      item.append(button);
      return item;
    }),
  );
}

function chosen(label) {
  decide([asked], label);
  shut();
}

function shut() {
  dialog.close();
  go(asked);
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = cards.indexOf(event.target.closest(".tag"));
  const key = event.key.toLowerCase();
  const likely = data.likely[at];
  if (key === "arrowright") go(at + 1);
  else if (key === "arrowleft") go(at - 1);
  else if (key === "arrowdown") go(beside(at, 1));
  else if (key === "arrowup") go(beside(at, -1));
  else if (key === "c") choose(at);
  else if (key === "u" || key === "backspace" || key === "delete") decide([at], undefined);
  else if (key === "k" || key === "x" || (Number(key) >= 1 && Number(key) <= likely.length)) {
    decide([at], key === "x" ? OUT : key === "k" ? KEEP : likely[Number(key) - 1]);
    go(at + 1);
  } else return;
  event.preventDefault();
}

function cell(text) {
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

function save() {
  const rows = [...decided]
    .sort(([one], [other]) => (data.ids[one] < data.ids[other] ? -1 : 1))
    .map(([at, label]) => [data.ids[at], label === OUT ? "" : data.cells[label]]);
  const text = [["id", "label"], ...rows].map((row) => row.map(cell).join(",") + "\n").join("");
  window.taking.save(text, "text/csv", data.table); // of every page
}

function button(text, name, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = name;
  made.textContent = text;
  made.addEventListener("click", press);
  return made;
}

cards.forEach((card, at) => {
  const picture = card.querySelector("img");
  const pick = button("", "pick", () => toggle(at));
  pick.tabIndex = at ? -1 : 0;
  picture.before(pick);
  pick.append(picture);
  const correct = button("correct", "small", () => choose(at));
  correct.tabIndex = -1; // by keyboard it is C, and Tab goes past all images at once
  card.append(correct);
  card.addEventListener("keydown", pressed);
});
for (const group of document.querySelectorAll(".sheet")) {
  const inside = [...group.querySelectorAll(".tag")].map((card) => cards.indexOf(card));
  // What is unknown is as a rule none of the classes: all at once it is only left out.
  const [words, label] = "unknown" in group.dataset ? ["leave out", OUT] : ["keep", KEEP];
  const rest = button(`${words} all that are not decided here`, "small", () => {
    decide(inside.filter((at) => !decided.has(at)), label);
  });
  const line = document.createElement("p");
  line.className = "all";
  line.append(rest);
  group.querySelector(".tags").before(line);
}
document.getElementById("save").addEventListener("click", save);
document.getElementById("forget").addEventListener("click", () => {
  decide([...decided.keys()], undefined);
});
document.getElementById("choose-none").addEventListener("click", () => chosen(OUT));
document.getElementById("choose-close").addEventListener("click", shut);
field.addEventListener("input", list);
field.addEventListener("keydown", (event) => {
  const first = document.querySelector("#choose-classes button");
  if (event.key !== "Enter" || !first) return;
  event.preventDefault(); // the image gets the focus back, and must not be pressed by this key
  first.click();
});
for (const one of ["keys", "decided"]) document.getElementById(one).hidden = false;
recall();
for (const at of decided.keys()) draw(at);
count();
