// Runs: typing narrows the table down.
const filter = document.getElementById("filter"), count = document.getElementById("shown");
const rows = [...document.querySelectorAll("tbody tr")];

filter?.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} runs`;
});
