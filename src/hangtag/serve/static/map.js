// The map: every item a dot on one canvas, its photo under the pointer, a line around some gives their grid.
import { ask, card, imageOf, make, say, shape } from "./page.js";
import { begin, goOn } from "./work.js";

const $ = (id) => document.getElementById(id);
const canvas = $("map"), context = canvas.getContext("2d"), note = $("note"), thumb = $("thumb");
const FINEST = 65535, CELLS = 128, SHOWN = 60, NEAR = 14, CIRCLE = 60;
// Told apart with any eyes and on either ground; what is beyond nine is one color of its own.
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#8c564b", "#7f5fc7", "#e0567a"];
const OTHERS = "#8a9199";
let all = null, view = { x: 0, y: 0, size: 1 }, cross = null, line = null, chosen = [], shown = 0;

async function load() {
  const by = $("by").value;
  const found = await ask(`/v1/map${by ? `?by=${encodeURIComponent(by)}` : ""}`);
  if (!found.found) return; // the button says what to do
  all = found;
  $("draw").textContent = "Draw it anew";
  $("draw").classList.remove("main");
  for (const id of ["shown", "colors", "modes", "zoom"]) $(id).hidden = false;
  if ($("by").options.length === 1) $("by").append(...all.keys.map((key) => make("option", { value: key }, key)));
  sorted();
  legend();
  const old = all.current ? "" : " Items came or went since it was drawn.";
  $("about").textContent = `${all.ids.length.toLocaleString("en")} items. Both axes show ${(100 * all.share).toFixed(0)} % of what differs.${old}`;
  resize();
}

// Items by cells of a grid, so that the nearest one is found among a few and not among all.
function sorted() {
  const n = all.ids.length, start = new Uint32Array(CELLS * CELLS + 1), cell = new Uint16Array(n);
  for (let i = 0; i < n; i += 1) {
    const at = (axis) => Math.min(CELLS - 1, Math.floor(axis[i] * CELLS / (FINEST + 1)));
    cell[i] = at(all.y) * CELLS + at(all.x);
    start[cell[i] + 1] += 1;
  }
  for (let c = 0; c < CELLS * CELLS; c += 1) start[c + 1] += start[c];
  const next = start.slice(), order = new Uint32Array(n);
  for (let i = 0; i < n; i += 1) { order[next[cell[i]]] = i; next[cell[i]] += 1; }
  all.start = start;
  all.order = order;
  const counts = new Array(all.labels.length).fill(0);
  for (const one of all.label) counts[one] += 1;
  all.counts = counts;
  all.rank = [...counts.keys()].sort((a, b) => counts[b] - counts[a]);
  all.color = new Array(counts.length).fill(OTHERS);
  all.rank.filter((one) => all.labels[one] !== "unknown").slice(0, COLORS.length).forEach((one, at) => { all.color[one] = COLORS[at]; });
}

function legend() {
  $("legend").replaceChildren(...all.rank.slice(0, 40).map((one) => {
    const dot = shape("svg", { viewBox: "0 0 10 10", class: "dot", "aria-hidden": "true" });
    dot.append(shape("circle", { cx: 5, cy: 5, r: 5, fill: all.color[one] }));
    return make("li", {}, make("button", { type: "button", onclick: () => choose(all.label.flatMap((label, i) => label === one ? [i] : [])) },
      dot, all.labels[one], make("span", { class: "quiet" }, all.counts[one].toLocaleString("en"))));
  }));
}

const side = () => Math.min(canvas.clientWidth, canvas.clientHeight) * view.size;
const left = () => (canvas.clientWidth - side()) / 2 + view.x;
const top = () => (canvas.clientHeight - side()) / 2 + view.y;
const placeOf = (i) => [left() + side() * (0.02 + 0.96 * all.x[i] / FINEST), top() + side() * (0.98 - 0.96 * all.y[i] / FINEST)];

function resize() {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = canvas.clientHeight * ratio;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  paint();
}

