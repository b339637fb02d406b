"use strict";
// Two things: cells open the images in them, and arrow keys walk a matrix. Without scripts the
// page lacks only these. A page may have any number of matrices; they share one drawer.

const drawer = document.getElementById("drawer");
let opened = 0; // a sheet that is decoded too late must not replace what was opened since

class Matrix {
  constructor(table) {
    this.table = table;
    this.sheets = new Map();
    const choices = document.querySelectorAll(`input[name="${table.id}-cells"]`);
    for (const choice of choices) {
      choice.addEventListener("change", () => table.classList.toggle("shares", choice.value === "share"));
    }
    if (!table.dataset.pictures) return;
    const cells = [...table.querySelectorAll("button[data-cell]")];
    cells.forEach((button, number) => (button.tabIndex = number ? -1 : 0));
    table.addEventListener("keydown", (event) => this.walk(event));
  }

  // Read when first needed: a page of several matrices holds megabytes of images.
  get pictures() {
    this.data ??= JSON.parse(document.getElementById(this.table.dataset.pictures).textContent);
    return this.data;
  }

  sheet(row) {
    if (!this.sheets.has(row)) {
      const image = new Image();
      image.src = this.pictures.sheets[row];
      this.sheets.set(row, image.decode().then(() => image));
    }
    return this.sheets.get(row);
  }

  picture(image, at, label) {
    const { width, height, columns } = this.pictures;
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label);
    const x = (at % columns) * width;
    const y = Math.floor(at / columns) * height;
    canvas.getContext("2d").drawImage(image, x, y, width, height, 0, 0, width, height);
    return canvas;
  }

  async open(key) {
    const { cells, names } = this.pictures;
    const cell = cells[key];
    const [row, column] = key.split(",").map(Number);
    const [label, predicted] = [names[row], names[column]];
    const shown = cell.items.length;
    const order = row === column ? "the least sure first" : "the surest first";
    const count = shown < cell.total ? `Showing ${shown} of ${cell.total}` : `All ${cell.total}`;
    const said = cell.total === 1 ? "The only one" : `${count}, ${order}`;
    const { of } = this.table.dataset;
    document.getElementById("drawer-title").textContent =
      row === column ? `${label}, named rightly` : `${label} taken for ${predicted}`;
    document.getElementById("drawer-note").textContent = of ? `${of}: ${said.toLowerCase()}` : said;
    const list = document.getElementById("drawer-images");
    list.replaceChildren();
    drawer.showModal();
    drawer.scrollTop = 0;
    const turn = (opened += 1);
    const image = await this.sheet(row);
    if (turn !== opened) return;
    list.replaceChildren(
      ...cell.items.map(([id, confidence], number) => {
        const item = document.createElement("li");
        const text = `${id}: ${label} taken for ${predicted}`;
        item.append(this.picture(image, cell.start + number, text), ...caption(id, confidence));
        return item;
      }),
    );
  }

  walk(event) {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const step = steps[event.key];
    const from = event.target.closest("button[data-cell]");
    if (!step || !from) return;
    event.preventDefault();
    const size = this.pictures.names.length;
    let [row, column] = from.dataset.cell.split(",").map(Number);
    for (;;) {
      row += step[0];
      column += step[1];
      if (row < 0 || column < 0 || row >= size || column >= size) return;
      const next = this.table.querySelector(`button[data-cell="${row},${column}"]`);
      if (next) {
        from.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
        return;
      }
    }
  }
}

function percent(share) {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)}\u202f%`;
}

function caption(id, confidence) {
  const words = document.createElement("span");
  words.textContent = `${percent(confidence)} sure`;
  const name = document.createElement("span");
  name.className = "id";
  name.textContent = id;
  return [words, name];
}

const matrices = new Map();
for (const table of document.querySelectorAll("table.confusion")) matrices.set(table.id, new Matrix(table));

if (drawer) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-cell]");
    // A button outside of every matrix says which one it belongs to.
    if (button) matrices.get(button.dataset.matrix ?? button.closest("table").id).open(button.dataset.cell);
    if (event.target === drawer) drawer.close();
  });
  document.getElementById("drawer-close").addEventListener("click", () => drawer.close());
}
