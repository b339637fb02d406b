"use strict";
// What every page does: what is folded is unfolded for paper.

window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