function paint() {
  if (!all) return;
  const w = canvas.clientWidth, h = canvas.clientHeight, s = side(), l = left(), t = top(), n = all.ids.length;
  const dot = Math.max(1.5, Math.min(7, 260 / Math.sqrt(n) * Math.sqrt(view.size)));
  context.clearRect(0, 0, w, h);
  // A color at a time: changing it for every dot takes longer than drawing them.
  const rows = all.labels.map(() => []);
  for (let i = 0; i < n; i += 1) rows[all.label[i]].push(i);
  const picked = new Uint8Array(n);
  for (const i of chosen) picked[i] = 1;
  for (const one of all.rank) {
    context.fillStyle = all.color[one];
    for (const i of rows[one]) {
      const x = l + s * (0.02 + 0.96 * all.x[i] / FINEST), y = t + s * (0.98 - 0.96 * all.y[i] / FINEST);
      if (x < -9 || y < -9 || x > w + 9 || y > h + 9) continue;
      context.globalAlpha = chosen.length && !picked[i] ? 0.25 : 0.9;
      context.fillRect(x - dot / 2, y - dot / 2, dot, dot);
    }
  }
  context.globalAlpha = 1;
  context.strokeStyle = getComputedStyle(document.body).color;
  context.lineWidth = 1.5;
  if (line?.length > 1) {
    context.beginPath();
    line.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
  }
  if (cross && document.activeElement === canvas) {
    const [x, y] = cross;
    context.beginPath();
    context.moveTo(x - 8, y); context.lineTo(x + 8, y); context.moveTo(x, y - 8); context.lineTo(x, y + 8);
    context.stroke();
    context.beginPath();
    context.arc(x, y, CIRCLE, 0, 7);
    context.stroke();
  }
}

function nearest(x, y, within = NEAR) {
  const s = side(), u = ((x - left()) / s - 0.02) / 0.96 * CELLS, v = (0.98 - (y - top()) / s) / 0.96 * CELLS;
  const reach = Math.ceil(within / s * CELLS / 0.96);
  let best = -1, least = within * within;
  for (let cy = Math.max(0, Math.floor(v) - reach); cy <= Math.min(CELLS - 1, Math.floor(v) + reach); cy += 1) {
    for (let cx = Math.max(0, Math.floor(u) - reach); cx <= Math.min(CELLS - 1, Math.floor(u) + reach); cx += 1) {
      const cell = cy * CELLS + cx;
      for (let k = all.start[cell]; k < all.start[cell + 1]; k += 1) {
        const i = all.order[k], [px, py] = placeOf(i), far = (px - x) ** 2 + (py - y) ** 2;
        if (far < least) { least = far; best = i; }
      }
    }
  }
  return best;
}

function hover(x, y, within) {
  const i = nearest(x, y, within);
  thumb.hidden = i < 0;
  if (i < 0) return i;
  const image = thumb.querySelector("img"), source = imageOf(all.ids[i], 160);
  if (!image.src.endsWith(source)) image.src = source;
  thumb.querySelector("span").textContent = `${all.ids[i]} · ${all.labels[all.label[i]]}`;
  thumb.style.left = `${Math.max(0, Math.min(x + 14, canvas.clientWidth - 170))}px`;
  thumb.style.top = `${y + 210 > canvas.clientHeight ? Math.max(0, y - 200) : y + 14}px`;
  return i;
}

