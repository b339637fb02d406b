"use strict";
// What a line was drawn around: its images as a grid, how many of each group, their names to take
// away. A Walk has one, shared by its maps.

const { asCsv, copy, save } = window.taking; // of every page
const NONE = 65535; // the group of images that have none
const SHOWN = 120; // images of the grid at first, and with each "more"
const SIDE = 84; // pixels of each

// Whether a place lies inside a line: an odd number of its sides is then on one side of it.
function within(x, y, corners) {
  let odd = false;
  for (let at = 0, before = corners.length - 1; at < corners.length; before = at, at += 1) {
    const [ax, ay] = corners[at];
    const [bx, by] = corners[before];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

class Picked {
  constructor(walk) {
    this.walk = walk;
    this.box = walk.place.querySelector(".picked");
    this.all = [];
    this.set = null;
    this.shown = 0;
    this.late = [];
    this.box.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-picked]");
      if (button) this[button.dataset.picked](button);
    });
  }

  take(pictures) {
    this.all = pictures;
    this.set = pictures.length ? new Set(pictures) : null;
    this.shown = 0;
    this.late = [];
    this.box.hidden = !pictures.length;
    this.walk.place.classList.toggle("holds", Boolean(pictures.length));
    this.box.querySelector(".pictures").replaceChildren();
    if (pictures.length) {
      const many = pictures.length.toLocaleString("en");
      const said = `${many} ${pictures.length === 1 ? "image" : "images"} selected`;
      this.box.querySelector("h3").textContent = said;
      this.box.querySelector(".groups").textContent = this.groups();
      this.more();
    }
    const said = pictures.length ? `${this.box.querySelector("h3").textContent}, ${this.groups()}` : "nothing is selected";
    this.walk.place.querySelector(".said").textContent = said;
    this.walk.redraw();
  }

  // How many of each group, the most first.
  groups() {
    const { walk } = this;
    if (!walk.grouping) return "";
    const counts = new Map();
    for (const picture of this.all) {
      const group = walk.groupOf(picture);
      counts.set(group, (counts.get(group) || 0) + 1);
    }
    const falling = [...counts].sort((one, other) => other[1] - one[1]);
    const name = (group) => (group === NONE ? `no ${walk.grouping.title}` : walk.grouping.names[group]);
    return falling.map(([group, count]) => `${name(group)}: ${count.toLocaleString("en")}`).join(" · ");
  }

  more() {
    const list = this.box.querySelector(".pictures");
    for (const picture of this.all.slice(this.shown, this.shown + SHOWN)) list.append(this.item(picture));
    this.shown = Math.min(this.all.length, this.shown + SHOWN);
    this.redo();
    const left = this.all.length - this.shown;
    const button = this.box.querySelector('[data-picked="more"]');
    button.hidden = !left;
    button.textContent = `show ${Math.min(left, SHOWN)} more of ${left.toLocaleString("en")}`;
  }

  item(picture) {
    const { walk } = this;
    const item = document.createElement("li");
    if (walk.data.sheets) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = SIDE;
      const draw = () => walk.thumbnail(canvas.getContext("2d"), picture, 0, 0, SIDE, () => this.redo());
      if (!draw()) this.late.push(draw);
      item.append(canvas);
    }
    const words = document.createElement("span");
    words.textContent = [...walk.words(picture).slice(0, 1), walk.name(picture)].join(", ");
    item.append(words);
    item.addEventListener("pointerenter", () => walk.choose(picture));
    return item;
  }

  // What waits for a sheet is drawn once that is decoded, whoever asked for it first.
  redo() {
    this.late = this.late.filter((draw) => !draw());
    clearTimeout(this.soon);
    if (this.late.length) this.soon = setTimeout(() => this.redo(), 200);
  }

  names() {
    return this.all.map((picture) => this.walk.name(picture));
  }

  copy(button) {
    copy(this.names().join("\n"), button);
  }

  // Names and groups as a table, as spreadsheets read it.
  save() {
    const heads = ["id", ...this.walk.groupings.map((one) => one.title)];
    const rows = this.all.map((picture) => [this.walk.name(picture), ...this.walk.words(picture)]);
    save(asCsv([heads, ...rows]), "text/csv", "selected.csv");
  }

  let() {
    this.take([]);
  }
}

// Every script of a page has a scope of its own; maps.js is the one that needs these.
Object.assign(window, { Picked, within });
