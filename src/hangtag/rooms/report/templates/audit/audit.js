"use strict";
// Findings can be filtered by severity and check. Without scripts all of them are there.

const filter = document.getElementById("filter");
const checks = [...document.querySelectorAll(".check")];

function chosen(name) {
  return new Set([...filter.querySelectorAll(`input[name="${name}"]:checked`)].map((one) => one.value));
}

function apply() {
  const severities = chosen("severity");
  const names = chosen("check");
  let drawn = 0;
  let total = 0;
  for (const check of checks) {
    let any = false;
    for (const found of check.querySelectorAll(".found")) {
      found.hidden = !(names.has(check.dataset.check) && severities.has(found.dataset.severity));
      if (found.hidden) continue;
      any = true;
      drawn += Number(found.dataset.drawn);
      total += Number(found.dataset.total);
    }
    check.hidden = !any;
  }
  const number = (value) => value.toLocaleString("en");
  document.getElementById("filtered").textContent =
    total === 0 ? "Nothing is left to show." : `Showing ${number(drawn)} of ${number(total)} findings.`;
}

if (filter) {
  filter.hidden = false;
  filter.addEventListener("change", apply);
  filter.addEventListener("submit", (event) => event.preventDefault());
  apply();
}