// Even and odd crossings of a ray: inside is what an odd number of sides lies beside.
function inside(x, y, corners) {
  let odd = false;
  for (let a = 0, b = corners.length - 1; a < corners.length; b = a, a += 1) {
    const [ax, ay] = corners[a], [bx, by] = corners[b];
    if ((ay > y) !== (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

function around(corners) {
  const xs = corners.map((one) => one[0]), ys = corners.map((one) => one[1]), found = [];
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  for (let i = 0; i < all.ids.length; i += 1) {
    const [x, y] = placeOf(i);
    if (x >= x0 && x <= x1 && y >= y0 && y <= y1 && inside(x, y, corners)) found.push(i);
  }
  return found;
}

function choose(found) {
  chosen = found;
  shown = 0;
  $("chosen").replaceChildren();
  $("many").textContent = found.length ? `${found.length.toLocaleString("en")} item${found.length === 1 ? "" : "s"} chosen` : "Nothing chosen";
  more();
  paint();
}

function more() {
  const some = chosen.slice(shown, shown + SHOWN);
  $("chosen").append(...some.map((i) => make("li", {}, card({ id: all.ids[i], title: "", pictures: [""], tags: { "": { label: all.labels[all.label[i]] } } }))));
  shown += some.length;
  $("more").hidden = shown >= chosen.length;
}

function zoom(by, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
  if (!by) view = { x: 0, y: 0, size: 1 };
  else {
    const size = Math.max(0.5, Math.min(60, view.size * by)), grown = size / view.size;
    const cx = x - canvas.clientWidth / 2, cy = y - canvas.clientHeight / 2;
    // What is under the pointer stays under it.
    view = { size, x: cx - (cx - view.x) * grown, y: cy - (cy - view.y) * grown };
  }
  paint();
}

let drag = null;
const mode = () => document.querySelector("[name=mode]:checked").value;
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  thumb.hidden = true;
  drag = [event.offsetX, event.offsetY];
  if (mode() === "choose") line = [drag];
});
canvas.addEventListener("pointermove", (event) => {
  const here = [event.offsetX, event.offsetY];
  if (line) line.push(here);
  else if (drag) {
    view.x += here[0] - drag[0];
    view.y += here[1] - drag[1];
    drag = here;
  } else {
    if (all) hover(...here);
    return;
  }
  requestAnimationFrame(paint);
});
canvas.addEventListener("pointerup", (event) => {
  const corners = line;
  drag = line = null;
  if (!corners) return;
  if (corners.length > 3) choose(around(corners));
  else {
    const one = nearest(event.offsetX, event.offsetY);
    choose(one < 0 ? [] : [one]);
  }
});
canvas.addEventListener("pointerleave", () => { thumb.hidden = true; });
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.25 : 0.8, event.offsetX, event.offsetY);
}, { passive: false });
canvas.addEventListener("focus", () => { cross ??= [canvas.clientWidth / 2, canvas.clientHeight / 2]; paint(); });
canvas.addEventListener("blur", paint);
canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !all) return;
  const step = event.shiftKey ? 80 : 20;
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  const [x, y] = cross;
  if (moves[event.key]) {
    cross = [Math.max(0, Math.min(canvas.clientWidth, x + moves[event.key][0])), Math.max(0, Math.min(canvas.clientHeight, y + moves[event.key][1]))];
    const i = hover(...cross, CIRCLE);
    $("here").textContent = i < 0 ? "No item here." : `${all.ids[i]}, ${all.labels[all.label[i]]}`;
    paint();
  } else if (event.key === " ") {
    const corners = Array.from({ length: 24 }, (_, at) => [x + CIRCLE * Math.cos(at * Math.PI / 12), y + CIRCLE * Math.sin(at * Math.PI / 12)]);
    choose(around(corners));
  } else if (event.key === "Enter") {
    const i = nearest(x, y, CIRCLE);
    if (i >= 0) location.href = `/catalog/item?id=${encodeURIComponent(all.ids[i])}`;
  } else if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 1.25 : 0.8, x, y);
  else return;
  event.preventDefault();
});
$("more").onclick = more;
$("by").onchange = () => { chosen = []; $("many").textContent = ""; $("chosen").replaceChildren(); $("more").hidden = true; load(); };
for (const one of document.querySelectorAll("[data-zoom]")) one.onclick = () => zoom(Number(one.dataset.zoom));
$("draw").onclick = () => begin({ kind: "map" }, load);
window.addEventListener("resize", () => all && resize());
goOn(load);
load().catch((error) => say(note, error.message));
