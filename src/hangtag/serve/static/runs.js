// Runs: typing narrows the table down; chosen ones lie over each other as curves, two of them are tested.
import { ask, make, percent, say, shape } from "./page.js";

const $ = (id) => document.getElementById(id);
const filter = $("filter"), rows = [...document.querySelectorAll("tbody tr")];
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#7f5fc7", "#56b4e9", "#8c564b"];
const DASHES = ["", "6 4", "2 3", "8 3 2 3"];
const known = new Map();
const WIDTH = 720, HEIGHT = 300, LEFT = 54, BOTTOM = 28;

filter?.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  $("shown").textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} runs`;
});

const style = (at) => ({ stroke: COLORS[at % COLORS.length], "stroke-dasharray": DASHES[Math.floor(at / COLORS.length) % DASHES.length] });

function draw(chosen) {
  const names = [...new Set(chosen.flatMap((one) => Object.keys(one.curves)))];
  const before = $("curve").value;
  const usual = names.includes("val_accuracy") ? "val_accuracy" : names[0] || "";
  $("curve").replaceChildren(...names.map((name) => make("option", { value: name }, name)));
  $("curve").value = names.includes(before) ? before : usual;
  const curve = $("curve").value, there = chosen.filter((one) => one.curves[curve]);
  $("none").hidden = names.length > 0;
  $("curve").parentElement.hidden = $("curves").toggleAttribute("hidden", names.length === 0);
  $("lines").replaceChildren();
  if (!names.length) return;
  const values = there.flatMap((one) => one.curves[curve]).filter((value) => value !== null);
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const longest = Math.max(2, ...there.map((one) => one.curves[curve].length));
  const x = (epoch) => LEFT + (WIDTH - LEFT - 8) * epoch / (longest - 1);
  const y = (value) => 8 + (HEIGHT - BOTTOM - 8) * (high - value) / (high - low);
  const parts = [0, 1, 2, 3, 4].flatMap((n) => {
    const value = low + (high - low) * n / 4;
    return [shape("line", { class: "axis", x1: LEFT, x2: WIDTH - 8, y1: y(value), y2: y(value) }),
      shape("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, value.toPrecision(3))];
  });
  for (const epoch of [0, longest - 1]) parts.push(shape("text", { x: x(epoch), y: HEIGHT - 8, "text-anchor": epoch ? "end" : "start" }, epoch ? `epoch ${longest}` : "epoch 1"));
  there.forEach((one, at) => {
    const points = one.curves[curve].map((value, epoch) => (value === null ? null : `${x(epoch).toFixed(1)},${y(value).toFixed(1)}`)).filter(Boolean);
    parts.push(shape("polyline", { points: points.join(" "), ...style(at) }));
    const line = shape("svg", { viewBox: "0 0 30 8", class: "sample", "aria-hidden": "true" });
    line.append(shape("line", { x1: 0, x2: 30, y1: 4, y2: 4, ...style(at) }));
    const last = one.curves[curve].at(-1);
    $("lines").append(make("li", { class: "row" }, line, one.name, make("span", { class: "quiet" }, last === null ? "–" : last.toPrecision(4)),
      one.training ? make("span", { class: "chip" }, `being trained, epoch ${one.curves[curve].length}`) : null));
  });
  $("curves").replaceChildren(...parts);
  $("curves").setAttribute("aria-label", `${curve} of ${there.length} run${there.length === 1 ? "" : "s"} by epoch, from ${low.toPrecision(3)} to ${high.toPrecision(3)}`);
}

async function against(names) {
  $("against").replaceChildren();
  if (names.length !== 2) return;
  try {
    const [first, second] = names.map(encodeURIComponent);
    const found = await ask(`/v1/runs/${first}/against/${second}`);
    const points = (value) => `${value > 0 ? "+" : ""}${(100 * value).toFixed(2)}`;
    const sure = found.low === null ? "too few images for an interval" : `95 % interval ${points(found.low)} to ${points(found.high)}`;
    $("against").append(make("h2", {}, "On the same test images"),
      make("p", {}, `${found.first} is right in ${percent(found.accuracies[0])}, ${found.second} in ${percent(found.accuracies[1])}: ${points(found.difference)} points, ${sure}; p = ${found.p_value.toPrecision(2)} (${found.test}, ${found.test_images.toLocaleString("en")} images).`),
      make("p", { class: "quiet" }, `Only the first is right in ${found.first_only.toLocaleString("en")}, only the second in ${found.second_only.toLocaleString("en")}.`),
      ...found.cautions.map((one) => make("p", { class: "note" }, one)));
  } catch (error) {
    $("against").append(make("p", { class: "note" }, `They cannot be compared: ${error.message}`));
  }
}

const drawn = () => draw([...document.querySelectorAll("tbody input:checked")].map((one) => known.get(one.value)).filter(Boolean));

async function changed() {
  const names = [...document.querySelectorAll("tbody input:checked")].map((one) => one.value);
  $("compared").hidden = names.length === 0;
  $("choose").hidden = names.length > 0;
  try {
    for (const name of names) {
      if (known.has(name)) continue;
      known.set(name, await ask(`/v1/runs/${encodeURIComponent(name)}`));
      if (known.get(name).training) follow(name);
    }
    say($("note"), "");
  } catch (error) {
    say($("note"), error.message);
  }
  drawn();
  await against(names);
}

// A run that is being trained draws its curves as they grow.
function follow(name) {
  const events = new EventSource(`/v1/runs/${encodeURIComponent(name)}/events`);
  events.addEventListener("curves", (event) => {
    known.set(name, JSON.parse(event.data));
    if (!known.get(name).training) events.close();
    drawn();
  });
}

for (const box of document.querySelectorAll("tbody input")) box.addEventListener("change", changed);
$("curve")?.addEventListener("change", drawn);
