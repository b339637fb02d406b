"use strict";
// What a reader takes along: every table as text or CSV, every figure as a file, every command.

function titled(element) {
  const near = element.closest("figure, .scroll, section, div");
  const caption = near && near.querySelector("figcaption, caption");
  if (caption) return caption.textContent;
  const region = element.closest("[aria-label]");
  if (region) return region.getAttribute("aria-label");
  const heading = element.closest("section") && element.closest("section").querySelector("h2");
  return heading ? heading.textContent : document.title;
}

const plain = (text) => text.replace(/\s+/g, " ").trim();

function fileName(title, ending) {
  const words = plain(title).toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return `${words.slice(0, 60) || "hangtag"}.${ending}`;
}

function save(content, type, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function copy(text, button) {
  const before = button.textContent;
  const told = (words) => {
    button.textContent = words;
    setTimeout(() => { button.textContent = before; }, 1500);
  };
  const copied = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject();
  copied.then(() => told("copied"), () => told("cannot be copied here"));
}

function rowsOf(table) {
  return [...table.rows].map((row) => [...row.cells].map((cell) => plain(cell.textContent)));
}

const isNumber = (text) => Number.isFinite(Number(text.replaceAll(",", "")));

function asCsv(rows, harmless = () => false) {
  const cell = (text) => {
    // A spreadsheet would carry out what begins so.
    const safe = /^[=+\-@\t\r]/.test(text) && !harmless(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

// A drawing as it looks here: its colors are this page's, which no other program knows.
function asSvg(drawing) {
  const style = getComputedStyle(document.documentElement);
  const known = (text) => text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
  const made = drawing.cloneNode(true);
  for (const one of [made, ...made.querySelectorAll("*")]) {
    for (const { name, value } of [...one.attributes]) {
      if (value.includes("var(")) one.setAttribute(name, known(value));
    }
    if (one.localName === "style") one.textContent = known(one.textContent);
  }
  const { width, height } = drawing.viewBox.baseVal;
  const ground = document.createElementNS(drawing.namespaceURI, "rect");
  for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: known("var(--paper)") })) {
    ground.setAttribute(name, value);
  }
  made.prepend(ground);
  made.setAttribute("width", width);
  made.setAttribute("height", height);
  return new XMLSerializer().serializeToString(made); // it names the namespaces
}

function saveFigure(figure, title) {
  const drawing = figure.querySelector("svg");
  if (drawing) {
    save(asSvg(drawing), "image/svg+xml", fileName(title, "svg"));
    return;
  }
  const address = figure.querySelector("img").src;
  const [, kind, base64, data] = address.match(/^data:([^;,]+)(?:;charset=[^;,]+)?(;base64)?,(.*)$/s);
  const bytes = base64 ? Uint8Array.from(atob(data), (one) => one.charCodeAt(0)) : decodeURIComponent(data);
  save(bytes, kind, fileName(title, kind.replace("image/", "").replace("+xml", "")));
}

function tools(title, buttons) {
  const line = document.createElement("p");
  line.className = "tools";
  for (const [words, said, todo] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.setAttribute("aria-label", `${said}: ${plain(title)}`);
    button.addEventListener("click", () => todo(button));
    line.append(button);
  }
  return line;
}

for (const table of document.querySelectorAll("main table")) {
  // Of an excerpt the whole table stands below, folded: that is what is taken.
  if (table.rows.length < 2 || table.querySelector(".left-out")) continue;
  const title = titled(table);
  (table.closest(".scroll") || table).after(tools(title, [
    ["copy", "Copy the table", (button) => copy(rowsOf(table).map((row) => row.join("\t")).join("\n"), button)],
    ["CSV", "Save the table as CSV", () => save(asCsv(rowsOf(table), isNumber), "text/csv", fileName(title, "csv"))],
  ]));
}
for (const figure of document.querySelectorAll("main figure")) {
  if (!figure.querySelector('svg, img[src^="data:"]') || figure.querySelector("table")) continue;
  const title = titled(figure.firstElementChild || figure);
  figure.append(tools(title, [["save", "Save the figure", () => saveFigure(figure, title)]]));
}
for (const command of document.querySelectorAll("main pre.command")) {
  command.after(tools(command.textContent.slice(0, 60), [
    ["copy", "Copy the command", (button) => copy(command.textContent, button)],
  ]));
}

// Every script of a page has a scope of its own; others take by these, too.
window.taking = { asCsv, copy, save };
