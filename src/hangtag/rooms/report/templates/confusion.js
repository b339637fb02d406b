"use strict";
// Two things: cells open the pictures in them, and arrow keys walk the matrix. Without scripts the
// page lacks only these.

const place = document.getElementById("sprites");
const sprites = place ? JSON.parse(place.textContent) : null;
const drawer = document.getElementById("drawer");
const sheets = new Map();

function sheet(row) {
  if (!sheets.has(row)) {
    const image = new Image();
    image.src = sprites.sheets[row];
    sheets.set(row, image.decode().then(() => image));
  }
  return sheets.get(row);
}

function picture(image, at, label) {
  const { width, height, columns } = sprites;
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

async function open(key) {
  const cell = sprites.cells[key];
  const [row, column] = key.split(",").map(Number);
  const label = sprites.names[row];
  const predicted = sprites.names[column];
  const shown = cell.items.length;
  const order = row === column ? "the least sure first" : "the surest first";
  const count = shown < cell.total ? `Showing ${shown} of ${cell.total}` : `All ${cell.total}`;
  document.getElementById("drawer-title").textContent =
    row === column ? `${label}, named rightly` : `${label} taken for ${predicted}`;
  document.getElementById("drawer-note").textContent =
    cell.total === 1 ? "The only one" : `${count}, ${order}`;
  const list = document.getElementById("drawer-pictures");
  list.replaceChildren();
  drawer.showModal();
  drawer.scrollTop = 0;
  const image = await sheet(row);
  list.replaceChildren(
    ...cell.items.map(([id, confidence], number) => {
      const item = document.createElement("li");
      const text = `${id}: ${label} taken for ${predicted}`;
      item.append(picture(image, cell.start + number, text), ...caption(id, confidence));
      return item;
    }),
  );
}

function walk(event) {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const step = steps[event.key];
  const from = event.target.closest("button[data-cell]");
  if (!step || !from) return;
  event.preventDefault();
  const size = sprites.names.length;
  let [row, column] = from.dataset.cell.split(",").map(Number);
  for (;;) {
    row += step[0];
    column += step[1];
    if (row < 0 || column < 0 || row >= size || column >= size) return;
    const next = matrix.querySelector(`button[data-cell="${row},${column}"]`);
    if (next) {
      from.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      return;
    }
  }
}

const matrix = document.getElementById("matrix");
if (matrix) {
  for (const choice of document.querySelectorAll('input[name="cells"]')) {
    choice.addEventListener("change", () => matrix.classList.toggle("shares", choice.value === "share"));
  }
}
if (sprites && matrix) {
  const cells = [...matrix.querySelectorAll("button[data-cell]")];
  cells.forEach((button, number) => (button.tabIndex = number ? -1 : 0));
  matrix.addEventListener("keydown", walk);
}
if (sprites) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-cell]");
    if (button) open(button.dataset.cell);
    if (event.target === drawer) drawer.close();
  });
  document.getElementById("drawer-close").addEventListener("click", () => drawer.close());
}
