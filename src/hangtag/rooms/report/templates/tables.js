"use strict";
// Tables of results are sorted by a press on a heading; without scripts they are as they were made.

function value(cell) {
  const text = cell.textContent.replace(/[★,\s]/g, "");
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : cell.textContent.trim();
}

function order(one, other) {
  const [a, b] = [value(one), value(other)];
  if (typeof a === "number" && typeof b === "number") return a - b;
  return typeof a === typeof b ? a.localeCompare(b) : typeof a === "number" ? -1 : 1;
}

for (const table of document.querySelectorAll("table.results")) {
  if (table.tBodies[0].rows.length < 3 || table.querySelector(".left-out")) continue;
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows].sort((a, b) => order(a.cells[column], b.cells[column]));
      table.tBodies[0].append(...(down ? rows.reverse() : rows));
    });
  });
}
